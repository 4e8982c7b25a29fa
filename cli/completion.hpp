// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <CLI/App.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

/// What may come next on a command line, read off the definitions that parse it: what completes is
/// what is understood. The shells' part (packaging/completions) only asks and shows.
namespace timectl::cli {

struct Candidate {
  std::string word;
  std::string description;  ///< one line; "" where the word says it all
};

/// What only the shell knows.
enum class Paths { none, files, directories };

struct Completion {
  std::vector<Candidate> candidates;
  Paths paths = Paths::none;
};

/// What a value is one of, besides the words that its option itself lists.
enum class ValueKind { none, file, directory, profile, role, host, finding, probes, generation };

/// The values of options given so far, by long name ("--profile"), as the user wrote them.
using Given = std::map<std::string, std::string>;
using Values = std::function<std::vector<Candidate>(ValueKind, const Given&)>;

/// `words` are those after the program's name; the last one is being written and may be "". "=" may
/// stand as a word of its own, as bash has it.
Completion complete(const CLI::App& program, const std::vector<std::string>& words,
                    const Values& values);

}  // namespace timectl::cli

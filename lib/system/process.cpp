// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/process.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace timectl::system {

namespace {

std::string last_words(const CommandResult& result) {
  auto said = lines_of(trim(result.errors.empty() ? result.output : result.errors));
  return said.empty() ? fmt::format("exit status {}", result.status) : said.back();
}

}  // namespace

CommandResult run_or_throw(const ProcessRunner& processes, const Command& command,
                           const std::string& what) {
  auto result = processes.run(command);
  if (result.timed_out) {
    throw Error{ErrorKind::timeout,
                fmt::format("cannot {}: '{}' did not finish within {} s", what, command.program,
                            std::chrono::ceil<std::chrono::seconds>(command.deadline).count())};
  }
  if (result.is_cut) {
    throw Error{ErrorKind::external,
                fmt::format("cannot {}: '{}' said more than timectl reads", what, command.program)};
  }
  if (result.status != 0) {
    throw Error{ErrorKind::external,
                fmt::format("cannot {}: {}: {}", what, command.program, last_words(result))};
  }
  return result;
}

}  // namespace timectl::system

// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"
#include "probe/finding.hpp"
#include "progress.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timectl::cli {

/// The only code that writes to the standard streams (but for `island enable`, which gives up in a
/// signal handler): results to stdout, everything else to stderr. Color only on a terminal and
/// without NO_COLOR.
///
/// Whatever it is given may hold what comes from elsewhere: a card's files, names, journals, a
/// daemon's words. All of it is made visible() here; the escape sequences of color are added
/// behind that and are the only ones that come out. That does not depend on a terminal: what people
/// read goes through ssh, tee and logs before it comes to one, and git quotes its paths always too.
class Report {
 public:
  Report(std::FILE* out, std::FILE* err);

  struct Manner {
    std::string color = "auto";  ///< "always", "never"
    bool is_quiet = false;       ///< no notes
    bool is_verbose = false;     ///< findings with their evidence
  };
  void set(const Manner& manner);
  /// Results go there from now on; returns where they went before. Color stays as it was.
  std::FILE* redirect(std::FILE* out);

  /// A line of the result, and one only: a newline in a name is written "\n".
  void line(std::string_view text);
  /// An entry of a list, indented and broken to the page.
  void item(std::string_view text);
  /// A line of two columns: `label` in the first, `width` wide, and `text` beside it, broken to the
  /// page.
  void row(std::string_view label, std::size_t width, std::string_view text);
  /// On a terminal alone: what comes next begins at its top.
  void clear_screen();
  /// A reader behind a pipe is to see what was written until now.
  void flush();
  /// Text of several lines.
  void text(std::string_view text);
  /// What is to become a file. Elsewhere than on a terminal it is written byte for byte.
  void content(std::string_view text);
  /// The one JSON document of a command called with --json.
  void json(const nlohmann::ordered_json& document);
  /// Whether there was one already.
  bool has_document() const { return has_document_; }
  /// A table of findings: verdict, probe, summary; cause and remedy below those not ok.
  void findings(const std::vector<probe::Finding>& findings);
  /// A coloured unified diff.
  void diff(std::string_view unified);
  /// Progress and hints, on stderr.
  void note(std::string_view text);
  void note(const Error& error);
  /// Text of several lines, whose columns are set, on stderr.
  void notes(std::string_view text);
  void warning(std::string_view text);
  void warning(const Error& error);
  void error(const Error& error);
  /// A step of long work, and how far it is; see Progress.
  void progress(std::string_view step, std::optional<int> percent);
  /// The words of a question, on stderr, with the cursor behind them.
  void ask(std::string_view question);
  /// Whether there is a terminal to ask on.
  static bool can_ask();
  /// Asks on the terminal; false unless the answer is yes. Throws Error{usage} with `otherwise` as
  /// its hint when there is no terminal to ask on.
  bool confirm(std::string_view question,
               const std::string& otherwise = "review 'timectl plan', then use --yes");

 private:
  void say(const char* color, std::string_view kind, std::string_view text);
  /// Behind an indent: `label`, and the text beside it, broken to the page.
  void hang(std::size_t indent, std::string_view label, std::string_view text);
  void evidence(std::size_t indent, const probe::Finding& finding);

  std::FILE* out_;
  std::FILE* err_;
  bool colour_out_;
  bool colour_err_;
  bool is_quiet_ = false;
  bool is_verbose_ = false;
  bool has_document_ = false;
  Progress progress_;
};

/// {"schema":1,"host","role","verdict","findings":[…]}: what verify and rehearse print. Published
/// as packaging/schema/verify.schema.json.
nlohmann::ordered_json findings_document(const std::string& host, const std::string& role,
                                         const std::vector<probe::Finding>& findings);

}  // namespace timectl::cli

// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/platform.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/time_daemons_timesync.hpp"

#include <fmt/format.h>

#include <cmath>

namespace timectl::system::os {

namespace {

constexpr std::chrono::milliseconds deadline{5000};

std::string words_of_chronyc(const CommandResult& result) {
  if (result.is_cut) return "more than timectl reads";
  return std::string{trim(result.output.empty() ? result.errors : result.output)};
}

bool is_not_running(const CommandResult& result) {
  return (result.output + result.errors).find("506 Cannot talk to daemon") != std::string::npos;
}

[[noreturn]] void fail(const std::string& what, const CommandResult& result) {
  const auto said = words_of_chronyc(result);
  if (result.timed_out || said.find("Request timed out") != std::string::npos) {
    throw Error{ErrorKind::timeout, fmt::format("cannot {}: chronyd does not answer", what)};
  }
  if (said.find("501 Not authorised") != std::string::npos) {
    throw Error{ErrorKind::permission,
                fmt::format("cannot {}: chronyd says '501 Not authorised'", what),
                "chronyd takes commands over its own socket from root and its own user only"};
  }
  throw Error{ErrorKind::external,
              fmt::format("cannot {}: chronyc says '{}'", what,
                          said.empty() ? fmt::format("exit status {}", result.status) : said)};
}

class LinuxTimeDaemons : public TimeDaemonControl {
 public:
  explicit LinuxTimeDaemons(const ProcessRunner& processes) : processes_(processes) {}

  std::optional<ChronyTracking> chrony_tracking() const override {
    const auto csv = report("tracking");
    return csv ? std::optional{parse_chrony_tracking(*csv)} : std::nullopt;
  }

  std::optional<std::vector<ChronySource>> chrony_sources() const override {
    const auto csv = report("sources");
    return csv ? std::optional{parse_chrony_sources(*csv)} : std::nullopt;
  }

  std::optional<ChronyReport> chrony_report(ChronyCounters counters) const override {
    std::vector<std::string> questions{"-m", "tracking", "sources"};
    if (counters == ChronyCounters::yes) questions.emplace_back("serverstats");
    const auto csv = answer(questions, "state");
    return csv ? std::optional{parse_chrony_report(*csv)} : std::nullopt;
  }

  std::optional<std::vector<ChronyClient>> chrony_clients() const override {
    const auto csv = report("clients");
    return csv ? std::optional{parse_chrony_clients(*csv)} : std::nullopt;
  }

  std::optional<TimesyncState> timesync() const override { return read_timesync(); }

  void enable_local(const LocalReference& reference) override {
    auto words = chronyc_words(reference);
    words.insert(words.begin(), "local");
    command(std::move(words), "enable chronyd's local reference");
  }
  void disable_local() override { command({"local", "off"}, "disable chronyd's local reference"); }
  void reload_sources() override { command({"reload", "sources"}, "let chronyd read its sources"); }
  /// chronyc measures its patience by the very clock that is stepped, and may not hear the answer.
  void step_clock() override {
    try {
      command({"makestep"}, "let chronyd step the clock");
    } catch (const Error& error) {
      const auto now = error.kind() == ErrorKind::missing ? chrony_tracking() : std::nullopt;
      if (!now || std::abs(now->system_offset.count()) >= 1) throw;
    }
  }
  void measure_anew() override {
    command({"reset", "sources"}, "let chronyd forget what it measured");
    // Four good ones of at most eight: as many as iburst takes.
    command({"burst", "4/8"}, "let chronyd ask its sources");
  }

  void set_runtime_servers(const std::vector<std::string>& servers) override {
    set_timesync_servers(servers);
  }

 private:
  std::optional<std::string> report(const std::string& name) const { return answer({name}, name); }

  /// The lines of the answer; nullopt when chronyd does not run or there is no chronyc. `what`
  /// names it in an error.
  std::optional<std::string> answer(std::vector<std::string> questions,
                                    const std::string& what) const {
    if (!processes_.find(platform::chrony::client)) return std::nullopt;
    questions.insert(questions.begin(), {"-c", "-n"});
    const auto result =
        processes_.run({platform::chrony::client, std::move(questions), {}, deadline, {}});
    if (is_not_running(result)) return std::nullopt;
    if (!result.succeeded() && !lacks_the_last(result)) {
      fail(fmt::format("ask chronyd for its {}", what), result);
    }
    return result.output;
  }

  /// Everything was answered but the last question, which is not for this user.
  static bool lacks_the_last(const CommandResult& result) {
    const auto lines = lines_of(trim(result.output));
    return !result.timed_out && !result.is_cut && lines.size() > 1 &&
           lines.back().starts_with("501 Not authorised") && !lines.front().starts_with("501 ");
  }

  /// chronyc exits with 0 also when chronyd refuses: only "200 OK" is yes.
  void command(std::vector<std::string> words, const std::string& what) {
    words.insert(words.begin(), "-n");
    const auto result =
        processes_.run({platform::chrony::client, std::move(words), {}, deadline, {}});
    if (is_not_running(result)) {
      throw Error{ErrorKind::missing, fmt::format("cannot {}: chronyd does not run", what)};
    }
    const bool agreed = result.output.find("200 OK") != std::string::npos;
    if (!result.succeeded() || !agreed) fail(what, result);
  }

  const ProcessRunner& processes_;
};

}  // namespace

std::unique_ptr<TimeDaemonControl> make_time_daemons(const ProcessRunner& processes) {
  return std::make_unique<LinuxTimeDaemons>(processes);
}

}  // namespace timectl::system::os

// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "base/time.hpp"
#include "observe/ntp.hpp"
#include "platform/platform.hpp"
#include "probe/rows.hpp"
#include "profile/networks.hpp"
#include "rehearse/rehearsal.hpp"
#include "rehearse/rows.hpp"
#include "rehearse/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace timectl::rehearse {

namespace {

using probe::Finding;
using probe::Verdict;
using std::chrono::milliseconds;

constexpr auto configuration_path = platform::chrony::configuration;
constexpr auto command_socket = platform::chrony::command_socket;
constexpr auto local_reference = "7F7F0101";  // 127.127.1.1: chronyd's own clock
constexpr milliseconds step{50};
/// chronyd that finds fault with its files does so at once; what has lived this long has read them.
constexpr int steps_to_survive = 20;
constexpr int steps_to_be_ready = 60;
constexpr int steps_to_serve = 60;

std::string last_line(const std::string& text) {
  const auto lines = lines_of(trim(text));
  return lines.empty() ? std::string{"it said nothing"} : lines.back();
}

/// The line that says why chronyd ended, without its time stamp.
std::optional<std::string> fatal_error_in(const std::string& said) {
  const auto lines = lines_of(said);
  const auto found = std::find_if(lines.rbegin(), lines.rend(), [](const std::string& line) {
    return line.find("Fatal error") != std::string::npos;
  });
  if (found == lines.rend()) return std::nullopt;
  return found->substr(found->find("Fatal error"));
}

std::string reason_in(const std::string& said) {
  return fatal_error_in(said).value_or(last_line(said));
}

system::Command chronyd(std::vector<std::string> options) {
  options.insert(options.end(), {"-f", configuration_path});
  return {platform::chronyd.program, std::move(options), "", std::chrono::seconds{10}, {}};
}

class ChronyRehearsal {
 public:
  explicit ChronyRehearsal(const Scene& scene) : scene_(scene), ports_(scene.ports) {
    if (!scene.host.serve) return;
    for (const auto* each : profile::served_addresses(scene.host)) own_.push_back(each->address);
  }

  std::vector<Finding> run() {
    if (!ports_.processes.find(platform::chronyd.program)) {
      return {missing_program(probe::row::chrony_config, platform::chronyd.program,
                              platform::chronyd.package)};
    }
    if (!check_syntax()) return findings_;
    // -x: never touches the clock. -u root: a user namespace has no other user.
    const auto daemon = ports_.processes.start(chronyd({"-x", "-d", "-u", "root"}));
    if (!survives(*daemon)) return findings_;
    config_finding(Verdict::ok, "chronyd accepts its files and starts with them", "");
    const bool is_asked = scene_.extent == Extent::service;
    if (is_asked && scene_.host.serve) ask_as_client(*scene_.host.serve);
    daemon->stop();
    return findings_;
  }

 private:
  void config_finding(Verdict verdict, const std::string& summary, const std::string& cause) {
    findings_.push_back(
        {probe::row::chrony_config,
         verdict,
         summary,
         {{"configuration", scene_.configuration},
          {"program", ports_.processes.find(platform::chronyd.program).value_or("")}},
         cause,
         cause.empty() ? "" : remedy_for(cause)});
  }

  bool check_syntax() {
    const auto result = ports_.processes.run(chronyd({"-p"}));
    if (result.succeeded()) return true;
    if (const auto reason = fatal_error_in(result.errors)) {
      config_finding(Verdict::failed, "chronyd does not accept its files", *reason);
      return false;
    }
    // Of a loader, an emulator or a chronyd before 4.0, which has no -p: not of its files.
    config_finding(Verdict::unknown, "chronyd could not be asked about its files",
                   result.timed_out ? "it did not finish" : last_line(result.errors));
    findings_.back().remedy = "see whether it runs: chronyd --version";
    return false;
  }

  /// -p accepts files that chronyd refuses when it starts (rtcfile with rtcsync, a missing
  /// device): only a start shows.
  bool survives(system::RunningProcess& daemon) {
    for (int i = 0; i < steps_to_be_ready; ++i) {
      ports_.clock.sleep(step);
      if (const auto ended = daemon.poll()) {
        config_finding(Verdict::failed, "chronyd does not start with its files",
                       reason_in(ended->errors + ended->output));
        return false;
      }
      const bool is_ready = ports_.files.status(system::RootedPath{command_socket}).has_value();
      if (i >= steps_to_survive && is_ready) return true;
    }
    const auto result = daemon.stop();
    // Of its files alone that proves nothing: a slow machine, or another bindcmdaddress.
    const auto verdict = scene_.extent == Extent::files ? Verdict::unknown : Verdict::failed;
    config_finding(verdict, "chronyd starts but does not open its command socket",
                   last_line(result.errors + result.output));
    return false;
  }

  void ask_as_client(const profile::ServeFeature& serve) {
    ask_port();
    ask_before_island();
    if (enable(serve)) ask_reply(serve);
    ask_as_stranger(serve);
  }

  void ask_port() {
    const auto listeners = ports_.network.udp_listeners(123);
    auto found = listeners.end();
    for (const auto& own : own_) {
      found = std::find_if(listeners.begin(), listeners.end(), [&](const auto& each) {
        return each.address == own || each.address == IpAddress{};
      });
      if (found == listeners.end()) break;
    }
    if (found == listeners.end()) {
      findings_.push_back({probe::row::ntp_port,
                           Verdict::failed,
                           "no process holds UDP port 123",
                           {},
                           "chronyd opens the port only when a client is allowed to ask",
                           "give the host's serve feature an allow list"});
      return;
    }
    findings_.push_back({probe::row::ntp_port,
                         Verdict::ok,
                         fmt::format("{} holds UDP port 123 at {}", found->program, texts_of_own()),
                         {{"program", found->program}, {"address", found->address.text()}},
                         "",
                         ""});
  }

  observe::NtpMeasurement measure(const IpAddress& address, int samples, milliseconds deadline) {
    return observe::measure_ntp({{address, 123}}, {samples}, deadline, ports_.datagrams).at(0);
  }

  /// A server whose clock is not validated must say that it does not know the time.
  void ask_before_island() {
    const auto measured = measure(own_.front(), 1, milliseconds{1000});
    answers_clients_ = measured.answered > 0;
    Finding finding{row::island_disabled_at_start,
                    Verdict::ok,
                    "before island mode is enabled, chronyd says that it does not know the time",
                    {},
                    "",
                    ""};
    if (measured.best) {
      finding.evidence = {{"stratum", std::int64_t{measured.best->reply.stratum}},
                          {"leap", std::int64_t{measured.best->reply.leap}}};
    }
    if (measured.is_synchronized()) {
      finding.verdict = Verdict::failed;
      finding.summary = "chronyd serves its own clock as the right time from the first second";
      finding.cause = "a file of chrony has a 'local' directive";
      finding.remedy =
          "remove it: timectl enables island mode at run time, once the RTC is validated";
    } else if (!measured.best) {
      finding.verdict = Verdict::unknown;
      finding.summary = "chronyd did not answer before island mode was enabled";
      finding.cause = measured.problem;
      finding.remedy = "see ntp.reply";
    }
    findings_.push_back(finding);
  }

  bool enable(const profile::ServeFeature& serve) {
    if (!ports_.processes.find(platform::chrony::client)) {
      findings_.push_back(missing_program(probe::row::ntp_reply, platform::chrony::client,
                                          platform::chronyd.package));
      return false;
    }
    std::vector<std::string> words{"-h", command_socket, "local"};
    for (auto& word : system::chronyc_words({serve.local_stratum, true, serve.local_distance})) {
      words.push_back(std::move(word));
    }
    const auto result = ports_.processes.run(
        {platform::chrony::client, std::move(words), "", std::chrono::seconds{10}, {}});
    if (result.succeeded()) return true;
    findings_.push_back({probe::row::ntp_reply,
                         Verdict::failed,
                         "island mode cannot be enabled",
                         {},
                         last_line(result.errors + result.output),
                         "look at the file's 'local' and 'bindcmdaddress' directives"});
    return false;
  }

  observe::NtpMeasurement measure_island(const IpAddress& own) {
    auto measured = measure(own, 1, milliseconds{1000});
    for (int i = 0; i < steps_to_serve && !measured.is_synchronized(); ++i) {
      ports_.clock.sleep(step);
      measured = measure(own, 1, milliseconds{1000});
    }
    return measured.is_synchronized() ? measure(own, 4, milliseconds{1000}) : measured;
  }

  /// Several networks: the first address that does not answer as it should speaks for all.
  void ask_reply(const profile::ServeFeature& serve) {
    std::optional<Finding> worst;
    for (const auto& own : own_) {
      auto finding = reply_at(own, serve);
      if (!worst || (worst->verdict == Verdict::ok && finding.verdict != Verdict::ok)) {
        worst = std::move(finding);
      }
    }
    findings_.push_back(*std::move(worst));
  }

  Finding reply_at(const IpAddress& own, const profile::ServeFeature& serve) {
    const auto measured = measure_island(own);
    answers_clients_ = answers_clients_ || measured.answered > 0;
    Finding finding{probe::row::ntp_reply, Verdict::failed, "", {}, "", ""};
    finding.evidence = {{"asked", std::int64_t{measured.asked}},
                        {"answered", std::int64_t{measured.answered}},
                        {"rejected", std::int64_t{measured.rejected}}};
    if (!measured.best) {
      finding.summary = "chronyd does not answer over NTP";
      finding.cause = measured.problem;
      finding.remedy = fmt::format("is {} in the allow list", own.text());
    } else {
      judge(*measured.best, own, serve, finding);
    }
    return finding;
  }

  static void judge(const observe::NtpSample& sample, const IpAddress& own,
                    const profile::ServeFeature& serve, Finding& finding) {
    const auto& reply = sample.reply;
    finding.evidence.insert(finding.evidence.begin(),
                            {{"offset_s", sample.offset.count()},
                             {"round_trip_s", sample.round_trip.count()},
                             {"stratum", std::int64_t{reply.stratum}},
                             {"leap", std::int64_t{reply.leap}},
                             {"reference_id", reply.reference_id},
                             {"root_delay_s", reply.root_delay.count()},
                             {"root_dispersion_s", reply.root_dispersion.count()}});
    finding.cause = fault_in(sample, serve);
    if (finding.cause.empty()) {
      finding.verdict = Verdict::ok;
      finding.summary = fmt::format(
          "{}:123 answers as a client sees it: stratum {}, offset {}, round trip {}", own.text(),
          reply.stratum, format_span(sample.offset), format_span(sample.round_trip));
    } else {
      finding.summary = "chronyd answers over NTP, but not as expected";
      finding.remedy = "look for another 'local' or 'refclock' directive in chrony's files";
    }
  }

  static std::string fault_in(const observe::NtpSample& sample,
                              const profile::ServeFeature& serve) {
    const auto& reply = sample.reply;
    if (reply.leap == 3) return "it says that it is not synchronized";
    if (reply.stratum != serve.local_stratum) {
      return fmt::format("stratum {} instead of {}", reply.stratum, serve.local_stratum);
    }
    if (reply.reference_id != local_reference) {
      return fmt::format("reference id {} instead of {}", reply.reference_id, local_reference);
    }
    // Both ends read one clock: what is left is the asymmetry of the way, less than half of it.
    const Seconds tolerance = Seconds{1e-3} + sample.round_trip / 2;
    if (std::abs(sample.offset.count()) > tolerance.count()) {
      return fmt::format("an offset of {} to the clock it was set to serve",
                         format_span(sample.offset));
    }
    return {};
  }

  /// The stranger's address is ours too, on the loopback, and the kernel sends from the address it
  /// sends to.
  void ask_as_stranger(const profile::ServeFeature& serve) {
    const auto stranger = stranger_to(serve);
    if (!stranger) return;
    const auto measured = measure(*stranger, 1, milliseconds{500});
    Finding finding{row::ntp_allow,
                    Verdict::ok,
                    "clients outside of the allow list get no answer",
                    {{"address", stranger->text()}},
                    "",
                    ""};
    if (measured.answered > 0) {
      finding.verdict = Verdict::failed;
      finding.summary = "chronyd answers clients outside of the allow list";
      finding.cause = fmt::format("{} got a reply", stranger->text());
      finding.remedy = "look for another 'allow' directive in chrony's files";
    } else if (!answers_clients_ || measured.status != system::ExchangeStatus::timed_out) {
      // Silence proves nothing of a daemon that answers no client, or that no request reached.
      finding.verdict = Verdict::unknown;
      finding.summary = "whether chronyd refuses other clients could not be tried";
      finding.cause = answers_clients_ ? measured.problem
                                       : "the allowed address got no answer in the same run either";
      finding.remedy = "see ntp.reply";
    }
    findings_.push_back(finding);
  }

  std::string texts_of_own() const {
    std::vector<std::string> texts;
    for (const auto& own : own_) texts.push_back(own.text());
    return join(texts, ", ");
  }

  const Scene& scene_;
  const probe::Ports& ports_;
  std::vector<IpAddress> own_;  ///< in the networks that it serves
  std::vector<Finding> findings_;
  bool answers_clients_ = false;  ///< an allowed address had a reply in this run
};

system::Command read_chrony_file(const std::string& content) {
  return {platform::chronyd.program,
          {"-p", "-f", std::string{standard_input}},
          content,
          std::chrono::seconds{10},
          {}};
}

constexpr probe::FindingName other_names[] = {row::island_disabled_at_start, row::ntp_allow,
                                              probe::row::ntp_port, probe::row::ntp_reply};

std::vector<Finding> rehearse_chrony(const Scene& scene) { return ChronyRehearsal{scene}.run(); }

}  // namespace

constinit const Rehearsal chrony_rehearsals[1] = {{
    .name = probe::row::chrony_config,
    .directory = platform::chrony::directory,
    .ask = rehearse_chrony,
    .daemon = &platform::chronyd,
    .read = read_chrony_file,
    .also = other_names,
}};

}  // namespace timectl::rehearse

// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/offline.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "rehearse/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace timectl::rehearse {

namespace {

using probe::Finding;
using probe::Verdict;
using system::GuestPrograms;

bool is_of_tools(const OfflineMachine& machine, const std::string& path) {
  return std::any_of(machine.tools.begin(), machine.tools.end(),
                     [&](const std::string& tools) { return path.starts_with(tools + "/"); });
}

/// "chronyd (chrony) version 4.3 (+CMDMON …", "Dnsmasq version 2.90  Copyright …"; "" if it does
/// not say.
std::string version_said(const system::ProcessRunner& processes, const std::string& program) {
  const auto result = processes.run({program, {"--version"}, "", std::chrono::seconds{10}, {}});
  const auto words = words_of(result.output);
  const auto word = std::find(words.begin(), words.end(), "version");
  return !result.succeeded() || word == words.end() || word + 1 == words.end() ? "" : *(word + 1);
}

/// "1:4.3-2+deb12u1" is 4.3.
std::string upstream_version(const std::string& package) {
  const auto epoch = package.find(':');
  const auto begin = epoch == std::string::npos ? 0 : epoch + 1;
  return package.substr(begin, package.find_first_of("-+~", begin) - begin);
}

/// The last lines of a program that is not trusted may be long.
std::string in_short(const std::string& text) {
  constexpr std::size_t most = 400;
  return text.size() <= most ? text : text.substr(0, most) + "…";
}

std::string sentence_of(const Finding& finding) {
  return finding.cause.empty() || finding.cause == finding.summary
             ? in_short(finding.summary)
             : fmt::format("{}: {}", finding.summary, in_short(finding.cause));
}

/// A question that no program has answered so far.
struct Open {
  Rehearsal rehearsal;
  std::vector<std::string> reasons;
};

class OfflineRehearsal {
 public:
  OfflineRehearsal(const target::Target& target, const profile::Profile& profile,
                   const profile::Host& host, const Ports& ports, const OfflineMachine& machine)
      : target_(target), profile_(profile), host_(host), ports_(ports), machine_(machine) {}

  OfflineObjections run(std::span<const Rehearsal> rehearsals) {
    for (const auto& rehearsal : rehearsals) {
      const bool has_files = has_file_below(target_, rehearsal.directory);
      if (rehearsal.daemon != nullptr && has_files) open_.push_back({rehearsal, {}});
    }
    ask_with(GuestPrograms::own);
    ask_with(GuestPrograms::this_machines);
    for (const auto& each : open_) note_untested(each);
    return std::move(found_);
  }

 private:
  void ask_with(GuestPrograms programs) {
    std::vector<Rehearsal> asked;
    for (auto& each : open_) {
      const auto missing = why_missing(*each.rehearsal.daemon, programs);
      if (missing.empty()) {
        asked.push_back(each.rehearsal);
      } else {
        each.reasons.push_back(missing);
      }
    }
    if (asked.empty()) return;
    try {
      sort_out(objections_by(programs, asked), programs, asked);
    } catch (const Error& error) {
      for (const auto& each : asked) leave_open(each.name, error.what());
    }
  }

  std::string why_missing(const platform::Daemon& daemon, GuestPrograms programs) const {
    if (programs == GuestPrograms::own) {
      return has_program(machine_.files, daemon.program)
                 ? ""
                 : fmt::format("'{}' has no {}", machine_.root, daemon.program);
    }
    if (machine_.tools.empty()) return "--tools names no other";
    return machine_.here.find(daemon.program) ? "" : "nor is there one below --tools";
  }

  Objections objections_by(GuestPrograms programs, std::span<const Rehearsal> asked) const {
    const bool is_own = programs == GuestPrograms::own;
    const auto with =
        ports_.probes.with(ports_.probes.files, is_own ? machine_.own : machine_.here);
    const Guest guest{machine_.files, {machine_.root, programs, machine_.tools}};
    return find_objections(target_, profile_, host_, asked, {ports_.sandbox, with, &guest});
  }

  void sort_out(const Objections& objections, GuestPrograms programs,
                std::span<const Rehearsal> asked) {
    std::vector<Rehearsal> answered{asked.begin(), asked.end()};
    for (const auto& doubt : objections.doubts) {
      if (doubt.verdict == Verdict::failed) {
        found_.notes.push_back(fmt::format("in the sandbox {}; '{}' may have what was missing",
                                           sentence_of(doubt), machine_.root));
        close(doubt.probe);
      } else {
        leave_open(doubt.probe, why_not(doubt, programs));
      }
      std::erase_if(answered, [&](const auto& each) { return each.name == doubt.probe; });
    }
    for (const auto& each : answered) {
      close(each.name);
      judge(each, objections.refusals, programs);
    }
  }

  std::string why_not(const Finding& finding, GuestPrograms programs) const {
    const auto reason = sentence_of(finding);
    return programs == GuestPrograms::own ? fmt::format("by '{}': {}", machine_.root, reason)
                                          : fmt::format("by --tools: {}", reason);
  }

  void judge(const Rehearsal& rehearsal, const std::vector<Finding>& refusals,
             GuestPrograms programs) {
    const auto other = programs == GuestPrograms::own ? "" : other_version(*rehearsal.daemon);
    if (!other.empty()) found_.notes.push_back(other);
    const auto is_meant = [&](const Finding& each) { return each.probe == rehearsal.name; };
    if (std::none_of(refusals.begin(), refusals.end(), is_meant)) {
      found_.notes.push_back(accepted(*rehearsal.daemon, programs));
    }
    for (const auto& refusal : refusals) {
      if (!is_meant(refusal)) continue;
      if (other.empty()) {
        found_.refusals.push_back(refused(refusal, *rehearsal.daemon));
      } else {
        found_.notes.push_back(fmt::format("{} of another version says: {}",
                                           rehearsal.daemon->program, sentence_of(refusal)));
      }
    }
  }

  Finding refused(Finding refusal, const platform::Daemon& daemon) const {
    const bool is_chronyd = daemon.program == platform::chronyd.program;
    if (is_chronyd || refusal.cause.find(" at line ") != std::string::npos) {
      refusal.remedy = remedy_for(refusal.cause, machine_.root);
    } else {
      refusal.remedy += fmt::format(", below '{}'", machine_.root);
    }
    refusal.cause = in_short(refusal.cause);
    return refusal;
  }

  /// What was tried is said, because so much may keep it from being tried.
  std::string accepted(const platform::Daemon& daemon, GuestPrograms programs) const {
    const auto path = programs == GuestPrograms::own
                          ? fmt::format("of '{}'", machine_.root)
                          : fmt::format("'{}'", machine_.here.find(daemon.program).value_or(""));
    return fmt::format("{} {} accepts the files, in a sandbox", daemon.program, path);
  }

  /// "" for a program that the user named (--tools), and for the version that the machine has.
  std::string other_version(const platform::Daemon& daemon) const {
    const auto path = machine_.here.find(daemon.program);
    if (!path || is_of_tools(machine_, *path)) return "";
    const auto here = version_said(machine_.here, daemon.program);
    const auto package = machine_.packages.find(daemon.package);
    const auto there =
        package == machine_.packages.end() ? "" : upstream_version(package->second.text);
    if (!here.empty() && here == there) return "";
    return fmt::format(
        "{}'s configuration was tested with version {} of this machine, and '{}' has version {}: "
        "name a directory with that one with --tools to be sure",
        daemon.program, here.empty() ? "(unknown)" : here, machine_.root,
        there.empty() ? "(unknown)" : there);
  }

  void leave_open(probe::FindingName name, const std::string& reason) {
    for (auto& each : open_) {
      if (each.rehearsal.name == name) each.reasons.push_back(reason);
    }
  }

  void close(probe::FindingName name) {
    std::erase_if(open_, [&](const Open& each) { return each.rehearsal.name == name; });
  }

  void note_untested(const Open& open) {
    const auto& daemon = *open.rehearsal.daemon;
    found_.notes.push_back(fmt::format(
        "{}'s configuration was not tested ({}); to test it, name a directory with --tools into "
        "which this machine's package was unpacked (apt-get download {}, dpkg-deb -x) or, if that "
        "is "
        "installed, /; or run timectl rehearse on the host",
        daemon.program, join(open.reasons, "; "), daemon.package));
  }

  const target::Target& target_;
  const profile::Profile& profile_;
  const profile::Host& host_;
  const Ports& ports_;
  const OfflineMachine& machine_;
  std::vector<Open> open_;
  OfflineObjections found_;
};

}  // namespace

OfflineObjections find_offline_objections(const target::Target& target,
                                          const profile::Profile& profile,
                                          const profile::Host& host,
                                          std::span<const Rehearsal> rehearsals, const Ports& ports,
                                          const OfflineMachine& machine) {
  return OfflineRehearsal{target, profile, host, ports, machine}.run(rehearsals);
}

}  // namespace timectl::rehearse

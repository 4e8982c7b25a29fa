// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/profile_init.hpp"

#include "base/text.hpp"
#include "platform/platform.hpp"
#include "profile/initial.hpp"
#include "profile/library.hpp"
#include "rtc/chips.hpp"
#include "rtc/rtc.hpp"
#include "user_file.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include <unistd.h>

namespace timectl::cli {

namespace {

using profile::Beginning;
using profile::ClientDaemon;

constexpr int most_attempts = 3;
constexpr auto usual_server = "pi-ntp";  // in the built-in site

/// Asks on the terminal, or takes what was found for the answer.
class Questions {
 public:
  Questions(Report& report, bool yes) : report_(report), yes_(yes) {
    if (yes || isatty(STDIN_FILENO) == 1) return;
    throw Error{ErrorKind::usage, "cannot ask: standard input is no terminal",
                "--yes takes what is found on this host without asking"};
  }

  /// The question for a key, from its row.
  const std::string& about(const std::string& key) const { return texts_.at(key); }

  /// `take` reads an answer and says whether it makes sense. An empty answer is `found`.
  void ask(const std::string& what, const std::string& found,
           const std::function<bool(const std::string&)>& take) {
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
      const auto answer = answer_to(what, found);
      if (!answer.empty() && take(answer)) return;
      if (yes_) {
        throw Error{
            ErrorKind::missing, fmt::format("cannot find out: {}", what),
            "run it without --yes on a terminal, and enter it; --address gives the address"};
      }
      report_.note(answer.empty() ? "it was not found: please enter it"
                                  : fmt::format("'{}' does not fit", answer));
    }
    throw Error{ErrorKind::usage, fmt::format("no usable answer to: {}", what)};
  }

  bool ask_yes_no(const std::string& what, bool found) {
    bool answer = found;
    ask(what + " (yes, no)", found ? "yes" : "no", [&](const std::string& said) {
      answer = said == "yes" || said == "y";
      return answer || said == "no" || said == "n";
    });
    return answer;
  }

 private:
  std::string answer_to(const std::string& what, const std::string& found) {
    if (yes_) return found;
    report_.ask(found.empty() ? fmt::format("{}: ", what) : fmt::format("{} [{}]: ", what, found));
    std::string line;
    if (!std::getline(std::cin, line)) {
      throw Error{ErrorKind::usage, "cannot go on: the answers ended", "nothing was written"};
    }
    const auto said = std::string{trim(line)};
    return said.empty() ? found : said;
  }

  Report& report_;
  bool yes_;
  std::map<std::string, std::string> texts_ = profile::questions();
};

/// This host's address on the interface with the default route, with its prefix length.
std::string found_address(const facts::Facts& facts, const ProfileInitOptions& options) {
  if (!options.address.empty()) return options.address;
  for (const auto& interface : facts.interfaces) {
    if (interface.name != facts.default_interface.value_or("")) continue;
    for (const auto& address : interface.addresses) {
      if (address.address.family() == IpAddress::Family::v4) return address.text();
    }
  }
  return "";
}

/// The second host of the subnet, where the built-in site has its server, or the next one that is
/// neither this host nor the router; "" where there is no third host.
std::string free_address(const Beginning& beginning) {
  const auto network = beginning.address.network().address.bytes();
  const int last = beginning.address.prefix_length == 30 ? 2 : 4;
  for (int host = 2; host <= last; ++host) {
    const auto text =
        fmt::format("{}.{}.{}.{}", network[0], network[1], network[2], network[3] | host);
    const auto address = IpAddress::parse(text);
    if (address != beginning.address.address && address != beginning.gateway) return text;
  }
  return "";
}

bool is_v4_in(const Subnet& subnet, const std::string& said, IpAddress& address) {
  const auto parsed = IpAddress::parse(said);
  if (!parsed || !subnet.contains(*parsed)) return false;
  address = *parsed;
  return true;
}

bool is_label(const std::string& name) {
  return is_host_name(name) && name.find('.') == std::string::npos && name.size() <= 63;
}

void ask_name(Questions& questions, const std::string& what, const std::string& found,
              std::string& name) {
  questions.ask(what, found, [&](const std::string& said) {
    name = said;
    return is_label(said);
  });
}

void ask_network(Questions& questions, Context& context, const facts::Facts& facts,
                 const ProfileInitOptions& options, Beginning& beginning) {
  beginning.interface = facts.default_interface.value_or("");
  // What was assumed of a card (facts/facts.cpp) is for the reader to see.
  beginning.names_interface = facts.is_offline_root && facts.default_interface;
  const auto where = beginning.interface.empty() ? "" : " on " + beginning.interface;
  questions.ask(questions.about("/network/subnet") + where, found_address(facts, options),
                [&](const std::string& said) {
                  const auto parsed = Subnet::parse(said);
                  if (!parsed || parsed->address.family() != IpAddress::Family::v4) return false;
                  beginning.address = *parsed;
                  return parsed->prefix_length >= 8 && parsed->prefix_length <= 30;
                });
  const auto router = context.is_offline() ? std::nullopt : context.network().default_gateway();
  const bool is_near = router && beginning.address.contains(*router);
  questions.ask(questions.about("/network/gateway"), is_near ? router->text() : "none",
                [&](const std::string& said) {
                  beginning.gateway.reset();
                  IpAddress address;
                  if (said == "none") return true;
                  if (!is_v4_in(beginning.address, said, address)) return false;
                  beginning.gateway = address;
                  return true;
                });
}

bool has_daemon(const facts::Facts& facts, const std::string& package) {
  return facts.packages.count(package) != 0;
}

void ask_client(Questions& questions, Context& context, const facts::Facts& facts,
                Beginning& beginning) {
  ask_name(questions, "The server's name", beginning.host == usual_server ? "" : usual_server,
           beginning.server);
  questions.ask(questions.about("/hosts/*/address"), free_address(beginning),
                [&](const std::string& said) {
                  return is_v4_in(beginning.address, said, beginning.server_address) &&
                         beginning.server_address != beginning.address.address;
                });
  questions.ask(questions.about("/hosts/*/client/daemon"),
                has_daemon(facts, platform::chronyd.package) ? "chrony" : "timesyncd",
                [&](const std::string& said) {
                  beginning.daemon =
                      said == "chrony" ? ClientDaemon::chrony : ClientDaemon::timesyncd;
                  return said == "chrony" || said == "timesyncd";
                });
  beginning.has_dhcp = questions.ask_yes_no(questions.about("/hosts/*/dhcp"),
                                            has_daemon(facts, platform::dnsmasq.package));
  const bool has_controller = context.services().state("controller.service").exists();
  questions.ask(questions.about("/hosts/*/controller/unit"),
                has_controller ? "controller.service" : "none", [&](const std::string& said) {
                  beginning.controller = said == "none" ? std::nullopt : std::optional{said};
                  return said == "none" || said.ends_with(".service");
                });
}

/// The first chip on an I2C bus that timectl knows.
std::optional<profile::RtcFeature> find_rtc(const facts::Facts& facts) {
  for (const auto& device : facts.rtcs) {
    const auto* chip = rtc::find_chip(device.chip);
    const auto bus = to_integer(device.i2c_client.substr(0, device.i2c_client.find('-')));
    if (!chip || !bus) continue;
    const rtc::Identity place{device.chip, static_cast<int>(*bus), chip->address};
    if (place.i2c_client() != device.i2c_client) continue;
    return profile::RtcFeature{place.chip, place.bus, place.address};
  }
  return std::nullopt;
}

bool ask_whether_it_serves(Questions& questions, const ProfileInitOptions& options, bool found) {
  if (options.role.empty()) return questions.ask_yes_no(questions.about("/hosts/*/serve"), found);
  return options.role == "server";
}

Beginning find_beginning(Questions& questions, Context& context, const facts::Facts& facts,
                         const ProfileInitOptions& options) {
  Beginning beginning;
  const auto found_rtc = find_rtc(facts);
  const auto found_name = facts.host_name.substr(0, facts.host_name.find('.'));
  beginning.serves = ask_whether_it_serves(questions, options,
                                           found_rtc.has_value() || found_name == usual_server);
  ask_name(questions, "This host's name", found_name, beginning.host);
  ask_network(questions, context, facts, options, beginning);
  if (beginning.serves) {
    const auto rtc = found_rtc.value_or(profile::RtcFeature{});
    const auto question = fmt::format(fmt::runtime(questions.about("/hosts/*/rtc")),
                                      fmt::arg("chip", rtc::chip_named(rtc.chip).part));
    if (questions.ask_yes_no(question, found_rtc.has_value())) beginning.rtc = rtc;
  } else {
    ask_client(questions, context, facts, beginning);
  }
  return beginning;
}

/// Throws what keeps a plan from being made of the profile.
void require_usable(Context& context, const std::string& text, const std::string& host) {
  const profile::ProfileSource source{"site", "the new profile", text};
  Site site;
  site.source = source;
  site.profile = profile::load_profile(source, context.files());
  site.facts = context.detect_facts();
  site.host = &profile::select_host(site.profile, std::nullopt, host, host);
  static_cast<void>(context.render(site));
}

/// Where no program may give the host its address (Wi-Fi, no network back end) the profile
/// leaves it alone, and says so; whatever else is in the way of a plan is.
std::string usable_profile(Context& context, Beginning beginning) {
  auto text = profile::initial_profile(beginning);
  try {
    require_usable(context, text, beginning.host);
    return text;
  } catch (const Error& error) {
    if (!beginning.serves || error.kind() != ErrorKind::refused) throw;
    beginning.addressing = profile::Addressing::none;
    text = profile::initial_profile(beginning);
    require_usable(context, text, beginning.host);
    context.report().warning(
        fmt::format("{}; the profile has \"addressing\": \"none\", which leaves the address alone",
                    error.what()));
    if (!error.hint().empty()) context.report().note("for \"static\": " + error.hint());
    return text;
  }
}

std::string absolute_path(const std::string& output) {
  if (output.empty()) throw Error{ErrorKind::usage, "cannot write to a file without a name"};
  return std::filesystem::absolute(output).lexically_normal().string();
}

}  // namespace

void add_profile_init_options(CLI::App& app, ProfileInitOptions& options) {
  app.add_flag("-y,--yes", options.yes, "Take what is found on this host, and ask nothing");
  app.add_option("--role", options.role, "What this host is to be; default: asked, or as it looks")
      ->type_name("ROLE")
      ->check(CLI::IsMember({"server", "client"}));
  app.add_option("--address", options.address,
                 "This host's address with its prefix length: 192.168.1.10/24; default: as it is")
      ->type_name("ADDRESS");
  app.add_option("--output", options.output, "The file to write; default: standard output")
      ->type_name("FILE");
  app.add_flag("--force", options.force, "Replace FILE if it is there");
}

ExitStatus init_profile(Context& context, const ProfileInitOptions& options) {
  const auto path = options.output ? absolute_path(*options.output) : "";
  const auto if_there = options.force ? IfThere::replace : IfThere::refuse;
  if (options.output) require_writable(path, if_there);
  Questions questions{context.report(), options.yes};
  const auto beginning = find_beginning(questions, context, context.detect_facts(), options);
  const auto text = usable_profile(context, beginning);
  if (!options.output) {
    context.report().content(text);
    return ExitStatus::done;
  }
  write_user_file(path, text, if_there);
  context.report().note(
      fmt::format("wrote {}; see what it would change: timectl plan --profile {}", path, path));
  return ExitStatus::done;
}

}  // namespace timectl::cli

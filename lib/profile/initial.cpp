// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/initial.hpp"

#include "base/text.hpp"
#include "profile/kinds.hpp"
#include "profile/tables.hpp"
#include "rtc/chips.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace timectl::profile {

namespace {

/// As a JSON text: a user typed the answers.
std::string quoted(const std::string& text) {
  return nlohmann::ordered_json(text).dump(-1, ' ', false,
                                           nlohmann::ordered_json::error_handler_t::replace);
}

std::string network_part(const Beginning& beginning) {
  std::string text = fmt::format("  \"network\": {{\n    \"subnet\": {}",
                                 quoted(beginning.address.network().text()));
  if (beginning.gateway) {
    const auto router = quoted(beginning.gateway->text());
    text += fmt::format(",\n    \"gateway\": {},\n    \"dns\": [{}]", router, router);
  }
  return text + "\n  },\n";
}

std::string rtc_part(const std::optional<RtcFeature>& rtc) {
  if (!rtc) {
    return "      // Without a battery-backed clock: after a power cut it knows no time until "
           "a source answers.\n      \"rtc\": false,\n";
  }
  const RtcFeature usual;
  const bool is_usual = rtc->chip == usual.chip && rtc->bus == usual.bus;
  return fmt::format(
      "      // A {} on I2C bus {} at {:#04x}{}.\n"
      "      \"rtc\": {{ \"chip\": \"{}\", \"bus\": {}, \"address\": \"{:#04x}\" }},\n",
      rtc::chip_named(rtc->chip).part, rtc->bus, rtc->address,
      is_usual ? ", as its usual module has it" : "", rtc->chip, rtc->bus, rtc->address);
}

/// Below --root no link can be seen that has the default route.
std::string interface_part(const Beginning& beginning) {
  if (!beginning.names_interface) return "";
  return fmt::format("      \"interface\": {},\n", quoted(beginning.interface));
}

std::string server_part(const std::string& name, const IpAddress& address,
                        const std::optional<RtcFeature>& rtc, Addressing addressing,
                        const std::string& interface) {
  return fmt::format(
      "    {}: {{\n"
      "      \"role\": \"server\",\n"
      "      // \"static\": configured by timectl; \"none\" leaves the host's address alone.\n"
      "      \"address\": {},\n"
      "      \"addressing\": \"{}\",\n"
      "{}"
      "{}"
      "      // Asked while there is an internet. false: an island that never sees one.\n"
      "      \"sources\": {{ \"pools\": [\"0.debian.pool.ntp.org\", \"1.debian.pool.ntp.org\"] }}\n"
      "    }}",
      quoted(name), quoted(address.text()), kind::Addressing::write(addressing).text, interface,
      rtc_part(rtc));
}

std::string client_part(const Beginning& beginning) {
  std::vector<std::string> features{
      fmt::format("      // timesyncd, or chrony, which hears the server and the fallbacks at "
                  "once.\n"
                  "      \"client\": {{\n"
                  "        \"daemon\": \"{}\",\n"
                  "        \"fallback\": [\"0.debian.pool.ntp.org\", \"1.debian.pool.ntp.org\"]\n"
                  "      }}",
                  kind::ClientDaemon::write(beginning.daemon).text),
      fmt::format("      // dnsmasq here announces the server to the others and reserves its "
                  "address.\n      \"dhcp\": {}",
                  beginning.has_dhcp ? "{}" : "false"),
      "      // The service that may save power while the time can be trusted.\n"
      "      \"controller\": " +
          (beginning.controller ? fmt::format("{{ \"unit\": {} }}", quoted(*beginning.controller))
                                : std::string{"false"})};
  return fmt::format(
      "    {}: {{\n      \"role\": \"client\",\n      \"address\": {},\n{}{}\n    }}",
      quoted(beginning.host), quoted(beginning.address.address.text()), interface_part(beginning),
      join(features, ",\n"));
}

}  // namespace

std::map<std::string, std::string> questions() {
  std::map<std::string, std::string> all;
  for_each_key(object_of(document_table), [&](const std::string& pointer, const Key& key) {
    // A new profile has one network, without a name.
    const bool is_asked = !key.question.empty() && !pointer.starts_with("/networks/");
    if (is_asked) all.emplace(pointer, key.question);
  });
  return all;
}

std::string initial_profile(const Beginning& beginning) {
  std::string text =
      "// Made by 'timectl profile init'; timectl-profile(5) has every key and its default.\n"
      "// Check it with 'timectl profile validate', look with 'timectl plan', then 'timectl "
      "provision'.\n{\n  // Editors check the file with it, where timectl is installed.\n  "
      "\"$schema\": "
      "\"file:///usr/share/timectl/profiles/schema/profile.schema.json\",\n  \"name\": "
      "\"site\",\n";
  text += network_part(beginning);
  text += "  \"hosts\": {\n";
  if (!beginning.interface.empty() && !beginning.names_interface) {
    text += fmt::format(
        "    // The interface is the one with the default route, {} now; \"interface\" of a host "
        "names\n    // another one.\n",
        beginning.interface);
  }
  if (beginning.serves) {
    text += server_part(beginning.host, beginning.address.address, beginning.rtc,
                        beginning.addressing, interface_part(beginning));
  } else {
    text += server_part(beginning.server, beginning.server_address, RtcFeature{},
                        Addressing::static_address, "") +
            ",\n" + client_part(beginning);
  }
  return text + "\n  }\n}\n";
}

}  // namespace timectl::profile

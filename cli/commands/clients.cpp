// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "command.hpp"
#include "commands.hpp"
#include "own_site.hpp"
#include "page.hpp"
#include "profile/networks.hpp"
#include "served_clients.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;
using system::ChronyClient;

/// The site's name of an address; "" for a stranger.
std::string name_of(const profile::Profile& profile, const std::string& address) {
  for (const auto& host : profile.hosts) {
    const auto parsed = IpAddress::parse(address);
    if (parsed && profile::has_address(host, *parsed)) return host.name;
  }
  return {};
}

std::string age_of(const ChronyClient& client) {
  return client.since_last ? format_span(*client.since_last) : "never";
}

ordered_json document_of(const ChronyClient& client, const std::string& name) {
  ordered_json document;
  document["address"] = client.address;
  document["name"] = name;
  document["requests"] = client.requests;
  document["dropped"] = client.dropped;
  document["since_last_s"] = nullptr;
  document["interval_s"] = nullptr;
  if (client.since_last) document["since_last_s"] = client.since_last->count();
  if (client.interval) document["interval_s"] = client.interval->count();
  return document;
}

void show(const std::vector<ChronyClient>& clients, const profile::Profile& profile,
          Report& report) {
  if (clients.empty())
    return report.line("no client has asked chronyd for the time since it started");
  // Who comes last: an IPv6 address with a name may need a second line.
  const auto row = [&](const auto& requests, const auto& dropped, const std::string& each,
                       const std::string& last, const std::string& who) {
    const auto label = fmt::format("{:>8}  {:>7}  {:>8}  {:>10}", requests, dropped, each, last);
    report.row(label, width_of(label), who);
  };
  row("requests", "dropped", "each", "last (ago)", "address, host");
  for (const auto& client : clients) {
    const auto each = client.interval ? format_span(*client.interval) : "-";
    row(client.requests, client.dropped, each, age_of(client),
        client.address + " " + name_of(profile, client.address));
  }
}

class ClientsCommand : public Command {
 public:
  std::string name() const override { return "clients"; }
  std::string summary() const override { return "List the clients of this time server"; }
  void add_options(CLI::App& app) override { add_site_options(app, site_); }

  ExitStatus run(Context& context) override {
    const auto site = find_own_site(context, site_);
    auto clients = served_clients(context.processes());
    const auto newest_first = [](const ChronyClient& a, const ChronyClient& b) {
      return a.since_last.value_or(Seconds::max()) < b.since_last.value_or(Seconds::max());
    };
    std::stable_sort(clients.begin(), clients.end(), newest_first);
    if (!context.options().json) {
      show(clients, site.profile, context.report());
      return ExitStatus::done;
    }
    ordered_json document;
    document["schema"] = 1;
    document["clients"] = ordered_json::array();
    for (const auto& client : clients) {
      document["clients"].push_back(document_of(client, name_of(site.profile, client.address)));
    }
    context.report().json(document);
    return ExitStatus::done;
  }

 private:
  SiteOptions site_;
};

}  // namespace

std::unique_ptr<Command> make_clients_command() { return std::make_unique<ClientsCommand>(); }

}  // namespace timectl::cli

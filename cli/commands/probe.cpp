// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "base/visible.hpp"
#include "command.hpp"
#include "commands.hpp"
#include "observe/ntp.hpp"
#include "page.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>

#include <netdb.h>
#include <sys/socket.h>

namespace timectl::cli {

namespace {

using observe::NtpMeasurement;
using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds deadline{1000};
/// An IPv4 address stands beside what is said of it; what is longer, on a line of its own above.
constexpr std::size_t widest_host = 15;

/// What stands on the command line: a name or an address, and a port.
struct Asked {
  std::string host;
  std::uint16_t port = 123;
};

/// A host that was asked about, and what came of it.
struct Row {
  Asked asked;
  NtpMeasurement measured;
};

std::uint16_t to_port(const std::string& text, const std::string& word) {
  const auto port = to_integer(text);
  if (!port || *port < 1 || *port > 65535) {
    throw Error{ErrorKind::usage,
                fmt::format("cannot ask '{}': a port is a number from 1 to 65535", word)};
  }
  return static_cast<std::uint16_t>(*port);
}

/// HOST, HOST:PORT, an IPv6 address, or one in brackets with a port.
Asked parse_asked(const std::string& word) {
  if (word.starts_with('[')) {
    const auto end = word.find(']');
    const auto rest = end == std::string::npos ? std::string{"?"} : word.substr(end + 1);
    if (rest.empty()) return {word.substr(1, end - 1)};
    if (!rest.starts_with(':')) {
      throw Error{ErrorKind::usage, fmt::format("cannot ask '{}': a bracket is not closed", word)};
    }
    return {word.substr(1, end - 1), to_port(rest.substr(1), word)};
  }
  const auto colon = word.find(':');
  if (colon == std::string::npos || word.find(':', colon + 1) != std::string::npos) return {word};
  return {word.substr(0, colon), to_port(word.substr(colon + 1), word)};
}

IpAddress resolve(const std::string& host) {
  if (const auto address = IpAddress::parse(host)) return *address;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{found, freeaddrinfo};
  if (status != 0) {
    throw Error{ErrorKind::missing,
                fmt::format("cannot resolve '{}': {}", host, gai_strerror(status))};
  }
  std::array<char, NI_MAXHOST> text{};
  getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0,
              NI_NUMERICHOST);
  // A link-local address carries its zone behind '%'.
  const auto plain = split(text.data(), '%').front();
  if (const auto address = IpAddress::parse(plain)) return *address;
  throw Error{ErrorKind::missing, fmt::format("cannot resolve '{}': no address", host)};
}

std::string to_string(system::ExchangeStatus status) {
  switch (status) {
    case system::ExchangeStatus::answered:
      return "answered";
    case system::ExchangeStatus::timed_out:
      return "timed_out";
    case system::ExchangeStatus::refused:
      return "refused";
    case system::ExchangeStatus::unreachable:
      return "unreachable";
    case system::ExchangeStatus::failed:
      break;
  }
  return "failed";
}

Json document_of(const Row& row) {
  const auto& measured = row.measured;
  Json document;
  document["host"] = row.asked.host;
  document["port"] = row.asked.port;
  document["status"] = to_string(measured.status);
  document["asked"] = measured.asked;
  document["answered"] = measured.answered;
  document["rejected"] = measured.rejected;
  document["usable"] = measured.is_usable();
  document["problem"] = measured.problem;
  if (measured.server.port != 0) document["address"] = measured.server.address.text();
  if (!measured.best) return document;
  const auto& reply = measured.best->reply;
  document["leap"] = reply.leap;
  document["version"] = reply.version;
  document["stratum"] = reply.stratum;
  document["reference_id"] = reply.reference_id;
  document["precision_s"] = reply.precision().count();
  document["root_delay_s"] = reply.root_delay.count();
  document["root_dispersion_s"] = reply.root_dispersion.count();
  document["offset_s"] = measured.best->offset.count();
  document["delay_s"] = measured.best->round_trip.count();
  document["dispersion_s"] = measured.best->dispersion.count();
  document["jitter_s"] = measured.jitter.count();
  document["bound_s"] = measured.bound().count();
  if (const auto delay = measured.best->kernel_transmit_delay) {
    document["kernel_transmit_delay_s"] = delay->count();
  }
  if (reply.reference != 0) document["reference_age_s"] = reply.reference_age().count();
  return document;
}

std::vector<std::string> phrases_of(const observe::NtpSample& best,
                                    const NtpMeasurement& measured) {
  std::vector<std::string> phrases{
      fmt::format("offset {}", format_span(best.offset)),
      fmt::format("bound {}", format_span(measured.bound())),
      fmt::format("delay {}", format_span(best.round_trip)),
      fmt::format("jitter {}", format_span(measured.jitter)),
      fmt::format("stratum {}", best.reply.stratum),
      fmt::format("reference {}", best.reply.reference_id),
  };
  if (const auto delay = best.kernel_transmit_delay) {
    phrases.push_back(fmt::format("kernel sent after {}", format_span(*delay)));
  }
  return phrases;
}

/// Puts whole phrases into lines of at most `room` bytes ("µ" is two, so a line may end early).
std::vector<std::string> lines_of_phrases(const std::vector<std::string>& phrases,
                                          std::size_t room) {
  std::vector<std::string> lines;
  for (const auto& phrase : phrases) {
    if (!lines.empty() && lines.back().size() + 2 + phrase.size() <= room) {
      lines.back() += "  " + phrase;
    } else {
      lines.push_back(phrase);
    }
  }
  return lines;
}

/// Names that cannot be resolved keep their row; everybody else is asked.
std::vector<Row> ask(const std::vector<std::string>& words, int samples,
                     const system::DatagramClient& datagrams) {
  std::vector<Row> rows;
  std::vector<system::Endpoint> servers;
  std::vector<std::size_t> asked;
  for (const auto& word : words) rows.push_back({parse_asked(word), {}});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    try {
      servers.push_back({resolve(rows[i].asked.host), rows[i].asked.port});
      asked.push_back(i);
    } catch (const Error& error) {
      rows[i].measured.problem = error.what();
    }
  }
  const auto measured = observe::measure_ntp(servers, {samples}, deadline, datagrams);
  for (std::size_t i = 0; i < asked.size(); ++i) rows[asked[i]].measured = measured[i];
  return rows;
}

void show_usable(std::string label, std::size_t width, const NtpMeasurement& measured,
                 Report& report) {
  for (const auto& line :
       lines_of_phrases(phrases_of(*measured.best, measured), page_width() - width - 2)) {
    report.line(fmt::format("{:<{}}  {}", label, width, line));
    label.clear();
  }
}

void show(const std::vector<Row>& rows, Report& report) {
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, width_of(visible(row.asked.host)));
  width = std::min(width, widest_host);
  for (const auto& [asked, measured] : rows) {
    const auto host = visible(asked.host);
    const bool is_beside = width_of(host) <= width;
    if (!is_beside) report.line(host);
    const auto label = is_beside ? host : std::string{};
    if (measured.is_usable()) {
      show_usable(label, width, measured, report);
      continue;
    }
    const auto claims =
        measured.best ? fmt::format("stratum {}, reference {}: ", measured.best->reply.stratum,
                                    measured.best->reply.reference_id)
                      : std::string{};
    report.row(label, width, claims + measured.problem);
  }
}

class ProbeCommand : public Command {
 public:
  std::string name() const override { return "probe"; }
  std::string summary() const override { return "Ask any host for its time, as a client would"; }

  void add_options(CLI::App& app) override {
    app.require_subcommand(1);
    auto* ntp = app.add_subcommand("ntp", "Ask NTP servers, all at the same time");
    ntp->fallthrough();
    ntp->add_option("HOST", hosts_, "An address or a name, with :PORT if it is not 123")
        ->required();
    ntp->add_option("--samples", samples_, "Requests to each server; the best answer counts")
        ->check(CLI::Range(1, 16))
        ->capture_default_str();
  }

  ExitStatus run(Context& context) override {
    const auto rows = ask(hosts_, samples_, context.datagrams());
    if (context.options().json) {
      Json document;
      document["schema"] = 1;
      document["servers"] = Json::array();
      for (const auto& row : rows) document["servers"].push_back(document_of(row));
      context.report().json(document);
    } else {
      show(rows, context.report());
    }
    const auto is_usable = [](const Row& row) { return row.measured.is_usable(); };
    return std::all_of(rows.begin(), rows.end(), is_usable) ? ExitStatus::done
                                                            : ExitStatus::answer_is_no;
  }

 private:
  std::vector<std::string> hosts_;
  int samples_ = 4;
};

}  // namespace

std::unique_ptr<Command> make_probe_command() { return std::make_unique<ProbeCommand>(); }

}  // namespace timectl::cli

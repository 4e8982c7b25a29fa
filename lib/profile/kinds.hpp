// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile and to tables of keys: the kinds of values that a profile has. A kind reads a
// value (it returns what the value means, or says at the spot what was expected and returns
// nullopt), writes it so that reading gives the same again, and has its rule: the members of a JSON
// Schema that takes the same values, as far as one can say that.
#pragma once

#include "base/address.hpp"
#include "profile/profile.hpp"
#include "profile/spot.hpp"
#include "profile/written.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace timectl::profile::kind {

/// One line of text: every other text of a profile goes through here first.
struct Text {
  static std::optional<std::string> read(const Spot& spot);
  static Value write(const std::string& text) { return text_value(text); }
  static Value rule();
};

struct Truth {
  static std::optional<bool> read(const Spot& spot);
  static Value write(bool truth) { return truth_value(truth); }
  static Value rule();
};

std::optional<long long> read_integer(const Spot& spot, long long least, long long most);
Value integer_rule(long long least, long long most);

template <int least, int most>
struct Number {
  static std::optional<int> read(const Spot& spot) {
    const auto number = read_integer(spot, least, most);
    return number ? std::optional{static_cast<int>(*number)} : std::nullopt;
  }
  static Value write(int number) { return number_value(number); }
  static Value rule() { return integer_rule(least, most); }
};

template <int least, int most>
struct Seconds {
  static std::optional<std::chrono::seconds> read(const Spot& spot) {
    const auto number = read_integer(spot, least, most);
    return number ? std::optional{std::chrono::seconds{*number}} : std::nullopt;
  }
  static Value write(std::chrono::seconds seconds) { return number_value(seconds.count()); }
  static Value rule() { return integer_rule(least, most); }
};

template <int least, int most>
struct Milliseconds {
  static std::optional<std::chrono::milliseconds> read(const Spot& spot) {
    const auto number = read_integer(spot, least, most);
    return number ? std::optional{std::chrono::milliseconds{*number}} : std::nullopt;
  }
  static Value write(std::chrono::milliseconds span) { return number_value(span.count()); }
  static Value rule() { return integer_rule(least, most); }
};

/// 8 to 15. A chronyd that follows a pool is at stratum 3 to 5, and what is at the local stratum or
/// beyond it counts as an island.
struct LocalStratum : Number<8, 15> {
  static std::optional<int> read(const Spot& spot);
};

template <typename Meant>
struct Word {
  std::string_view word;
  Meant meant;
};

/// Says which words were expected, and which of them was probably meant.
void reject_word(const Spot& spot, const std::vector<std::string>& known);
Value word_rule(const std::vector<std::string>& known);

/// One of a few words: the table has each of them and what it means.
template <const auto& words>
struct WordOf {
  using Meant = decltype(words.front().meant);

  static std::vector<std::string> known() {
    std::vector<std::string> known;
    for (const auto& each : words) known.emplace_back(each.word);
    return known;
  }

  static std::optional<Meant> read(const Spot& spot) {
    const auto text = Text::read(spot);
    if (!text) return std::nullopt;
    for (const auto& each : words) {
      if (*text == each.word) return each.meant;
    }
    reject_word(spot, known());
    return std::nullopt;
  }

  static Value write(Meant meant) {
    const auto found = std::find_if(words.begin(), words.end(),
                                    [&](const auto& each) { return each.meant == meant; });
    return text_value(std::string{found == words.end() ? words.front().word : found->word});
  }

  static Value rule() { return word_rule(known()); }
};

inline constexpr std::array role_words{Word<std::string_view>{"server", "server"},
                                       Word<std::string_view>{"client", "client"},
                                       Word<std::string_view>{"stratum1", "stratum1"}};
inline constexpr std::array radio_words{Word<profile::Radio>{"keep", profile::Radio::keep},
                                        Word<profile::Radio>{"off", profile::Radio::off}};
inline constexpr std::array addressing_words{
    Word<profile::Addressing>{"none", profile::Addressing::none},
    Word<profile::Addressing>{"static", profile::Addressing::static_address},
    Word<profile::Addressing>{"reservation", profile::Addressing::reservation}};
inline constexpr std::array daemon_words{
    Word<profile::ClientDaemon>{"timesyncd", profile::ClientDaemon::timesyncd},
    Word<profile::ClientDaemon>{"chrony", profile::ClientDaemon::chrony}};

struct ProfileName : Text {
  static std::optional<std::string> read(const Spot& spot);
  static Value rule();
};
struct Description : Text {
  static std::optional<std::string> read(const Spot& spot);
  static Value rule();
};
struct Role : Text {
  static std::optional<std::string> read(const Spot& spot);
  static Value rule() { return WordOf<role_words>::rule(); }
};
using Addressing = WordOf<addressing_words>;
using ClientDaemon = WordOf<daemon_words>;
using Radio = WordOf<radio_words>;
/// "auto", which is "", or a serial device directly below /dev.
struct SerialDevice : Text {
  static std::optional<std::string> read(const Spot& spot);
  static Value write(const std::string& device) {
    return text_value(device.empty() ? "auto" : device);
  }
  static Value rule();
};
/// A rate that serial ports and gpsd(8) know.
struct Baud {
  static std::optional<int> read(const Spot& spot);
  static Value write(int baud) { return number_value(baud); }
  static Value rule();
};
/// How late a receiver's sentences are, in seconds. chronyd pairs a pulse with a sentence that is
/// less than half a second off, so that more than 0.45 s names the wrong second.
struct NmeaOffset {
  static std::optional<timectl::Seconds> read(const Spot& spot);
  static Value write(timectl::Seconds offset) { return real_value(offset.count()); }
  static Value rule();
};
struct Interface : Text {
  static std::optional<std::string> read(const Spot& spot);
  static Value rule();
};
struct Mac : Text {
  static std::optional<std::string> read(const Spot& spot);
  static Value rule();
};
/// A row of rtc/chips.hpp.
struct Chip : Text {
  static std::optional<std::string> read(const Spot& spot);
  static Value rule();
};
/// 0x03 to 0x77, as a number or as hexadecimal text.
struct I2cAddress {
  static std::optional<int> read(const Spot& spot);
  static Value write(int address);
  static Value rule();
};
/// A host name or an address of another machine, as a time daemon's configuration takes it.
struct TimeSource : Text {
  static constexpr std::string_view meaning = "The name or the address of another machine";
  static std::optional<std::string> read(const Spot& spot);
  static Value rule();
};
/// A host name; a pool has many addresses and so is none.
struct Pool : Text {
  static constexpr std::string_view meaning = "The host name of a pool";
  static std::optional<std::string> read(const Spot& spot);
  static Value rule();
};
/// The name of a service that the system does not need.
struct ServiceUnit : Text {
  static std::optional<std::string> read(const Spot& spot);
  static Value rule();
};
/// "NAME=value", as a unit's Environment= takes it. NTP_SERVER is timectl's own.
struct Variable : Text {
  static std::optional<std::string> read(const Spot& spot);
  static Value rule();
};
/// A list of variables, each name once; an empty one is fine.
struct Environment {
  static std::optional<profile::Environment> read(const Spot& spot);
  static Value write(const profile::Environment& variables) { return list_of_texts(variables); }
  static Value rule();
};
/// An error bound in seconds that a step of power saving is held to.
struct StepBound {
  static std::optional<timectl::Seconds> read(const Spot& spot);
  static Value write(timectl::Seconds bound) { return real_value(bound.count()); }
  static Value rule();
};
/// The same list, of a step: POWER_LEVEL is timectl's own too.
struct StepEnvironment : Environment {
  static std::optional<profile::Environment> read(const Spot& spot);
  static Value rule();
};
/// The power level of a state of the time: a list of variables, or one of steps.
struct PowerLevel {
  static std::optional<profile::PowerLevel> read(const Spot& spot);
  static Value write(const profile::PowerLevel& level);
  static Value rule();
};
/// A normalized path of plain characters, of no directory of the system's.
struct MetricsDirectory : Text {
  static std::optional<std::string> read(const Spot& spot);
  static Value rule();
};

/// The name of a network of the site.
bool is_network_name(std::string_view text);
constexpr std::string_view network_name_expected =
    "a name of at most 32 lower-case letters, digits, '_' and '-' that begins with a letter";
std::string network_name_pattern();
struct NetworkName : Text {
  static constexpr std::string_view meaning = "The name of a network";
  static std::optional<std::string> read(const Spot& spot);
  static Value rule();
};

/// IPv4 that one host can have.
struct HostAddress {
  static std::optional<IpAddress> read(const Spot& spot);
  static Value write(const IpAddress& address) { return text_value(address.text()); }
  static Value rule();
};
/// The same, or the host's own resolver at a loopback address.
struct NameServer : HostAddress {
  static constexpr std::string_view meaning = "The IPv4 address of a name server";
  static std::optional<IpAddress> read(const Spot& spot);
  static Value rule();
};
/// One that requests can come from; "0.0.0.0/0" and "::/0" are every one.
struct ClientSubnet {
  static constexpr std::string_view meaning =
      "A subnet without host bits that requests come from; 0.0.0.0/0 and ::/0 are all";
  static std::optional<Subnet> read(const Spot& spot);
  static Value write(const Subnet& subnet) { return text_value(subnet.text()); }
  static Value rule();
};
/// One that a site can live in: IPv4, /8 to /30.
struct SiteSubnet : ClientSubnet {
  static std::optional<Subnet> read(const Spot& spot);
  static Value rule();
};

/// What a kind's values mean.
template <typename Kind>
using Meaning = typename decltype(Kind::read(std::declval<const Spot&>()))::value_type;

/// `item` with its meaning; a list that is to have an item is checked by check_hosts.
Value list_rule(std::string_view meaning, const Value& item, int least);

/// A list of different items; the good ones are returned even when others are not.
template <typename Item, int least = 0>
struct ListOf {
  static std::optional<std::vector<Meaning<Item>>> read(const Spot& spot) {
    if (spot.value.kind != Value::Kind::array) {
      spot.reject("a list");
      return std::nullopt;
    }
    std::vector<Meaning<Item>> items;
    for (std::size_t i = 0; i < spot.value.items.size(); ++i) {
      const Spot at = spot.item(i);
      const auto item = Item::read(at);
      if (!item) continue;
      if (std::find(items.begin(), items.end(), *item) != items.end()) {
        at.reject(describe(at.value) + " a second time", "it once");
      }
      items.push_back(*item);
    }
    return items;
  }

  static Value write(const std::vector<Meaning<Item>>& items) {
    std::vector<Value> written;
    for (const auto& item : items) written.push_back(Item::write(item));
    return list_value(std::move(written));
  }

  static Value rule() { return list_rule(Item::meaning, Item::rule(), least); }
};

}  // namespace timectl::profile::kind

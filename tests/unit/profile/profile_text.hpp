// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Profiles as texts, and what is said about them.
#pragma once

#include "base/error.hpp"
#include "profile/parse.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace timectl::test {

/// A profile of 192.168.4.0/24 whose hosts start on line 2.
inline std::string site(std::string_view hosts) {
  return "{\"network\": {\"subnet\": \"192.168.4.0/24\"}, \"hosts\": {\n" + std::string{hosts} +
         "\n}}";
}

inline std::string no_profiles(const std::string& name) {
  throw Error{ErrorKind::profile, "cannot find profile '" + name + "'"};
}

inline profile::Profile parsed(const std::string& text,
                               const profile::ExtendsLookup& extends = no_profiles) {
  return profile::parse_profile(text, "site.json", extends);
}

/// What parse_profile says is wrong; empty when nothing is.
inline std::string mistakes_in(const std::string& text,
                               const profile::ExtendsLookup& extends = no_profiles) {
  try {
    parsed(text, extends);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::profile) throw;
    return error.what();
  }
  return {};
}

/// Profiles with one value that is checked; without it they are right.
inline std::string with_network(std::string_view members) {
  return "{\"network\": {" + std::string{members} +
         R"(}, "hosts": {"a": {"role": "server", "address": "192.168.4.2"}}})";
}

inline std::string with_address(const std::string& address) {
  return site(R"("a": {"role": "server", "address": ")" + address + R"("})");
}

inline std::string with_gateway(const std::string& address) {
  return with_network(R"("subnet": "192.168.4.0/24", "gateway": ")" + address + '"');
}

inline std::string with_name_server(const std::string& address) {
  return with_network(R"("subnet": "192.168.4.0/24", "dns": [")" + address + "\"]");
}

inline std::string with_subnet(const std::string& subnet) {
  return with_network(R"("subnet": ")" + subnet + '"');
}

inline std::string with_name(const std::string& name) {
  return site("\"" + name + R"(": {"role": "server", "address": "192.168.4.2"})");
}

/// Of the server a, or of the client b beside it.
inline std::string with_feature_of_a(const std::string& feature) {
  return site(R"("a": {"role": "server", "address": "192.168.4.2", )" + feature + "}");
}
inline std::string with_feature_of_b(const std::string& feature) {
  return site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", )" +
              feature + "}");
}

inline std::string with_source(const std::string& source) {
  return with_feature_of_a(R"("sources": {"servers": [")" + source + R"("]})");
}

inline std::string with_pool(const std::string& pool) {
  return with_feature_of_a(R"("sources": {"pools": [")" + pool + R"("]})");
}

inline std::string with_fallback(const std::string& source) {
  return with_feature_of_b(R"("client": {"fallback": [")" + source + R"("]})");
}

inline std::string with_allowed(const std::string& subnet) {
  return with_feature_of_a(R"("serve": {"allow": [")" + subnet + R"("]})");
}

inline std::string with_unit(const std::string& unit) {
  return with_feature_of_b(R"("controller": {"unit": ")" + unit + R"("})");
}

inline std::string with_directory(const std::string& directory) {
  return with_feature_of_a(R"("monitor": {"textfile_directory": ")" + directory + R"("})");
}

}  // namespace timectl::test

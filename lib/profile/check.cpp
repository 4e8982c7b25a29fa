// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/check.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace timectl::profile {

namespace {

/// The path of a host in the form that `split` takes apart again: a wrong name may have a slash.
std::string path_of(const Host& host, std::string_view path) {
  return fmt::format("hosts/{}/{}", host.name, path);
}

struct Place {
  const Value* value;
  bool complete;  ///< false when only a part of the path exists
};

Place find_place(const Value& document, std::string_view path) {
  const Value* value = &document;
  for (const auto& step : split(path, '/')) {
    const Value* next = value->find(step);
    const bool is_index = value->kind == Value::Kind::array;
    if (const auto index = to_integer(step);
        is_index && index && *index >= 0 && *index < static_cast<long long>(value->items.size())) {
      next = &value->items[static_cast<std::size_t>(*index)];
    }
    if (next == nullptr) return {value, false};
    value = next;
  }
  return {value, true};
}

}  // namespace

Site::Site(const Profile& profile, const Value& document, Mistakes& mistakes)
    : profile_(profile), document_(document), mistakes_(mistakes), earlier_(mistakes) {}

bool Site::knows(std::string_view path) const {
  const auto place = find_place(document_, path);
  return place.complete && place.value->kind != Value::Kind::null &&
         !earlier_.concern(fmt::format("/{}", path));
}

bool Site::knows(const Host& host, std::string_view key) const { return knows(path_of(host, key)); }

bool Site::has_empty_list(const Host& host, std::string_view path) const {
  const auto place = find_place(document_, path_of(host, path));
  return place.complete && place.value->kind == Value::Kind::array && place.value->items.empty();
}

void Site::reject(std::string_view path, std::string_view what) const {
  mistakes_.add(find_place(document_, path).value->at, fmt::format("/{}", path), std::string{what});
}

void Site::reject(const Host& host, std::string_view path, std::string_view what) const {
  reject(path_of(host, path), what);
}

std::string Site::place_of(const Host& host, const SiteAddress& address,
                           std::string_view key) const {
  if (address.network.empty()) return std::string{key};
  const auto whole = fmt::format("addresses/{}", address.network);
  const auto place = find_place(document_, path_of(host, whole));
  const bool is_text = place.complete && place.value->kind == Value::Kind::string;
  return is_text ? whole : fmt::format("{}/{}", whole, key);
}

std::string Site::place_of(const SiteNetwork& network, std::string_view key) {
  return network.name.empty() ? fmt::format("network/{}", key)
                              : fmt::format("networks/{}/{}", network.name, key);
}

}  // namespace timectl::profile

// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Any bytes are either a profile or an Error{profile} that says where it is wrong, and a profile
// means the same after it was written out.

#include "base/error.hpp"
#include "base/text.hpp"
#include "profile/effective.hpp"
#include "profile/library.hpp"
#include "profile/parse.hpp"
#include "system/files.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace timectl;

/// A machine without files: profiles can extend the built-in ones only.
class NoFiles : public system::FileReader {
 public:
  std::optional<system::FileStatus> status(const system::RootedPath&) const override { return {}; }
  std::optional<std::string> read_link(const system::RootedPath&) const override { return {}; }
  std::vector<std::string> list(const system::RootedPath&) const override { return {}; }
  std::uint32_t user() const override { return 0; }
  std::string host_path(const system::RootedPath& path) const override { return path.text(); }

 private:
  std::optional<system::File> read_within(const system::RootedPath&,
                                          const system::ReadLimit&) const override {
    return {};
  }
};

void require(bool holds) {
  if (!holds) std::abort();
}

std::string effective(std::string_view text) {
  const NoFiles files;
  return effective_text(profile::load_profile({"fuzz", "fuzz", std::string{text}}, files));
}

/// Every line of the message has a place, and none can steer a terminal.
void check_message(const Error& error) {
  require(error.kind() == ErrorKind::profile);
  for (const auto& line : lines_of(error.what())) {
    require(!has_control_characters(line));
    require(line.find(':') != std::string::npos || line.starts_with("and "));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string once;
  try {
    once = effective({reinterpret_cast<const char*>(bytes), size});
  } catch (const Error& error) {
    check_message(error);
    return 0;
  }
  require(effective(once) == once);
  return 0;
}

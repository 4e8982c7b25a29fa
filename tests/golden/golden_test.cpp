// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// golden_test GOLDEN ACTUAL FIXTURE: renders every host of every shipped profile for one fixture
// and compares with GOLDEN/trees. TIMECTL_ACCEPT=1 takes what is rendered now as right, and
// exits with 77: accepting proves nothing.

#include "base/error.hpp"
#include "features/feature.hpp"
#include "golden_tree.hpp"
#include "profile/library.hpp"
#include "support/fixture_root.hpp"
#include "target/render.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

using namespace timectl;
namespace fs = std::filesystem;

namespace {

constexpr int skipped = 77;

/// A fixture with network interfaces is a running host, one without is an unpacked image.
std::optional<test::FixedNetwork> network_of(const fs::path& fixture) {
  const auto interfaces = fixture / "sys/class/net";
  if (!fs::exists(interfaces)) return std::nullopt;
  test::FixedNetwork network;
  for (const auto& entry : fs::directory_iterator{interfaces}) {
    system::Interface interface;
    interface.name = entry.path().filename().string();
    interface.is_up = true;
    interface.is_wireless = fs::exists(entry.path() / "wireless");
    network.found.push_back(interface);
    network.default_route = interface.name;
  }
  return network;
}

facts::Facts detect_on(const fs::path& fixture) {
  const auto files = test::load_tree(fixture);
  const test::LinkedServices services{files};
  const test::StatusPackages packages{files};
  const auto network = network_of(fixture);
  return facts::detect({files, services, packages, network ? &*network : nullptr},
                       features::detectors());
}

test::Tree render_tree(const profile::Profile& site, const profile::Host& host,
                       const facts::Facts& facts) {
  try {
    return test::to_tree(target::render(site, host, facts, features::contributions(),
                                        [](const system::RootedPath& target) {
                                          return target::built_in_template(target).value();
                                        }));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::refused) throw;
    return test::refusal(error.what(), error.hint());
  }
}

struct Directories {
  fs::path golden;
  fs::path actual;
  std::string fixture;
};

/// True when the tree is as it was. The new one is left for `diff -r`, and accepted when asked.
bool compare(const Directories& directories, const fs::path& name, const test::Tree& actual,
             bool accept) {
  const auto golden = directories.golden / "trees" / name;
  const auto found = test::differences(test::read_tree(golden), actual);
  for (const auto& difference : found) fmt::print("{}: {}\n", name.string(), difference);
  if (found.empty()) return true;
  test::write_tree(accept ? golden : directories.actual / name, actual);
  return false;
}

int run(const Directories& directories, bool accept) {
  const auto facts = detect_on(directories.golden / "fixtures" / directories.fixture);
  const test::FakeFiles no_files;
  bool is_same = true;
  int hosts = 0;
  for (const auto& source : profile::list_profiles(no_files)) {
    const auto site = profile::load_profile(source, no_files);
    for (const auto& host : site.hosts) {
      const auto name = fs::path{site.name} / directories.fixture / host.name;
      is_same = compare(directories, name, render_tree(site, host, facts), accept) && is_same;
      ++hosts;
    }
  }
  fmt::print("{} hosts rendered on {}\n", hosts, directories.fixture);
  if (accept) return skipped;
  if (!is_same) {
    fmt::print("diff -r {} {}\n", (directories.golden / "trees").string(),
               directories.actual.string());
  }
  return is_same && hosts > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return EXIT_FAILURE;
  const auto* accept = std::getenv("TIMECTL_ACCEPT");
  try {
    return run({argv[1], argv[2], argv[3]}, accept != nullptr && std::string_view{accept} == "1");
  } catch (const std::exception& error) {
    fmt::print("{}\n", error.what());
    return EXIT_FAILURE;
  }
}

// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "other_host.hpp"

#include "base/error.hpp"
#include "facts_document.hpp"
#include "plan_view.hpp"
#include "system/limits.hpp"
#include "system/unit_name.hpp"
#include "temporary_directory.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace timectl::cli {

namespace {

namespace fs = std::filesystem;

/// A root as far as a plan asks it: dpkg's status, and the units of the time daemons. The facts are
/// a user's file: their names become no other paths.
class StandInRoot {
 public:
  explicit StandInRoot(const facts::Facts& facts) {
    std::string status;
    for (const auto& [name, version] : facts.packages) {
      status += fmt::format(
          "Package: {}\nStatus: install ok installed\nArchitecture: all\nVersion: {}\n\n", name,
          version.text);
    }
    write("var/lib/dpkg", "status", status);
    for (const auto& daemon : facts.time_daemons) {
      if (system::is_unit_name(daemon.unit)) add(daemon);
    }
  }

  const std::string& path() const { return directory_.path(); }

 private:
  void write(const std::string& directory, const std::string& name, const std::string& text) {
    const auto place = fs::path{path()} / directory;
    fs::create_directories(place);
    std::ofstream{place / name} << text;
  }

  void add(const facts::TimeDaemon& daemon) {
    write("usr/lib/systemd/system", daemon.unit,
          "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n");
    if (!daemon.enabled) return;
    const auto wants = fs::path{path()} / "etc/systemd/system/multi-user.target.wants";
    fs::create_directories(wants);
    fs::create_symlink("/usr/lib/systemd/system/" + daemon.unit, wants / daemon.unit);
  }

  TemporaryDirectory directory_{"what stands in for the host"};
};

}  // namespace

void add_facts_option(CLI::App& app, SiteOptions& options) {
  app.add_option("--facts", options.facts,
                 "For another host: its facts, as 'timectl facts --json' printed them there "
                 "('-': from standard input)")
      ->type_name("FILE");
}

facts::Facts read_given_facts(Context& context, const std::string& file) {
  if (file == "-") return parse_facts(context.standard_input("--facts"), "-");
  const auto path = fs::absolute(file).lexically_normal().string();
  const auto read =
      context.host_files().read(system::RootedPath{path}, system::limits::configuration);
  if (!read) {
    throw Error{ErrorKind::usage, fmt::format("cannot read the facts of '{}': no such file", file),
                "on the host: timectl facts --json > facts.json"};
  }
  return parse_facts(read->content, file);
}

plan::Plan compare_other_host(Context& context, const Site& site) {
  if (context.is_offline()) return compare_site(context, site);
  const StandInRoot root{site.facts};
  auto options = context.options();
  options.root = root.path();
  Context there{options, context.report(), context.caller()};
  const apply::LastWritten nothing{there.files()};
  auto plan = plan::make_plan(context.render(site),
                              {there.files(), there.services(), there.packages()}, nothing);
  plan.notes.emplace_back(
      "made from facts alone, as if the host had no file of timectl's yet: 'timectl plan' there "
      "compares with its files, and so does --root with a copy of them");
  return plan;
}

}  // namespace timectl::cli

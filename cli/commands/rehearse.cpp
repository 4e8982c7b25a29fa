// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/rehearse.hpp"

#include "command.hpp"
#include "commands/commands.hpp"
#include "features/feature.hpp"
#include "finding_formats.hpp"
#include "platform/platform.hpp"
#include "probe/rows.hpp"
#include "profile/networks.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace timectl::cli {

namespace {

using probe::Verdict;

class RehearseCommand : public Command {
 public:
  std::string name() const override { return "rehearse"; }
  std::string summary() const override {
    return "Try the configuration with the real daemons in a sandbox";
  }
  void add_options(CLI::App& app) override { add_site_options(app, site_); }

  ExitStatus run(Context& context) override {
    auto site = context.load_site(site_);
    // The units call timectl; where it is not installed yet, this binary stands in for it.
    if (!site.facts.timectl_path) site.facts.timectl_path = own_path();
    std::vector<probe::Finding> findings;
    std::optional<Error> refusal;
    // A rehearsal runs on any machine: the address is put on the sandbox's own interface.
    const auto target = context.render_what_can_be(site, refusal);
    if (refusal) {
      findings.push_back({probe::row::network_address,
                          Verdict::skipped,
                          "the file for the static address is not part of this rehearsal",
                          {},
                          refusal->what(),
                          refusal->hint()});
    }
    context.report().note("rehearsing " + site.host->name + " in a sandbox");
    const auto found = context.is_offline() ? rehearse_offline(context, site, target)
                                            : rehearse_here(context, site, target);
    findings.insert(findings.begin(), found.begin(), found.end());
    show(context, *site.host, findings);
    return status_of(findings);
  }

 private:
  static std::string own_path() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

  static std::vector<probe::Finding> rehearse_here(Context& context, const Site& site,
                                                   const target::Target& target) {
    const auto ports = context.probe_ports();
    return rehearse::rehearse(target, site.profile, *site.host, features::rehearsals(),
                              {context.sandbox(), ports});
  }

  /// Only the daemons are asked: systemd-analyze would look for this machine's programs.
  static std::vector<probe::Finding> rehearse_offline(Context& context, const Site& site,
                                                      const target::Target& target) {
    using system::GuestPrograms;
    auto rehearsals = features::rehearsals();
    std::erase_if(rehearsals, [](const auto& each) { return each.daemon == nullptr; });
    const auto& tools = context.options().tools;
    const bool is_own =
        tools.empty() && rehearse::has_program(context.files(), platform::chronyd.program);
    const auto processes = system::os::make_processes(tools, system::os::ToolsPlace::first);
    const auto ports = context.probe_ports().with(context.host_files(), *processes);
    const rehearse::Guest guest{
        context.files(),
        {context.options().root, is_own ? GuestPrograms::own : GuestPrograms::this_machines,
         tools}};
    return rehearse::rehearse(target, site.profile, *site.host, rehearsals,
                              {context.sandbox(), ports, &guest});
  }

  static void show(Context& context, const profile::Host& host,
                   const std::vector<probe::Finding>& findings) {
    auto& report = context.report();
    if (context.options().json) {
      report.json(findings_document(host.name, host.role, findings));
    } else {
      report.findings(findings);
      report.line(count_of(findings));
    }
  }

  SiteOptions site_;
};

}  // namespace

std::unique_ptr<Command> make_rehearse_command() { return std::make_unique<RehearseCommand>(); }

}  // namespace timectl::cli

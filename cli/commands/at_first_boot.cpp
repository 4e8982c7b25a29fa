// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/at_first_boot.hpp"

#include "apply/generations.hpp"
#include "base/text.hpp"
#include "commands/consent.hpp"
#include "commands/transaction.hpp"
#include "first_boot.hpp"
#include "package_files.hpp"
#include "plan_view.hpp"
#include "state_lock.hpp"
#include "target/first_boot.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::cli {

namespace {

using plan::Plan;
using system::RootedPath;

constexpr auto installed_path = "/usr/bin/timectl";

bool has_package(const std::vector<PackageFile>& packages, std::string_view name) {
  return std::any_of(packages.begin(), packages.end(),
                     [&](const PackageFile& each) { return each.name == name; });
}

class FirstBootRun {
 public:
  FirstBootRun(Context& context, const SiteOptions& site_options, const FirstBootOptions& options,
               ProvisionDocument& document)
      : context_(context),
        options_(options),
        document_(document),
        site_(load(context, site_options)) {
    packages_ = read_package_files(context, options.packages, site_.facts.architecture);
    require_possible();
    order_.brings_timectl = has_package(packages_, "timectl");
    const bool is_elsewhere = site_.facts.timectl_path && !order_.brings_timectl;
    order_.timectl = is_elsewhere ? *site_.facts.timectl_path : installed_path;
    order_.name = order_name(packages_);
    order_.directory = order_directory(order_.name).text();
    order_.take_over = site_options.take_over;
    order_.no_rehearsal = options.no_rehearsal;
    forecast();
  }

  ExitStatus go() {
    const auto plan = make();
    document_.set_plan(plan, {});
    const bool is_whole = has_order(context_.files(), order_.name);
    if (plan.empty() && is_whole && report_unfinished(context_) == Unfinished::none) {
      return say(fmt::format("nothing to do: the first boot provisions {}", plan.host));
    }
    if (!context_.options().json) show_plan(context_.report(), plan);
    for (const auto& note : notes_) context_.report().note(note);
    document_.set_notes(notes_);
    if (options_.dry_run) return ExitStatus::answer_is_no;
    const Consent consent{.what = fmt::format("prepare '{}'", plan.host),
                          .question = fmt::format("Have the first boot provision {}?", plan.host),
                          .yes = options_.yes};
    if (!consent.yes && !context_.report().confirm(consent.question)) {
      context_.report().note("nothing was changed");
      return ExitStatus::not_done;
    }
    return carry_out();
  }

 private:
  static Site load(Context& context, const SiteOptions& options) {
    if (!context.is_offline()) {
      throw Error{ErrorKind::usage, "--at-first-boot needs --root: this host has booted",
                  "timectl provision provisions it now"};
    }
    return context.load_site(options);
  }

  void require_possible() const {
    const auto root = context_.options().root;
    if (!context_.files().status(RootedPath{"/var/lib/dpkg/status"})) {
      throw Error{ErrorKind::refused,
                  fmt::format("cannot prepare '{}': there is no Debian system below it", root),
                  "mount the card's root partition (the second one, of type ext4) there"};
    }
    if (!site_.facts.timectl_path && !has_package(packages_, "timectl")) {
      const auto architecture =
          site_.facts.architecture.empty() ? "ARCH" : site_.facts.architecture;
      throw Error{ErrorKind::refused,
                  fmt::format("cannot prepare '{}': timectl is not installed there, and its "
                              "package was not given",
                              root),
                  fmt::format("add --package timectl_VERSION_{}.deb", architecture)};
    }
    const apply::LastWritten written{context_.files()};
    for (const auto& path : written.paths()) {
      const bool is_order =
          path.name() == target::first_boot_unit || path == RootedPath{"/etc/timectl/profile.json"};
      if (is_order) continue;
      throw Error{ErrorKind::refused,
                  fmt::format("cannot prepare '{}': it is provisioned already, as {}", root,
                              written.host()),
                  site_.facts.command("provision") + " changes it"};
    }
  }

  /// What the first boot has to fetch, as far as the card shows it.
  void forecast() {
    std::vector<std::string> fetched;
    for (const auto& name : missing_packages()) {
      if (!has_package(packages_, name)) fetched.push_back(name);
    }
    if (!fetched.empty()) {
      notes_.push_back(
          fmt::format("the first boot fetches {}: it needs the internet then, or give the package: "
                      "--package FILE.deb",
                      join(fetched, ", ")));
    }
    for (const auto& package : packages_) {
      const auto unmet = unmet_dependencies(context_, package, packages_);
      if (unmet.empty()) continue;
      notes_.push_back(fmt::format(
          "{} needs {}, which neither the card nor a given package has: the first boot fetches it, "
          "or fails where the card's release has none",
          package.name, join(unmet, ", ")));
      fetched.push_back(package.name);
    }
    order_.needs_network = order_.needs_network || !fetched.empty();
  }

  /// The plan of the card as it is now. Where that cannot be made, the host's own facts decide.
  std::vector<std::string> missing_packages() {
    auto site = site_;
    site.facts.timectl_path = order_.timectl;
    auto& host =
        site.profile.hosts[static_cast<std::size_t>(site_.host - site_.profile.hosts.data())];
    // The host sees its interfaces; which packages it needs does not depend on them.
    for (auto& address : host.addresses) address.addressing = profile::Addressing::none;
    site.host = &host;
    try {
      const auto plan = compare_site(context_, site);
      for (const auto& conflict : plan.conflicts) {
        notes_.push_back("may stand in the way at the first boot: " + conflict.reason);
      }
      const auto* const packages = plan::packages_of(plan);
      return packages == nullptr ? std::vector<std::string>{} : packages->install;
    } catch (const Error& error) {
      // What this machine cannot be is for its first boot to see; anything else is a failure here.
      if (error.kind() != ErrorKind::refused && error.kind() != ErrorKind::missing) throw;
      notes_.push_back(fmt::format("the card alone does not show all: {}", error.what()));
      order_.needs_network =
          std::all_of(packages_.begin(), packages_.end(),
                      [](const PackageFile& package) { return package.name == "timectl"; });
      return {};
    }
  }

  Plan make() {
    apply::LastWritten managed{context_.files()};
    managed.add_contents(context_.files());
    return plan::make_plan(context_.render_first_boot(site_, order_),
                           {context_.files(), context_.services(), context_.packages()}, managed);
  }

  ExitStatus carry_out() {
    const auto lock = take_state_lock(context_);
    auto machine = context_.machine(false);
    recover_first(context_, machine);
    auto& files = context_.files();
    if (!has_order(files, order_.name)) {
      const auto& who = context_.caller();
      write_order(files, order_.name, fmt::format("{}: {}\n", who.user, who.command), packages_);
    }
    const auto plan = make();
    try {
      const auto result = run_transaction(context_, plan, machine, {});
      throw_unless_applied(context_, result, fmt::format("prepare '{}'", plan.host));
      document_.set_changed(result.outcome.generation);
    } catch (...) {
      remove_unused_orders(context_);
      throw;
    }
    forget_other_orders();
    return say(
        fmt::format("the first boot provisions {} by profile '{}'", plan.host, plan.profile));
  }

  /// The change is committed: what fails now is worth a word and no more.
  void forget_other_orders() const {
    try {
      remove_orders(context_.files(), order_.name);
    } catch (const Error& error) {
      context_.report().warning(error);
    }
  }

  ExitStatus say(const std::string& sentence) const {
    if (!context_.options().json) context_.report().line(sentence);
    return ExitStatus::done;
  }

  Context& context_;
  const FirstBootOptions& options_;
  ProvisionDocument& document_;
  Site site_;
  std::vector<PackageFile> packages_;
  target::FirstBootOrder order_;
  std::vector<std::string> notes_;
};

}  // namespace

ExitStatus order_first_boot(Context& context, const SiteOptions& site_options,
                            const FirstBootOptions& options, ProvisionDocument& document) {
  if (!options.dry_run) {
    require_root(context, "provision");
    apply::refuse_while_unconfirmed(context.files());
  }
  return FirstBootRun{context, site_options, options, document}.go();
}

}  // namespace timectl::cli

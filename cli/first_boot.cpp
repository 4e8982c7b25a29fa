// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "first_boot.hpp"

#include "apply/generations.hpp"
#include "base/checksum.hpp"
#include "system/replace_file.hpp"
#include "target/first_boot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace timectl::cli {

namespace {

using system::FileType;
using system::RootedPath;
using target::first_boot_unit;

const RootedPath orders = apply::state_directory / "first-boot";
const RootedPath unit_path = RootedPath{"/etc/systemd/system"} / first_boot_unit;
constexpr auto own_package = "timectl";

/// Written last: an order without it is not whole.
RootedPath mark_of(const std::string& name) { return order_directory(name) / "order"; }

RootedPath packages_of_order(const std::string& name) { return order_directory(name) / "packages"; }

bool is_directory(const system::FileReader& files, const RootedPath& path) {
  const auto status = files.status(path);
  return status && status->type == FileType::directory;
}

void write(system::FileStore& files, const RootedPath& path, std::string_view content) {
  files.stage(path, content, {0644, 0, 0});
  files.swap_in(path);
}

/// The files of a directory, then it. Links are removed, never followed.
void remove_directory(system::FileStore& files, const RootedPath& path, int depth = 0) {
  constexpr int deepest = 4;
  if (!is_directory(files, path) || depth > deepest) return;
  for (const auto& name : files.list(path)) {
    const auto child = path / name;
    is_directory(files, child) ? remove_directory(files, child, depth + 1) : files.remove(child);
  }
  files.remove_directory_if_empty(path);
  files.sync_directory(path.parent());
}

void remove_order(system::FileStore& files, const std::string& name) {
  // From here on it counts no more, whatever follows.
  if (is_directory(files, order_directory(name))) files.remove(mark_of(name));
  remove_directory(files, order_directory(name));
}

/// Paths of the packages, timectl's own aside: the unit has installed that.
std::vector<std::string> archives_of(const system::FileReader& files, const std::string& name) {
  std::vector<std::string> paths;
  for (const auto& file : files.list(packages_of_order(name))) {
    if (file.ends_with(".deb")) paths.push_back((packages_of_order(name) / file).text());
  }
  return paths;
}

bool has_archive_of(const std::vector<std::string>& archives, const std::string& package) {
  return std::any_of(archives.begin(), archives.end(), [&](const std::string& path) {
    const auto file = RootedPath{path}.name();
    return file.substr(0, file.find('_')) == package;
  });
}

/// Whether all that is to be installed comes from the order; then what that removes is noted.
bool takes_from_order(Context& context, const std::string& name, plan::PackageChange& change) {
  const auto archives = archives_of(context.files(), name);
  const bool has_all =
      std::all_of(change.install.begin(), change.install.end(),
                  [&](const std::string& package) { return has_archive_of(archives, package); });
  if (!has_all) return false;
  try {
    change.remove = context.packages().simulate_install(archives).remove;
  } catch (const Error& error) {
    // It needs more than the order has.
    context.report().note(error);
    return false;
  }
  change.kept_in = {packages_of_order(name).text()};
  return true;
}

void leave_out(plan::Plan& plan, plan::UnitAction action) {
  std::erase_if(plan.changes, [&](const plan::Change& change) {
    const auto* const unit = std::get_if<plan::UnitChange>(&change);
    return unit != nullptr && unit->unit == first_boot_unit && unit->action == action;
  });
}

std::string state_of(Context& context) {
  const auto state = context.services().state(first_boot_unit);
  if (state.active_state == "active") return "is at work";
  if (state.result != "success" && !state.result.empty()) {
    return fmt::format("failed ({}), and {} tries again", state.result,
                       state.active_state == "failed" ? "the next boot" : "systemd");
  }
  return "has not run";
}

}  // namespace

std::string order_name(const std::vector<PackageFile>& packages) {
  std::string all;
  for (const auto& package : packages) all += package.file_name() + checksum_of(package.content);
  return checksum_of(all);
}

RootedPath order_directory(const std::string& name) { return orders / name; }

bool has_order(const system::FileReader& files, const std::string& name) {
  return files.status(mark_of(name)).has_value();
}

void write_order(system::FileStore& files, const std::string& name, const std::string& text,
                 const std::vector<PackageFile>& packages) {
  try {
    system::ensure_directory(files, packages_of_order(name));
    for (const auto& package : packages) {
      const bool is_own = package.name == own_package;
      write(files,
            is_own ? order_directory(name) / "timectl.deb"
                   : packages_of_order(name) / package.file_name(),
            package.content);
    }
    files.sync_directory(packages_of_order(name));
    write(files, mark_of(name), text);
    for (auto path = order_directory(name); path.text() != "/"; path = path.parent()) {
      files.sync_directory(path);
    }
  } catch (...) {
    remove_order(files, name);
    files.remove_directory_if_empty(orders);
    throw;
  }
}

void remove_orders(system::FileStore& files, const std::string& kept) {
  if (!is_directory(files, orders)) return;
  for (const auto& name : files.list(orders)) {
    if (name != kept) remove_order(files, name);
  }
  if (kept.empty()) files.remove_directory_if_empty(orders);
  files.sync_directory(orders.parent());
}

void remove_unused_orders(Context& context) {
  try {
    if (!context.files().status(unit_path)) remove_orders(context.files(), "");
  } catch (const Error& error) {
    context.report().warning(error);
  }
}

void require_order(Context& context, const std::string& name) {
  const bool is_there = !context.is_offline() && name.size() == 8 &&
                        name.find_first_not_of("0123456789abcdef") == std::string::npos &&
                        has_order(context.files(), name) && context.files().status(unit_path);
  if (is_there) return;
  throw Error{ErrorKind::usage, fmt::format("this host carries no order '{}'", name),
              "timectl provision --role ROLE provisions it now"};
}

void suit_to_order(Context& context, const std::string& name, plan::Plan& plan) {
  leave_out(plan, plan::UnitAction::stop);
  for (auto& change : plan.changes) {
    auto* const packages = std::get_if<plan::PackageChange>(&change);
    if (packages == nullptr || takes_from_order(context, name, *packages)) continue;
    context.report().note("has apt read its lists of packages");
    context.packages().read_lists();
  }
}

bool leads_to_order(const plan::Plan& plan) {
  return std::any_of(plan.managed.begin(), plan.managed.end(),
                     [](const plan::ManagedFile& file) { return file.path == unit_path; });
}

void leave_order_alone(plan::Plan& plan) { leave_out(plan, plan::UnitAction::start); }

void report_first_boot(Context& context) {
  const auto& files = context.files();
  if (!files.status(unit_path) || !is_directory(files, orders)) return;
  if (context.is_offline()) {
    return context.report().note("this card is provisioned by its first boot");
  }
  context.report().warning(
      fmt::format("this host is not provisioned yet: {} {}; see systemctl status {}",
                  first_boot_unit, state_of(context), first_boot_unit));
}

}  // namespace timectl::cli

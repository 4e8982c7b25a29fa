// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"
#include "package_files.hpp"
#include "plan/plan.hpp"

#include <string>
#include <vector>

/// The order that a card carries to its first boot: the packages that were given, below
/// /var/lib/timectl/first-boot. The unit that carries it out is of a generation, as every file.
namespace timectl::cli {

/// Eight hexadecimal digits of the packages: another order lies beside this one, and the unit,
/// which a transaction exchanges, says which of them counts.
std::string order_name(const std::vector<PackageFile>& packages);
system::RootedPath order_directory(const std::string& name);

/// Whether all of it is there.
bool has_order(const system::FileReader& files, const std::string& name);
/// Durable when it returns; `text` is for people. What it wrote is gone when it throws.
void write_order(system::FileStore& files, const std::string& name, const std::string& text,
                 const std::vector<PackageFile>& packages);
/// All but `kept` ("": all of them).
void remove_orders(system::FileStore& files, const std::string& kept);
/// Those that no unit carries out any more, after a rollback below a root.
void remove_unused_orders(Context& context);

/// Throws Error{usage} unless this host has that order, and the unit of it.
void require_order(Context& context, const std::string& name);
/// What the plan of the host needs in order to be carried out by the unit: it does not stop itself,
/// and packages of the order are not fetched. apt reads its lists first where some are.
void suit_to_order(Context& context, const std::string& name, plan::Plan& plan);

/// Whether the plan of a rollback leads back to a card that waits for its first boot: nothing is
/// provisioned then that could be asked.
bool leads_to_order(const plan::Plan& plan);
/// Its unit comes back and does not run: its order is carried out.
void leave_order_alone(plan::Plan& plan);

/// Says on stderr that a first boot has not provisioned this host yet.
void report_first_boot(Context& context);

}  // namespace timectl::cli

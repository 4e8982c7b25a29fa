// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <array>
#include <string>
#include <string_view>

/// Names of units: systemd.unit(5), "Description", and unit_name_is_valid() of systemd's
/// src/basic/unit-name.c.
namespace timectl::system {

inline constexpr std::array<std::string_view, 11> unit_suffixes{
    ".service", ".socket", ".target", ".device", ".mount", ".automount",
    ".swap",    ".timer",  ".path",   ".slice",  ".scope"};

/// Whether `name` is the whole name of a unit, template or instance: at most 255 letters, digits
/// and ":-_.\@", and one of the eleven suffixes. It has no slash, so it cannot leave a directory.
/// Narrower than systemd in one thing: of the names that begin with "-" only those of / itself are
/// taken, "-.mount" and "-.slice" (systemd.special(7)), so that a program takes none for an option
/// that it has.
bool is_unit_name(std::string_view name);

/// Throws Error{refused}: "cannot `what`: '…' is not the name of a unit".
void require_unit_name(std::string_view name, const std::string& what);

/// "getty@.service" for "getty@tty1.service"; "" for a unit that is no instance.
std::string template_of(std::string_view unit);

/// "tty1" of "getty@tty1.service"; "" for a unit that is no instance.
std::string instance_of(std::string_view unit);

/// "getty@tty1.service" for the template "getty@.service" and "tty1".
std::string instantiate(std::string_view unit_template, std::string_view instance);

bool is_template(std::string_view unit);

/// Whether systemd searches a directory of this name below a unit directory for links:
/// "multi-user.target.wants", .requires and .upholds.
bool holds_links(std::string_view directory);

}  // namespace timectl::system

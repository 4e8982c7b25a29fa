// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/apply.hpp"

/// Does what a plan says, in its order. Only apply includes this.
namespace timectl::apply {

/// Everything but packages. All files are staged before the first one is swapped in, and durable
/// before the first unit hears of them. `before_daemons` is called once, before the first change of
/// a unit or reaction.
void carry_out(const plan::Plan& plan, Machine& machine, const Progress& progress,
               const std::function<void()>& before_daemons);

/// systemd keeps a unit that failed in memory, and in `systemctl --failed`, also when its file is
/// gone or a mask has its place: what can run no more is forgotten. No error of systemd's ends it.
void forget_failures(const plan::UnitLinks& links, system::ServiceManager& services);

/// Writes `content` into a file on VFAT from the first differing byte on, so that the lines before
/// it never move.
void write_in_place(system::FileStore& files, const system::RootedPath& path,
                    const std::string& content);

}  // namespace timectl::apply

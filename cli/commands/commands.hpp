// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "command.hpp"

#include <memory>

namespace timectl::cli {

std::unique_ptr<Command> make_provision_command();
std::unique_ptr<Command> make_plan_command();
std::unique_ptr<Command> make_rehearse_command();
std::unique_ptr<Command> make_verify_command();
std::unique_ptr<Command> make_explain_command();
std::unique_ptr<Command> make_status_command();
std::unique_ptr<Command> make_clients_command();
std::unique_ptr<Command> make_monitor_command();
std::unique_ptr<Command> make_history_command();
std::unique_ptr<Command> make_rtc_command();
std::unique_ptr<Command> make_gps_command();
std::unique_ptr<Command> make_island_command();
std::unique_ptr<Command> make_probe_command();
std::unique_ptr<Command> make_profile_command();
std::unique_ptr<Command> make_facts_command();
std::unique_ptr<Command> make_render_command();
std::unique_ptr<Command> make_generations_command();
std::unique_ptr<Command> make_diff_command();
std::unique_ptr<Command> make_rollback_command();
std::unique_ptr<Command> make_confirm_command();
std::unique_ptr<Command> make_uninstall_command();
std::unique_ptr<Command> make_recover_command();
std::unique_ptr<Command> make_complete_command();
std::unique_ptr<Command> make_manual_command();

}  // namespace timectl::cli

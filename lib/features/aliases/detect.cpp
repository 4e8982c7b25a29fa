// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/detector.hpp"
#include "features/aliases/rows.hpp"

/// Files of shells that are kept elsewhere, behind a link.
namespace timectl::features {

namespace {

void add_shell_files(const facts::Ports& ports, facts::Facts& facts) {
  for (const auto* path : {"/etc/bash.bashrc", "/etc/zsh/zshrc"}) {
    const auto status = ports.files.status(system::RootedPath{path});
    const bool is_other = status && status->type != system::FileType::regular;
    if (is_other) facts.linked_shell_files.emplace_back(path);
  }
}

}  // namespace

constinit const facts::Detector aliases_detectors[1] = {{add_shell_files}};

}  // namespace timectl::features

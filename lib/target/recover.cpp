// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/fill_in.hpp"
#include "target/render.hpp"

namespace timectl::target {

std::string recovery_unit(const std::string& timectl, const TemplateLookup& templates) {
  const system::RootedPath path{"/etc/systemd/system/timectl-recover.service"};
  return fill_in(templates(path), path.text(), Model{"timectl", timectl});
}

}  // namespace timectl::target

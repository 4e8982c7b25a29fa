// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "platform/platform.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

/// What keeps a change from lasting that the boot of a Raspberry Pi decides about.
namespace timectl::target {

namespace {

std::string overlay_remedy(const facts::Facts& facts) {
  const auto& boot = facts.boot;
  if (boot.overlay_word.empty()) {
    return "boot this host from a root that keeps what is written, then provision";
  }
  if (!facts.is_offline_root && facts.os.is_raspberry_pi_os) {
    return "raspi-config nonint disable_overlayfs && systemctl reboot; then provision, and switch "
           "the overlay on again if you need it";
  }
  return facts.is_offline_root
             ? fmt::format("take '{}' out of {}", boot.overlay_word, boot.overlay_place)
             : fmt::format("take '{}' out of the kernel's command line, then reboot",
                           boot.overlay_word);
}

}  // namespace

void refuse_overlay_root(Draft& draft) {
  const auto& boot = draft.facts.boot;
  if (!boot.is_overlay_root) return;
  const auto evidence = boot.overlay_word.empty()
                            ? boot.overlay_place
                            : fmt::format("'{}' in {}", boot.overlay_word, boot.overlay_place);
  draft.target.conflicts.push_back(
      {fmt::format("the root of this host is an overlay in memory ({}): what is written while it "
                   "runs is gone at the next boot",
                   evidence),
       overlay_remedy(draft.facts)});
}

void refuse_unmounted_boot(Draft& draft) {
  const auto& boot = draft.facts.boot;
  draft.target.conflicts.push_back(
      {fmt::format("the boot partition is not mounted at {}: config.txt, which the firmware of "
                   "the Raspberry Pi reads, is there",
                   boot.unmounted),
       boot.mount_command});
}

bool accept_generated_config(Draft& draft) {
  const auto& boot = draft.facts.boot;
  if (!boot.is_generated) return true;
  const auto config = draft.facts.boot_config->text();
  if (!boot.source) {
    draft.target.conflicts.push_back(
        {fmt::format("{} is automatically generated: the next update of kernel or firmware takes "
                     "timectl's block out",
                     config),
         fmt::format("apt-get install {}, whose current versions append {} to it",
                     platform::raspi_firmware::package, platform::raspi_firmware::custom)});
    return false;
  }
  draft.note(
      fmt::format("{} is generated from {}: run 'update-initramfs -u' on the host, then reboot; "
                  "until then the firmware does not see the block",
                  config, boot.source->text()));
  return true;
}

}  // namespace timectl::target

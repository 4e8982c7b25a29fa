// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/rtc/probes.hpp"
#include "probe/asks.hpp"
#include "rtc/rtc.hpp"

#include <fmt/format.h>

#include <algorithm>

/// rtc.kernel.
namespace timectl::features {

using namespace probe;

namespace {

using system::RootedPath;
using system::RtcDevice;

/// What every Debian and Raspberry Pi kernel is built with (drivers/rtc/Kconfig has the default).
constexpr auto usual_device = "rtc0";

std::string kernel_release(const system::FileReader& files) {
  const auto file = files.read(RootedPath{"/proc/sys/kernel/osrelease"});
  return std::string{trim(file ? file->content : std::string{})};
}

/// The value of CONFIG_NAME="value" in /boot/config-RELEASE; "" where there is no such file (a Pi
/// has its configuration in a module) or line.
std::string kernel_setting(const system::FileReader& files, const std::string& name) {
  const auto release = kernel_release(files);
  if (release.empty() || release.find('/') != std::string::npos) return {};
  const auto file = files.read(RootedPath{"/boot"} / ("config-" + release));
  const auto key = name + "=\"";
  for (const auto& line : lines_of(file ? file->content : std::string{})) {
    if (line.starts_with(key) && line.ends_with('"') && line.size() > key.size()) {
      return line.substr(key.size(), line.size() - key.size() - 1);
    }
  }
  return {};
}

/// The RTC that the kernel set the system clock from in this boot (hctosys in sysfs); "" for none:
/// its driver came too late, as a module, or there was nothing to read.
std::string read_at_boot(const std::vector<RtcDevice>& devices) {
  const auto found = std::find_if(devices.begin(), devices.end(),
                                  [](const RtcDevice& rtc) { return rtc.set_system_clock; });
  return found == devices.end() ? std::string{} : found->name;
}

std::string describe(const std::vector<RtcDevice>& devices) {
  std::vector<std::string> texts;
  for (const auto& rtc : devices) texts.push_back(fmt::format("{}: {}", rtc.name, rtc.driver));
  return join(texts, ", ");
}

Finding not_the_kernels(const RtcDevice& rtc, const std::string& kernels, Evidence evidence) {
  const bool is_of_board = rtc.i2c_client.empty();
  return warning({fmt::format("the RTC is {}, and the kernel writes only {}", rtc.name, kernels),
                  "another clock was found first (a Pi 5 has one of its own): the kernel reads and "
                  "updates it in place of this one",
                  is_of_board ? "take the overlay of the other RTC out of config.txt, then reboot"
                              : "dtparam=rtc=off in config.txt on a Pi 5, then reboot"},
                 std::move(evidence));
}

}  // namespace

Finding ask_rtc_kernel(const Subject& subject, const Ports& ports) {
  const auto& wanted = *subject.host.rtc;
  const auto devices = ports.rtcs.list();
  const auto rtc = rtc::find_device(devices, {wanted.chip, wanted.bus, wanted.address});
  if (!rtc) return skipped("there is no RTC to look at; rtc.device says why");
  const auto setting = kernel_setting(ports.files, "CONFIG_RTC_SYSTOHC_DEVICE");
  const auto kernels = setting.empty() ? std::string{usual_device} : setting;
  const auto at_boot = kernel_setting(ports.files, "CONFIG_RTC_HCTOSYS_DEVICE");
  const auto reads = at_boot.empty() ? std::string{usual_device} : at_boot;
  const auto read = read_at_boot(devices);
  Evidence evidence{{"device", rtc->name},
                    {"devices", describe(devices)},
                    {"kernel_reads", reads},
                    {"kernel_writes", kernels},
                    {"kernel_configuration_is_known", !setting.empty()},
                    {"system_clock_set_from", read.empty() ? "none" : read}};
  if (rtc->name != kernels) return not_the_kernels(*rtc, kernels, std::move(evidence));
  if (!read.empty() && read != rtc->name) {
    return warning(
        {fmt::format("the kernel set the clock from {} in this boot", read),
         fmt::format("it is not the {} of the profile, which is {}", wanted.chip, rtc->name),
         "timectl rtc show; dmesg | grep 'setting system clock'"},
        std::move(evidence));
  }
  return good(fmt::format("the kernel updates {}, which is the {}", rtc->name, wanted.chip),
              std::move(evidence));
}

}  // namespace timectl::features

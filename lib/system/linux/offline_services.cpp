// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/linux/linux.hpp"

#include <fmt/format.h>

#include <array>
#include <map>

namespace timectl::system::os {

namespace {

/// Where unit files lie, the strongest first (systemd.unit(5)).
constexpr std::array<const char*, 5> unit_directories{
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system", "/lib/systemd/system"};
constexpr const char* own_directory = unit_directories.front();

/// "getty@.service" for "getty@tty1.service"; "" for a unit that is no instance.
std::string template_of(const std::string& unit) {
  const auto at = unit.find('@');
  const auto dot = unit.rfind('.');
  if (at == std::string::npos || dot == std::string::npos || at + 1 >= dot) return {};
  return unit.substr(0, at + 1) + unit.substr(dot);
}

struct Fragment {
  RootedPath path{"/"};
  std::string content;
  bool is_masked = false;
  std::string alias_of;  ///< the other name that the link leads to, if any
};

/// What the [Install] section wants done when the unit is enabled.
struct Install {
  bool links = false;     ///< WantedBy=, RequiredBy=, Alias=
  bool mentions = false;  ///< only Also=: others are enabled in its place
};

Install install_section_of(const std::string& content) {
  Install install;
  bool inside = false;
  for (const auto& line : lines_of(content)) {
    const auto text = trim(line);
    if (text.starts_with('[')) inside = text == "[Install]";
    const auto equals = text.find('=');
    if (!inside || equals == std::string_view::npos || trim(text.substr(equals + 1)).empty()) {
      continue;
    }
    const auto key = trim(text.substr(0, equals));
    install.links |= key == "WantedBy" || key == "RequiredBy" || key == "Alias";
    install.mentions |= key == "Also";
  }
  return install;
}

/// Units as links and files under a root that does not run. Nothing can be started there.
class OfflineServices : public ServiceManager {
 public:
  OfflineServices(const std::string& root, const FileReader& files, const ProcessRunner& processes)
      : root_(root.empty() ? "/" : root), files_(files), processes_(processes) {}

  bool is_running() const override { return false; }

  UnitState state(std::string_view unit) const override { return state_of(std::string{unit}, 0); }

  std::vector<std::string> process_environment(std::uint32_t) const override { return {}; }

  void enable(std::string_view unit) override { change("enable", unit); }
  void disable(std::string_view unit) override { change("disable", unit); }
  void mask(std::string_view unit) override { change("mask", unit); }
  void unmask(std::string_view unit) override { change("unmask", unit); }

  void daemon_reload() override {}
  void start(std::string_view) override {}
  void stop(std::string_view) override {}
  void restart(std::string_view) override {}
  void try_restart(std::string_view) override {}
  void reload_or_restart(std::string_view) override {}
  void reset_failed(std::string_view) override {}
  void enqueue(std::string_view, std::string_view) override {}
  void run_later(const std::string& name, std::chrono::seconds, const std::vector<std::string>&,
                 const std::string&) override {
    throw Error{ErrorKind::missing,
                fmt::format("cannot set the timer '{}': nothing runs below '{}'", name, root_)};
  }

 private:
  /// Without update-rc.d, which systemctl would call below the root: that is a program of the
  /// card, which may be of another architecture.
  void change(const std::string& verb, std::string_view unit) {
    const Command command{
        "systemctl",
        {fmt::format("--root={}", root_), "--no-ask-password", verb, std::string{unit}},
        {},
        std::chrono::seconds{30},
        {{"SYSTEMCTL_SKIP_SYSV", "1"}}};
    run_or_throw(processes_, command, fmt::format("{} '{}' below '{}'", verb, unit, root_));
  }

  UnitState state_of(const std::string& unit, int depth) const {
    UnitState state;
    state.load_state = "not-found";
    const auto fragment = find_fragment(unit);
    if (!fragment) return state;
    // A ring of aliases is no unit.
    if (!fragment->alias_of.empty())
      return depth < 4 ? state_of(fragment->alias_of, depth + 1) : state;
    state.load_state = fragment->is_masked ? "masked" : "loaded";
    state.fragment_path = fragment->path.text();
    state.unit_file_state = unit_file_state_of(unit, *fragment);
    if (!fragment->is_masked) state.drop_in_paths = drop_ins_of(unit);
    return state;
  }

  std::optional<Fragment> find_fragment(const std::string& unit) const {
    for (const auto& name : {unit, template_of(unit)}) {
      if (name.empty()) continue;
      for (const auto* directory : unit_directories) {
        if (auto found = fragment_at(RootedPath{directory} / name)) return found;
      }
    }
    return std::nullopt;
  }

  std::optional<Fragment> fragment_at(const RootedPath& path) const {
    const auto link = files_.read_link(path);
    // "/dev/null" is a device and an unpacked image may lack it: the link's word is enough.
    if (link == "/dev/null") return Fragment{path, {}, true, {}};
    if (link) {
      const auto target = link->substr(link->rfind('/') + 1);
      const bool is_instance = template_of(path.name()) == target;
      if (!target.empty() && target != path.name() && !is_instance) {
        return Fragment{path, {}, false, target};
      }
    }
    const auto file = files_.read(path);
    if (!file) return std::nullopt;
    return Fragment{path, file->content, file->content.empty(), {}};
  }

  std::string unit_file_state_of(const std::string& unit, const Fragment& fragment) const {
    if (fragment.is_masked) {
      return fragment.path.text().starts_with("/run/") ? "masked-runtime" : "masked";
    }
    if (is_linked_from(own_directory, unit)) return "enabled";
    if (is_linked_from("/run/systemd/system", unit)) return "enabled-runtime";
    const auto install = install_section_of(fragment.content);
    if (install.links) return "disabled";
    return install.mentions ? "indirect" : "static";
  }

  /// Whether enabling has left its marks in `directory`: a link in a .wants or .requires
  /// directory, or an alias.
  bool is_linked_from(const char* directory, const std::string& unit) const {
    const RootedPath base{directory};
    for (const auto& name : files_.list(base)) {
      if (name.ends_with(".wants") || name.ends_with(".requires")) {
        if (files_.status(base / name / unit)) return true;
      } else if (name != unit) {
        const auto target = files_.read_link(base / name);
        if (target && target->substr(target->rfind('/') + 1) == unit) return true;
      }
    }
    return false;
  }

  /// By name; of one name only the strongest.
  using DropIns = std::map<std::string, std::string>;

  void add_drop_ins(const RootedPath& directory, DropIns& strongest) const {
    for (const auto& file : files_.list(directory)) {
      if (file.ends_with(".conf")) strongest.emplace(file, (directory / file).text());
    }
  }

  /// In the order they are read.
  std::vector<std::string> drop_ins_of(const std::string& unit) const {
    DropIns strongest;
    for (const auto* directory : unit_directories) {
      for (const auto& name : {unit, template_of(unit)}) {
        if (!name.empty()) add_drop_ins(RootedPath{directory} / (name + ".d"), strongest);
      }
    }
    std::vector<std::string> paths;
    for (const auto& [name, path] : strongest) {
      if (files_.read_link(RootedPath{path}) != "/dev/null") paths.push_back(path);
    }
    return paths;
  }

  std::string root_;
  const FileReader& files_;
  const ProcessRunner& processes_;
};

}  // namespace

std::unique_ptr<ServiceManager> make_offline_services(const std::string& root,
                                                      const FileReader& files,
                                                      const ProcessRunner& processes) {
  return std::make_unique<OfflineServices>(root, files, processes);
}

}  // namespace timectl::system::os

// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/packages_apt.hpp"

#include <fmt/format.h>

#include <thread>

namespace timectl::system::os {

namespace {

using namespace std::chrono_literals;

constexpr const char* archives = "/var/cache/apt/archives";

/// For everything that may run a maintainer script: no user answers questions, and dpkg searches
/// its tools in a path that a user's shell may not have.
const std::vector<std::pair<std::string, std::string>> unattended{
    {"DEBIAN_FRONTEND", "noninteractive"},
    {"DEBIAN_PRIORITY", "critical"},
    {"APT_LISTCHANGES_FRONTEND", "none"},
    {"NEEDRESTART_SUSPEND", "1"},
    {"UCF_FORCE_CONFFOLD", "1"},
    {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}};

/// What unpacks packages is not shot in the middle of one: it ends after the package at hand.
constexpr auto dpkg_grace = 2min;

/// For dpkg's lock: two minutes, as apt-get waits too.
constexpr int lock_tries = 60;
constexpr auto lock_pause = 2s;

/// How apt names the file of a version: an epoch's colon would be a bad file name.
bool is_archive_of(const std::string& file, const std::string& name, const std::string& version) {
  std::string escaped;
  for (const char c : version) escaped += c == ':' ? std::string{"%3a"} : std::string{c};
  return file.starts_with(fmt::format("{}_{}_", name, escaped)) && file.ends_with(".deb");
}

class DebianPackages : public Packages {
 public:
  DebianPackages(const FileReader& files, const ProcessRunner& processes)
      : files_(files), processes_(processes) {}

  std::map<std::string, std::string> installed() const override {
    const auto status = files_.read(RootedPath{"/var/lib/dpkg/status"}, limits::package_status);
    return status ? parse_dpkg_status(status->content) : std::map<std::string, std::string>{};
  }

  void report_progress(std::function<void(const PackageProgress&)> progress) override {
    progress_ = std::move(progress);
  }

  PackageSteps simulate_install(const std::vector<std::string>& names) const override {
    return parse_simulation(
        ask_apt({"-s", "-o", "APT::Get::Show-User-Simulation-Note=false"}, names));
  }

  void read_lists() override {
    // A repository that does not answer is an error, and no warning.
    const auto result = processes_.run(
        {"apt-get",
         {"-q", "-o", "APT::Update::Error-Mode=any", "-o", "DPkg::Lock::Timeout=120", "update"},
         {},
         15min,
         unattended});
    if (!result.succeeded()) throw_apt_error(result, "read the lists of packages");
  }

  void keep(const std::vector<std::string>& names, const std::string& directory) override {
    const auto versions = installed();
    std::vector<std::string> lost;
    for (const auto& name : names) {
      const auto version = versions.find(name);
      const bool kept =
          version != versions.end() && (copy_from_cache(name, version->second, directory) ||
                                        download(name, version->second, directory));
      if (!kept) lost.push_back(name);
    }
    if (!lost.empty()) {
      throw Error{ErrorKind::missing,
                  fmt::format("cannot keep '{}': neither in apt's cache nor to be downloaded",
                              join(lost, " ")),
                  "run apt-get update, or come back with a network"};
    }
    // They are of use after a power cut or not at all.
    run_or_throw(processes_, {"sync", {"-f", "--", directory}, {}, 60s, {}},
                 "write the packages to disk");
  }

  void fetch(const std::vector<std::string>& names) override {
    const auto result = run_install({"--download-only"}, names);
    if (!result.succeeded()) throw_apt_error(result, fmt::format("fetch '{}'", join(names, " ")));
  }

  void unpack(const std::vector<std::string>& names, const std::string& directory) override {
    // What is in the cache already is not among the URIs.
    auto paths = parse_local_archives(ask_apt({"-qq", "--print-uris"}, names));
    const auto cached = files_.list(RootedPath{archives});
    const auto versions = parse_simulated_versions(ask_apt({"-s"}, names));
    for (const auto& [name, version] : versions) {
      for (const auto& file : cached) {
        if (is_archive_of(file, name, version))
          paths.push_back(fmt::format("{}/{}", archives, file));
      }
    }
    if (paths.size() < versions.size()) {
      throw Error{ErrorKind::missing,
                  fmt::format("cannot unpack '{}': not all that it needs is in apt's cache",
                              join(names, " "))};
    }
    for (const auto& path : paths) {
      run_or_throw(processes_, {"dpkg-deb", {"--extract", path, directory}, {}, 2min, unattended},
                   fmt::format("unpack '{}'", path));
    }
  }

  void install(const std::vector<std::string>& names) override {
    const auto result = run_install(
        {"-o", "Dpkg::Options::=--force-confold", "-o", "Dpkg::Options::=--force-confdef"}, names);
    if (!result.succeeded()) throw_apt_error(result, fmt::format("install '{}'", join(names, " ")));
  }

  void finish_interrupted() override {
    for (int tries = 1;; ++tries) {
      const auto result =
          processes_.run({"dpkg", {"--configure", "-a"}, {}, 15min, unattended, dpkg_grace});
      if (result.succeeded()) return;
      try {
        throw_dpkg_error(result, "finish what dpkg was doing");
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::busy || tries == lock_tries) throw;
      }
      std::this_thread::sleep_for(lock_pause);
    }
  }

  void put_back(const std::string& directory) override {
    const auto what = fmt::format("restore the packages in '{}'", directory);
    const auto archives_kept = kept_in(directory);
    if (archives_kept.empty()) {
      throw Error{ErrorKind::missing, fmt::format("cannot {}: there are none", what)};
    }
    // Of an older Debian than this host is by now: dpkg would leave them unconfigured.
    if (lacks_dependencies(archives_kept)) return install(names_of(archives_kept));
    auto result = install_archives(archives_kept);
    const auto in_the_way = parse_conflicts(result.errors);
    if (!result.succeeded() && !in_the_way.empty()) {
      // dpkg removes a package for another one's sake only when it is marked for removal.
      mark_for_removal(in_the_way);
      result = install_archives(archives_kept);
    }
    if (!result.succeeded()) throw_dpkg_error(result, what);
  }

 private:
  /// What it says of an installation that it does not carry out.
  std::string ask_apt(std::vector<std::string> arguments,
                      const std::vector<std::string>& names) const {
    arguments.insert(arguments.end(), {"-y", "--no-install-recommends", "install", "--"});
    arguments.insert(arguments.end(), names.begin(), names.end());
    const auto result = processes_.run({"apt-get", arguments, {}, 60s, unattended});
    if (!result.succeeded()) {
      throw_apt_error(result, fmt::format("plan the installation of '{}'", join(names, " ")));
    }
    return result.output;
  }

  CommandResult run_install(const std::vector<std::string>& options,
                            const std::vector<std::string>& names) const {
    std::vector<std::string> arguments{"-y", "-q"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"-o", "DPkg::Lock::Timeout=120", "-o", "APT::Status-Fd=1",
                                       "--no-install-recommends", "install", "--"});
    arguments.insert(arguments.end(), names.begin(), names.end());
    return processes_.run({"apt-get", arguments, {}, 15min, unattended, dpkg_grace, listener()});
  }

  std::function<void(std::string_view)> listener() const {
    if (!progress_) return {};
    return [this](std::string_view line) {
      if (const auto progress = parse_progress(line)) progress_(*progress);
    };
  }

  bool copy_from_cache(const std::string& name, const std::string& version,
                       const std::string& directory) const {
    for (const auto& file : files_.list(RootedPath{archives})) {
      if (!is_archive_of(file, name, version)) continue;
      const Command copy{
          "cp", {"--", fmt::format("{}/{}", archives, file), directory}, {}, 60s, {}};
      run_or_throw(processes_, copy, fmt::format("keep the package '{}'", name));
      return true;
    }
    return false;
  }

  /// apt-get download writes where it stands.
  bool download(const std::string& name, const std::string& version,
                const std::string& directory) const {
    const Command command{"env",
                          {"--chdir=" + directory, "apt-get", "-q", "download", "--",
                           fmt::format("{}={}", name, version)},
                          {},
                          5min,
                          unattended};
    return processes_.run(command).succeeded();
  }

  bool lacks_dependencies(const std::vector<std::string>& paths) const {
    std::vector<std::string> arguments{
        "-s", "-y", "--allow-downgrades", "--no-install-recommends", "install", "--"};
    arguments.insert(arguments.end(), paths.begin(), paths.end());
    const auto result = processes_.run({"apt-get", arguments, {}, 60s, unattended});
    constexpr auto words = "unmet dependencies";
    const auto says = [&](const std::string& text) { return text.find(words) != text.npos; };
    return !result.succeeded() && (says(result.output) || says(result.errors));
  }

  /// "/x/chrony_4.3-2_amd64.deb": chrony.
  static std::vector<std::string> names_of(const std::vector<std::string>& paths) {
    std::vector<std::string> names;
    for (const auto& path : paths) {
      const auto file = path.substr(path.rfind('/') + 1);
      names.push_back(file.substr(0, file.find('_')));
    }
    return names;
  }

  CommandResult install_archives(const std::vector<std::string>& paths) const {
    std::vector<std::string> arguments{"--force-confold", "--auto-deconfigure", "--install", "--"};
    arguments.insert(arguments.end(), paths.begin(), paths.end());
    return processes_.run({"dpkg", arguments, {}, 15min, unattended, dpkg_grace});
  }

  void mark_for_removal(const std::vector<std::string>& names) const {
    std::string selections;
    for (const auto& name : names) selections += name + " deinstall\n";
    run_or_throw(processes_, {"dpkg", {"--set-selections"}, selections, 60s, unattended},
                 fmt::format("mark '{}' for removal", join(names, " ")));
  }

  std::vector<std::string> kept_in(const std::string& directory) const {
    std::vector<std::string> paths;
    const auto found = run_or_throw(
        processes_, {"find", {directory, "-maxdepth", "1", "-name", "*.deb"}, {}, 10s, {}},
        "look for kept packages");
    for (const auto& path : lines_of(found.output)) paths.push_back(path);
    return paths;
  }

  const FileReader& files_;
  const ProcessRunner& processes_;
  std::function<void(const PackageProgress&)> progress_;
};

}  // namespace

std::unique_ptr<Packages> make_packages(const FileReader& files, const ProcessRunner& processes) {
  return std::make_unique<DebianPackages>(files, processes);
}

}  // namespace timectl::system::os

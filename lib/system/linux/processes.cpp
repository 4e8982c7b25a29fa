// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/processes_child.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Not $PATH: what timectl runs as root must not depend on who called it.
constexpr std::array<const char*, 6> host_directories{
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"};
constexpr std::array<const char*, 4> package_directories{"usr/sbin", "usr/bin", "sbin", "bin"};

bool is_program(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0;
}

std::string name_of(const std::string& assignment) {
  return assignment.substr(0, assignment.find('='));
}

void set(std::vector<std::string>& environment, const std::string& name, const std::string& value) {
  std::erase_if(environment, [&](const auto& entry) { return name_of(entry) == name; });
  environment.push_back(fmt::format("{}={}", name, value));
}

/// Where the libraries of an unpacked package lie: its loader knows only those of the host.
std::string libraries_of(const std::string& package) {
  std::string directories;
  for (const auto* above : {"usr/lib", "lib"}) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{package + "/" + above, none}) {
      const auto name = entry.path().filename().string();
      if (name.find("-linux-gnu") == std::string::npos) continue;
      directories += (directories.empty() ? "" : ":") + entry.path().string();
    }
  }
  return directories;
}

std::vector<std::string> environment_for(const Command& command) {
  std::vector<std::string> environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    // Translations are found by LANGUAGE even where the locale is C.UTF-8.
    if (name_of(*entry) != "LANGUAGE") environment.emplace_back(*entry);
  }
  set(environment, "LC_ALL", "C.UTF-8");
  for (const auto& [name, value] : command.environment) set(environment, name, value);
  return environment;
}

/// Hands on what a program says, line by line.
class Listener {
 public:
  explicit Listener(const Command& command) : heard_(command.heard) {}

  void hear(std::string_view output) {
    if (!heard_) return;
    for (auto end = output.find('\n', begin_); end != std::string_view::npos;
         end = output.find('\n', begin_)) {
      heard_(output.substr(begin_, end - begin_));
      begin_ = end + 1;
    }
  }

  /// When to look again, at the latest.
  steady_clock::time_point pause_until(steady_clock::time_point end) const {
    constexpr milliseconds often{200};
    return heard_ ? std::min(end, steady_clock::now() + often) : end;
  }

 private:
  const std::function<void(std::string_view)>& heard_;
  std::size_t begin_ = 0;
};

class LinuxRunningProcess : public RunningProcess {
 public:
  explicit LinuxRunningProcess(const Launch& launch) : child_(launch) {}

  std::optional<CommandResult> poll() override {
    if (!result_ && child_.pump(steady_clock::now())) result_ = child_.take_result();
    return result_;
  }

  CommandResult stop() override {
    if (poll()) return *result_;
    child_.end(milliseconds{2000});
    result_ = child_.take_result();
    return *result_;
  }

 private:
  Child child_;
  std::optional<CommandResult> result_;
};

class LinuxProcesses : public ProcessRunner {
 public:
  LinuxProcesses(std::vector<std::string> tool_directories, ToolsPlace place)
      : tool_directories_(std::move(tool_directories)), place_(place) {}

  std::optional<std::string> find(const std::string& program) const override {
    if (program.find('/') != std::string::npos) {
      return is_program(program) ? std::optional{program} : std::nullopt;
    }
    for (const auto& directory : search_path()) {
      auto path = fmt::format("{}/{}", directory, program);
      if (is_program(path)) return path;
    }
    return std::nullopt;
  }

  CommandResult run(const Command& command) const override {
    Child child{launch_of(command)};
    const auto deadline = steady_clock::now() + command.deadline;
    Listener listener{command};
    bool ended = false;
    do {
      ended = child.pump(listener.pause_until(deadline));
      listener.hear(child.output());
    } while (!ended && steady_clock::now() < deadline);
    if (!ended) child.end(command.grace);
    auto result = child.take_result();
    result.timed_out = !ended;
    return result;
  }

  std::unique_ptr<RunningProcess> start(const Command& command) const override {
    return std::make_unique<LinuxRunningProcess>(launch_of(command));
  }

 private:
  std::vector<std::string> search_path() const {
    std::vector<std::string> path;
    for (const auto& tools : tool_directories_) {
      for (const auto* directory : package_directories) {
        path.push_back(fmt::format("{}/{}", tools, directory));
      }
    }
    path.insert(place_ == ToolsPlace::last ? path.begin() : path.end(), host_directories.begin(),
                host_directories.end());
    return path;
  }

  /// Of all packages: what one has unpacked may need what another one brings.
  std::string libraries() const {
    std::string all;
    for (const auto& package : tool_directories_) {
      const auto directories = libraries_of(package);
      if (!directories.empty()) all += (all.empty() ? "" : ":") + directories;
    }
    return all;
  }

  Launch launch_of(const Command& command) const {
    const auto path = find(command.program);
    if (!path) {
      throw Error{ErrorKind::missing,
                  fmt::format("cannot run '{}': it is not installed", command.program)};
    }
    Launch launch{*path, {command.program}, environment_for(command), command.input};
    for (const auto& package : tool_directories_) {
      if (path->starts_with(package + "/")) set(launch.environment, "LD_LIBRARY_PATH", libraries());
    }
    launch.arguments.insert(launch.arguments.end(), command.arguments.begin(),
                            command.arguments.end());
    return launch;
  }

  std::vector<std::string> tool_directories_;
  ToolsPlace place_;
};

}  // namespace

std::unique_ptr<ProcessRunner> make_processes(std::vector<std::string> tool_directories,
                                              ToolsPlace place) {
  return std::make_unique<LinuxProcesses>(std::move(tool_directories), place);
}

}  // namespace timectl::system::os

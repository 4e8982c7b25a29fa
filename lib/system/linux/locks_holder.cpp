// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/locks_holder.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "base/visible.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

/// The first bytes of a file in /proc; nullopt, and errno, when it cannot be read. Of a process
/// only what the kernel itself knows is read (stat, comm, fdinfo): cmdline and environ are the
/// process's own memory, and a process can back it with a file system of its own that makes us
/// hang.
std::optional<std::string> read_proc(const std::string& path) {
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) return std::nullopt;
  std::array<char, 4096> text{};
  const auto length = read(file.get(), text.data(), text.size());
  if (length < 0) return std::nullopt;
  return std::string{text.data(), static_cast<std::size_t>(length)};
}

constexpr std::size_t longest_purpose = 400;

/// The part of a long command line that a user reads, with no half character at its end.
std::string cut(std::string text) {
  if (text.size() <= longest_purpose) return text;
  text.resize(longest_purpose);
  while (!text.empty() && static_cast<unsigned char>(text.back()) > 0x7f) text.pop_back();
  return text;
}

std::string boot_id() {
  return std::string{trim(read_proc("/proc/sys/kernel/random/boot_id").value_or(""))};
}

/// proc(5): the name in parentheses may hold anything; behind the last of them comes field 3.
std::string start_in(const std::string& stat) {
  const auto behind_name = stat.rfind(')');
  if (behind_name == std::string::npos) return {};
  const auto words = words_of(std::string_view{stat}.substr(behind_name + 1));
  return words.size() > 19 ? words[19] : std::string{};
}

/// The real user: the owner of /proc/PID is root when the process says so (prctl, PR_SET_DUMPABLE),
/// and the effective one when the program is set-uid.
std::optional<Process> process_of(pid_t pid) {
  const auto name = read_proc(fmt::format("/proc/{}/comm", pid));
  const auto status = read_proc(fmt::format("/proc/{}/status", pid));
  if (!name || !status) return std::nullopt;
  for (const auto& line : lines_of(*status)) {
    const auto words = words_of(line);
    if (words.size() < 2 || words[0] != "Uid:") continue;
    const auto uid = to_integer(words[1]);
    if (!uid) return std::nullopt;
    return Process{pid, static_cast<uid_t>(*uid), visible(trim(*name))};
  }
  return std::nullopt;
}

/// Is `number` among the descriptors of `process` one of the file `wanted`, with a lock of this
/// kind? proc(5): the "lock:" lines of fdinfo are those of that open file description.
bool has_lock(const std::string& process, const std::string& number, const struct stat& wanted,
              const char* kind) {
  struct stat info {};
  if (stat(fmt::format("{}/fd/{}", process, number).c_str(), &info) != 0) return false;
  if (info.st_dev != wanted.st_dev || info.st_ino != wanted.st_ino) return false;
  const auto shown = read_proc(fmt::format("{}/fdinfo/{}", process, number));
  for (const auto& line : lines_of(shown.value_or(""))) {
    if (line.starts_with("lock:") && line.find(kind) != std::string::npos) return true;
  }
  return false;
}

bool holds(const std::string& process, const struct stat& wanted, const char* kind) {
  std::error_code none;
  for (std::filesystem::directory_iterator entry{process + "/fd", none}, end; !none && entry != end;
       entry.increment(none)) {
    if (has_lock(process, entry->path().filename().string(), wanted, kind)) return true;
  }
  return false;
}

}  // namespace

std::optional<Process> find_lock_holder(int descriptor, const struct flock& conflict) {
  // Of a lock of the older kind (F_SETLK) the kernel says whose it is; of ours it says -1.
  if (conflict.l_pid > 0) return process_of(conflict.l_pid);
  struct stat wanted {};
  if (fstat(descriptor, &wanted) != 0) return std::nullopt;
  const auto* const kind = conflict.l_type == F_RDLCK ? " READ " : " WRITE ";
  std::error_code none;
  for (std::filesystem::directory_iterator entry{"/proc", none}, end; !none && entry != end;
       entry.increment(none)) {
    const auto pid = to_integer(entry->path().filename().string());
    if (pid && holds(entry->path().string(), wanted, kind)) {
      return process_of(static_cast<pid_t>(*pid));
    }
  }
  return std::nullopt;
}

LockNote own_lock_note(const std::string& purpose) {
  return {getpid(), start_in(read_proc("/proc/self/stat").value_or("")), boot_id(), cut(purpose),
          format_utc(std::chrono::system_clock::now())};
}

bool write_lock_note(const Descriptor& parent, const std::string& name, const LockNote& note) {
  const auto text = fmt::format("{}\n{}\n{}\n{}\n{}\n", note.pid, note.started, note.boot,
                                note.purpose, note.since);
  const auto staged = fmt::format(".{}.timectl-new", name);
  unlinkat(parent.get(), staged.c_str(), 0);
  const Descriptor file{openat(parent.get(), staged.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644)};
  // A reader sees all of it or nothing. It is for the living: nothing is synced.
  const bool done =
      file && fchmod(file.get(), 0644) == 0 &&
      pwrite(file.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()) &&
      renameat(parent.get(), staged.c_str(), parent.get(), name.c_str()) == 0;
  if (file && !done) unlinkat(parent.get(), staged.c_str(), 0);
  return done;
}

std::optional<LockNote> parse_lock_note(const std::string& text) {
  const auto lines = lines_of(text);
  if (lines.size() != 5 || !text.ends_with('\n')) return std::nullopt;
  const auto pid = to_integer(lines[0]);
  if (!pid || *pid <= 0 || *pid > (1 << 22)) return std::nullopt;  // PID_MAX_LIMIT
  return LockNote{static_cast<pid_t>(*pid), lines[1], lines[2], visible(lines[3]),
                  visible(lines[4])};
}

Presence presence_of(const LockNote& note) {
  const auto boot = boot_id();
  if (boot.empty()) return Presence::not_known;
  if (boot != note.boot) return Presence::gone;
  const auto stat = read_proc(fmt::format("/proc/{}/stat", note.pid));
  if (stat) return start_in(*stat) == note.started ? Presence::there : Presence::gone;
  // Where other users' processes are hidden (hidepid=) the process may be there all the same.
  return kill(note.pid, 0) != 0 && errno == ESRCH ? Presence::gone : Presence::not_known;
}

}  // namespace timectl::system::os

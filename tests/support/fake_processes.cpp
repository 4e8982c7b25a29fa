// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/fake_processes.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <utility>

namespace timectl::test {

namespace {

class Ended : public system::RunningProcess {
 public:
  explicit Ended(system::CommandResult result) : result_(std::move(result)) {}
  std::optional<system::CommandResult> poll() override { return result_; }
  system::CommandResult stop() override { return result_; }

 private:
  system::CommandResult result_;
};

}  // namespace

void FakeProcesses::install(const std::string& name, Program program) {
  programs_[name] = std::move(program);
}

void FakeProcesses::install(const std::string& name, int status, const std::string& output,
                            const std::string& errors) {
  install(name, [=](const system::Command&) {
    return system::CommandResult{status, output, errors, false};
  });
}

std::vector<std::string> FakeProcesses::commands() const {
  const std::lock_guard lock{mutex_};
  return commands_;
}

std::optional<std::string> FakeProcesses::find(const std::string& program) const {
  if (!programs_.contains(program)) return std::nullopt;
  return "/usr/bin/" + program;
}

system::CommandResult FakeProcesses::run(const system::Command& command) const {
  const auto found = programs_.find(command.program);
  if (found == programs_.end()) {
    throw Error{ErrorKind::missing,
                fmt::format("cannot run '{}': no such program", command.program)};
  }
  auto words = command.arguments;
  words.insert(words.begin(), command.program);
  {
    const std::lock_guard lock{mutex_};
    commands_.push_back(join(words, " "));
  }
  return found->second(command);
}

std::unique_ptr<system::RunningProcess> FakeProcesses::start(const system::Command& command) const {
  return std::make_unique<Ended>(run(command));
}

}  // namespace timectl::test

// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "scratch.hpp"

#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include <stdlib.h>

namespace timectl::test {

namespace {

std::filesystem::path make_directory() {
  auto name = (std::filesystem::temp_directory_path() / "timectl-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no scratch directory"};
  return name;
}

}  // namespace

Scratch::Scratch() : directory_(make_directory()), exceptions_(std::uncaught_exceptions()) {}

Scratch::~Scratch() {
  if (std::uncaught_exceptions() > exceptions_) {
    std::cerr << "left behind: " << directory_ << '\n';
    return;
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Scratch::put(const std::string& name, const std::string& content) const {
  const auto file = directory_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream{file, std::ios::binary} << content;
}

void Scratch::link(const std::string& name, const std::string& target) const {
  const auto file = directory_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::filesystem::create_symlink(target, file);
}

std::string Scratch::content(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream{directory_ / name, std::ios::binary}.rdbuf();
  return text.str();
}

std::optional<std::string> ScriptedProcesses::find(const std::string& program) const {
  if (program == missing_) return std::nullopt;
  return "/usr/bin/" + program;
}

system::CommandResult ScriptedProcesses::run(const system::Command& command) const {
  std::string line = command.program;
  for (const auto& argument : command.arguments) line += " " + argument;
  runs_.push_back(line);
  return answer_(command);
}

std::unique_ptr<system::RunningProcess> ScriptedProcesses::start(const system::Command&) const {
  throw std::logic_error{"nothing here runs on"};
}

Thrown error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return {error.kind(), error.what(), error.hint()};
  }
  return {};
}

}  // namespace timectl::test

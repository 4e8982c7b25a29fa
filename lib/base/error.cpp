// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"

#include "base/text.hpp"

#include <utility>

namespace timectl {

const char* to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::profile:
      return "profile";
    case ErrorKind::io:
      return "io";
    case ErrorKind::permission:
      return "permission";
    case ErrorKind::missing:
      return "missing";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::external:
      return "external";
    case ErrorKind::busy:
      return "busy";
    case ErrorKind::refused:
      return "refused";
    case ErrorKind::restored:
      return "restored";
    case ErrorKind::incomplete:
      return "incomplete";
  }
  return "";
}

Error::Error(ErrorKind kind, const std::string& message, std::string hint)
    : std::runtime_error(message), kind_(kind), problems_{message}, hint_(std::move(hint)) {}

Error::Error(ErrorKind kind, std::vector<std::string> problems, std::string hint)
    : std::runtime_error(join(problems, "\n")),
      kind_(kind),
      problems_(std::move(problems)),
      hint_(std::move(hint)) {}

}  // namespace timectl

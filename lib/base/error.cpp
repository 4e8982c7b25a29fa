// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"

#include "base/text.hpp"

#include <utility>

namespace timectl {

Error::Error(ErrorKind kind, const std::string& message, std::string hint)
    : std::runtime_error(message), kind_(kind), problems_{message}, hint_(std::move(hint)) {}

Error::Error(ErrorKind kind, std::vector<std::string> problems, std::string hint)
    : std::runtime_error(join(problems, "\n")),
      kind_(kind),
      problems_(std::move(problems)),
      hint_(std::move(hint)) {}

}  // namespace timectl

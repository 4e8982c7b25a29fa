// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace timectl {

/// What sort of failure it was. cli turns the kind into the exit code, in one place.
enum class ErrorKind {
  usage,       ///< the command line is wrong
  profile,     ///< a profile or a template is wrong
  io,          ///< a file, device or socket could not be read or written
  permission,  ///< the kernel or a daemon said "not you"
  missing,     ///< a program, service or device that is needed does not exist here
  timeout,     ///< a program or host did not answer in time
  external,    ///< a program or daemon answered, and the answer was a failure
  busy,        ///< another process holds the lock
  refused,     ///< timectl will not do it, the message says why
  restored,    ///< apply failed, the previous state is back
  incomplete,  ///< apply failed and restoring did not wholly succeed
};

/// "usage", "profile", …: the enumerator's name. In documents of --json: never changed.
const char* to_string(ErrorKind kind);

/// The one exception of timectl. The message says what could not be done, the object in single
/// quotes, and the reason; lower case, no full stop. The hint is the next step, or empty.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message, std::string hint = {});
  /// Several problems at once, at least one; what() has a line for each.
  Error(ErrorKind kind, std::vector<std::string> problems, std::string hint);

  ErrorKind kind() const { return kind_; }
  /// A newline within one is not timectl's: it comes from a name or a daemon.
  const std::vector<std::string>& problems() const { return problems_; }
  const std::string& hint() const { return hint_; }

 private:
  ErrorKind kind_;
  std::vector<std::string> problems_;
  std::string hint_;
};

}  // namespace timectl

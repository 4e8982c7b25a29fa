// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace timectl::system {

/// What the package tool would do to install something.
struct PackageSteps {
  std::vector<std::string> install;
  std::vector<std::string> remove;
};

/// How far apt-get is with what it does.
struct PackageProgress {
  std::string step;            ///< "Retrieving file 1 of 5", "Need to get 287 kB of archives."
  std::optional<int> percent;  ///< of all downloads, or of all that is installed
};

class PackageReader {
 public:
  virtual ~PackageReader() = default;

  /// Names and versions of what is installed and configured, read from dpkg's status file.
  virtual std::map<std::string, std::string> installed() const = 0;
};

/// Debian packages by apt-get and dpkg.
class Packages : public PackageReader {
 public:
  /// Calls `progress` from now on while fetch(), install() and put_back() go on.
  virtual void report_progress(std::function<void(const PackageProgress&)> progress) {
    static_cast<void>(progress);
  }

  /// A simulated run (apt-get -s) for names or paths of .debs. Throws Error{missing} when a package
  /// is not to be had, with the hint to run apt-get update or to come back with a network.
  virtual PackageSteps simulate_install(const std::vector<std::string>& names) const = 0;
  /// Has apt read what its repositories have (apt-get update). Throws Error{missing} when that
  /// cannot be had.
  virtual void read_lists() = 0;
  /// Keeps the .debs of installed packages in `directory` (an absolute host path) so that they
  /// can be put back offline. Throws Error{missing} naming the ones that cannot be had.
  virtual void keep(const std::vector<std::string>& names, const std::string& directory) = 0;
  /// Downloads what install() is going to need into apt's cache, and changes nothing else. Throws
  /// Error{missing} when some of it is out of reach.
  virtual void fetch(const std::vector<std::string>& names) = 0;
  /// Unpacks what fetch() made sure of below `directory` (an absolute host path), and runs nothing
  /// of it. Throws Error{missing} when an archive is neither in apt's cache nor in a local
  /// repository.
  virtual void unpack(const std::vector<std::string>& names, const std::string& directory) = 0;
  /// Non-interactive, keeps conffiles that were changed, starts nothing that a policy forbids.
  virtual void install(const std::vector<std::string>& names) = 0;
  /// Waits for the process that holds dpkg's lock, an apt-get that outlived its timectl for
  /// example, and lets dpkg finish what was interrupted (dpkg --configure -a). Throws Error{busy}
  /// after minutes.
  virtual void finish_interrupted() = 0;
  /// Installs the .debs that keep() put into `directory`, by dpkg, without a network. Where this
  /// host became another release since, so that they do not fit it, its own versions by apt: throws
  /// Error{missing} when these are not to be had.
  virtual void put_back(const std::string& directory) = 0;
};

}  // namespace timectl::system

// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

/// Debian packages as files that the user gives (--package).
namespace timectl::cli {

struct PackageFile {
  std::string path;  ///< as the user named it
  std::string name;
  std::string version;
  std::string architecture;
  std::string depends;  ///< Pre-Depends and Depends, deb-control(5)
  std::string content;

  /// As dpkg names such a file: "chrony_4.3-2+deb12u1_arm64.deb", of an epoch "%3a".
  std::string file_name() const;
};

/// Reads and checks each of them as a whole; nothing of a package is run. Throws Error{refused}
/// that names the file: it is no whole Debian package, or made for another architecture than
/// `architecture` ("" where that is not known), or two are of one name.
std::vector<PackageFile> read_package_files(Context& context, const std::vector<std::string>& paths,
                                            const std::string& architecture);

/// What of `package`'s dependencies neither a package of the card nor one of `given` meets, in
/// Debian's words: "libc6 (>= 2.38)". Versions are compared by dpkg; what a package provides
/// counts without one.
std::vector<std::string> unmet_dependencies(Context& context, const PackageFile& package,
                                            const std::vector<PackageFile>& given);

}  // namespace timectl::cli

// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/replace_file.hpp"

namespace timectl::system {

void ensure_directory(FileStore& files, const RootedPath& path) {
  if (files.status(path)) return;
  ensure_directory(files, path.parent());
  files.make_directory(path, {0755, 0, 0});
}

void replace_file(FileStore& files, const RootedPath& path, std::string_view content) {
  ensure_directory(files, path.parent());
  files.stage(path, content, {0644, 0, 0});
  files.swap_in(path);
  files.sync_directory(path.parent());
}

}  // namespace timectl::system

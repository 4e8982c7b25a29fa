// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rtc/store.hpp"

namespace timectl::rtc {

namespace {

void ensure_directory(system::FileStore& files, const system::RootedPath& path) {
  if (files.status(path)) return;
  ensure_directory(files, path.parent());
  files.make_directory(path, {0755, 0, 0});
}

}  // namespace

void replace_file(system::FileStore& files, const system::RootedPath& path,
                  std::string_view content) {
  ensure_directory(files, path.parent());
  files.stage(path, content, {0644, 0, 0});
  files.swap_in(path);
  files.sync_directory(path.parent());
}

}  // namespace timectl::rtc

# SPDX-License-Identifier: GPL-2.0-or-later
list(APPEND linux_tests
  files_test.cpp foreign_links_test.cpp host_control_test.cpp locks_test.cpp offline_links_test.cpp offline_services_test.cpp
  packages_test.cpp
  ${PROJECT_SOURCE_DIR}/tests/support/fake_files.cpp processes_test.cpp read_limits_test.cpp scratch.cpp time_daemons_test.cpp
  chrony_files_real_test.cpp)

# SPDX-License-Identifier: GPL-2.0-or-later
# Files, locks, programs, services, time daemons and packages.
list(APPEND linux_sources
  attributes.cpp bus.cpp event_log.cpp files.cpp files_root.cpp files_walk.cpp host_control.cpp libsystemd.cpp locks.cpp locks_holder.cpp network_manager.cpp offline_services.cpp
  offline_host.cpp offline_links.cpp offline_units.cpp packages.cpp
  packages_apt.cpp processes.cpp processes_child.cpp services.cpp services_job.cpp services_properties.cpp
  services_timer.cpp time_daemons.cpp time_daemons_timesync.cpp services_words.cpp)

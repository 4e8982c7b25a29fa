# SPDX-License-Identifier: GPL-2.0-or-later
# timectl_module(name SOURCES a.cpp ... USES other modules ... [LIBRARIES external targets ...])
# One static library a module. It can link only what USES names; lib/README.md has the same
# table, and tests/layering compares both with the #include lines.
function(timectl_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" target "timectl_${name}")
  add_library(${target} STATIC ${ARG_SOURCES})
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/lib")
  target_link_libraries(${target} PUBLIC timectl_options ${TIMECTL_FMT} PRIVATE timectl_warnings)
  foreach(used IN LISTS ARG_USES)
    string(REPLACE "/" "_" used_target "timectl_${used}")
    target_link_libraries(${target} PUBLIC ${used_target})
  endforeach()
  target_link_libraries(${target} PRIVATE ${ARG_LIBRARIES})
endfunction()

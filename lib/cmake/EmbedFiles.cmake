# SPDX-License-Identifier: GPL-2.0-or-later
# timectl_embed(target NAMESPACE ns BASE directory FILES files...)
# Compiles files into a target. The sources of timectl_<module> include "<module>/embedded_files.hpp"
# and find `std::span<const EmbeddedFile> files();` in the namespace, paths relative to BASE, in
# the order given. A changed file is embedded again by the next build.
#
# Every byte is written as an escape: no content can end the literal early, and what is not text
# survives too.
if(CMAKE_SCRIPT_MODE_FILE)
  set(table "")
  foreach(file IN LISTS FILES)
    file(READ "${file}" content HEX)
    string(LENGTH "${content}" digits)
    math(EXPR size "${digits} / 2")
    string(REGEX REPLACE "(..)" "\\\\x\\1" content "${content}")
    # 24 bytes (96 characters) a line; the compiler joins the literals.
    string(REPEAT "." 96 line)
    string(REGEX REPLACE "(${line})" "\\1\"\n     \"" content "${content}")
    file(RELATIVE_PATH path "${BASE}" "${file}")
    string(APPEND table "    {\"${path}\",\n     {\"${content}\", ${size}}},\n")
  endforeach()
  list(LENGTH FILES count)
  file(WRITE "${OUTPUT}" "#include \"${HEADER}\"

#include <array>

namespace ${NAMESPACE} {

namespace {

constexpr std::array<timectl::EmbeddedFile, ${count}> table{{
${table}}};

}  // namespace

std::span<const timectl::EmbeddedFile> files() { return table; }

}  // namespace ${NAMESPACE}
")
  return()
endif()

set(TIMECTL_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

function(timectl_embed target)
  cmake_parse_arguments(ARG "" "NAMESPACE;BASE" "FILES" ${ARGN})
  string(REGEX REPLACE "^timectl_" "" module "${target}")
  set(directory "${CMAKE_CURRENT_BINARY_DIR}/embedded")
  set(header "${module}/embedded_files.hpp")
  set(source "${directory}/${module}/embedded_files.cpp")
  set(files "")
  foreach(file IN LISTS ARG_FILES)
    cmake_path(ABSOLUTE_PATH file NORMALIZE)
    list(APPEND files "${file}")
  endforeach()
  cmake_path(ABSOLUTE_PATH ARG_BASE NORMALIZE)

  file(CONFIGURE OUTPUT "${directory}/${header}" @ONLY CONTENT "#pragma once

#include \"base/embedded.hpp\"

#include <span>

namespace @ARG_NAMESPACE@ {

/// The files that were compiled in, in the order of CMakeLists.txt.
std::span<const timectl::EmbeddedFile> files();

}  // namespace @ARG_NAMESPACE@
")
  add_custom_command(OUTPUT "${source}"
    COMMAND "${CMAKE_COMMAND}" "-DFILES=${files}" "-DBASE=${ARG_BASE}" "-DHEADER=${header}"
            "-DNAMESPACE=${ARG_NAMESPACE}" "-DOUTPUT=${source}" -P "${TIMECTL_EMBED_SCRIPT}"
    DEPENDS ${files} "${TIMECTL_EMBED_SCRIPT}"
    COMMENT "Embedding the files of ${target}"
    VERBATIM)
  # clang warns beyond the 64 KiB that the standard asks for; both compilers take megabytes.
  set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
  target_sources(${target} PRIVATE "${source}")
  target_include_directories(${target} PRIVATE "${directory}")
endfunction()

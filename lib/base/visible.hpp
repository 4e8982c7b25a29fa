// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string>
#include <string_view>

/// Text that comes from elsewhere (files, names, journals, daemons), for a terminal. Written there
/// as it is, it could move the cursor, set the title, hide lines or read backwards.
namespace timectl {

/// What of its own layout a text keeps.
enum class Layout {
  one_line,  ///< nothing: a newline in a name must not begin a line of its own
  lines,     ///< newlines and tabs
};

/// `text` with each character that a terminal acts upon, or that cannot be seen, written out:
/// "\x1b" for a byte, "\u202e" or "\U000e0041" for a code point of UTF-8, and "\n", "\r", "\t". It
/// is the notation of C, which git (core.quotePath) and systemd (cescape) use; hexadecimal as
/// systemd's xescape has it, because people know ESC as 1b.
///
/// Written out are C0, DEL, C1 (ECMA-48), every byte that is not part of valid UTF-8 (RFC 3629),
/// noncharacters, line and paragraph separators, and what Unicode calls
/// Default_Ignorable_Code_Point: among them the bidirectional controls, zero widths and tags. All
/// other characters stay, backslashes too: what is printable comes out unchanged, so that a second
/// pass changes nothing. A file that holds the six characters "\u202e" looks the same as one that
/// holds the code point: `--json` distinguishes them.
///
/// The result is valid UTF-8.
std::string visible(std::string_view text, Layout layout = Layout::one_line);

/// A JSON document in UTF-8 with the same characters as \uXXXX, which stands for the same value
/// (RFC 8259, section 7). Outside of its strings a document has none of them.
std::string visible_json(std::string_view document);

}  // namespace timectl

// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <kainjow/mustache.hpp>

#include <string>

namespace timectl::target {

using Model = kainjow::mustache::data;
using ModelList = kainjow::mustache::list;

/// The template with its variables and sections filled in. mustache leaves a misspelled name empty
/// and escapes for HTML; here nothing is escaped, and an unknown name, a value that is no text, a
/// value with control characters (it would start a new directive) and a mistake in the syntax are
/// each an Error{profile} that names the template and the variable.
std::string fill_in(const std::string& text, const std::string& template_name, const Model& model);

}  // namespace timectl::target

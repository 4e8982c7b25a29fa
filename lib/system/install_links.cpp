// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/install_links.hpp"

#include "system/unit_name.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace timectl::system {

namespace {

std::string_view suffix_of(std::string_view unit) { return unit.substr(unit.rfind('.')); }

/// Before "@", or before the suffix of a unit that has none.
std::string prefix_of(const std::string& unit) { return unit.substr(0, unit.find_first_of('@')); }

std::string name_of(const std::string& unit) { return unit.substr(0, unit.rfind('.')); }

/// What the unit's name decides of systemd.unit(5), "Specifiers"; nullopt for the others, which are
/// for the running host to say, and of which systemctl would take this one's.
std::optional<std::string> specifier(char letter, const std::string& unit) {
  const auto prefix = unit.find('@') == std::string::npos ? name_of(unit) : prefix_of(unit);
  switch (letter) {
    case '%':
      return "%";
    case 'n':
      return unit;
    case 'N':
      return name_of(unit);
    case 'p':
      return prefix;
    case 'i':
      return instance_of(unit);
    case 'j':
      return prefix.substr(prefix.rfind('-') + 1);
    default:
      return std::nullopt;
  }
}

/// nullopt when `text` has a specifier that cannot be filled in.
std::optional<std::string> expanded(std::string_view text, const std::string& unit) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    const auto value = specifier(text[++i], unit);
    if (!value) return std::nullopt;
    result += *value;
  }
  return result;
}

/// Whether units of its type may have other names (systemd.unit(5), "Alias="); systemd passes over
/// those of the others.
bool may_have_alias(std::string_view unit) {
  const auto suffix = suffix_of(unit);
  return suffix != ".mount" && suffix != ".automount" && suffix != ".swap" && suffix != ".slice" &&
         suffix != ".scope";
}

/// A template's other names are templates or instances of one, an instance's are instances of its
/// own name, and a plain unit's are plain.
bool is_alias_for(const std::string& alias, const std::string& unit) {
  if (!is_unit_name(alias) || suffix_of(alias) != suffix_of(unit)) return false;
  if (is_template(unit)) return is_template(alias) || !instance_of(alias).empty();
  return !is_template(alias) && instance_of(alias) == instance_of(unit);
}

/// "multi-user.target.wants/a.service" for a.service: how Alias= was used before there was
/// WantedBy=.
bool is_old_want(const std::string& alias, const std::string& unit) {
  const auto slash = alias.rfind('/');
  if (slash == std::string::npos || alias.substr(slash + 1) != unit) return false;
  const auto directory = alias.substr(0, slash);
  return holds_links(directory) && is_unit_name(directory.substr(0, directory.rfind('.')));
}

class Maker {
 public:
  explicit Maker(const std::string& unit) : unit_(unit) {}

  void add_aliases(const std::vector<std::string>& words) {
    if (!may_have_alias(unit_)) return;
    for (const auto& word : words) {
      const auto text = expanded(word, unit_);
      if (!text) {
        pass_over_specifier(word);
        continue;
      }
      const auto instance = instance_of(unit_);
      const bool is_for_instance = is_template(*text) && !instance.empty();
      const auto alias = is_for_instance ? instantiate(*text, instance) : *text;
      if (!is_old_want(alias, unit_) && !is_alias_for(alias, unit_)) {
        pass_over(fmt::format("'{}' cannot be another name of it (Alias=)", word));
      } else if (alias != unit_) {
        links.aliases.push_back(alias);
      }
    }
  }

  void add_wants(const InstallSection& section) {
    const auto name = wanted_name(section);
    if (!name) return;
    const std::array<std::pair<const char*, const std::vector<std::string>*>, 3> lists{
        {{".wants", &section.wanted_by},
         {".requires", &section.required_by},
         {".upholds", &section.upheld_by}}};
    for (const auto& [suffix, words] : lists) {
      for (const auto& word : *words) add_want(word, suffix, *name);
    }
  }

  void add_also(const std::vector<std::string>& words) {
    for (const auto& word : words) {
      const auto name = expanded(word, unit_);
      if (!name) {
        pass_over_specifier(word);
      } else {
        (is_unit_name(*name) ? links.also : links.malformed).push_back(*name);
      }
    }
  }

  InstallLinks links;

 private:
  /// A template is wanted as its default instance.
  std::optional<std::string> wanted_name(const InstallSection& section) {
    if (!is_template(unit_) || section.default_instance.empty()) return unit_;
    const auto instance = expanded(section.default_instance, unit_);
    const auto name = instance ? instantiate(unit_, *instance) : std::string{};
    if (is_unit_name(name)) return name;
    pass_over(fmt::format("'{}' is no instance (DefaultInstance=)", section.default_instance));
    return std::nullopt;
  }

  void add_want(const std::string& word, const char* suffix, const std::string& name) {
    const auto wanting = expanded(word, name);
    if (!wanting) return pass_over_specifier(word);
    if (!is_unit_name(*wanting)) {
      return pass_over(fmt::format("its [Install] section names '{}', which is no unit", word));
    }
    const bool wants_instance = !is_template(*wanting) && instance_of(*wanting).empty();
    if (is_template(name) && wants_instance) {
      return pass_over(fmt::format("it is a template, and '{}' wants an instance", *wanting));
    }
    links.wants.push_back(fmt::format("{}{}/{}", *wanting, suffix, name));
  }

  void pass_over_specifier(const std::string& word) {
    pass_over(fmt::format("only the running host can fill in '{}' of its [Install] section", word));
  }

  void pass_over(std::string sentence) { links.unusable.push_back(std::move(sentence)); }

  const std::string& unit_;
};

}  // namespace

InstallLinks install_links(const std::string& unit, const InstallSection& section) {
  Maker maker{unit};
  maker.add_aliases(section.aliases);
  maker.add_wants(section);
  maker.add_also(section.also);
  return std::move(maker.links);
}

}  // namespace timectl::system

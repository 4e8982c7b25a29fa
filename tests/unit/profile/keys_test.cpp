// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// What a row of a table gives, shown by keys that no profile has.
#include "profile/keys.hpp"

#include "profile/kinds.hpp"
#include "profile/object_manual.hpp"
#include "profile/read_tree.hpp"
#include "profile/schema.hpp"
#include "support/catch.hpp"

using namespace timectl::profile;

namespace {

struct Battery {
  int years = 3;
  std::vector<std::string> sold_by;
};

struct Shelf {
  std::optional<Battery> battery;
};

constexpr Field<Battery> battery_fields[] = {
    {.key = "battery_years",
     .access = holds<&Battery::years, kind::Number<1, 20>>,
     .description = "Years until it is to be replaced"},
    {.key = "sold_by",
     .access = holds<&Battery::sold_by, kind::ListOf<kind::Pool>>,
     .description = "Where there are more",
     .manual = "Where *more* are; {default} at first, and `nothing` else."},
};
constinit const Table<Battery> battery_table{.fields = battery_fields, .title = "battery"};

constexpr Field<Shelf> shelf_fields[] = {
    {.key = "battery",
     .access = has_feature<&Shelf::battery, battery_table>,
     .description = "What keeps the clock going",
     .question = "Is there a battery"},
};
constinit const Table<Shelf> shelf_table{.fields = shelf_fields, .title = "shelf"};

/// What is read from the text, and what is said about it.
struct Read {
  Battery battery;
  std::string mistakes;
};

Read read(const std::string& text) {
  Read read;
  Mistakes mistakes;
  const auto document = read_tree(text, mistakes.add_document("x"), mistakes);
  REQUIRE(document);
  read_object({*document, "", mistakes}, battery_table, read.battery);
  try {
    mistakes.throw_if_any();
  } catch (const timectl::Error& error) {
    read.mistakes = error.what();
  }
  return read;
}

}  // namespace

TEST_CASE("one row reads a key, with its range, and says what is wrong with it") {
  CHECK(read("{}").battery.years == 3);
  CHECK(read(R"({"battery_years": 20})").battery.years == 20);
  CHECK(read(R"({"battery_years": 21})").mistakes ==
        "x:1:19: /battery_years: found 21, expected a whole number from 1 to 20");
  CHECK(read(R"({"battery_year": 1})").mistakes.find("did you mean \"battery_years\"?") !=
        std::string::npos);
}

TEST_CASE("the same row writes it as it is read") {
  const Battery battery{7, {"a.example"}};
  const auto text = json_text(write_object(battery_table, battery));
  CHECK(text == "{\n  \"battery_years\": 7,\n  \"sold_by\": [\n    \"a.example\"\n  ]\n}\n");
  CHECK(read(text).battery.years == 7);
  CHECK(read(text).battery.sold_by == battery.sold_by);
}

TEST_CASE("the same row is a property of the schema, with description, bounds and default") {
  auto definitions = object_value();
  const auto rule = rule_of(object_of(battery_table).keys.front(), definitions);
  CHECK(json_text(rule) ==
        "{\n"
        "  \"description\": \"Years until it is to be replaced\",\n"
        "  \"type\": \"integer\",\n"
        "  \"minimum\": 1,\n"
        "  \"maximum\": 20,\n"
        "  \"default\": 3\n"
        "}\n");
  CHECK(definitions.members.empty());
}

TEST_CASE("the same row is an entry of the manual, with range and default") {
  const auto keys = object_of(battery_table).keys;
  CHECK(manual_text(keys[0]) == "Years until it is to be replaced, 1 to 20.\nDefault: 3.");
  CHECK(manual_text(keys[1]) == "Where *more* are; none at first, and `nothing` else.");
}

TEST_CASE(
    "a table is a feature by one row more: a definition, a section, false when it is absent") {
  const auto shelf = object_of(shelf_table);
  auto definitions = object_value();
  CHECK(rule_of(shelf.keys.front(), definitions).find("$ref")->text == "#/definitions/battery");
  CHECK(definitions.find("battery")->find("properties")->find("battery_years") != nullptr);
  const auto sections = manual_of(shelf);
  REQUIRE(sections.size() == 2);
  CHECK(sections[1].title == "battery");
  CHECK(sections[1].keys.size() == 2);
  CHECK(json_text(write_object(shelf_table, {})) == "{\n  \"battery\": false\n}\n");
  std::vector<std::string> seen;
  for_each_key(shelf, [&](const std::string& pointer, const Key& key) {
    seen.push_back(pointer + " " + std::string{key.question});
  });
  CHECK(seen == std::vector<std::string>{"/battery Is there a battery", "/battery/battery_years ",
                                         "/battery/sold_by "});
}

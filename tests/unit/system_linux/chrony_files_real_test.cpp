// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "scratch.hpp"
#include "support/catch.hpp"
#include "system/chrony_files.hpp"
#include "system/linux/linux.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>

/// The reader of chrony's files beside chronyd -p, on configurations that are made at random.
using namespace timectl;
using timectl::test::Scratch;

namespace {

std::string find_chronyd() {
  std::string places = "/usr/sbin:/usr/bin";
  if (const auto* tools = std::getenv("TIMECTL_TOOLS")) {
    for (const auto& tree : split(tools, ':')) places += ":" + tree + "/usr/sbin";
  }
  for (const auto& place : split(places, ':')) {
    if (std::filesystem::exists(place + "/chronyd")) return place + "/chronyd";
  }
  return "";
}

/// What chronyd has in force, a line each, names in lower case.
std::vector<std::string> lines_of_chronyd(const std::string& chronyd, const std::string& file) {
  const auto command = shell_quoted(chronyd) + " -p -f " + shell_quoted(file) + " 2>&1";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe{popen(command.c_str(), "r"), pclose};
  std::string output;
  std::array<char, 4096> part{};
  while (const auto count = std::fread(part.data(), 1, part.size(), pipe.get())) {
    output.append(part.data(), count);
  }
  auto lines = lines_of(output);
  for (auto& line : lines) {
    for (auto& c : line) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return lines;
}

class Generator {
 public:
  Generator(const Scratch& scratch, unsigned seed) : scratch_(scratch), random_(seed) {}

  void make() {
    for (const std::string directory : {"a", "b", "c"}) {
      for (const std::string name : {"10.conf", "20.conf", "5.conf", "x.txt", ".dot.conf"}) {
        if (chance(2)) scratch_.put(directory + "/" + name, lines("include " + path("i/*.inc")));
      }
    }
    for (const std::string name : {"1.inc", "2.inc", ".3.inc", "q.inc"}) {
      scratch_.put("i/" + name, lines("# nothing"));
    }
    std::filesystem::create_directories(path("a"));
    if (chance(2)) std::filesystem::create_symlink("/dev/null", path("a/30.conf"));
    scratch_.put("main.conf",
                 lines("confdir " + path("a") + " " + path("b/") + " " + path("none")) +
                     lines("ConfDir " + path("c")) + lines("INCLUDE " + path("?/1*.conf")) +
                     lines("include " + path("i/1.inc")));
  }

  std::string path(const std::string& name) const { return scratch_.path() + "/" + name; }

 private:
  bool chance(unsigned of) { return random_() % of == 0; }

  std::string lines(const std::string& special) {
    std::string text;
    for (unsigned i = 0; i < 4; ++i) {
      const auto number = std::to_string(++count_);
      constexpr std::array names{"maxdistance ", "  MaxJitter\t ", "\tmaxclockerror  "};
      if (chance(2)) text += names.at(random_() % names.size()) + number + " \n";
      constexpr std::array comments{"# maxjitter 1\n", " ! x\n", ";\n", "%y\n", "\n", "   \n"};
      if (chance(3)) text += comments.at(random_() % comments.size());
      if (i == 2) text += special + "\n";
    }
    return text;
  }

  const Scratch& scratch_;
  std::mt19937 random_;
  unsigned count_ = 0;
};

}  // namespace

TEST_CASE("chrony's files are read as chronyd -p reads them") {
  const auto chronyd = find_chronyd();
  if (chronyd.empty()) {
    WARN("chronyd is neither installed nor below TIMECTL_TOOLS");
    return;
  }
  const auto files = system::os::make_files("/");
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const Scratch scratch;
    Generator generator{scratch, seed};
    generator.make();
    const auto main_file = generator.path("main.conf");
    const auto found = read_chrony_files(
        *files, {main_file, generator.path("a/50.conf"), generator.path("s/x.sources")});
    std::vector<std::string> lines;
    for (const auto& directive : found.directives) {
      const auto& name = directive.words.front();
      if (name != "include" && name != "confdir") lines.push_back(join(directive.words, " "));
    }
    CHECK(found.doubts.empty());
    CHECK(found.own_at.size() == 1);
    CHECK(lines == lines_of_chronyd(chronyd, main_file));
  }
}

// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/existing/detect_commands.hpp"

#include <algorithm>
#include <array>

/// Which programs set the clock, and by which options (hwclock(8), date(1), ntpdig(1), …).
namespace timectl::features {

namespace {

using Words = std::vector<std::string>;

constexpr auto from_rtc = "sets the clock from the RTC";
constexpr auto from_network = "sets the clock from the network";
constexpr auto by_hand = "sets the clock to a time of its own";
constexpr auto adds_rtc = "registers an RTC chip with the kernel";

/// A command line as getopt(3) reads it.
struct Options {
  std::string letters;
  Words longs;     ///< without their dashes, and without "=value"
  Words operands;  ///< neither options nor their values
  Words values;    ///< of `valued` letters, each with its letter in front

  bool has(char letter) const { return letters.find(letter) != std::string::npos; }
  /// Long options may be abbreviated.
  bool has(std::string_view name, std::size_t shortest) const {
    return std::any_of(longs.begin(), longs.end(), [&](const std::string& given) {
      return given.size() >= shortest && name.starts_with(given);
    });
  }
  std::string value_of(char letter) const {
    for (const auto& value : values) {
      if (value.front() == letter) return value.substr(1);
    }
    return "";
  }
};

void read_letters(const Words& words, std::size_t& at, std::string_view valued, char optional,
                  Options& options) {
  const auto& word = words[at];
  for (std::size_t i = 1; i < word.size(); ++i) {
    options.letters += word[i];
    if (word[i] == optional) return;
    if (valued.find(word[i]) == std::string_view::npos) continue;
    auto value = word.substr(i + 1);
    if (value.empty() && at + 1 < words.size()) value = words[++at];
    options.values.push_back(std::string{word[i]} + value);
    return;
  }
}

/// `valued` are the letters that take a value, `optional` one that has it in the same word, if any.
Options options_of(const Words& words, std::string_view valued, char optional = '\0') {
  Options options;
  for (std::size_t at = 1; at < words.size(); ++at) {
    const auto& word = words[at];
    if (word.starts_with("--")) {
      options.longs.push_back(word.substr(2, word.find('=') - 2));
    } else if (word.size() > 1 && word.front() == '-') {
      read_letters(words, at, valued, optional, options);
    } else {
      options.operands.push_back(word);
    }
  }
  return options;
}

std::string name_of(std::string_view program) {
  auto name = std::string{program.substr(program.rfind('/') + 1)};
  if (!name.starts_with('$')) return name;
  // "$HWCLOCK" and "${HWCLOCK}" are mostly what they are called.
  std::string lower;
  for (const char letter : name) {
    if (letter >= 'A' && letter <= 'Z') lower += static_cast<char>(letter - 'A' + 'a');
    if (letter >= 'a' && letter <= 'z') lower += letter;
  }
  return lower;
}

std::string hwclock(const Words& words) {
  const auto options = options_of(words, "fg");
  if (options.has("test", 2) || options.has('h') || options.has('V')) return "";
  return options.has('s') || options.has("hctosys", 2) ? from_rtc : "";
}

std::string ntpdate(const Words& words) {
  const auto options = options_of(words, "aekoptU");
  return options.has('q') || options.has('d') || options.has("help", 1) ? "" : from_network;
}

/// ntpdig, and ntp's sntp.
std::string sntp(const Words& words) {
  const auto options = options_of(words, "aBbcDgKklMotu");
  const bool sets = options.has('S') || options.has('s');
  return sets || options.has("step", 3) || options.has("slew", 2) ? from_network : "";
}

std::string rdate(const Words& words) {
  const auto options = options_of(words, "to");
  return options.has('p') || options.operands.empty() ? "" : from_network;
}

std::string htpdate(const Words& words) {
  const auto options = options_of(words, "bdimMpPu");
  const bool sets = options.has('s') || options.has('a') || options.has('x') || options.has('D');
  return sets && !options.has('q') ? from_network : "";
}

std::string tlsdate(const Words& words) {
  const auto options = options_of(words, "HCpPjxw");
  return options.has('n') || options.has("dont-set-clock", 4) ? "" : from_network;
}

/// As a daemon it is the host's own, or another one's unit.
std::string chronyd(const Words& words) {
  const auto options = options_of(words, "fFlLPtu");
  return options.has('q') && !options.has('x') ? from_network : "";
}

std::string ntpd(const Words& words) {
  const auto options = options_of(words, "cDfiIklprstu");
  return options.has('q') || options.has("quit", 4) ? from_network : "";
}

std::string busybox_ntpd(const Words& words) {
  const auto options = options_of(words, "pSkI");
  return options.has('w') || options.operands.size() > 1 ? "" : from_network;
}

/// "MMDDhhmm", with a year in front of ".ss" or without.
bool is_date_operand(const std::string& word) {
  const auto digits = word.substr(0, word.find('.'));
  const bool is_number = std::all_of(digits.begin(), digits.end(),
                                     [](char each) { return each >= '0' && each <= '9'; });
  return is_number && (digits.size() == 8 || digits.size() == 10 || digits.size() == 12);
}

std::string date(const Words& words) {
  const auto options = options_of(words, "dfrsD", 'I');
  const bool only_shows = options.has('d') || options.has('f') || options.has('r');
  const auto& operands = options.operands;
  const bool has_time = std::any_of(operands.begin(), operands.end(), is_date_operand);
  if (options.has('s') || options.has("set", 2)) return by_hand;
  return has_time && !only_shows && options.longs.empty() ? by_hand : "";
}

std::string timedatectl(const Words& words) {
  const auto options = options_of(words, "HMp");
  if (options.has('H') || options.has('M') || options.operands.empty()) return "";
  if (options.has("host", 3) || options.has("machine", 2)) return "";
  if (options.operands.front() == "set-time") return by_hand;
  return options.operands.front() == "set-ntp" ? "switches the system's time daemon" : "";
}

std::string adjtimex(const Words& words) {
  const auto options = options_of(words, "tofsTmeFhw");
  const bool sets = options.has('t') || options.has('o') || options.has('f') || options.has('s');
  const bool sets_long = options.has("tick", 2) || options.has("offset", 2) ||
                         options.has("frequency", 2) || options.has("singleshot", 2);
  return sets || sets_long ? "changes the clock's rate" : "";
}

std::string phc2sys(const Words& words) {
  const auto options = options_of(words, "cdsEPIOSROLNUnlwfuFMzt");
  constexpr auto what = "sets the clock from a network card's";
  if (options.has('a')) return options.has('r') ? what : "";
  const auto target = options.value_of('c');
  const bool is_system = target.empty() || target == "CLOCK_REALTIME";
  return options.has('s') && is_system && options.value_of('s') != "CLOCK_REALTIME" ? what : "";
}

std::string with_verb(const Words& words, std::string_view verb, const char* effect) {
  return words.size() > 1 && words[1] == verb ? effect : "";
}

std::string fake_hwclock(const Words& words) {
  return with_verb(words, "load", "sets the clock to a saved time");
}

std::string chronyc(const Words& words) {
  const auto options = options_of(words, "hpfmnN");
  const bool has_host = options.has('h');
  const auto& operands = options.operands;
  return !has_host && !operands.empty() && operands.front() == "settime" ? by_hand : "";
}

struct Program {
  std::string_view name;
  std::string (*effect)(const Words& words);
};
constexpr std::array programs{Program{"hwclock", hwclock},
                              Program{"ntpdate", ntpdate},
                              Program{"ntpdate-debian", ntpdate},
                              Program{"ntpdig", sntp},
                              Program{"sntp", sntp},
                              Program{"msntp", sntp},
                              Program{"rdate", rdate},
                              Program{"htpdate", htpdate},
                              Program{"tlsdate", tlsdate},
                              Program{"chronyd", chronyd},
                              Program{"ntpd", ntpd},
                              Program{"date", date},
                              Program{"timedatectl", timedatectl},
                              Program{"adjtimex", adjtimex},
                              Program{"phc2sys", phc2sys},
                              Program{"fake-hwclock", fake_hwclock},
                              Program{"chronyc", chronyc}};

/// Programs that run what follows, their options with a value, and how many words stand between.
struct Runner {
  std::string_view name;
  std::string_view valued;
  std::size_t operands = 0;
};
constexpr std::array runners{
    Runner{"sudo", "ugpCThDRrt"}, Runner{"doas", "uC"},     Runner{"env", "uC"},
    Runner{"nohup", ""},          Runner{"setsid", ""},     Runner{"exec", "a"},
    Runner{"command", ""},        Runner{"builtin", ""},    Runner{"busybox", ""},
    Runner{"timeout", "ks", 1},   Runner{"nice", "n"},      Runner{"ionice", "cn"},
    Runner{"stdbuf", "ioe"},      Runner{"flock", "wE", 1}, Runner{"chrt", "TPD", 1},
    Runner{"taskset", "", 1},     Runner{"time", "of"},     Runner{"eatmydata", ""}};
constexpr std::array reserved{"if", "then", "else", "elif", "do", "while", "until", "!", "{"};
constexpr std::array shells{"sh", "bash", "dash", "ash", "ksh", "zsh"};

template <typename List>
bool is_in(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_assignment(std::string_view word) {
  const auto equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  return word.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+") == equals;
}

/// Past the runner at `at` and its own words; the end where it runs nothing ("command -v date").
std::size_t behind_runner(const Words& words, std::size_t at, const Runner& runner) {
  auto operands = runner.operands;
  for (++at; at < words.size(); ++at) {
    const auto& word = words[at];
    const bool is_option = word.size() > 1 && word.front() == '-';
    if (is_option && runner.name == "command" && word.find_first_of("vV") != word.npos) break;
    if (is_option && word.size() == 2 && runner.valued.find(word[1]) != std::string_view::npos) {
      ++at;
    } else if (!is_option && !is_assignment(word)) {
      if (operands == 0) return at;
      --operands;
    }
  }
  return words.size();
}

/// Where the program's name is.
std::size_t find_program(const Words& words, bool& is_busybox) {
  std::size_t at = 0;
  while (at < words.size()) {
    const auto& word = words[at];
    const auto name = name_of(word);
    const auto* const runner = std::find_if(runners.begin(), runners.end(),
                                            [&](const Runner& each) { return each.name == name; });
    if (is_in(reserved, word) || is_assignment(word)) {
      ++at;
    } else if (word == "function") {  // function NAME { COMMAND
      at = std::min(at + 2, words.size());
    } else if (runner != runners.end()) {
      is_busybox = is_busybox || name == "busybox";
      at = behind_runner(words, at, *runner);
    } else {
      return at;
    }
  }
  return at;
}

/// The text that `sh -c TEXT` runs; "" without one.
std::string text_for_shell(const Words& words) {
  // As "flock FILE -c" has it.
  if (words.front().find(' ') != std::string::npos) return words.front();
  const auto name = name_of(words.front());
  if (name == "eval") return join(Words{words.begin() + 1, words.end()}, " ");
  if (!is_in(shells, name) && name != "su" && name != "runuser") return "";
  for (std::size_t at = 1; at + 1 < words.size(); ++at) {
    const auto& word = words[at];
    const bool is_option = word.size() > 1 && word.front() == '-' && word[1] != '-';
    if (is_option && word.find('c') != std::string::npos) return words[at + 1];
    if (!is_option && is_in(shells, name)) return "";
  }
  return "";
}

/// Drivers of RTCs: other chips on the bus are not timectl's business.
bool is_rtc_driver(std::string_view name) {
  constexpr std::array names{
      "ds1307",   "ds1308",   "ds1337",    "ds1338",     "ds1339",  "ds1340",   "ds1341",
      "ds1374",   "ds1388",   "ds1672",    "ds3231",     "ds3232",  "pcf8523",  "pcf8563",
      "pcf85063", "pcf85363", "pcf85063a", "pcf85063tp", "pcf2127", "pcf2129",  "pcf2131",
      "rv1805",   "rv3028",   "rv3029",    "rv3032",     "rv8803",  "mcp7940x", "mcp7941x",
      "m41t62",   "m41t80",   "m41t00",    "bq32000",    "bq32k",   "isl1208",  "isl1218",
      "isl12022", "abx80x",   "ab0805",    "ab1805",     "s35390a", "sd3078",   "hym8563",
      "rx8025",   "rx8130",   "rx8111",    "x1205"};
  return is_in(names, name);
}

/// "echo ds3231 0x68 > /sys/class/i2c-adapter/i2c-1/new_device"
std::string effect_of_targets(const ShellCommand& command) {
  const bool is_device =
      std::any_of(command.targets.begin(), command.targets.end(), [](const std::string& target) {
        return target.ends_with("/new_device") && target.find("i2c") != std::string::npos;
      });
  if (!is_device) return "";
  for (const auto& word : command.words) {
    const auto parts = words_of(word);
    if (std::any_of(parts.begin(), parts.end(), is_rtc_driver)) return adds_rtc;
  }
  return "";
}

/// `depth` is of a shell in a shell.
std::string effect_in(const ShellCommand& command, int depth) {
  constexpr int deepest = 3;
  if (auto effect = effect_of_targets(command); !effect.empty()) return effect;
  bool is_busybox = false;
  const Words words{
      command.words.begin() + static_cast<std::ptrdiff_t>(find_program(command.words, is_busybox)),
      command.words.end()};
  if (words.empty()) return "";
  if (const auto text = text_for_shell(words); !text.empty()) {
    std::string effect;
    if (depth == deepest) return effect;
    for_each_command(text, [&](const ShellCommand& inner) {
      effect = effect_in(inner, depth + 1);
      return effect.empty();
    });
    return effect;
  }
  const auto name = name_of(words.front());
  if (is_busybox && name == "ntpd") return busybox_ntpd(words);
  const auto* const program = std::find_if(programs.begin(), programs.end(),
                                           [&](const Program& each) { return each.name == name; });
  return program == programs.end() ? "" : program->effect(words);
}

}  // namespace

std::vector<std::string> bare_words(const ShellCommand& command) {
  bool is_busybox = false;
  return {
      command.words.begin() + static_cast<std::ptrdiff_t>(find_program(command.words, is_busybox)),
      command.words.end()};
}

std::string effect_on_clock(const ShellCommand& command) { return effect_in(command, 0); }

std::string program_file(const ShellCommand& command) {
  const auto words = bare_words(command);
  if (words.empty()) return "";
  const bool is_sourced = words.front() == "." || words.front() == "source";
  if (!is_sourced && !is_in(shells, name_of(words.front()))) {
    return words.front().starts_with('/') ? words.front() : "";
  }
  for (std::size_t at = 1; at < words.size(); ++at) {
    if (words[at].starts_with('/')) return words[at];
    if (!words[at].starts_with('-') || words[at].find('c') != std::string::npos) return "";
  }
  return "";
}

}  // namespace timectl::features

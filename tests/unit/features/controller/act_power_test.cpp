// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/controller/act_power.hpp"

#include "site.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <random>

using namespace timectl;
using namespace timectl::features;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;
using controller::highest_step;
using profile::Environment;
using profile::PowerLevel;
using profile::PowerLevels;
using std::chrono::nanoseconds;

namespace {

using TimeState = quality::State;

constexpr nanoseconds longest_gap = 5min;
constexpr Seconds limit{5};

PowerLevel steps(std::vector<profile::PowerStep> steps) {
  PowerLevel level;
  level.is_list = false;
  level.steps = std::move(steps);
  return level;
}

/// Three steps: at once; within 100 ms; within 10 ms after an hour.
PowerLevels three_steps() {
  const auto level = steps(
      {{{}, 0s, {"ECO=1"}}, {Seconds{0.1}, 0s, {"ECO=2"}}, {Seconds{0.01}, 3600s, {"ECO=3"}}});
  return {level, level, Environment{"ECO=island"}};
}

/// A controller, as far as its environment goes, whose monitor is asked at random moments. Trust is
/// counted here by itself: what monitor knows of it is what is tested.
class RandomController {
 public:
  RandomController(unsigned seed, bool restarts_fail)
      : random_(seed), restarts_fail_(restarts_fail) {
    levels_ = {any_level(), any_level(), any_level()};
    if (!controller::has_steps(levels_)) levels_.traceable = any_steps();
    names_ = controller::names_of(levels_);
    rules_ = {60s, nanoseconds{(random_() % 300) * 1s}, 4 + random_() % 5, 10s, 5};
    observed_.unit = controller_unit;
    observed_.state.load_state = "loaded";
    observed_.state.active_state = "active";
    run_with({});
    observed_.names = names_;
  }

  void check() {
    happen();
    const int before = controller::step_of(observed_.state.environment);
    const int had = controller::step_of(*observed_.process_environment);
    const bool trusted = is_trusted();
    count_trust(trusted);
    state_.trusted_since = trusted_since(state_, trusted, now_, longest_gap);
    Allowance allowance{levels_, time_, 0, "192.168.4.2"};
    if (state_.trusted_since) {
      allowance.highest =
          highest_step(levels_, {time_, bound_, Seconds{now_ - *state_.trusted_since}});
    }
    const auto decision = decide_power({observed_, allowance, rules_, state_, now_});
    note_given(observed_, decision, now_, state_);
    state_.ticked = now_;
    const bool asked = carry_out(decision);
    judge(before, had, decision, asked);
  }

  bool is_within_cap() const {
    for (std::size_t i = rules_.restarts_per_hour; i < restarts_.size(); ++i) {
      if (restarts_[i] - restarts_[i - rules_.restarts_per_hour] < 1h) return false;
    }
    return true;
  }

  int ups = 0, downs = 0, high = 0;

 private:
  bool one_in(unsigned n) { return random_() % n == 0; }

  PowerLevel any_steps() {
    std::vector<profile::PowerStep> list;
    double bound = 4;
    std::chrono::seconds after{};
    const auto count = 1 + random_() % 3;
    for (unsigned i = 0; i < count; ++i) {
      profile::PowerStep step{{}, after, {"ECO=" + std::to_string(i)}};
      if (i > 0 || one_in(2)) step.bound = Seconds{bound};
      list.push_back(step);
      if (one_in(2)) bound /= 8;
      if (one_in(3)) after += std::chrono::seconds{random_() % 400};
    }
    return steps(list);
  }
  PowerLevel any_level() {
    if (one_in(5)) return one_in(2) ? Environment{} : Environment{"PART=1"};
    return any_steps();
  }

  bool is_trusted() const {
    const bool known =
        time_ == TimeState::traceable || time_ == TimeState::holdover || time_ == TimeState::island;
    return known && bound_ <= limit && !fallback_;
  }

  void happen() {
    constexpr TimeState often[] = {TimeState::traceable, TimeState::traceable, TimeState::holdover,
                                   TimeState::island};
    if (one_in(3)) time_ = often[random_() % 4];
    if (one_in(12)) time_ = quality::all_states[random_() % 6];
    if (one_in(3)) bound_ = Seconds{std::exp2(static_cast<double>(random_() % 14) - 10)};
    fallback_ = one_in(12);
    now_ += std::chrono::seconds{20 + random_() % 100};
    if (one_in(12)) now_ += std::chrono::seconds{random_() % 600};  // checks were skipped
    if (one_in(20)) {  // the fail-safe units took it away
      observed_.drop_in.reset();
      observed_.state.environment.clear();
      run_with({});
    }
    if (restarts_fail_ && one_in(40)) state_ = {};  // torn, or lost: no cap is kept then
  }

  void run_with(const Environment& environment) {
    observed_.process_environment = environment;
    observed_.state.invocation_id = std::to_string(++runs_);
  }

  void count_trust(bool trusted) {
    const bool goes_on = trusted && since_ && now_ - checked_ <= longest_gap && state_.ticked > 0s;
    if (!goes_on) since_ = trusted ? std::optional{now_} : std::nullopt;
    checked_ = now_;
  }

  /// systemd: loads the drop-in, restarts if asked. Whether it was asked.
  bool carry_out(const PowerDecision& decision) {
    if (decision.drop_in.file == FileStep::write) observed_.drop_in = decision.drop_in.text;
    if (decision.drop_in.file == FileStep::remove) observed_.drop_in.reset();
    observed_.state.environment = controller::variables_of(observed_.drop_in.value_or(""));
    observed_.state.drop_in_paths.clear();
    if (observed_.drop_in) observed_.state.drop_in_paths.push_back(drop_in);
    const bool due = restart_is_due(observed_, decision.drop_in, state_);
    if (!due) return false;
    state_.restarted_environment = decision.drop_in.text;
    note_own_restart(state_, rules_, now_);
    restarts_.push_back(now_);
    state_.restarted_invocation.clear();
    if (restarts_fail_ && one_in(3)) return true;
    run_with(observed_.state.environment);
    state_.restarted_invocation = observed_.state.invocation_id;
    return true;
  }

  bool holds(int step) const {
    const auto& level = time_ == TimeState::traceable  ? levels_.traceable
                        : time_ == TimeState::holdover ? levels_.holdover
                                                       : levels_.island;
    if (!is_trusted() || static_cast<std::size_t>(step) > level.steps.size()) return false;
    const auto& each = level.steps[static_cast<std::size_t>(step) - 1];
    return bound_ <= each.bound.value_or(limit) && now_ - *since_ >= each.after;
  }

  void judge(int before, int had, const PowerDecision& decision, bool asked) {
    const int step = controller::step_of(observed_.state.environment);
    const int has = controller::step_of(*observed_.process_environment);
    if (step != decision.step) FAIL("decided " << decision.step << ", told " << step);
    if (step > before + 1) FAIL("up from " << before << " to " << step);
    if (has > had + 1) FAIL("the process went up from " << had << " to " << has);
    for (int each = 1; each <= step; ++each) {
      if (!holds(each))
        FAIL("step " << step << " in " << quality::to_string(time_) << ", " << bound_.count());
    }
    // Whatever it has beyond that, it is restarted for in this very check.
    if (had > step && !asked) FAIL("the process keeps step " << had << " instead of " << step);
    ups += step > before ? 1 : 0;
    downs += step < before ? 1 : 0;
    high += step > 1 ? 1 : 0;
  }

  std::mt19937 random_;
  bool restarts_fail_;
  PowerLevels levels_;
  controller::Names names_;
  HoldOffRules rules_;
  ControllerView observed_;
  monitor::State state_;
  nanoseconds now_ = 10min;
  TimeState time_ = TimeState::traceable;
  Seconds bound_{0.001};
  bool fallback_ = false;
  std::optional<nanoseconds> since_;
  nanoseconds checked_{};
  std::vector<nanoseconds> restarts_;
  int runs_ = 0;
};

}  // namespace

TEST_CASE(
    "whatever happens, no step outlives its bound by a check, and none is left out on the way up") {
  int ups = 0, downs = 0, high = 0;
  for (unsigned seed = 0; seed < 10'000; ++seed) {
    INFO("seed " << seed);
    RandomController controller{seed, seed % 2 == 0};
    for (unsigned check = 0; check < 3 + seed / 2 % 6; ++check) controller.check();
    if (seed % 2 == 1) REQUIRE(controller.is_within_cap());
    ups += controller.ups;
    downs += controller.downs;
    high += controller.high;
  }
  CHECK(ups > 10'000);  // else the properties hold for nothing
  CHECK(downs > 5'000);
  CHECK(high > 5'000);
}

TEST_CASE("the highest step is the last whose bound holds and whose time has passed") {
  const auto levels = three_steps();
  struct Case {
    TimeState state;
    double bound;
    Seconds lasted;
    int step;
  };
  for (const auto& [state, bound, lasted, step] : {
           Case{TimeState::traceable, 4.9, 0s, 1},
           Case{TimeState::traceable, 0.1, 0s, 2},
           Case{TimeState::traceable, 0.100001, 2h, 1},
           Case{TimeState::holdover, 0.01, 3599s, 2},
           Case{TimeState::holdover, 0.01, 3600s, 3},
           Case{TimeState::island, 0.001, 24h, 1},  // a list is one step
           Case{TimeState::rtc_only, 0.001, 24h, 0},
           Case{TimeState::unsynchronized, 0.001, 24h, 0},
           Case{TimeState::wrong, 0.001, 24h, 0},
           Case{TimeState::traceable, std::nan(""), 24h, 1},
       }) {
    INFO(quality::to_string(state) << " " << bound << " " << lasted.count());
    CHECK(highest_step(levels, {state, Seconds{bound}, lasted}) == step);
  }
  CHECK(highest_step({{}, {}, {}}, {TimeState::traceable, Seconds{}, 24h}) == 0);
}

TEST_CASE("the controller is told the step's number where a state has steps, and only there") {
  const auto levels = three_steps();
  CHECK(controller::wanted_text(levels, TimeState::traceable, 2, server_address) ==
        "[Service]\n"
        "Environment=ECO=2\n"
        "Environment=POWER_LEVEL=2\n"
        "Environment=NTP_SERVER=192.168.4.2\n");
  CHECK(controller::wanted_text(levels, TimeState::island, 1, server_address) ==
        "[Service]\n"
        "Environment=ECO=island\n"
        "Environment=POWER_LEVEL=1\n"
        "Environment=NTP_SERVER=192.168.4.2\n");
  for (const int step : {0, 4, -1}) {
    CHECK(controller::wanted_text(levels, TimeState::traceable, step, server_address).empty());
  }
  CHECK(controller::wanted_text(levels, TimeState::wrong, 1, server_address).empty());
  CHECK(saving_text().find("POWER_LEVEL") == std::string::npos);
  CHECK(controller::names_of(levels) == controller::Names{"ECO", "NTP_SERVER", "POWER_LEVEL"});
  CHECK(controller::own_names({}) == controller::Names{"NTP_SERVER"});
}

TEST_CASE("a step's number is read back from its variables") {
  CHECK(controller::step_of({}) == 0);
  CHECK(controller::step_of({"NTP_SERVER=192.168.4.2"}) == 0);
  CHECK(controller::step_of({"CONSERVE_POWER=1"}) == 1);
  CHECK(controller::step_of({"ECO=3", "POWER_LEVEL=3"}) == 3);
  for (const auto* odd : {"POWER_LEVEL=", "POWER_LEVEL=0", "POWER_LEVEL=x", "POWER_LEVEL=99999"}) {
    CHECK(controller::step_of({odd}) == 1);
  }
}

TEST_CASE("trust is broken by a check without it, by a long gap, and by a boot") {
  monitor::State before;
  CHECK(trusted_since(before, true, 1h, longest_gap) == 1h);
  before.trusted_since = 1h;
  before.ticked = 2h;
  CHECK(trusted_since(before, true, 2h + 5min, longest_gap) == 1h);
  CHECK(trusted_since(before, true, 2h + 5min + 1s, longest_gap) == 2h + 5min + 1s);
  CHECK(trusted_since(before, false, 2h + 1min, longest_gap) == std::nullopt);
}

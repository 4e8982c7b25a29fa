// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"

namespace timectl::test {

/// Fails the n-th changing call of a fake (1 is the next), or that one and all after it. Also
/// counts them, so that a test can go through every n there is.
class Fuse {
 public:
  void fail_on(int n, bool forever = false) {
    fail_at_ = calls_ + n;
    forever_ = forever;
  }
  void mend() { fail_at_ = 0; }
  int calls() const { return calls_; }
  bool is_blown() const { return fail_at_ != 0 && calls_ >= fail_at_; }

  void burn(const std::string& what) {
    ++calls_;
    const bool fails = fail_at_ != 0 && (forever_ ? calls_ >= fail_at_ : calls_ == fail_at_);
    if (fails) throw Error{ErrorKind::external, "cannot " + what + ": the fake was told to fail"};
  }

 private:
  int calls_ = 0;
  int fail_at_ = 0;
  bool forever_ = false;
};

}  // namespace timectl::test

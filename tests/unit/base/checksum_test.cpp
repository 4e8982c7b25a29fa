// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/checksum.hpp"

#include "support/catch.hpp"

using namespace timectl;

TEST_CASE("the checksum is the CRC-32 that gzip and everybody's check value know") {
  CHECK(crc32("123456789") == 0xcbf43926U);
  CHECK(checksum_of("") == "00000000");
  CHECK(checksum_of("The quick brown fox jumps over the lazy dog") == "414fa339");
  CHECK(checksum_of("a") == "e8b7be43");
}

TEST_CASE("a sealed document is right, and any bit that flips in it is noticed") {
  const std::string document = "{\n \"schema\": 2,\n \"files\": []\n}\n";
  const auto sealed = with_checksum(document);
  CHECK(checksum_state(document) == ChecksumState::absent);
  CHECK(checksum_state(sealed) == ChecksumState::right);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto damaged = sealed;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      CAPTURE(damaged);
      CHECK(checksum_state(damaged) != ChecksumState::right);
    }
  }
}

TEST_CASE("a sealed document that was cut off anywhere is not right") {
  const auto sealed = with_checksum("{\n \"schema\": 2\n}\n");
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    CHECK(checksum_state(std::string_view{sealed}.substr(0, size)) != ChecksumState::right);
  }
}

#!/usr/bin/env python3
"""The model of the chip, against its data sheet and against what Linux's rtc-ds1307 writes and reads."""

import calendar
import time
import unittest

from ds3231 import CONTROL, NEW_CHIP, STATUS, TEMPERATURE, Ds3231

NOON = calendar.timegm((2026, 3, 4, 12, 34, 56))  # a Wednesday


def registers(chip: Ds3231, first: int, count: int) -> bytes:
    chip.write(bytes([first]))
    return chip.read(count)


class Chip(unittest.TestCase):
    def setUp(self) -> None:
        self.chip = Ds3231()

    def test_a_new_chip_says_2000_and_that_its_oscillator_had_stopped(self) -> None:
        self.assertEqual(registers(self.chip, 0, 7)[3:], bytes([7, 0x01, 0x01, 0x00]))
        self.assertEqual(registers(self.chip, CONTROL, 2), b"\x1c\x88")

    def test_time_is_read_as_decimal_digits(self) -> None:
        self.chip.oscillator.set(NOON)
        self.assertEqual(registers(self.chip, 0, 7), b"\x56\x34\x12\x04\x04\x03\x26")

    def test_what_is_written_ticks_on(self) -> None:
        self.chip.write(b"\x00\x56\x34\x12\x04\x04\x03\x26")
        self.assertAlmostEqual(self.chip.oscillator.now(), NOON, delta=0.5)
        self.assertEqual(self.chip.time_writes, 1)

    def test_writing_the_time_does_not_clear_the_flag(self) -> None:
        self.chip.write(b"\x00\x56\x34\x12\x04\x04\x03\x26")
        self.assertTrue(self.chip.oscillator_stopped)

    def test_the_flag_goes_when_zero_is_written_to_it(self) -> None:
        self.chip.write(bytes([STATUS, 0x08]))
        self.assertFalse(self.chip.oscillator_stopped)

    def test_the_twelve_hour_form_is_kept(self) -> None:
        self.chip.write(b"\x00\x56\x34\x72\x04\x04\x03\x26")  # 12 PM
        self.assertAlmostEqual(self.chip.oscillator.now(), NOON, delta=0.5)
        self.assertEqual(registers(self.chip, 2, 1), b"\x72")

    def test_a_read_goes_on_where_the_last_one_ended_and_wraps(self) -> None:
        self.chip.write(bytes([TEMPERATURE]))
        self.assertEqual(self.chip.read(2), bytes([21, 0]))
        self.assertEqual(len(self.chip.read(0x13)), 0x13)

    def test_temperature_cannot_be_written(self) -> None:
        self.chip.write(bytes([TEMPERATURE, 99]))
        self.assertEqual(registers(self.chip, TEMPERATURE, 1), bytes([21]))

    def test_a_fast_crystal_gains(self) -> None:
        self.chip.oscillator.set(NOON)
        self.chip.oscillator.run_at(1e6)  # twice as fast
        began = time.time()
        time.sleep(0.05)
        gained = self.chip.oscillator.now() - NOON
        self.assertAlmostEqual(gained, 2 * (time.time() - began), delta=0.03)

    def test_without_power_all_is_forgotten(self) -> None:
        self.chip.write(b"\x00\x56\x34\x12\x04\x04\x03\x26")
        self.chip.write(bytes([STATUS, 0]))
        self.chip.lose_power()
        self.assertTrue(self.chip.oscillator_stopped)
        self.assertAlmostEqual(self.chip.oscillator.now(), NEW_CHIP, delta=0.5)


if __name__ == "__main__":
    unittest.main()

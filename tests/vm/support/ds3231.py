"""A model of Maxim's DS3231 real-time clock, at its registers (data sheet 19-5170, table 1).

Time is the runner's own clock, at another rate when asked for: the chip ticks on whatever becomes of
the machine it is soldered to.
"""

import calendar
import time

ADDRESS = 0x68
REGISTERS = 0x13
CONTROL, STATUS, TEMPERATURE = 0x0E, 0x0F, 0x11
OSCILLATOR_STOPPED, ENABLE_32KHZ, ALARMS = 0x80, 0x08, 0x03
NEW_CHIP = calendar.timegm((2000, 1, 1, 0, 0, 0))
CENTURY = 0x80
TWELVE_HOURS, PM = 0x40, 0x20


def to_bcd(number: int) -> int:
    return number // 10 << 4 | number % 10


def from_bcd(byte: int) -> int:
    return (byte >> 4) * 10 + (byte & 15)


def hour_of(register: int) -> int:
    if not register & TWELVE_HOURS:
        return from_bcd(register & 0x3F)
    return from_bcd(register & 0x1F) % 12 + (12 if register & PM else 0)


class Oscillator:
    """Counts seconds since 1970, ppm faster than the runner's clock."""

    def __init__(self) -> None:
        self.ppm = 0.0
        self.set(NEW_CHIP)

    def set(self, epoch: float) -> None:
        self._epoch, self._since = epoch, time.time()

    def now(self) -> float:
        return self._epoch + (time.time() - self._since) * (1 + self.ppm * 1e-6)

    def run_at(self, ppm: float) -> None:
        self.set(self.now())
        self.ppm = ppm


class Ds3231:
    def __init__(self) -> None:
        self.oscillator = Oscillator()
        self.absent = False
        self.time_writes = 0
        self._registers = bytearray(REGISTERS)
        self._pointer = 0
        self._latched: bytes | None = None
        self.lose_power()

    # --- what happens to a chip -----------------------------------------------------------------

    def lose_power(self) -> None:
        """Mains and battery: everything as after the first power-up."""
        self._registers[:] = bytes(REGISTERS)
        self._registers[CONTROL] = 0x1C
        self._registers[STATUS] = OSCILLATOR_STOPPED | ENABLE_32KHZ
        self._registers[TEMPERATURE] = 21
        self.oscillator.set(NEW_CHIP)

    @property
    def oscillator_stopped(self) -> bool:
        return bool(self._registers[STATUS] & OSCILLATOR_STOPPED)

    def flag_oscillator(self, stopped: bool) -> None:
        status = self._registers[STATUS] & ~OSCILLATOR_STOPPED
        self._registers[STATUS] = status | (OSCILLATOR_STOPPED if stopped else 0)

    # --- the bus --------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """The first byte is the register, the others go to it and those behind it."""
        self._latched = self._time_registers()  # the time is copied at each START
        if not data:
            return
        self._pointer = data[0] % REGISTERS
        written = {}
        for byte in data[1:]:
            written[self._pointer] = byte
            self._pointer = (self._pointer + 1) % REGISTERS
        self._store(written)

    def read(self, count: int) -> bytes:
        shown = bytes(self._latched or self._time_registers()) + bytes(self._registers[7:])
        self._latched = None
        first, self._pointer = self._pointer, (self._pointer + count) % REGISTERS
        return bytes(shown[(first + i) % REGISTERS] for i in range(count))

    def _store(self, written: dict[int, int]) -> None:
        for register, byte in written.items():
            if register == STATUS:  # alarm flags can only be cleared, BSY only read
                keep = self._registers[STATUS] & byte & ALARMS
                self._registers[STATUS] = byte & (OSCILLATOR_STOPPED | ENABLE_32KHZ) | keep
            elif 7 <= register < TEMPERATURE:
                self._registers[register] = byte
        time_of_day = {register: byte for register, byte in written.items() if register < 7}
        if time_of_day:
            self._set_time(time_of_day)

    def _set_time(self, written: dict[int, int]) -> None:
        fields = self._time_registers()
        for register, byte in written.items():
            fields[register] = byte
        # Writing the seconds restarts the divider.
        part = 0.0 if 0 in written else self.oscillator.now() % 1
        self.oscillator.set(epoch_of(fields) + part)
        self._registers[:7] = fields
        self.time_writes += 1

    def _time_registers(self) -> bytearray:
        now = time.gmtime(self.oscillator.now())
        # Whether hours go to 12 or 24, and the century's bit, are the last writer's.
        century = self._registers[5] & CENTURY
        hour = to_bcd(now.tm_hour)
        if self._registers[2] & TWELVE_HOURS:
            hour = TWELVE_HOURS | (PM if now.tm_hour >= 12 else 0) | to_bcd(now.tm_hour % 12 or 12)
        weekday = (now.tm_wday + 1) % 7 + 1
        return bytearray(
            (to_bcd(now.tm_sec), to_bcd(now.tm_min), hour, weekday, to_bcd(now.tm_mday),
             to_bcd(now.tm_mon) | century, to_bcd(now.tm_year % 100))
        )


def epoch_of(fields: bytes) -> int:
    """Seconds since 1970 of the registers 00h to 06h."""
    seconds, minutes, hours, _, day, month, year = fields
    return calendar.timegm(
        (2000 + from_bcd(year), from_bcd(month & 0x1F), from_bcd(day & 0x3F), hour_of(hours),
         from_bcd(minutes & 0x7F), from_bcd(seconds & 0x7F))
    )

"""A virtio I2C bus for QEMU's vhost-user-i2c-pci: the backend's side of the vhost-user protocol.

One queue, split ring. Protocol: QEMU's docs/interop/vhost-user.rst; requests of the bus: virtio 1.2,
section 5.16.
"""

import array
import mmap
import os
import socket
import struct
from dataclasses import dataclass

GET_FEATURES, SET_MEM_TABLE = 1, 5
SET_VRING_NUM, SET_VRING_ADDR, SET_VRING_BASE, GET_VRING_BASE = 8, 9, 10, 11
SET_VRING_KICK, SET_VRING_CALL = 12, 13
GET_PROTOCOL_FEATURES, GET_QUEUE_NUM = 15, 17

# VIRTIO_F_VERSION_1, VHOST_USER_F_PROTOCOL_FEATURES, VIRTIO_I2C_F_ZERO_LENGTH_REQUEST
FEATURES = 1 << 32 | 1 << 30 | 1 << 0
PROTOCOL_REPLY_ACK = 1 << 3
VERSION, REPLY, NEED_REPLY = 1, 1 << 2, 1 << 3

DESC_NEXT, DESC_WRITE, DESC_INDIRECT = 1, 2, 4
FAIL_NEXT = 1
OK, ERROR = b"\0", b"\1"


@dataclass
class Region:
    guest: int
    user: int
    size: int
    offset: int
    memory: mmap.mmap


class Memory:
    """The guest's memory. Rings are told of by QEMU's addresses, buffers by the guest's."""

    def __init__(self, table: bytes, descriptors: list[int]) -> None:
        self.regions = []
        for number, descriptor in enumerate(descriptors):
            guest, size, user, offset = struct.unpack_from("<QQQQ", table, 8 + 32 * number)
            memory = mmap.mmap(descriptor, size + offset)
            self.regions.append(Region(guest, user, size, offset, memory))

    def _at(self, address: int, count: int, start: str) -> tuple[mmap.mmap, int]:
        for region in self.regions:
            inside = address - getattr(region, start)
            if 0 <= inside and inside + count <= region.size:
                return region.memory, region.offset + inside
        raise ValueError(f"no memory at {address:#x}")

    def read(self, address: int, count: int, start: str = "guest") -> bytes:
        memory, at = self._at(address, count, start)
        return memory[at : at + count]

    def write(self, address: int, data: bytes, start: str = "guest") -> None:
        memory, at = self._at(address, len(data), start)
        memory[at : at + len(data)] = data


@dataclass
class Buffer:
    address: int
    size: int
    writable: bool


class Bus:
    """One machine's bus. `chips` maps addresses to objects with write(bytes) and read(count)."""

    def __init__(self, connection: socket.socket, chips: dict) -> None:
        self.connection = connection
        self.chips = chips
        self.memory = Memory(b"", [])
        self.size = self.descriptors = self.available = self.used = self.next = 0
        self.kick = self.call = -1

    # --- the vhost-user protocol ----------------------------------------------------------------

    def handle_message(self) -> None:
        """Raises EOFError when the machine is gone."""
        request, flags, payload, passed = self._receive()
        answer = self._answer(request)
        if answer is not None:
            self._reply(request, answer)
        else:
            self._obey(request, payload, passed)
            if flags & NEED_REPLY:
                self._reply(request, struct.pack("<Q", 0))
        for descriptor in passed:
            os.close(descriptor)

    def close(self) -> None:
        self.connection.close()
        for name in ("kick", "call"):
            self._keep(name, -1)

    def _receive(self) -> tuple[int, int, bytes, list[int]]:
        passed: list[int] = []
        request, flags, size = struct.unpack("<III", self._exactly(12, passed))
        return request, flags, self._exactly(size, passed), passed

    def _exactly(self, count: int, passed: list[int]) -> bytes:
        data = b""
        while len(data) < count:
            part, ancillary, _, _ = self.connection.recvmsg(
                count - len(data), socket.CMSG_SPACE(8 * array.array("i").itemsize)
            )
            if not part:
                raise EOFError
            data += part
            for _, _, content in ancillary:
                passed.extend(array.array("i", content))
        return data

    def _reply(self, request: int, payload: bytes) -> None:
        header = struct.pack("<III", request, VERSION | REPLY, len(payload))
        self.connection.sendall(header + payload)

    def _answer(self, request: int) -> bytes | None:
        if request == GET_FEATURES:
            return struct.pack("<Q", FEATURES)
        if request == GET_PROTOCOL_FEATURES:
            return struct.pack("<Q", PROTOCOL_REPLY_ACK)
        if request == GET_QUEUE_NUM:
            return struct.pack("<Q", 1)
        if request == GET_VRING_BASE:  # also stops the ring
            self._keep("kick", -1)
            return struct.pack("<II", 0, self.next)
        return None

    def _obey(self, request: int, payload: bytes, passed: list[int]) -> None:
        if request == SET_MEM_TABLE:
            self.memory = Memory(payload, passed)
        elif request == SET_VRING_NUM:
            _, self.size = struct.unpack("<II", payload)
        elif request == SET_VRING_ADDR:
            _, _, self.descriptors, self.used, self.available, _ = struct.unpack("<IIQQQQ", payload)
        elif request == SET_VRING_BASE:
            _, self.next = struct.unpack("<II", payload)
        elif request in (SET_VRING_KICK, SET_VRING_CALL):
            self._keep("kick" if request == SET_VRING_KICK else "call", passed.pop() if passed else -1)

    def _keep(self, name: str, descriptor: int) -> None:
        old = getattr(self, name)
        if old >= 0:
            os.close(old)
        setattr(self, name, descriptor)

    # --- the ring -------------------------------------------------------------------------------

    def handle_requests(self) -> None:
        os.read(self.kick, 8)
        failing = served = False
        while self._word(self.available + 2) != self.next:
            slot = self.available + 4 + 2 * (self.next % self.size)
            head = self._word(slot)
            written, failing = self._serve(self._chain(head), failing)
            self._give_back(head, written)
            self.next = (self.next + 1) & 0xFFFF
            served = True
        if served and self.call >= 0:
            os.write(self.call, struct.pack("<Q", 1))

    def _word(self, address: int) -> int:
        return struct.unpack("<H", self.memory.read(address, 2, "user"))[0]

    def _chain(self, index: int) -> list[Buffer]:
        # QEMU's queue has four slots: the driver uses tables of its own (indirect), in guest memory.
        buffers, table, start = [], self.descriptors, "user"
        while True:
            entry = self.memory.read(table + 16 * index, 16, start)
            address, size, flags, following = struct.unpack("<QIHH", entry)
            if flags & DESC_INDIRECT:
                index, table, start = 0, address, "guest"
                continue
            buffers.append(Buffer(address, size, bool(flags & DESC_WRITE)))
            if not flags & DESC_NEXT:
                return buffers
            index = following

    def _serve(self, buffers: list[Buffer], failing: bool) -> tuple[int, bool]:
        """One request: header, data or none, status. Returns the bytes written to the guest, and
        whether the next request of the same transfer fails too."""
        header, *data, status = buffers
        address, _, flags = struct.unpack("<HHI", self.memory.read(header.address, 8))
        chip = self.chips.get(address >> 1)
        works = chip is not None and not chip.absent and not failing
        written = 1
        if works and data and data[0].writable:
            self.memory.write(data[0].address, chip.read(data[0].size))
            written += data[0].size
        elif works and data:
            chip.write(self.memory.read(data[0].address, data[0].size))
        self.memory.write(status.address, OK if works else ERROR)
        return written, not works and bool(flags & FAIL_NEXT)

    def _give_back(self, head: int, written: int) -> None:
        index = self._word(self.used + 2)
        entry = struct.pack("<II", head, written)
        self.memory.write(self.used + 4 + 8 * (index % self.size), entry, "user")
        self.memory.write(self.used + 2, struct.pack("<H", (index + 1) & 0xFFFF), "user")

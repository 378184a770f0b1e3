"""TensorBoard's event file, written by the training itself: a thread beside it would cost more than the work.

The framing is TFRecord's (https://www.tensorflow.org/tutorials/load_data/tfrecord): length, its checksum,
data, its checksum; checksums are CRC-32C, rotated and shifted.
"""

import os
import socket
import struct
import time
from collections.abc import Mapping
from pathlib import Path

from google_crc32c import value as crc32c
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

_VERSION = "brain.Event:2"
_LENGTH, _CHECKSUM = struct.Struct("<Q"), struct.Struct("<I")


class EventFile:
    """One file of events. What was added reaches the disk with `flush` and `close`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        now = time.time()
        # A second one of the same process and second goes on in the first one's file.
        name = f"events.out.tfevents.{int(now):010d}.{socket.gethostname()}.{os.getpid()}.0"
        self._file = (folder / name).open("ab")
        self._events: dict[tuple[str, ...], Event] = {}
        self._write(Event(wall_time=now, file_version=_VERSION))
        self.flush()

    def add(self, values: Mapping[str, float], steps: int) -> None:
        """One event with all values, by their tags: one for each would cost as much as many steps."""
        names = tuple(values)
        event = self._events.get(names)
        if event is None:  # made once and filled anew: making it takes longer than all the rest
            event = Event(summary=Summary(value=[Summary.Value(tag=name) for name in names]))
            self._events[names] = event
        for slot, value in zip(event.summary.value, values.values(), strict=True):
            slot.simple_value = value
        event.step, event.wall_time = steps, time.time()
        self._write(event)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _write(self, event: Event) -> None:
        data = event.SerializeToString()
        length = _LENGTH.pack(len(data))
        self._file.write(b"".join((length, _masked(length), data, _masked(data))))


def _masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return _CHECKSUM.pack((((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)

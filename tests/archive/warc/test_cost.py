"""What a hostile file of captures costs: in proportion to its bytes, whatever it is made of, in time, memory and lines that are said."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.warc.foreign import iter_foreign

RECORD = (
    b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:1>\r\nContent-Length: 0\r\n"
    b"WARC-Date: 2020-01-01T00:00:00Z\r\n\r\n\r\n\r\n"
)
VERSION = b"1 0 x\nURL IP-address Archive-date Content-type Archive-length\n"
ARC = b"filedesc://x 0.0.0.0 20200101000000 text/plain %d\n" % len(VERSION) + VERSION + b"\n"
ARC_LINE = b"http://a.gov.cn/ 1.1.1.1 20200101000000 text/html "
DAMAGED = bytearray(gzip.compress(b"WARC/1.0\r\n"))
DAMAGED[-8] ^= 255

#: Name → the file of a number of pieces. Unpacked as one, members of their own, or bare.
FILES: dict[str, Callable[[int], bytes]] = {
    "records in one member": lambda n: gzip.compress(RECORD * n),
    "starts of records in one header": lambda n: gzip.compress(RECORD + b"WARC/1.0\n" * 40 * n),
    "starts, and the header's end at last": lambda n: RECORD + b"WARC/1.0\n" * 40 * n + b"\n\n" + RECORD,
    "headers without a length": lambda n: RECORD + b"WARC/1.0\nx\n\n" * n,
    "lengths beyond measure": lambda n: RECORD + b"WARC/1.0\nContent-Length: 99999999999\n" * 10 * n + b"\n" + RECORD,
    "empty members": lambda n: gzip.compress(RECORD) + gzip.compress(b"") * 4 * n,
    "damaged members": lambda n: gzip.compress(RECORD) + bytes(DAMAGED) * 2 * n,
    "ARC records": lambda n: gzip.compress(ARC + (ARC_LINE + b"0\n") * n),
    "ARC lines that are none": lambda n: gzip.compress(ARC + (ARC_LINE + b"x\n") * n + ARC_LINE + b"0\n"),
    "an ARC record that comes in many pieces": lambda n: ARC + ARC_LINE + b"%d\n" % (n * 2000) + bytes(n * 2000),
}


def _seconds(path: Path) -> tuple[float, int, list[str]]:
    problems: list[str] = []
    began = time.process_time()
    count = sum(1 for _ in iter_foreign(path, problems))
    return time.process_time() - began, count, problems


@pytest.mark.parametrize("kind", FILES)
def test_a_file_costs_in_proportion_to_its_size(kind: str, tmp_path: Path) -> None:
    small, large = tmp_path / "small.warc.gz", tmp_path / "large.warc.gz"
    small.write_bytes(FILES[kind](1500))
    large.write_bytes(FILES[kind](6000))
    little, _, _ = min(_seconds(small) for _ in range(2))
    much, count, problems = min(_seconds(large) for _ in range(2))
    # 16 times, if it grew with the square
    assert much < 8 * little + 0.3, f"{little:.2f} s for a quarter, {much:.2f} s for all"
    assert count > 0
    assert len(problems) <= 101


def test_places_that_cannot_be_read_are_named_up_to_a_number_and_then_counted(tmp_path: Path) -> None:
    path = tmp_path / "damaged.warc.gz"
    path.write_bytes(gzip.compress(RECORD) + bytes(DAMAGED) * 1000 + gzip.compress(RECORD))
    _, count, problems = _seconds(path)
    assert count == 2
    assert len(problems) == 101
    assert problems[-1] == "damaged.warc.gz: 900 further places can't be read"


def test_zeros_behind_a_member_are_no_damage_however_many(tmp_path: Path) -> None:
    path = tmp_path / "padded.warc.gz"
    path.write_bytes((gzip.compress(RECORD) + bytes(200_000)) * 2)
    _, count, problems = _seconds(path)
    assert (count, problems) == (2, [])


def test_the_last_start_in_a_header_is_the_record(tmp_path: Path) -> None:
    path = tmp_path / "torn.warc"
    path.write_bytes(RECORD + b"WARC/1.0\r\nContent-Length: 99999999999\r\n" * 3 + RECORD + RECORD)
    _, count, problems = _seconds(path)
    assert count == 3
    assert len(problems) == 1


@pytest.mark.slow
@pytest.mark.parametrize("coding", ["zstandard", "lz4"])
def test_a_bomb_is_held_in_pieces(coding: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.warc"
    writing = (
        "import sys, zstandard; c = zstandard.ZstdCompressor(level=1).compressobj()\n"
        if coding == "zstandard"
        else "import sys, lz4.frame; c = lz4.frame.LZ4FrameCompressor(); sys.stdout.buffer.write(c.begin())\n"
    )
    writing += (
        "for _ in range(1024): sys.stdout.buffer.write(c.compress(bytes(1 << 20)))\nsys.stdout.buffer.write(c.flush())"
    )
    with path.open("wb") as stream:
        subprocess.run([sys.executable, "-c", writing], stdout=stream, check=True)
    reading = (
        "import sys, resource; from pathlib import Path; from archive.warc.containers import unpacked\n"
        "stream = Path(sys.argv[1]).open('rb'); start = stream.read(16); stream.seek(0)\n"
        "print(sum(len(data) for _, data in unpacked(stream, start, print)), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", reading, str(path)], capture_output=True, check=True, text=True)
    size, peak = map(int, done.stdout.split())
    assert size == 1 << 30
    assert peak << 10 < 400 << 20, f"{peak >> 10} MB"  # 4.1 GB when the bytes of a chunk were unpacked at once

"""What removing a coding may cost the process that does it: `ogi probe` and `ogi backfill` do it in their own."""

from __future__ import annotations

import subprocess
import sys
import zlib

import pytest

from archive.warc.coding import unpack

#: Twice the most that a layer unpacks to, and what the pieces and the layer before take.
BOUND_BYTES = 256 << 20
SECONDS = 5

PROGRAM = f"""
import gzip, resource, sys, time, zlib
import brotli, zstandard
from archive.warc.coding import MAX_CONTENT, unpack

def brotli_of(data):
    packer = brotli.Compressor(quality=1, lgwin=24)
    return packer.process(data) + packer.finish()

def wide(data):
    made = zstandard.ZstdCompressionParameters(window_log=27)
    return zstandard.ZstdCompressor(compression_params=made).compress(data)

def deflated(data, times, window=31):
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    return b"".join(packer.compress(data) for _ in range(times)) + packer.flush()

def once(window=31):
    return deflated(bytes(1 << 20), 300, window)

bombs = {{
    "gzip": lambda: (once(), "gzip"),
    "gzip in gzip": lambda: (gzip.compress(once()), "gzip, gzip"),
    "three": lambda: (gzip.compress(gzip.compress(once())), "gzip,gzip,gzip"),
    "many members": lambda: (gzip.compress(bytes(100_000)) * 4000, "gzip"),
    "empty members": lambda: (gzip.compress(b"") * 400_000, "x-gzip"),
    "deflate": lambda: (once(15), "deflate"),
    "bare deflate": lambda: (once(-15), "deflate"),
    "br": lambda: (brotli_of(bytes(200 << 20)), "br"),
    "br in gzip": lambda: (gzip.compress(brotli_of(bytes(200 << 20))), "br, gzip"),
    "zstd": lambda: (zstandard.compress(bytes(200 << 20), 3), "zstd"),
    "zstd in br": lambda: (brotli_of(zstandard.compress(bytes(200 << 20), 3)), "zstd, br"),
    "zstd with a large window": lambda: (wide(bytes(200 << 20)), "zstd"),
    "large and whole": lambda: (gzip.compress(bytes(range(256)) * (60 << 12), 1), "gzip"),
    "noise": lambda: (b"\\x1f\\x8b" + bytes(range(256)) * 40000, "br"),
}}
name = sys.argv[1]
packed, coding = bombs[name]()
held = next(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmData:"))
resource.setrlimit(resource.RLIMIT_DATA, (held + {BOUND_BYTES},) * 2)
began = time.process_time()
found = unpack(packed, coding)
assert len(found.content) <= max(MAX_CONTENT, len(packed)), len(found.content)
assert found.problem or name in ("large and whole", "noise", "empty members", "zstd with a large window"), name
assert time.process_time() - began < {SECONDS}, time.process_time() - began
"""


@pytest.mark.parametrize(
    "bomb",
    [
        "gzip",
        "gzip in gzip",
        "three",
        "many members",
        "empty members",
        "deflate",
        "bare deflate",
        "br",
        "br in gzip",
        "zstd",
        "zstd in br",
        "zstd with a large window",
        "large and whole",
        "noise",
    ],
)
def test_a_bomb_costs_a_bounded_amount_in_the_process_itself(bomb: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, bomb], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-800:]


@pytest.mark.parametrize("size", [0, 1, 8191, 8192, 8193, 20_000, (1 << 20) - 1, (1 << 20) + 300, 1_300_000])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "bare"])
def test_what_was_packed_comes_back_whole(coding: str, size: int) -> None:
    content = b"0123456789" * (size // 10) + b"x" * (size % 10)
    packer = zlib.compressobj(9, zlib.DEFLATED, {"gzip": 31, "deflate": 15, "bare": -15}[coding])
    packed = packer.compress(content) + packer.flush()
    name = "gzip" if coding == "gzip" else "deflate"
    assert unpack(packed, name).content == content
    assert content.startswith(unpack(packed[: len(packed) // 2], name).content)
    if coding == "gzip":
        assert unpack(packed * 3, name).content == content * 3
        assert unpack(packed + b"\0" * 600, name).content == content

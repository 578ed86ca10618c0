"""Packages that others made: what can't be read of them is named, and a small file that unpacks to much costs little."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from archive.warc.containers import form_of
from archive.warc.wacz_auth import check_package
from archive.warc.zips import ZIP_FAULTS, bytes_outside, read_small
from extract.errors import OgiError
from tests.safety.inputs import GRAMMARS
from tests.safety.parsers import parse_with


def package(path: Path, body: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("archive/data.warc.gz", b"")
        written.writestr("datapackage.json", body)
    return path


def test_a_description_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    path = package(tmp_path / "a.wacz", b" " * (70 << 20))
    assert form_of(path) is not None
    assert check_package(path).damages == ["it has no readable datapackage.json"]
    with zipfile.ZipFile(path) as opened, pytest.raises(zipfile.BadZipFile, match="more than 1000 bytes"):
        read_small(opened, "datapackage.json", 1000)


class _Stream(io.RawIOBase):
    """A place that can't be gone back to: what is written there has descriptors behind its members."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += data
        return len(data)


def honest(*, is_stream: bool = False, is_large: bool = False, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    place = _Stream() if is_stream else io.BytesIO()
    with zipfile.ZipFile(place, "w", packing) as written:
        for name, data in (("a.txt", b"x" * 300), ("b.txt", b""), ("数据/c.txt", bytes(range(256)))):
            with written.open(name, "w", force_zip64=is_large) as member:
                member.write(data)
    return bytes(place.data) if isinstance(place, _Stream) else place.getvalue()


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_every_byte_of_an_honest_package_is_of_a_member(is_stream: bool, is_large: bool, packing: int) -> None:
    with zipfile.ZipFile(io.BytesIO(honest(is_stream=is_stream, is_large=is_large, packing=packing))) as opened:
        assert bytes_outside(opened) == 0


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(
    "where", ["in front", "between", "before the directory", "behind", "comment", "comment of a member"]
)
def test_bytes_that_no_member_has_are_counted(where: str, is_stream: bool) -> None:
    with zipfile.ZipFile(io.BytesIO(with_bytes(honest(is_stream=is_stream), where))) as opened:
        assert opened.testzip() is None, "every member is as it was"
        assert bytes_outside(opened) == len(STRAY)


STRAY = b"nobody's bytes"


def with_bytes(data: bytes, where: str) -> bytes:
    """A package with bytes somewhere, whose offsets are right again."""
    if where in ("in front", "behind"):
        return STRAY + data if where == "in front" else data + STRAY
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        second, start, size = opened.infolist()[1].header_offset, opened.start_dir, len(data)
    directory = bytearray(data[start : size - 22])
    end = bytearray(data[size - 22 :])
    if where == "comment":
        end[20:22] = struct.pack("<H", len(STRAY))
        return data[: size - 22] + bytes(end) + STRAY
    if where == "comment of a member":
        directory[32:34] = struct.pack("<H", len(STRAY))
        first = 46 + sum(struct.unpack("<HH", directory[28:32]))
        directory[first:first] = STRAY
        end[12:16] = struct.pack("<L", len(directory))
        return data[:start] + bytes(directory) + bytes(end)
    at = second if where == "between" else start
    position = 0
    while position < len(directory):
        (offset,) = struct.unpack("<L", directory[position + 42 : position + 46])
        if offset >= at:
            directory[position + 42 : position + 46] = struct.pack("<L", offset + len(STRAY))
        position += 46 + sum(struct.unpack("<HHH", directory[position + 28 : position + 34]))
    end[16:20] = struct.pack("<L", start + len(STRAY))
    return data[:at] + STRAY + data[at:start] + bytes(directory) + bytes(end)


@pytest.mark.parametrize("number", range(12))
def test_torn_packages_raise_what_is_known(tmp_path: Path, number: int) -> None:
    choice = random.Random(number)
    data = bytearray(package(tmp_path / "a.wacz", b"{}" * 200).read_bytes())
    for _ in range(4):
        data[choice.randrange(len(data))] = choice.randrange(256)
    path = tmp_path / "b.wacz"
    path.write_bytes(data)
    check_package(path)
    with contextlib.suppress(KeyError, *ZIP_FAULTS), zipfile.ZipFile(path) as opened:
        read_small(opened, "datapackage.json")


def test_an_offset_before_the_file_is_a_fault_of_the_file() -> None:
    """`bench.fuzz wacz --seed 77`, input 33."""
    with contextlib.suppress(OgiError):
        parse_with("wacz", GRAMMARS["wacz"](random.Random("wacz 77 33")))

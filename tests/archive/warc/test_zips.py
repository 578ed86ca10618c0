"""Packages that others made: what can't be read of them is named, and a small file that unpacks to much costs little."""

from __future__ import annotations

import contextlib
import random
import zipfile
from pathlib import Path

import pytest

from archive.warc.containers import form_of
from archive.warc.wacz_auth import check_package
from archive.warc.zips import ZIP_FAULTS, read_small
from extract.errors import OgiError
from tests.safety.grammars import GRAMMARS
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

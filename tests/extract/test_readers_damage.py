"""Random damage to every carrier: a document or a clear error, never anything else, within seconds."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import time
import zipfile
from functools import cache

import pytest

from extract.errors import OgiError
from extract.model import Document
from extract.readers import read_document
from tests.carriers.books import write_xls, write_xlsx
from tests.carriers.fixtures import fixture
from tests.carriers.ofds import write_ofd
from tests.carriers.pdfs import PdfWriter
from tests.carriers.reports import report
from tests.carriers.word import write_docx

CARRIERS = ["docx", "xlsx", "xls", "ofd", "pdf", "doc", "rtf"]


@cache
def whole(carrier: str) -> bytes:
    source = report("form-2021")
    match carrier:
        case "docx":
            return write_docx(source)
        case "xlsx":
            return write_xlsx(source)
        case "xls":
            return write_xls(source)
        case "ofd":
            return write_ofd(source)
        case "pdf":
            return PdfWriter().write(source)
        case "doc":
            return fixture("form-2021.doc")
        case _:
            return gzip.decompress(fixture("form-2021.rtf.gz"))


def damaged(data: bytes, seed: int) -> bytes:
    """Bytes changed, and at times the end cut off; inside zip containers the parts are changed and packed again."""
    draw = random.Random(seed)
    if data.startswith(b"PK") and seed % 2:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                part = bytearray(old.read(name))
                for _ in range(draw.randrange(3)):
                    part[draw.randrange(len(part))] = draw.choice(b'0123456789"<>/ax\xff')
                new.writestr(name, bytes(part))
        return out.getvalue()
    changed = bytearray(data)
    for _ in range(draw.randrange(1, 30)):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed[: draw.randrange(len(changed))] if seed % 5 == 0 else changed)


def check(carrier: str, seeds: range) -> None:
    for seed in seeds:
        started = time.monotonic()
        with contextlib.suppress(OgiError):
            assert isinstance(read_document(damaged(whole(carrier), seed)), Document)
        assert time.monotonic() - started < 20


@pytest.mark.parametrize("carrier", CARRIERS)
def test_damage_ends_in_a_document_or_a_clear_error(carrier: str) -> None:
    check(carrier, range(8))


@pytest.mark.slow
@pytest.mark.parametrize("carrier", CARRIERS)
def test_much_damage_ends_in_a_document_or_a_clear_error(carrier: str) -> None:
    check(carrier, range(8, 120))


@pytest.mark.parametrize("carrier", CARRIERS)
def test_reading_twice_gives_the_same(carrier: str) -> None:
    assert read_document(whole(carrier)) == read_document(whole(carrier))

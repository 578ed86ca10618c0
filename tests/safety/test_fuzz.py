"""Mutated bytes at every parser that meets the outside: only documented errors, in bounded time, without files or connections.

The slow part runs `OGI_FUZZ` (60) examples a parser; `OGI_FUZZ=5000 pytest tests/safety/test_fuzz.py` looks longer. What was ever found is kept
as a file `<parser>-*` in `corpus/` and tried first.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import random
import socket
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from extract.errors import OgiError
from tests.archive.making import CONTEXT, exchange, page
from tests.carriers.books import write_xls, write_xlsx
from tests.carriers.fixtures import fixture
from tests.carriers.ofds import write_ofd
from tests.carriers.pdfs import PdfWriter
from tests.carriers.reports import report
from tests.carriers.word import write_docx
from tests.crawler.families.recorded import PAGES
from tests.safety.inputs import GRAMMARS
from tests.safety.parsers import (
    answers,
    definition,
    document,
    foreign,
    html,
    lists,
    parse_with,
    robots,
    settings_file,
    warc,
    words,
)

CORPUS = Path(__file__).parent / "corpus"
BY_GRAMMAR = int(os.environ.get("OGI_FUZZ", "4"))
EXAMPLES = int(os.environ.get("OGI_FUZZ", "60"))
#: Seconds for one input on a busy machine.
DEADLINE_S = 20.0


def _exchanges() -> list[bytes]:
    from archive.warc.members import compress
    from archive.warc.records import build_exchange

    found = []
    for body in (page(1), gzip.compress(page(2))):
        pair = build_exchange(exchange(1, body=body), CONTEXT, None)
        found.append(b"".join(compress(record) for record in (pair.answer, pair.request)))
    return found


def _pages() -> list[bytes]:
    files = [path for path in sorted(PAGES.rglob("*")) if path.is_file() and path.stat().st_size < 60_000]
    return [path.read_bytes() for path in files if path.suffix != ".json"][::5][:30]


_HEADS = [
    b"Content-Type: text/html; charset=gb2312\r\nSet-Cookie: __jsluid_h=0123; path=/; HttpOnly\r\nRetry-After: 120\r\n\r\n<html><script>document.cookie='a=1'</script>",
    b"Retry-After: Fri, 31 Dec 2021 23:59:59 GMT\r\nContent-Encoding: gzip\r\nLocation: //x/\r\n\r\n"
    + gzip.compress(b"x" * 99),
    b'Set-Cookie: a=b; expires=Thu, 01-Jan-1970 00:00:00 GMT; domain=.gov.cn\r\nContent-Encoding: deflate\r\n\r\n{"a": [1]}',
]
_WORDS = [
    "二〇二〇年十二月三十一日",
    "2020年1月1日至2020年12月31日",
    "温州市瓯海区财政局2020年政府信息公开工作年度报告",
    "2021-02-30T25:61",
]
_TOML = b'[archive]\nname = "x"\n[harvest]\ndelay = 2.0\nquiet_hours = "08:30-18:00"\n[[schedule.job]]\nat = "02:30"\n[[notify]]\nurl = "json://x"\n'
_PORTAL = (
    '[portal]\nid = "ouhai"\nname = "瓯海"\nregion = "330304"\nurl = "http://a.gov.cn/"\nstart = ["http://a.gov.cn/nb/"]\ndelay = 2.0\n'
    '[expect]\nmin_reports = 3\n[[agency]]\nname = "瓯海区政府"\nkind = "government"\nsince = 2008\n'
).encode()
_ROBOTS = b"User-agent: *\nDisallow: /a\nAllow: /a/b$\nCrawl-delay: 5\nSitemap: http://x/\n\nUser-agent: ogi-archive\nDisallow:\n"

#: Parser → what it is called with, sound inputs to be damaged.
PARSERS: dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]] = {
    "warc": (warc, _exchanges),
    "foreign": (foreign, lambda: [*_exchanges(), *(gzip.decompress(data) for data in _exchanges())]),
    "html": (html, _pages),
    "pdf": (document, lambda: [PdfWriter().write(report("form-2021"))]),
    "doc": (document, lambda: [fixture("form-2021.doc")]),
    "docx": (document, lambda: [write_docx(report("form-2021"))]),
    "xls": (document, lambda: [write_xls(report("form-2021"))]),
    "xlsx": (document, lambda: [write_xlsx(report("form-2021"))]),
    "ofd": (document, lambda: [write_ofd(report("form-2021"))]),
    "rtf": (document, lambda: [gzip.decompress(fixture("form-2021.rtf.gz"))]),
    "any": (
        document,
        lambda: [b"", b"%PDF-1.7", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b'{"a":1}', b"\x1f\x8b\x08"],
    ),
    "settings": (settings_file, lambda: [_TOML]),
    "definition": (definition, lambda: [_PORTAL]),
    "lists": (lists, _pages),
    "answers": (answers, lambda: [*_HEADS, *_pages()[:6]]),
    "robots": (robots, lambda: [_ROBOTS]),
    "words": (words, lambda: [text.encode() for text in _WORDS]),
}
_BITS = (
    b"\xff\xfe",
    b"\x00",
    b"<table>" * 50,
    b"<" * 300,
    b"[" * 300,
    b"2147483648",
    b"-1",
    b"999999999999999999999",
    b"&#x110000;",
    b'"',
    b"\r\n",
    "年月日".encode(),
)


@cache
def seeds(parser: str) -> list[bytes]:
    return PARSERS[parser][1]()


def mutate(data: bytes, draw: random.Random) -> bytes:
    """Damage as it happens and as it is made: bits, cuts, repetitions, foreign pieces."""
    for _ in range(draw.choice((1, 1, 2, 4, 16))):
        at = draw.randrange(len(data) + 1)
        match draw.randrange(7):
            case 0:
                data = data[:at] + draw.randbytes(draw.randrange(1, 9)) + data[at + draw.randrange(9) :]
            case 1:
                data = data[:at]
            case 2:
                data = data[:at] + draw.choice(_BITS) + data[at:]
            case 3:
                data = data[:at] + data[at + draw.randrange(1, 2000) :]
            case 4:
                piece = data[at : at + draw.randrange(1, 400)]
                data = data[:at] + piece * draw.choice((2, 3, 40)) + data[at:]
            case 5:
                other = draw.randrange(len(data) + 1)
                data = data[:at] + data[other : other + 500] + data[at:]
            case _ if data:
                at = min(at, len(data) - 1)
                data = data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :]
    return data[: 2 << 20]


@contextlib.contextmanager
def confined(folder: Path) -> Iterator[list[str]]:
    """Notes every connection, every process and every file opened for writing outside the folder."""
    seen: list[str] = []
    is_active = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if not is_active:
            return
        if event in (
            "socket.connect",
            "socket.getaddrinfo",
            "socket.sendto",
            "subprocess.Popen",
            "os.system",
            "os.remove",
        ):
            seen.append(f"{event} {arguments!r}")
        elif (
            event == "open"
            and isinstance(arguments[0], str | Path)  # not one of the process's own descriptors
            and isinstance(arguments[1], str)
            and set("wax+") & set(arguments[1])
            and not str(arguments[0]).startswith((str(folder), "/dev/null"))
        ):
            seen.append(f"open {arguments!r}")

    sys.addaudithook(watch)
    try:
        yield seen
    finally:
        is_active = False


def attempt(parser: str, data: bytes, folder: Path) -> None:
    os.environ["OGI_FUZZ_FOLDER"] = str(folder)
    began = time.monotonic()
    try:
        PARSERS[parser][0](data)
    except BaseException:
        kept = folder / f"{parser}-{abs(hash(data)) % 10**8}"
        kept.write_bytes(data)
        print(f"input kept in {kept}", file=sys.stderr)
        raise
    taken = time.monotonic() - began
    assert taken < DEADLINE_S, f"{parser}: {len(data)} bytes took {taken:.1f} s"


@pytest.mark.parametrize("parser", PARSERS)
def test_sound_inputs_and_what_was_found_before(parser: str, tmp_path: Path) -> None:
    seeds(parser)
    with confined(tmp_path) as seen:
        for data in [path.read_bytes() for path in sorted(CORPUS.glob(f"{parser}-*"))] or seeds(parser)[:1]:
            attempt(parser, data, tmp_path)
    assert not seen


@pytest.mark.slow
@pytest.mark.parametrize("parser", PARSERS)
def test_mutated_inputs_end_in_documented_ways(parser: str, tmp_path: Path) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        derandomize="OGI_FUZZ" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**32))
    def run(seed: int) -> None:
        draw = random.Random(f"{parser} {seed}")
        attempt(parser, mutate(draw.choice(seeds(parser)), draw), tmp_path)

    seeds(parser)
    with confined(tmp_path) as seen:
        run()
    assert not seen


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_inputs_by_grammar_end_in_documented_ways(grammar: str, tmp_path: Path) -> None:
    os.environ["OGI_FUZZ_FOLDER"] = str(tmp_path)
    inputs = [GRAMMARS[grammar](random.Random(f"{grammar} 0 {number}")) for number in range(BY_GRAMMAR)]
    with confined(tmp_path) as seen:
        for number, data in enumerate(inputs):
            began = time.monotonic()
            with contextlib.suppress(OgiError):
                parse_with(grammar, data)
            assert time.monotonic() - began < DEADLINE_S, f"{grammar} {number}: {len(data)} bytes"
    assert not seen


def test_the_watch_sees_what_it_should(tmp_path: Path) -> None:
    with confined(tmp_path / "inside") as seen:
        (tmp_path / "outside").write_text("x")
        with contextlib.suppress(OSError), socket.socket() as one:
            one.settimeout(0.1)
            one.connect(("127.0.0.1", 1))
    assert len(seen) == 2

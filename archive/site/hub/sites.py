"""The provinces' sites, as the hub asks them: whole tables when it gathers, hits when somebody searches, pages when somebody reads."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import httpx

from archive.errors import SiteError
from archive.site.hub import read
from archive.site.hub.read import HubHit
from archive.site.hub.store import HubProvince
from archive.warc.coding import unpack
from archive.warc.members import GZIP
from extract.document.notations import parse_json

#: Seconds for a connection; between two pieces of a table; for the hits of a search, which nobody waits for longer.
CONNECT_S, PIECE_S, SEARCH_S = 5.0, 60.0, 8.0
#: A row of a table is a line: no honest one is longer.
_LINE_BYTES = 1 << 20
_ANSWER_BYTES = 4 << 20
#: Seconds for all tables of a province, and bytes of one of them, unpacked: some ten times what 30,000 agencies with 14 years each take.
PROVINCE_S, _TABLE_BYTES = 1800.0, 1 << 30
_UNPACKED_PIECE = 1 << 20
#: What the hub can unpack piece by piece; asked for, and nothing else is taken.
_PLAIN, _PACKED = ("", "identity"), ("gzip", "x-gzip")


@dataclass(frozen=True, slots=True)
class Hits:
    """What a province answered to a search; with `reason` it didn't, and nothing is known of its reports."""

    province: str
    total: int = 0
    results: list[HubHit] = field(default_factory=list)
    reason: str | None = None


def client_for_tables() -> httpx.Client:
    """A client of the provinces' sites; it goes straight to them, whatever proxies the environment names."""
    return httpx.Client(
        timeout=httpx.Timeout(PIECE_S, connect=CONNECT_S), trust_env=False, headers={"accept-encoding": "gzip"}
    )


def client_for_pages() -> httpx.AsyncClient:
    """The same for pages and searches. Who may have how many connections is the hub's to say: a province that holds them all would silence others."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(PIECE_S, connect=CONNECT_S), trust_env=False, limits=httpx.Limits(max_connections=None)
    )


def table(client: httpx.Client, province: HubProvince, name: str, now: datetime, until: float) -> Iterator[Any]:
    """The rows of one of a province's tables: `agencies`, `reports`, `obligations` or `runs`.

    Args:
        now: What is later in it can't be.
        until: The time (`time.monotonic`) at which it must have come.

    Raises:
        SiteError: It doesn't answer, breaks off, or gives what is no such table.
    """
    timed = {"reports": read.report, "obligations": read.duty, "runs": read.run_end}
    make = partial(timed[name], now=now) if name in timed else read.agency
    address = f"{province.url}/data/{name}.ndjson"
    try:
        with client.stream("GET", address) as response:
            if response.status_code != httpx.codes.OK:
                raise SiteError(f"{address}: answered {response.status_code}")
            yield from read.whole_table(_lines(_pieces(response, address, until), address), address, make)
    except httpx.HTTPError as error:
        raise SiteError(f"{address}: {_why(error)}") from None


def _pieces(response: httpx.Response, address: str, until: float) -> Iterator[bytes]:
    """The content of an answer, bit by bit, whatever it would unpack to at once."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in (*_PLAIN, *_PACKED):
        raise SiteError(f"{address}: comes in coding {coding[:40]!r}, which wasn't asked for")
    unpacker = zlib.decompressobj(GZIP) if coding in _PACKED else None
    size = 0
    for piece in response.iter_raw():
        if time.monotonic() > until:
            raise SiteError(f"{address}: did not come to its end in {PROVINCE_S:g} s")
        for part in _unpacked(unpacker, piece, address) if unpacker is not None else (piece,):
            size += len(part)
            if size > _TABLE_BYTES:
                raise SiteError(f"{address}: is longer than {_TABLE_BYTES} bytes")
            yield part


def _unpacked(unpacker: Any, piece: bytes, address: str) -> Iterator[bytes]:
    try:
        while piece:
            yield unpacker.decompress(piece, _UNPACKED_PIECE)
            piece = unpacker.unconsumed_tail
    except zlib.error as error:
        raise SiteError(f"{address}: can't be unpacked ({error})") from None


def _lines(pieces: Iterator[bytes], address: str) -> Iterator[str]:
    rest = bytearray()
    for piece in pieces:
        begun, end, more = piece.partition(b"\n")
        rest += begun
        if end:
            yield rest.decode("utf-8", "replace")
            *lines, last = more.split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in lines)
            rest = bytearray(last)
        if len(rest) > _LINE_BYTES:
            raise SiteError(f"{address}: a row is longer than {_LINE_BYTES} bytes")


async def search(client: httpx.AsyncClient, provinces: list[HubProvince], query: dict[str, str]) -> list[Hits]:
    """What each of the provinces finds, in their order."""
    return list(await asyncio.gather(*(_search(client, province, query) for province in provinces)))


async def _search(client: httpx.AsyncClient, province: HubProvince, query: dict[str, str]) -> Hits:
    try:
        async with asyncio.timeout(SEARCH_S):
            async with client.stream("GET", f"{province.url}/search.json", params=query) as response:
                if response.status_code != httpx.codes.OK:
                    return Hits(province.name, reason=f"answered {response.status_code}")
                body = bytearray()
                async for piece in response.aiter_raw():
                    body += piece
                    if len(body) > _ANSWER_BYTES:
                        return Hits(province.name, reason="the answer is too long")
        unpacked = unpack(bytes(body), response.headers.get("content-encoding"), _ANSWER_BYTES)
        if unpacked.problem:
            return Hits(province.name, reason="the answer is too long")
        total, results = read.hits(parse_json(unpacked.content))
    except TimeoutError:
        return Hits(province.name, reason=f"no answer within {SEARCH_S:g} s")
    except httpx.HTTPError as error:
        return Hits(province.name, reason=_why(error))
    except ValueError as error:
        return Hits(province.name, reason=f"the answer can't be read ({str(error)[:200]})")
    return Hits(province.name, total, results)


def _why(error: httpx.HTTPError) -> str:
    """What went wrong, in a line."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__

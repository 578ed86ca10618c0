"""The provinces' sites, as the hub asks them: whole tables when it gathers, hits when somebody searches, pages when somebody reads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from archive.errors import SiteError
from archive.site.hub import read
from archive.site.hub.read import HubHit
from archive.site.hub.store import HubProvince

#: Seconds for a connection; between two pieces of a table; for the hits of a search, which nobody waits for longer.
CONNECT_S, PIECE_S, SEARCH_S = 5.0, 60.0, 8.0
#: A row of a table is a line: no honest one is longer.
_LINE_BYTES = 1 << 20
_ANSWER_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Hits:
    """What a province answered to a search; with `reason` it didn't, and nothing is known of its reports."""

    province: str
    total: int = 0
    results: list[HubHit] = field(default_factory=list)
    reason: str | None = None


def client_for_tables() -> httpx.Client:
    """A client of the provinces' sites; it goes straight to them, whatever proxies the environment names."""
    return httpx.Client(timeout=httpx.Timeout(PIECE_S, connect=CONNECT_S), trust_env=False)


def client_for_pages() -> httpx.AsyncClient:
    """The same for pages and searches."""
    return httpx.AsyncClient(timeout=httpx.Timeout(PIECE_S, connect=CONNECT_S), trust_env=False)


def table(client: httpx.Client, province: HubProvince, name: str) -> Iterator[Any]:
    """The rows of one of a province's tables: `agencies`, `reports`, `obligations` or `runs`.

    Raises:
        SiteError: It doesn't answer, breaks off, or gives what is no such table.
    """
    make = {"agencies": read.agency, "reports": read.report, "obligations": read.duty, "runs": read.run_end}[name]
    address = f"{province.url}/data/{name}.ndjson"
    try:
        with client.stream("GET", address) as response:
            if response.status_code != httpx.codes.OK:
                raise SiteError(f"{address}: answered {response.status_code}")
            yield from read.whole_table(_lines(response, address), address, make)
    except httpx.HTTPError as error:
        raise SiteError(f"{address}: {_why(error)}") from None


def _lines(response: httpx.Response, address: str) -> Iterator[str]:
    rest = b""
    for piece in response.iter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > _LINE_BYTES:
            raise SiteError(f"{address}: a row is longer than {_LINE_BYTES} bytes")
        yield from (line.decode("utf-8", "replace") for line in lines)


async def search(client: httpx.AsyncClient, provinces: list[HubProvince], query: dict[str, str]) -> list[Hits]:
    """What each of the provinces finds, in their order."""
    return list(await asyncio.gather(*(_search(client, province, query) for province in provinces)))


async def _search(client: httpx.AsyncClient, province: HubProvince, query: dict[str, str]) -> Hits:
    try:
        async with asyncio.timeout(SEARCH_S):
            async with client.stream("GET", f"{province.url}/search.json", params=query) as response:
                if response.status_code != httpx.codes.OK:
                    return Hits(province.name, reason=f"answered {response.status_code}")
                body = b""
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > _ANSWER_BYTES:
                        return Hits(province.name, reason="the answer is too long")
        total, results = read.hits(httpx.Response(200, content=body).json())
    except TimeoutError:
        return Hits(province.name, reason=f"no answer within {SEARCH_S:g} s")
    except httpx.HTTPError as error:
        return Hits(province.name, reason=_why(error))
    except (ValueError, RecursionError) as error:
        return Hits(province.name, reason=f"the answer can't be read ({error})")
    return Hits(province.name, total, results)


def _why(error: httpx.HTTPError) -> str:
    """What went wrong, in a line."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__

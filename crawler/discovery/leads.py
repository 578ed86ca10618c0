"""Candidate links of a search: addresses worth a visit, the most promising first."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.pages.exchange import NextRequest
from extract.lexicon.addresses import canonical, is_counter, is_file

if TYPE_CHECKING:
    from collections.abc import Callable

#: Ranks of candidate links, the surest first: up to `WEAK` they are taken for columns of reports, the others for pages that lead to one.
PROVEN, LIKELY, WEAK, GATE, UNIT_GATE, UNIT, ROUTE = 0, 1, 3, 4, 5, 6, 8
_UNKNOWN = 99
_MAX_DEPTH = 4
#: A search asks a hundred times or so; a site's menus name some hundreds of places. More are made to fill the memory.
MOST_LEADS = 5_000
#: Words of a link that are kept: names of columns and units are far shorter.
_MOST_LABEL = 200


@dataclass(frozen=True, slots=True)
class CandidateLink:
    """A link that a page offers: its rank, where it leads, the words that lead there, and the unit whose link it is."""

    rank: int
    url: str
    label: str
    unit: str = ""


@dataclass(order=True, slots=True)
class Lead:
    """An address worth a visit; the smallest is visited first."""

    rank: int
    number: int
    url: str = field(compare=False)
    label: str = field(compare=False)
    unit: str = field(compare=False)
    depth: int = field(compare=False)

    @property
    def is_column(self) -> bool:
        """Whether the address is taken for a column of reports, not for a page that leads to one."""
        return self.rank <= WEAK


class Leads:
    """The queue of candidate links.

    Args:
        allows: Whether an address may be asked for.
    """

    def __init__(self, allows: Callable[[str], bool]) -> None:
        self._allows = allows
        self._heap: list[Lead] = []
        self._best: dict[str, int] = {}
        self._spellings: dict[str, dict[str, Lead]] = {}
        self._number = 0
        self.is_full = False

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, found: CandidateLink, depth: int, *, is_jump: bool = False) -> None:
        """Note a link; an address noted twice keeps its better rank.

        A page that jumps to another spelling of its own address (`/` to `/index.shtml`) means that other page. After `MOST_LEADS` no more are
        noted, and `is_full` says so.
        """
        url = found.url
        key = _key(url)
        if depth > _MAX_DEPTH or is_counter(url) or is_file(url) or not self._allows(url):
            return
        if self._number >= MOST_LEADS:
            self.is_full = True
            return
        self._number += 1
        lead = Lead(found.rank, self._number, url, found.label[:_MOST_LABEL], found.unit[:_MOST_LABEL], depth)
        if self._best.get(key, _UNKNOWN) <= found.rank and not is_jump:
            self._spellings.setdefault(key, {}).setdefault(url, lead)
            return
        self._best[key] = found.rank
        heapq.heappush(self._heap, lead)

    def take(self) -> Lead:
        """The most promising link, removed from the queue."""
        return heapq.heappop(self._heap)

    def clear(self) -> None:
        """Give up what is left."""
        self._heap.clear()

    def try_other_spelling(self, url: str, asked: set[tuple[str, str, bytes | None]]) -> bool:
        """Queue a page that is missing by another of the addresses that lead to it: not every server knows both `/x/` and `/x/index.html`."""
        spellings = self._spellings.get(_key(url), {})
        other = next((lead for lead in spellings.values() if NextRequest(lead.url).key not in asked), None)
        if other is not None:
            heapq.heappush(self._heap, other)
        return other is not None


def _key(url: str) -> str:
    return canonical(url) + ("#" + urlsplit(url).fragment if urlsplit(url).fragment.isdigit() else "")

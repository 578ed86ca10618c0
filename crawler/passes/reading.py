"""Reading pages of lists apart from the harvest: as functions of the walk and a page, so that they can be called in a child.

How much of a page a harvest reads: what is larger is stored and told, and left to ingest, which reads in processes of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.families import open_walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.lists.described import ListDescription
    from crawler.lists.model import Step
    from crawler.lists.walk import Walk
    from crawler.pages.exchange import PageBytes

#: Lists and report pages of real portals have at most some megabytes, scripts and inlined pictures included.
MOST_READ = 16 << 20


@dataclass(frozen=True, slots=True)
class BeginWalk:
    """Begins a walk with its first page: called with the page it gives the walk and what it says. See `crawler.families.open_walk`."""

    platform: str
    column: str
    skipped: Sequence[str]
    worked: str
    described: ListDescription | None
    allows: Callable[[str], bool]

    def __call__(self, first: PageBytes) -> tuple[Walk, Step]:
        """The walk behind its first page, and what it says."""
        walk = open_walk(
            self.platform,
            self.column,
            first,
            skipped=self.skipped,
            worked=self.worked,
            described=self.described,
            allows=self.allows,
        )
        return walk, walk.feed(replace(first, request=walk.start()))


def feed_walk(walk: Walk, page: PageBytes) -> tuple[Walk, Step]:
    """Give a walk the page it asked for. Gives the walk as it is behind it (another object where this is called in a child), and what it says."""
    return walk, walk.feed(page)

"""Reading pages apart from the process that asked for them: as functions of a walk, or a search, and a page, so that they can be called in a child.

What is larger than `MOST_READ` is stored and reported by a harvest, and left to ingest, which reads in processes of its own.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from archive.work.children import Unsendable
from crawler.families import open_walk
from crawler.pages.exchange import MOST_READ, PageBytes
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.lists.described import ListDescription
    from crawler.lists.model import Step
    from crawler.lists.walk import Walk

logger = logging.getLogger(__name__)

S = TypeVar("S", covariant=True)


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


class TakesPages(Protocol[S]):
    """A walk over a list, or a search for lists: takes one page after the other, and says what to ask for next."""

    def feed(self, page: PageBytes) -> S:
        """Take a page."""


def feed(machine: TakesPages[S], page: PageBytes) -> tuple[TakesPages[S], S]:
    """Give a walk or a search the page it asked for. Gives it as it is behind the page (another object where this is called in a child), and what it says."""
    return machine, machine.feed(page)


def read_apart(apart: Callable[..., Any], function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function makes of a page, in a helper; here, if a reader of somebody else's package can't go there.

    Args:
        apart: Calls a function where that can't cost this process (`archive.work.helper.Helper`).
    """
    try:
        return apart(function, *arguments)
    except Unsendable as error:
        logger.debug("read in this process itself: %s", error)
        return function(*arguments)


def not_read(page: PageBytes, error: Exception) -> str:
    """Why a page that broke its reader is not read, in words; the log gets more."""
    logger.warning("%s can't be read as a list: %s: %s", page.url, type(error).__name__, error)
    logger.debug("%s", page.url, exc_info=True)
    return localizable(f"the page can't be read as a list ({type(error).__name__}: {error})")


def feed_apart(apart: Callable[..., Any], machine: Any, page: PageBytes) -> tuple[Any, Any]:
    """Give a walk or a search its page in a helper. A page that breaks its reader, or is too large for it, is one that failed.

    Gives the walk or the search behind it, and what it says.
    """
    if len(page.body) > MOST_READ:
        return machine, machine.fail(page.request, too_large(page.body))
    try:
        machine, step = read_apart(apart, feed, machine, page)
    except Exception as error:  # noqa: BLE001 - the boundary of a page: what it does to its reader costs the page
        return machine, machine.fail(page.request, not_read(page, error))
    return machine, step


def too_large(body: bytes) -> str:
    """Why a page of so many bytes is not read, in words."""
    return localizable(f"a page of {len(body)} bytes is too large to be read as a list")

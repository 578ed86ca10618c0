"""Families of publishing systems: one pure module each; `family` says what makes one, `registry` holds them, `open_walk` begins a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.families.detect import detect_text, has_signs_of
from crawler.families.family import ArticleRules, Detail, Family, Sign
from crawler.families.registry import AUTO, PLAIN, FamilyError, registry
from crawler.lists.described import DescribedLists, ListDescription
from crawler.lists.html_list import HtmlListReader
from crawler.lists.model import ListWalk, Step
from crawler.lists.reader import ListReader, text_of_page
from crawler.lists.services import ServiceLists
from crawler.lists.walk import Walk
from crawler.pages.exchange import NextRequest, PageBytes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "AUTO",
    "ArticleRules",
    "Detail",
    "Family",
    "FamilyError",
    "ListWalk",
    "NextRequest",
    "PageBytes",
    "Sign",
    "Step",
    "open_reader",
    "open_walk",
    "registry",
]


def open_walk(
    family: str,
    column_url: str,
    first: PageBytes | None = None,
    *,
    skipped: Sequence[str] = (),
    worked: str = "",
    described: ListDescription | None = None,
    allows: Callable[[str], bool] | None = None,
) -> Walk:
    """Begin the walk over an annual-report column.

    Args:
        family: A family's name, or `auto`: then each list page is recognised by itself.
        column_url: The column page; for gkmlpt its fragment may name the category (`…/gkmlpt/annualreport#2629`).
        first: The column page, if it is there already; it only helps to recognise the family.
        skipped: Guesses at further pages that brought nothing at this host, not long ago.
        worked: The guess that worked there.
        described: How the portal's definition describes the list; then no family reads it.
        allows: Whether an address on another host belongs to the portal.
    """
    if described is not None:
        lists = DescribedLists(described)
        return Walk(column_url, "described", _DescribedOpener(lists), allows=allows, is_told=True)
    if family == AUTO and first is not None:
        family = detect_text(text_of_page(first), first.url).family

    return Walk(column_url, family, _Opener(column_url, tuple(skipped), worked), allows=allows)


@dataclass(frozen=True, slots=True)
class _Opener:
    """Opens the readers of one walk; an object rather than a closure, so that walks can go to another process and come back."""

    column_url: str
    skipped: tuple[str, ...]
    worked: str

    def __call__(self, name: str, page: PageBytes) -> ListReader:
        """The reader for a page, with what is known of guesses."""
        reader = open_reader(name, self.column_url, page)
        if isinstance(reader, HtmlListReader):
            reader.remember(self.skipped, self.worked)
            return ServiceLists(reader)
        return reader


@dataclass(frozen=True, slots=True)
class _DescribedOpener:
    """The same for a list that a definition describes."""

    lists: DescribedLists

    def __call__(self, name: str, page: PageBytes) -> ListReader:
        """The reader for a page."""
        return self.lists.open(page)


def open_reader(family: str, column_url: str, page: PageBytes) -> ListReader:
    """The reader for one list page.

    A named family is believed as long as the page shows any sign of it or no sign of another: sites are rebuilt with other systems, and
    mix them.
    """
    text = text_of_page(page)
    detected = detect_text(text, page.url).family
    if family in (AUTO, "") or (detected != PLAIN and not has_signs_of(family, text, page.url)):
        family = detected
    return registry().families[family].open(text, page, column_url)

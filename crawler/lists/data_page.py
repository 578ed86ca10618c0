"""Further pages of a list in HTML that come as data: what 加载更多 asks a service for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jmespath

from crawler.lists.described import DescribedList, ListDescription
from crawler.lists.expressions import NotUnderstood, literal_of, number_in, open_answer
from crawler.lists.marks import Mark
from crawler.lists.page import ListPage
from crawler.lists.services import draft
from extract.document.notations import parse_json

if TYPE_CHECKING:
    from archive.warc.context import Entry
    from crawler.lists.ways import Way
    from crawler.pages.exchange import PageBytes

_NOTHING = ListDescription(rows="", title="", link="")
_CALLED = re.compile(r"\s*+(?:/\*.{0,40}?\*/)?\s*+[\w.$]{1,80}\s?\(\s?[\[{]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DataPage:
    """An answer that is data.

    Attributes:
        rows: Its rows; none at the list's end.
        marks: Counts that stand in it.
        told: How it is read; later answers are read alike.
    """

    rows: tuple[Entry, ...]
    marks: tuple[Mark, ...]
    told: ListDescription

    def as_list_page(self, url: str, title: str, ways: tuple[Way, ...]) -> ListPage:
        """The page as those in HTML are: of the list that asked for it, whose ways lead on."""
        return ListPage(url, title, self.rows, marks=self.marks, ways=ways)


def is_data(text: str) -> bool:
    """Whether an answer is JSON or JSONP."""
    start = text.lstrip("\ufeff \t\r\n")[:200]
    return start[:1] in ("{", "[") or _CALLED.match(start) is not None


def read_data_page(text: str, page: PageBytes, told: ListDescription | None) -> DataPage | None:
    """Read an answer that is data.

    Args:
        text: The answer as text.
        page: The answer.
        told: How answers before it were read; without it the answer itself must show where its rows are.

    Returns:
        `None` if it is none of this list: no rows, and no empty place where rows stood before.
    """
    drafted = told if told is not None else draft(_NOTHING, text, page.url)
    if not isinstance(drafted, ListDescription):
        return None
    rows = DescribedList.begun(drafted, page).read(page).rows
    if not rows and not _is_empty_at(text, drafted):
        return None
    return DataPage(rows, _counts(text, drafted), drafted)


def _is_empty_at(text: str, told: ListDescription) -> bool:
    """Whether there is an empty array where rows stood in answers before: nothing follows."""
    try:
        value: Any = parse_json(text.lstrip("\ufeff")) if told.answer == "json" else literal_of(text)
    except ValueError:
        return False
    return bool(jmespath.search(told.rows, value) == [])


def _counts(text: str, told: ListDescription) -> tuple[Mark, ...]:
    try:
        answer = open_answer(text, told.answer)
    except NotUnderstood:
        return ()
    named = (("total", told.total), ("pages", told.pages))
    counted = ((kind, key, number_in(answer.text(key))) for kind, key in named if key)
    return tuple(Mark(kind, f"{key} = {count}", count) for kind, key, count in counted if count is not None)

"""The candidate check: a column counts only after its own first rows have been read."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.families.detect import detect_text
from crawler.families.gkmlpt import read_tree, report_categories
from crawler.families.registry import registry
from crawler.lists.walk import Walk
from crawler.pages import markup
from extract.lexicon.addresses import canonical, slug_rank
from extract.lexicon.report_marks import has_report_marks
from extract.lexicon.titles import Judgement, judge_title, label_rank
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.warc.context import Entry
    from crawler.discovery.leads import Lead
    from crawler.lists.anchors import Anchor
    from crawler.lists.model import Step
    from crawler.pages.exchange import NextRequest, PageBytes


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A column that lists annual reports.

    Attributes:
        url: Its address, as a definition's `start` takes it.
        family: The family that reads it.
        label: The words that led there.
        unit: The unit whose column it is, as the menu names it; empty for the portal's own.
        evidence: Why it is taken for one.
        entries: The rows of its first page.
        is_guess: Nothing but a label or an address speaks for it.
        is_report: It shows a report, and names no other.
    """

    url: str
    family: str
    label: str
    unit: str
    evidence: str
    entries: tuple[Entry, ...] = ()
    is_guess: bool = False
    is_report: bool = False


def without_rows(columns: Sequence[FoundColumn]) -> list[FoundColumn]:
    """The columns without those pages that are rows of a list: reports, taken for columns because some sites show their only report in place of one.

    A report's page is a row if a list names it, if a report's title led to it, or if others have its address but for numbers and belong to no units of
    their own. What would leave nothing is kept.
    """
    named = {canonical(entry.url): column for column in columns for entry in column.entries if not column.is_report}
    alike = Counter(_shape(column.url) for column in columns if column.is_report)
    units = {(_shape(column.url), column.unit) for column in columns if column.is_report}

    def is_row(column: FoundColumn) -> bool:
        if not column.is_report:
            return False
        shape = _shape(column.url)
        own_units = sum(1 for other, unit in units if other == shape and unit)
        title = judge_title(column.label)
        is_titled = title.judgement is Judgement.ACCEPT and title.year is not None
        return canonical(column.url) in named or is_titled or (alike[shape] > 1 and own_units < alike[shape])

    return [column for column in columns if not is_row(column)] or list(columns)


def _shape(url: str) -> str:
    return re.sub(r"\d+", "0", url)


def shows_report(text: str) -> bool:
    """Whether a page is an article that holds a report."""
    return bool(markup.meta_of(text, "ArticleTitle")) and has_report_marks(markup.visible_text(text))


def may_be_column(text: str, url: str, anchors: list[Anchor]) -> bool:
    """Whether a page reached on the way is itself a column of reports: by name, or by what it lists."""
    if slug_rank(url) == 0:
        return True
    if any(label_rank(name) in (0, 1) for name in _names_of(text) if name):
        return True
    if "/gkmlpt/" in url:
        return bool(report_categories(read_tree(text)))
    named = {
        canonical(anchor.url)
        for anchor in anchors
        if registry().is_article(anchor.url) and judge_title(anchor.title).judgement is Judgement.ACCEPT
    }
    articles = {canonical(anchor.url) for anchor in anchors if registry().is_article(anchor.url)}
    return len(named) >= 2 and 2 * len(named) >= len(articles)


def _names_of(text: str) -> tuple[str, ...]:
    return (markup.meta_of(text, "ColumnName"), *re.split(r"[-_—|]", markup.title_of(text)))


class Trial:
    """The first look at a candidate's rows."""

    def __init__(self, lead: Lead, column: str, walk: Walk, page: PageBytes, text: str) -> None:
        self.lead = lead
        self.column = column
        self.walk = walk
        self.text = text
        self.asked = 0
        self._queue: list[NextRequest] = []
        self._waiting: set[tuple[str, str, bytes | None]] = set()
        self._entries: list[Entry] = []
        self._reason = ""
        self._own_report = has_report_marks(markup.visible_text(text))
        self.is_report = shows_report(text)
        self._names = _names_of(text)
        self._url = page.url

    def expects(self, request: NextRequest) -> bool:
        """Whether the trial waits for the answer to a request."""
        return request.key in self._waiting

    def waits(self) -> bool:
        """Whether answers are under way or to be asked for."""
        return bool(self._waiting or self._queue)

    def take(self) -> NextRequest | None:
        """The next request of the trial."""
        if not self._queue:
            return None
        request = self._queue.pop(0)
        self._waiting.add(request.key)
        self.asked += 1
        return request

    def take_in(self, step: Step) -> None:
        """Take what an answer brought."""
        self._waiting.clear()
        self._entries += step.entries
        self._queue += step.next
        self._reason = step.reason

    def rows_suffice(self) -> bool:
        """Whether enough rows are there to judge."""
        return sum(judge_title(entry.title).judgement is Judgement.ACCEPT for entry in self._entries) >= 1

    def verdict(self) -> FoundColumn | None:
        """The column, if its rows or its names prove it."""
        titles = [judge_title(entry.title) for entry in self._entries]
        accepted = sum(title.judgement is Judgement.ACCEPT for title in titles)
        bare = sum(title.is_bare for title in titles)
        if accepted:
            return self._column(localizable(f"{accepted} titles of reports among its first rows"))
        if self._own_report:
            return self._column(localizable("the page shows a report itself"))
        if bare and self._is_named():
            return self._column(localizable(f"{bare} rows with unit and year"))
        if label_rank(self.lead.label) == 0 and (self._entries or self.waits() or "empty" in self._reason):
            return self._column(
                localizable(
                    f"named {self.lead.label!r}, but no title of a report stands in its first rows ({self._reason or 'more to read'})"
                ),
                is_guess=True,
            )
        return None

    def _is_named(self) -> bool:
        """Whether the link's words, the address or the page's own names call it a column of reports."""
        by_label = label_rank(self.lead.label) in (0, 1)
        return by_label or slug_rank(self.column) == 0 or bool(self._own_name())

    def _own_name(self) -> str:
        """The page's own name, if it is that of a column of reports."""
        return next((name for name in self._names if name and label_rank(name) is not None), "")

    def _column(self, evidence: str, *, is_guess: bool = False) -> FoundColumn:
        family = next(iter(self.walk.families), "") or detect_text(self.text, self._url).family
        label = self.lead.label or self._own_name()
        is_alone = all(canonical(entry.url) == canonical(self.column) for entry in self._entries)
        return FoundColumn(
            self.column,
            family,
            label,
            self.lead.unit,
            evidence,
            tuple(self._entries),
            is_guess=is_guess,
            is_report=self._own_report and is_alone,
        )

    def why_not(self) -> str:
        """Why the candidate was dropped."""
        return self._reason or localizable("no title of a report stands in its first rows")

"""Whether a list was read to its end, by proof: every mark of a further page is followed, agrees or is disproved, or else it is open.

An address that the site wrote and that brings nothing new disproves its mark. One that we put together (from a script, a form, a guess)
disproves nothing before the same way has brought a page. The absence of marks is the weakest proof, and is called so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.codes import ProofKind
from archive.warc.statuses import is_answered, is_not_there

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crawler.lists.marks import Mark
    from crawler.lists.ways import Way


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request for a further page that brought no unseen row.

    Attributes:
        way: What was asked for.
        page: How many pages had been read before.
        status: What was answered; 0 if nothing was.
        rows: Rows of the answer, all of them known.
        is_same_list: The answer looks like a page of the same list.
    """

    way: Way
    page: int
    status: int
    rows: int
    is_same_list: bool

    @property
    def is_answered(self) -> bool:
        """Whether a page came."""
        return is_answered(self.status)

    @property
    def is_missing(self) -> bool:
        """Whether the server says that there is no such page."""
        return is_not_there(self.status)


@dataclass(frozen=True, slots=True)
class Noted:
    """A mark, and the page of the list on which it stands."""

    mark: Mark
    page: int


@dataclass(frozen=True, slots=True)
class Course:
    """How the reading of a list went.

    Attributes:
        marks: All marks met.
        pages: How many pages brought unseen rows.
        met: Rows met, those that came twice counted twice.
        attempts: What was asked for in vain.
        via: The ways that brought pages.
        years: Years of which rows were met, by title or date.
        is_full: The last page has as many rows as a whole page: that nothing follows is less likely than that it can't be fetched.
    """

    marks: Sequence[Noted]
    pages: int
    met: int
    attempts: Sequence[Attempt]
    via: frozenset[str]
    is_full: bool = False
    years: frozenset[int] = frozenset()

    @property
    def is_counted(self) -> bool:
        """Whether a count of the site agrees with what was read, and none speaks against it."""
        counts = [noted.mark for noted in self.marks if noted.mark.kind in ("total", "pages")]
        return bool(counts) and all(self.agrees(mark) for mark in counts)

    def agrees(self, mark: Mark) -> bool:
        """Whether a count is no larger than what was read."""
        return (mark.number or 0) <= (self.met if mark.kind == "total" else self.pages)


@dataclass(frozen=True, slots=True)
class ListEnd:
    """What is known of the end of a list with rows.

    Attributes:
        open: Marks that were neither followed nor disproved; none if the list is whole.
        proof: What proves the end, if none is open.
        quote: Of the proof.
    """

    open: tuple[Mark, ...]
    proof: ProofKind
    quote: str


def settle(course: Course) -> ListEnd:
    """Decide about every mark."""
    marks = [noted.mark for noted in course.marks]
    is_open = [noted.mark for noted in course.marks if not _is_settled(noted, course)]
    counts = [mark for mark in marks if mark.kind in ("total", "pages")]
    for kind in (ProofKind.TOTAL, ProofKind.PAGES):
        agreeing = next((mark for mark in counts if mark.kind == kind and course.agrees(mark)), None)
        if agreeing is not None:
            return ListEnd(tuple(is_open), kind, agreeing.quote)
    if marks or course.pages > 1:
        return ListEnd(tuple(is_open), ProofKind.MARKS, marks[0].quote if marks else "")
    return ListEnd((), ProofKind.NO_MARK, "")


def _is_settled(noted: Noted, course: Course) -> bool:
    """Whether a mark is followed, agrees or is disproved."""
    mark = noted.mark
    if mark.kind in ("total", "pages"):
        return course.agrees(mark)
    by_itself = _SETTLED_BY.get(mark.kind)
    if by_itself is not None:
        return by_itself(mark, course)
    if course.is_counted:
        return True
    if mark.kind in ("number", "last") and mark.number is not None and mark.number > 1:
        return mark.number <= course.pages or _number_disproved(mark.number, course)
    if noted.page < course.pages:
        return True  # a later page was read
    if mark.leads_here:
        return True
    return not mark.is_off_site and _disproved(mark, course)


#: Marks that no request settles. A count may be one of the year that is chosen; above a list of several pages units are a filter, and what
#: its scripts might bring is on its further pages.
_SETTLED_BY: Mapping[str, Callable[[Mark, Course], bool]] = {
    "row": lambda mark, course: False,
    "before": lambda mark, course: course.is_counted,
    "years": lambda mark, course: mark.number in course.years,
    "units": lambda mark, course: course.pages > 1 or course.is_counted,
    "source": lambda mark, course: course.pages > 1 or course.is_counted,
}


#: What a link elsewhere on the page says nothing of: nobody knows what these would bring.
_UNKNOWN = frozenset({"control", "component", "place", "field", "promise", "choice"})


def _number_disproved(number: int, course: Course) -> bool:
    """Whether the site's own link to that page, or a way that worked before, brought a page without news. 404 never disproves a number."""
    return any(
        attempt.is_answered and attempt.is_same_list and attempt.way.number in (None, number, course.pages + 1)
        for attempt in course.attempts
        if attempt.page == course.pages and (attempt.way.is_given or attempt.way.via in course.via)
    )


def _disproved(mark: Mark, course: Course) -> bool:
    """Whether what was asked for from the last page shows that nothing follows."""
    return any(_shows_end(attempt, mark, course) for attempt in course.attempts if attempt.page == course.pages)


def _speaks_of(way: Way, mark: Mark) -> bool:
    """Whether what an address brings that the site wrote says something of a mark."""
    return way.is_given and mark.kind not in _UNKNOWN


def _shows_end(attempt: Attempt, mark: Mark, course: Course) -> bool:
    ended = attempt.is_missing or (attempt.is_answered and attempt.is_same_list)
    if _speaks_of(attempt.way, mark):
        return ended and not (attempt.is_missing and course.is_full)
    if attempt.way.via in course.via or (attempt.way.via == "pattern" and course.pages > 1):
        return ended
    # A field that the site names itself, and an answer that is this list without rows: the server knows the field, and has no such page.
    return attempt.way.is_named and attempt.is_answered and attempt.is_same_list and not attempt.rows

"""Whether a document or a file is there, after a visit. Gone takes two visits in two passes; what only turned us away says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from archive.history.looks import is_later
from archive.history.visits import OK
from archive.index.codes import AddressStatus

if TYPE_CHECKING:
    from archive.history.visits import PageVisit
    from archive.index.types import AddressRow, DocumentRow


class VisitFacts(Protocol):
    """What the index knows about the address that was visited; each fact is asked only where it matters."""

    def leads_elsewhere(self) -> bool:
        """Whether the good answer came from another address, to which this one redirects."""

    def has_successor(self) -> bool:
        """Whether the report was observed in this pass where the list's address leads now."""

    def item_state(self) -> str | None:
        """The state of what is stored of the page and its files now, `None` if nothing is."""

    def is_withdrawn(self) -> bool:
        """Whether the page that answers has nothing of the report, while its host gave other pages whole."""

    def is_named(self) -> bool:
        """Whether a list names the document now."""


@dataclass(frozen=True, slots=True)
class Presence:
    """What a visit says about a document.

    Attributes:
        status: How the document stands from now on, `None` if as before.
        is_touched: Whether its report must be judged again.
    """

    status: AddressStatus | None = None
    is_touched: bool = False


@dataclass(frozen=True, slots=True)
class FilePresence:
    """What a visit says about a file that hangs on a page: the look that found it gone, whether that is settled, whether the page is read again."""

    gone_run: str | None
    gone_at: str | None
    is_gone: bool
    is_page_touched: bool


NOTHING = Presence()


def after_visit(document: DocumentRow, visit: PageVisit, facts: VisitFacts, *, this_pass: str) -> Presence:
    """What a visit to a document's address, or to the list's address that leads to it, says about the document."""
    if visit.is_gone:
        return Presence(_when_gone(document, visit, this_pass), is_touched=True)
    if not visit.is_good or document.url != visit.url:
        return NOTHING
    if facts.leads_elsewhere():
        return Presence(AddressStatus.GONE, is_touched=True) if facts.has_successor() else NOTHING
    if facts.item_state() != document.state:
        # A page without the report does not show it. One that has nothing of it is a look that the report is gone; while a list names
        # the report, it may be an obstacle before this one page, and is never more than a suspicion.
        if not facts.is_withdrawn():
            return NOTHING
        status = AddressStatus.SUSPECT if facts.is_named() else _when_gone(document, visit, this_pass)
        return Presence(status, is_touched=True)
    return Presence(AddressStatus.PRESENT, is_touched=_needs_judging(document))


def _when_gone(document: DocumentRow, visit: PageVisit, this_pass: str) -> AddressStatus | None:
    if document.status == AddressStatus.PRESENT:
        return AddressStatus.SUSPECT
    is_second = _is_second(document.gone_run, document.gone_at, visit, this_pass)
    return AddressStatus.GONE if document.status == AddressStatus.SUSPECT and is_second else None


def _is_second(first_pass: str | None, first_at: str | None, visit: PageVisit, this_pass: str) -> bool:
    """Whether a look is the second that lacks something: in another pass, and far enough behind the first."""
    return first_pass != this_pass and (first_at is None or is_later(first_at, visit.at))


def _needs_judging(document: DocumentRow) -> bool:
    """Whether observing a document may change what is known of its report: not if it was there, counted and listed before."""
    is_settled = document.is_primary and (document.is_listed or not document.was_listed)
    return document.status != AddressStatus.PRESENT or not is_settled


def after_file_visit(file: AddressRow, visit: PageVisit, *, this_pass: str) -> FilePresence | None:
    """What a visit to a page's file says about the file, `None` if nothing new."""
    if file.parent is None or file.digest is None:
        return None
    if visit.verdict == OK and (file.is_gone or file.gone_run):
        return FilePresence(None, None, is_gone=False, is_page_touched=True)
    if visit.is_gone and not file.is_gone:
        if file.gone_run is None:
            return FilePresence(this_pass, visit.at, is_gone=False, is_page_touched=False)
        if _is_second(file.gone_run, file.gone_at, visit, this_pass):
            return FilePresence(file.gone_run, file.gone_at, is_gone=True, is_page_touched=True)
    return None

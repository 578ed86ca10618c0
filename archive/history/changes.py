"""The life of a report, judged: which of its addresses counts, whether it is there, and what happened to it.

Pure functions over what is known after a pass. Rules, as the contract has them:

- gone takes two looks in two passes; in between a report is `suspect`; what turned a harvester away never counts as a look;
- the report at another address while the old one is gone, or no longer named by the list, has `moved`; it has not vanished;
- a report is `delisted` only when complete readings of the lists no longer name it and its address was seen to answer;
- a notice of correction beside a report is reported once, when it is found;
- of several addresses of one report, the one with the most official figures counts, then a correction (更正), then a plain text, then
  the one seen first. An address that counts is not left for an equal one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive.index.codes import AddressStatus, ChangeKind, ReportStatus
from extract.lexicon.addresses import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.index.types import DocumentRow


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a report, after a pass.

    `gone_at` is the look that settled it (or the first one, while suspect); `first_pass` the pass that found the address.
    """

    url: str
    entry_url: str
    status: str
    gone_at: str | None
    first_seen: str
    first_pass: str
    last_seen: str
    is_primary: bool
    is_listed: bool
    was_listed: bool
    is_correction: bool
    is_plain: bool
    figures: int


def address_of(document: DocumentRow) -> Address:
    """A document as one address of its report."""
    return Address(
        url=document.url,
        entry_url=document.entry_url,
        status=document.status,
        gone_at=document.gone_at,
        first_seen=document.first_seen,
        first_pass=document.first_run,
        last_seen=document.last_seen,
        is_primary=document.is_primary,
        is_listed=document.is_listed,
        was_listed=document.was_listed,
        is_correction=document.is_correction,
        is_plain=document.is_plain,
        figures=document.figures,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """What was known of a report before the pass."""

    status: str
    is_delisted: bool


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """Something that happened to a report, apart from its content; `from_url` is the address it left, or that of a notice of correction."""

    kind: ChangeKind
    at: str
    from_url: str | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is known of a report after the pass: the address that counts, its status, and what happened."""

    primary: str
    status: str
    is_delisted: bool
    events: tuple[LifeEvent, ...] = ()


def judge(standing: Standing | None, addresses: list[Address], *, this_pass: str, since: str) -> Assessment:
    """Judge one report.

    Args:
        standing: What was known of it, `None` if this pass found it.
        addresses: All its addresses, at least one.
        this_pass: Name of the pass.
        since: When the pass began; an address seen later than that answered in it.
    """
    alive = [address for address in addresses if address.status == AddressStatus.PRESENT]
    if standing is None:
        best = _best(alive or addresses)
        published = LifeEvent(ChangeKind.PUBLISHED, min(address.first_seen for address in addresses))
        return Assessment(
            best.url, ReportStatus.PRESENT, False, (published, *_corrections(best.url, addresses, this_pass))
        )
    old = next((address for address in addresses if address.is_primary), addresses[0])
    if not alive:
        return _without_answer(standing, old, addresses)
    if old.status == AddressStatus.PRESENT:
        new, is_move = _choose(old, alive, this_pass, since)
    else:
        new, is_move = _after_loss(standing, old, alive, this_pass)
    is_delisted, listing = _listing(standing, addresses, alive, since)
    events = [
        *_whereabouts(standing, old, new if is_move else None, alive, this_pass, since),
        *listing,
        *_corrections(new.url, addresses, this_pass),
    ]
    return Assessment(new.url, ReportStatus.PRESENT, is_delisted, tuple(events))


def _whereabouts(
    standing: Standing, old: Address, moved_to: Address | None, alive: list[Address], this_pass: str, since: str
) -> Iterator[LifeEvent]:
    """That a vanished report answers again, or that another address than the old one counts now."""
    if standing.status == ReportStatus.VANISHED:
        yield LifeEvent(ChangeKind.RESTORED, max(address.last_seen for address in alive))
    elif moved_to is not None and canonical(moved_to.url) != canonical(old.url):  # ?v=2 is the same page
        is_known = moved_to.first_pass != this_pass and old.gone_at is not None
        at = old.gone_at if is_known and old.gone_at else max(moved_to.first_seen, since)
        yield LifeEvent(ChangeKind.MOVED, at, old.url)


def _listing(
    standing: Standing, addresses: list[Address], alive: list[Address], since: str
) -> tuple[bool, list[LifeEvent]]:
    """Whether no list names the report any more, though one did, and what happened to that in this pass."""
    if any(address.is_listed for address in addresses):
        if standing.is_delisted and standing.status != ReportStatus.VANISHED:
            return False, [LifeEvent(ChangeKind.RESTORED, max(address.last_seen for address in alive))]
        return False, []
    answered = [address.last_seen for address in alive if address.last_seen >= since]
    if not standing.is_delisted and answered and any(address.was_listed for address in addresses):
        return True, [LifeEvent(ChangeKind.DELISTED, max(answered))]
    return standing.is_delisted, []


def as_before(judgement: Assessment, standing: Standing) -> Assessment:
    """What looks of others leave of a judgement: that a report moved, vanished, came back or left a list rests on own looks only."""
    return replace(judgement, status=standing.status, is_delisted=standing.is_delisted, events=())


def _corrections(primary: str, addresses: list[Address], this_pass: str) -> list[LifeEvent]:
    """Notices of correction that this pass found beside the report; a corrected report takes its place instead, and is compared with it."""
    return [
        LifeEvent(ChangeKind.CORRECTED, address.first_seen, address.url)
        for address in addresses
        if address.is_correction and address.first_pass == this_pass and address.url != primary and not address.figures
    ]


def _without_answer(standing: Standing, old: Address, addresses: list[Address]) -> Assessment:
    if standing.status == ReportStatus.VANISHED:
        return Assessment(old.url, ReportStatus.VANISHED, standing.is_delisted)
    if all(address.status == AddressStatus.GONE for address in addresses):
        at = max(address.gone_at or "" for address in addresses)
        return Assessment(old.url, ReportStatus.VANISHED, standing.is_delisted, (LifeEvent(ChangeKind.VANISHED, at),))
    return Assessment(old.url, ReportStatus.SUSPECT, standing.is_delisted)


def _after_loss(standing: Standing, old: Address, alive: list[Address], this_pass: str) -> tuple[Address, bool]:
    """The address that counts when the old one doesn't answer. A sibling known before takes its place after the second look only."""
    fresh = [address for address in alive if address.first_pass == this_pass]
    if fresh:
        return _best(fresh), True
    if old.status == AddressStatus.GONE or standing.status == ReportStatus.VANISHED:
        return _best(alive), True
    return old, False


def _choose(old: Address, alive: list[Address], this_pass: str, since: str) -> tuple[Address, bool]:
    """The address that counts while the old one answers, or wasn't looked at."""
    listed = [address for address in alive if address.is_listed and address.url != old.url]
    if old.was_listed and not old.is_listed and listed:
        return _best(listed), True
    heirs = [
        address
        for address in alive
        if address.first_pass == this_pass and address.entry_url == old.entry_url and address.url != old.url
    ]
    if heirs and old.last_seen < since:  # the list's address leads elsewhere now
        return _best(heirs), True
    best = _best(alive)
    if (best.figures, best.is_correction) > (old.figures, old.is_correction):
        return best, False
    return old, False


def _best(addresses: list[Address]) -> Address:
    return min(
        addresses,
        key=lambda one: (
            -one.figures,
            not one.is_correction,
            not one.is_plain,
            not one.is_listed,
            one.first_seen,
            one.url,
        ),
    )


def change_id(report: str, kind: str, at: str, to_version: int | None, url: str) -> str:
    """The id of a change, from what it says."""
    return hashlib.sha256("\n".join((report, kind, at, str(to_version), url)).encode()).hexdigest()[:16]

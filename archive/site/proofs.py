"""The evidence for a claim, as it stood on a day: looks with their captures, what the claim doesn't say, and what would overturn it.

Only what was seen counts: *missing* rests on a reading of the lists to their end after the due date, *vanished* on answers of the address
itself. A claim that doesn't hold is called none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict

from archive.clock import shanghai_day
from archive.index.codes import DutyStatus
from archive.index.duties import ObligationRow
from archive.index.rows import of_type
from archive.site.reports import Answered, FoundReport, SiteReport, SiteVersion, find_report
from archive.site.view import last_day, rows

#: So many looks are shown, the newest.
MOST = 40
KINDS = ("published", "revised", "vanished", "missing", "unknown")
DUTY = """
select o.*, a.name as agency_name, p.name as portal_name from obligations o join agencies a on a.id = o.agency
left join portals p on p.id = o.portal where o.agency = :agency and o.year = :year
"""
#: Readings of lists, each with the capture of the list's page in the same run.
READINGS = """
select l.url, l.at, l.is_complete, l.reason, l.entries, l.proof, l.quote, c.id as capture, c.digest, c.status from lists l
left join captures c on c.run = l.run and c.url = substr(l.url, 1, instr(l.url || '#', '#') - 1) where l.portal = :portal order by l.at desc limit :most
"""
FAILED = """
select at, reason from portal_passes where portal = :portal and is_ok = 0 order by at desc limit :most
"""
#: Looks at a report's own addresses.
LOOKS = """
select c.id as capture, c.url, c.at, c.status, c.verdict, c.digest, c.kind from captures c
where c.url in (select d.url from documents d where d.report = :report union select d.entry_url from documents d where d.report = :report
  union select v.url from versions v where v.report = :report) order by c.at desc, c.id limit :most
"""
CHANGES = """
select id, kind, at, from_version, to_version, text_added, text_removed from changes where report = :report and is_false_alarm = 0 order by at
"""
FIGURE_CHANGES = """
select "table", "row", "column", before, after from figure_changes where change = :id limit 60
"""
LISTED_BEFORE = """
select at, url, is_complete from lists where portal = :portal and at < :at order by at desc limit 1
"""


@dataclass(frozen=True, slots=True)
class ProvedDuty(ObligationRow):
    """A row of `obligations`, with the names of agency and portal."""

    agency_name: str
    portal_name: str | None


class LookRow(Answered):
    """A look at one of a report's addresses, with its capture."""

    capture: str


class ProvedChange(TypedDict):
    """A change that nobody marked as a false alarm."""

    id: str
    kind: str
    at: str
    from_version: int | None
    to_version: int | None
    text_added: int
    text_removed: int


@dataclass(frozen=True, slots=True)
class PortalLook:
    """A look: when (UTC), at what, what came of it, the capture with its digest where one was stored; of a list what proves its end, quoted."""

    at: str
    url: str
    said: str
    is_good: bool
    capture: str | None = None
    digest: str | None = None
    status: int | None = None
    reason: str | None = None
    entries: int | None = None
    proof: str | None = None
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A claim with its evidence.

    Attributes:
        kind: One of `KINDS`: what the card claims, or would claim.
        holds: Whether the evidence up to the day shows it.
        now: What the archive says now: a status; empty if that is the claim.
        pin: The end of the address that stays: a version or a day.
    """

    kind: str
    holds: bool
    agency: str
    agency_id: str
    year: int
    pin: str
    looks: list[PortalLook]
    facts: dict[str, object] = field(default_factory=dict)
    now: str = ""
    report: str | None = None
    figures: list[dict[str, object]] = field(default_factory=list)


async def proof_of_duty(datasette: Any, kind: str, agency: str, year: int, until: str | None) -> Proof | None:
    """Whether the list was read to its end after the due date, up to a day (`2026-04-02`, Asia/Shanghai; the archive's last without)."""
    found = await rows(datasette, DUTY, {"agency": agency, "year": year})
    if not found:
        return None
    duty = ProvedDuty(**found[0])
    last = await last_day(datasette)
    day = min(until or last, last)
    looks = await _looks_at_lists(datasette, duty.portal, day)
    return Proof(
        kind,
        _holds(kind, duty, looks, day, last),
        duty.agency_name,
        agency,
        year,
        day,
        looks[:MOST],
        {"due": duty.due, "portal": duty.portal, "portal_name": duty.portal_name, "reason": duty.reason,
         "is_last": day == last, "read_at": next((look.at for look in looks if look.is_good), None)},
        now="" if duty.status == kind else duty.status,
        report=duty.report,
    )  # fmt: skip


async def _looks_at_lists(datasette: Any, portal: str | None, day: str) -> list[PortalLook]:
    """Readings of a portal's lists and passes that failed, up to a day, the newest first."""
    wanted = {"portal": portal, "most": 10 * MOST}
    looks = [
        PortalLook(
            row["at"], row["url"], "whole" if row["is_complete"] else "not whole", bool(row["is_complete"]),
            row["capture"], row["digest"], row["status"], row["reason"], row["entries"],
            row["proof"], row["quote"],
        )
        for row in await rows(datasette, READINGS, wanted)
    ]  # fmt: skip
    looks += [
        PortalLook(row["at"], "", "failed", False, reason=row["reason"])
        for row in await rows(datasette, FAILED, wanted)
    ]
    looks.sort(key=lambda look: look.at, reverse=True)
    return [look for look in looks if shanghai_day(look.at) <= day]


def _holds(kind: str, duty: ProvedDuty, looks: list[PortalLook], day: str, last: str) -> bool:
    """Whether the claim stood on the day: on the last one as the archive judged it, before by the looks up to then."""
    if day == last:
        return bool(duty.status == kind)
    if day <= duty.due or (duty.first_seen or "9999") <= day or (duty.published_on or "9999") <= day:
        return False
    newest = looks[0] if looks else None
    is_read = newest is not None and newest.is_good and shanghai_day(newest.at) > duty.due
    return is_read == (kind == DutyStatus.MISSING)


async def proof_of_report(datasette: Any, kind: str, report: str, pin: str | None) -> Proof | None:
    """That a version was published, that one was revised into another (`1..2`), or that the report's address answers no more."""
    first, _, second = (pin or "").partition("..")
    found = await find_report(datasette, report, second or first or None)
    if found is None or found.version is None:
        return None
    looks = [
        _look(row) for row in of_type(LookRow, await rows(datasette, LOOKS, {"report": report, "most": 10 * MOST}))
    ]
    changes = of_type(ProvedChange, await rows(datasette, CHANGES, {"report": report}))
    if kind == "revised":
        before = int(first) if second else found.version["version"] - 1
        return await _revised(datasette, found, found.version, looks, changes, before)
    if kind == "vanished":
        return _vanished(found.report, found.version, looks, changes)
    return await _published(datasette, found.report, found.version, looks)


async def _revised(
    datasette: Any,
    found: FoundReport,
    version: SiteVersion,
    looks: list[PortalLook],
    changes: list[ProvedChange],
    before: int,
) -> Proof | None:
    """That version `before` became this one, with the figures that changed; `None` without such a change."""
    after = version["version"]
    change = next((row for row in changes if _is_revision(row, before, after)), None)
    if change is None:
        return None
    earlier = next((one for one in found.versions if one["version"] == before), None)
    before_seen = earlier and earlier["first_seen"]
    facts = {"change": change["id"], "at": change["at"], "before": before, "text_added": change["text_added"],
             "text_removed": change["text_removed"], "before_seen": before_seen}  # fmt: skip
    captures = _captures_of(version) | (_captures_of(earlier) if earlier else set())
    return _proof(
        "revised",
        found.report,
        version,
        [look for look in looks if look.capture in captures or (before_seen or "") <= look.at <= change["at"]],
        facts,
        pin=f"{before}..{after}",
        figures=await rows(datasette, FIGURE_CHANGES, {"id": change["id"]}),
    )


def _is_revision(change: ProvedChange, before: int, after: int) -> bool:
    """Whether a change is that one version became the other."""
    return change["kind"] == "revised" and (change["from_version"], change["to_version"]) == (before, after)


def _captures_of(version: SiteVersion) -> set[str | None]:
    """The captures that a version was read from: of its page, and of the document with its figures."""
    return {version["capture"], version["figures_capture"]}


def _vanished(report: SiteReport, version: SiteVersion, looks: list[PortalLook], changes: list[ProvedChange]) -> Proof:
    """That the address gives the report no more, unless it gave it again since; with the answers that did not give it."""
    gone = [row for row in changes if row["kind"] in ("vanished", "restored")]
    last = gone[-1] if gone else None
    holds = last is not None and last["kind"] == "vanished"
    facts = {
        "at": last and last["at"],
        "change": last and last["id"],
        "absent": [look for look in looks if not look.is_good],
    }
    return _proof("vanished", report, version, looks, facts, holds=holds, now="" if holds else report["status"])


async def _published(datasette: Any, report: SiteReport, version: SiteVersion, looks: list[PortalLook]) -> Proof:
    """That a version stood there, with the looks up to its first, and the last reading of a list before."""
    seen, captures = version["first_seen"], _captures_of(version)
    listed = await rows(datasette, LISTED_BEFORE, {"portal": report["portal"], "at": seen})
    return _proof(
        "published",
        report,
        version,
        [look for look in looks if look.at <= seen or look.capture in captures],
        {"listed_before": listed[0]["at"] if listed else None},
        now="" if report["status"] == "present" else report["status"],
    )


def _proof(
    kind: str, report: SiteReport, version: SiteVersion, looks: list[PortalLook], facts: Mapping[str, object], *,
    pin: str = "", holds: bool = True, now: str = "", figures: list[dict[str, object]] | None = None,
) -> Proof:  # fmt: skip
    """A claim about a version of a report: what is known of every one, and the facts of this kind; pinned to the version without a pin."""
    shown = {"title": report["title"], "url": report["url"], "first_seen": version["first_seen"], "published_on": version["published_on"],
             "version": version["version"], "last_seen": report["last_seen"]}  # fmt: skip
    return Proof(
        kind,
        holds,
        report["agency_name"],
        report["agency"],
        report["year"],
        pin or str(version["version"]),
        looks[:MOST],
        {**shown, **facts},
        now,
        report["id"],
        figures or [],
    )


def is_good(capture: Answered) -> bool:
    """Whether a capture gave a document."""
    return capture["verdict"] in ("ok", "good", None) and (capture["status"] or 200) < 400


def _look(row: LookRow) -> PortalLook:
    return PortalLook(
        row["at"], row["url"], row["verdict"] or "", is_good(row), row["capture"], row["digest"], row["status"]
    )


def is_day(text: str) -> bool:
    """Whether a pin is a day."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True

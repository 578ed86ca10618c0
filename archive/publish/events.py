"""What happened, as events that are worth telling, each with what a person needs to act on it.

Events are derived from the archive's history, not from its present state, so that what began and ended between two digests is reported too: a
portal that was blocked for a day, a report that was there for a week. Nothing is taken back in silence: what was reported and doesn't hold any
more is an event of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive.clock import SHANGHAI, shanghai_day, shanghai_minute
from archive.duties.obligations import obligations
from archive.index import news
from archive.index.codes import ChangeKind, DutyStatus
from archive.index.duties import INTERRUPTED, complete_readings
from archive.index.register import told_apart
from archive.lists.labels import figure_label
from archive.lists.overview import today_of
from archive.publish.failures import failures
from archive.verify.last import last_verification
from extract.messages import localizable, localize
from extract.messages.sentences import localized

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlite_utils import Database

    from archive.duties.judge import Obligation
    from archive.files.folder import Archive
    from archive.index.news import FigureStep, PassOutcome, PortalName, ToldChange, ToldFinding

#: Kinds of event in the order in which a digest shows them, with their headings.
KINDS: dict[str, str] = {
    "verify": localizable("Verification failed"),
    "job": localizable("Runs of the calendar that failed"),
    "blocked": localizable("Portals that could not be read whole"),
    "corrected": localizable("Taken back: told before, and not so"),
    "published": localizable("Published"),
    "revised": localizable("Revised"),
    "vanished": localizable("Vanished"),
    "restored": localizable("Restored"),
    "moved": localizable("Moved"),
    "delisted": localizable("Taken off the list"),
    "replaced": localizable("Replaced by another report"),
    "correction-notice": localizable("Corrected by a notice"),
    "column-shrank": localizable("Many rows went from a column"),
    "late": localizable("Published late"),
    "missing": localizable("Missing after the due date"),
    "unknown": localizable("Unknown after the due date"),
    "due": localizable("Due soon"),
    "finding": localizable("Findings"),
}
#: What a person can do about a kind of event; kinds that need nothing are left out.
TODO: dict[str, str] = {
    "verify": localizable(
        "Don't repair anything yet: copy the folder, then run `ogi verify` and compare with a backup."
    ),
    "job": localizable("Run the entry's command by hand, and read what it prints."),
    "blocked": localizable(
        "Read the reason in `ogi status`; ask the portal's owner. Until it is read again, what it owes is unknown."
    ),
    "revised": localizable("Look at both originals; if it is no revision: `ogi changes --false-alarm ID`."),
    "vanished": localizable("The archived bytes stay; ask the agency for the reason."),
    "missing": localizable(
        "Look at the portal's columns yourself; if the report stands elsewhere, add the column to the definition."
    ),
    "unknown": localizable("Find out why the lists could not be read whole: `ogi status`, `ogi portals`."),
    "finding": localizable("Compare with the original; `ogi findings --confirm ID` or `--dismiss ID`."),
}
#: Kinds of change whose event is called otherwise: in a digest, what is corrected is what it told before.
#: Of a revision so many figures are named in words; the JSON names all.
_MOST_FIGURES = 12
_EVENT_OF: dict[str, str] = {ChangeKind.CORRECTED: "correction-notice"}
#: Findings below this severity are left to the site.
TOLD_SEVERITY = "error"
#: So many reports that a portal's first whole pass finds are reported in one line: nobody saw them appear. So many of past years that were
#: late or missing then, too: nobody could act on them.
FIRST_HARVEST = 6
#: Due dates are announced so many days before.
ANNOUNCED_DAYS = 14


@dataclass(frozen=True, slots=True)
class Event:
    """One thing worth telling.

    Attributes:
        id: Derived from what happened, so that it is reported once.
        at: When it happened or was seen, UTC ISO text; empty if nobody knows.
        url: The address on the portal; empty for what has gone or has none.
        path: The page of the archive's site, from its root; empty if there is none.
        diff: The page of both versions side by side, likewise.
        list_read_at: When the lists were last read whole, where that is the evidence (UTC ISO text).
        figures: What a revision changed: table, row, column, before, after.
    """

    id: str
    kind: str
    at: str
    text: str
    portal: str = ""
    agency: str = ""
    url: str = ""
    path: str = ""
    diff: str = ""
    list_read_at: str = ""
    figures: tuple[FigureStep, ...] = field(default=())

    def to_json(self, base_url: str = "") -> dict[str, Any]:
        """For `ogi digest --json` and webhooks; pages are whole addresses where the site's is known."""
        root = base_url.rstrip("/")
        names = ("id", "kind", "at", "text", "portal", "agency", "url", "list_read_at")
        return {
            **{name: getattr(self, name) for name in names},
            "page": root + self.path if root and self.path else "",
            "diff": root + self.diff if root and self.diff else "",
            "figures": [
                {"table": one.table, "row": one.row, "column": one.column, "before": one.before, "after": one.after}
                for one in self.figures
            ],
            "todo": localize(TODO.get(self.kind, "")),
        }


def events_of(archive: Archive, db: Database, now: datetime, told: Collection[str]) -> list[Event]:
    """Everything that can be reported at a time, reported before or not; `told` are the ids of what was, which may have to be taken back."""
    day = today_of(db, now.astimezone(SHANGHAI).date())
    changes = list(news.changes_to_tell(db))
    duties = list(obligations(db, day))
    passes = news.pass_outcomes(db)
    first = _first_of(passes)
    found: dict[str, Event] = {}
    for source in (
        _changes(db, changes, first),
        _duties(db, duties, first),
        _unknown(db, duties),
        _due_soon(duties, day),
        _portals(db, passes),
        _findings(db, first),
        _verification(archive),
        _jobs(archive),
        _corrected(changes, duties, told),
    ):
        found |= {event.id: event for event in source}
    order = list(KINDS)
    return sorted(found.values(), key=lambda event: (order.index(event.kind), event.at, event.id))


def _first_of(passes: Iterable[PassOutcome]) -> dict[str, PassOutcome]:
    """The first pass over each portal."""
    first: dict[str, PassOutcome] = {}
    for one in passes:
        first.setdefault(one.portal, one)
    return first


def _changes(db: Database, changes: Sequence[ToldChange], first: Mapping[str, PassOutcome]) -> Iterator[Event]:
    """Changes one by one, but for what the first pass over a portal found."""
    many = _found_at_first(changes, first)
    for portal in sorted(many):
        yield _first_harvest(portal, many[portal])
    collapsed = {change.id for found in many.values() for change in found}
    for change in changes:
        if not change.is_false_alarm and change.id not in collapsed:
            yield _change(change, news.figure_steps(db, change.id) if change.kind == ChangeKind.REVISED else [])


def _found_at_first(changes: Iterable[ToldChange], first: Mapping[str, PassOutcome]) -> dict[str, list[ToldChange]]:
    """The reports that the first pass over a portal found, where they are many."""
    began = {(one.portal, one.run) for one in first.values()}
    found: dict[str, list[ToldChange]] = defaultdict(list)
    for change in changes:
        if change.kind == ChangeKind.PUBLISHED and not change.origin and (change.portal, change.run) in began:
            found[change.portal].append(change)
    return {portal: some for portal, some in found.items() if len(some) >= FIRST_HARVEST}


def _first_harvest(portal: str, found: Sequence[ToldChange]) -> Event:
    years = [change.year for change in found]
    text = localize(
        "{portal}: the first harvest found {count} reports of {first}–{last}; when they appeared is not known",
        portal=found[0].portal_name or portal,
        count=len(found),
        first=min(years),
        last=max(years),
    )
    return Event(f"first:{portal}", "published", found[0].at, text, portal=portal, path=f"/portals/{portal}")


def _change(change: ToldChange, steps: Sequence[FigureStep]) -> Event:
    text = _report_name(change.agency, change.portal_name, change.year)
    parts = [f"{_figure(step)} {_shown(step.before)} → {_shown(step.after)}" for step in steps[:_MOST_FIGURES]]
    if len(steps) > _MOST_FIGURES:
        parts.append(localize("and {figures} more figures", figures=len(steps) - _MOST_FIGURES))
    if change.kind == ChangeKind.REVISED and (change.text_added or change.text_removed):
        parts.append(
            localize("text +{added} −{removed} sentences", added=change.text_added, removed=change.text_removed)
        )
    if parts:
        text = localize("{what}: {details}", what=text, details=localize("; ").join(parts))
    if change.origin is not None:
        text += localize(" (archived on {day} by {origin})", day=shanghai_day(change.at), origin=change.origin)
    is_step = change.from_version is not None and change.to_version is not None
    return Event(
        id=f"change:{change.id}",
        kind=_EVENT_OF.get(change.kind, change.kind),
        at=change.learned_at or change.at,
        text=text,
        portal=change.portal,
        agency=change.agency,
        url=change.url,
        path=f"/r/{change.report}",
        diff=f"/r/{change.report}/diff/{change.from_version}..{change.to_version}"
        if change.kind == ChangeKind.REVISED and is_step
        else "",
        figures=tuple(steps),
    )


def _report_name(agency: str, portal_name: str | None, year: int) -> str:
    return localize("{agency}, report of {year}", agency=told_apart(agency, portal_name), year=year)


def _figure(figure: FigureStep) -> str:
    """A figure as the form prints it, with its code."""
    place = (figure.table, figure.row, figure.column)
    return f"{figure_label(*place)}（{'.'.join(place)}）"


def _shown(value: float | None) -> str:
    return localize("no figure read") if value is None else f"{value:,}"


def _duties(db: Database, duties: Iterable[Obligation], first: Mapping[str, PassOutcome]) -> Iterator[Event]:
    """Who published late and who is missing; `obligations` in the database may be older than the day that is asked about."""
    reports, portals = news.report_addresses(db), news.portal_names(db)
    readings = complete_readings(db)
    behind = [duty for duty in duties if duty.status in (DutyStatus.LATE, DutyStatus.MISSING)]
    past = _past_years(behind, first)
    for group in past:
        yield _past_event(group, portals)
    in_one_line = {_duty_id(duty.agency_id, duty.year, duty.status) for group in past for duty in group}
    for duty in behind:
        if _duty_id(duty.agency_id, duty.year, duty.status) not in in_one_line:
            yield _duty(duty, reports, portals, readings.get(duty.portal or "", ()))


def _duty(
    duty: Obligation, reports: Mapping[str, tuple[str, str]], portals: Mapping[str, PortalName], readings: Sequence[str]
) -> Event:
    """The event of one late or missing report; `readings` are the complete ones of its portal's lists, oldest first."""
    portal = portals.get(duty.portal or "")
    text = localize(
        "{report} (due {due})",
        report=_report_name(duty.agency, portal.name if portal is not None else None, duty.year),
        due=duty.due,
    ) + _lateness(duty)
    at, url, path = (
        _where_missing(duty, portal, readings) if duty.report is None else (*reports[duty.report], f"/r/{duty.report}")
    )
    made = Event(
        id=_duty_id(duty.agency_id, duty.year, duty.status),
        kind=duty.status,
        at=at,
        text=text,
        portal=duty.portal or "",
        agency=duty.agency,
        url=url,
        path=path,
    )
    return _with_reading(made, duty) if duty.status == DutyStatus.MISSING and duty.list_read_at else made


def _where_missing(duty: Obligation, portal: PortalName | None, readings: Sequence[str]) -> tuple[str, str, str]:
    """Of a report that is not there: when that was seen first, the portal's address, the page of its agency."""
    after = [at for at in readings if shanghai_day(at) > duty.due.isoformat()]
    address = (portal.url or "") if portal is not None else ""
    return (after[0] if after else duty.list_read_at or "", address, f"/agency/{duty.agency_id}")


def _past_years(behind: Iterable[Obligation], first: Mapping[str, PassOutcome]) -> list[list[Obligation]]:
    """What was late or missing in years that were over when its portal was first read: by portal and status, where it is many."""
    groups: dict[tuple[str, str], list[Obligation]] = defaultdict(list)
    for duty in behind:
        begun = first.get(duty.portal or "")
        if begun is not None and duty.year < _season_of(begun):
            groups[begun.portal, duty.status].append(duty)
    return [group for _, group in sorted(groups.items()) if len(group) >= FIRST_HARVEST]


def _past_event(group: Sequence[Obligation], portals: Mapping[str, PortalName]) -> Event:
    """One line for what nobody could have acted on: duties of one portal and status."""
    portal, status = group[0].portal or "", group[0].status
    names = list(dict.fromkeys(duty.agency for duty in group))
    # Of several lists, the one that was read longest ago: since that day nobody looked at all of them.
    read = min(
        (duty for duty in group if duty.list_read_at), key=lambda duty: duty.list_read_at or "", default=group[0]
    )
    text = localize(
        "{portal}: {count} reports of {first}–{last}, from before the first harvest ({names})",
        portal=portals[portal].name if portal in portals else portal,
        count=len(group),
        first=min(duty.year for duty in group),
        last=max(duty.year for duty in group),
        names=_some(names),
    )
    made = Event(
        f"first:{portal}:{status}", status, read.list_read_at or "", text, portal=portal, path=f"/portals/{portal}"
    )
    return _with_reading(made, read) if status == DutyStatus.MISSING and read.list_read_at else made


def _with_reading(made: Event, duty: Obligation) -> Event:
    """The event of a missing report with when its list was last read to the end."""
    read_at = duty.list_read_at or ""
    text = made.text + localize("; the list was last read whole on {day}", day=shanghai_day(read_at))
    return replace(made, text=text, list_read_at=read_at)


def _duty_id(agency: str, year: int, status: str) -> str:
    return f"obligation:{agency}:{year}:{status}"


def _lateness(duty: Obligation) -> str:
    """By how much a report was late, with both days where the printed one isn't believed."""
    if not duty.days_late:
        return ""
    if duty.printed_on == duty.published_on:
        return localize(": published on {day}, {days} days late", day=duty.published_on, days=duty.days_late)
    if duty.printed_on:
        return localize(
            ": first seen on {day}, printed date {printed}, {days} days late",
            day=duty.first_seen,
            printed=duty.printed_on,
            days=duty.days_late,
        )
    return localize(
        ": first seen on {day}, no printed date, {days} days late", day=duty.first_seen, days=duty.days_late
    )


def _unknown(db: Database, duties: Iterable[Obligation]) -> Iterator[Event]:
    """Duties past their date of which nobody knows anything: one line a portal and year, told once although its reason may change."""
    portals = news.portal_names(db)
    groups: dict[tuple[str, int], list[Obligation]] = defaultdict(list)
    for duty in duties:
        if duty.status == DutyStatus.UNKNOWN:
            groups[duty.portal or "", duty.year].append(duty)
    for (portal, year), members in groups.items():
        reasons = list(dict.fromkeys(duty.reason for duty in members if duty.reason))
        read_at = max((duty.list_read_at or "" for duty in members), default="")
        yield Event(
            id=f"unknown:{portal}:{year}",
            kind="unknown",
            at=read_at,
            text=localize(
                "{portal}, reports of {year}: {count} agencies ({names}): {reason}",
                portal=portals[portal].name if portal in portals else localize("no portal known"),
                year=year,
                count=len(members),
                names=_some(duty.agency for duty in members),
                reason=_some(reasons) or localize("no reason known"),
            ),
            portal=portal,
            path=f"/portals/{portal}" if portal in portals else "",
            list_read_at=read_at,
        )


def _some(words: Iterable[str], most: int = 3) -> str:
    """The first words of many."""
    every = list(words)
    return localize(", ").join(every[:most]) + ("…" if len(every) > most else "")


def _due_soon(duties: Iterable[Obligation], day: date) -> Iterator[Event]:
    """Due dates of the next days: who still owes."""
    groups: dict[tuple[date, int], list[Obligation]] = defaultdict(list)
    for duty in duties:
        if duty.status == DutyStatus.PENDING and day <= duty.due <= day + timedelta(days=ANNOUNCED_DAYS):
            groups[duty.due, duty.year].append(duty)
    for (due, year), members in sorted(groups.items()):
        yield Event(
            id=f"due:{due}:{year}",
            kind="due",
            at=f"{(due - timedelta(days=ANNOUNCED_DAYS)).isoformat()}T00:00:00Z",
            text=localize(
                "{due}: reports of {year} are due; {count} agencies have not published yet",
                due=due,
                year=year,
                count=len(members),
            ),
            path="/missing",
        )


def _corrected(changes: Iterable[ToldChange], duties: Iterable[Obligation], told: Collection[str]) -> Iterator[Event]:
    """What was reported and doesn't hold: changes marked as false alarms, `missing` that nobody can say any more."""
    for change in changes:
        if change.is_false_alarm and f"change:{change.id}" in told:
            text = localize(
                "{report}: “{kind}” was a false alarm",
                report=_report_name(change.agency, change.portal_name, change.year),
                kind=localize(KINDS[change.kind]),
            )
            yield Event(
                f"corrected:change:{change.id}", "corrected", change.at, text, change.portal, change.agency, change.url, f"/r/{change.report}"
            )  # fmt: skip
    for duty in duties:
        missing = _duty_id(duty.agency_id, duty.year, DutyStatus.MISSING)
        if missing not in told or duty.status in (DutyStatus.MISSING, DutyStatus.LATE):
            continue
        text = localize(
            "{report}: told as missing; now {status}{reason}",
            report=_report_name(duty.agency, None, duty.year),
            status=duty.status,
            reason=f" ({duty.reason})" if duty.reason else "",
        )
        yield Event(
            f"corrected:{missing}:{duty.status}", "corrected", duty.list_read_at or "", text, duty.portal or "", duty.agency,
            path=f"/agency/{duty.agency_id}",
        )  # fmt: skip


def _portals(db: Database, passes: Iterable[PassOutcome]) -> Iterator[Event]:
    """Every time that a portal could not be read any more, over or not."""
    names = news.portal_names(db)
    failing: dict[str, list[PassOutcome]] = {}
    for one in passes:
        if not one.is_ok and (one.reason or "").startswith(INTERRUPTED):
            continue
        if not one.is_ok:
            failing.setdefault(one.portal, []).append(one)
        elif one.portal in failing:
            yield _trouble(names[one.portal], failing.pop(one.portal), one.at)
    for portal, passes in failing.items():
        yield _trouble(names[portal], passes, None)


def _trouble(portal: PortalName, passes: Sequence[PassOutcome], until: str | None) -> Event:
    span = localize("since {time}", time=shanghai_minute(passes[0].at))
    if until:
        span += localize(", read again {time}", time=shanghai_minute(until))
    return Event(
        id=f"blocked:{portal.id}:{passes[0].at}",
        kind="blocked",
        at=passes[0].at,
        text=localize(
            "{portal}: {reason} ({span})",
            portal=portal.name,
            reason=passes[0].reason or localize("could not be read"),
            span=span,
        ),
        portal=portal.id,
        url=portal.url or "",
        path=f"/portals/{portal.id}",
    )


def _findings(db: Database, first: Mapping[str, PassOutcome]) -> Iterator[Event]:
    """Errors in current versions. The same one in a later version is no news; many that stood in old reports already are one line a portal."""
    old = _old_findings(db, first)
    for portal, found in sorted(old.items()):
        yield _old_findings_event(portal, found)
    in_one_line = {_finding_id(finding) for found in old.values() for finding in found}
    for finding in news.findings_to_tell(db, TOLD_SEVERITY):
        if _finding_id(finding) in in_one_line:
            continue
        report = _report_name(finding.agency, finding.portal_name, finding.year)
        yield Event(
            id=_finding_id(finding),
            kind="finding",
            at=finding.first_seen,
            text=localize("{what}: {details}", what=report, details=finding.message),
            portal=finding.portal,
            agency=finding.agency,
            url=finding.url,
            path=f"/r/{finding.report}",
        )


def _finding_id(finding: ToldFinding) -> str:
    """The same for the same finding in each version of a report."""
    said = [finding.report, finding.check, finding.where, finding.expected, finding.actual, finding.quote]
    digest = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
    return f"finding:{digest[:16]}"


def _old_findings(db: Database, first: Mapping[str, PassOutcome]) -> dict[str, list[ToldFinding]]:
    """Errors, by portal and where they are many, that its first pass met in reports of years that were over."""
    found: dict[str, list[ToldFinding]] = defaultdict(list)
    for finding in news.findings_of_first_versions(db, TOLD_SEVERITY):
        begun = first.get(finding.portal)
        if begun is not None and finding.run == begun.run and finding.year < _season_of(begun):
            found[finding.portal].append(finding)
    return {portal: some for portal, some in found.items() if len(some) >= FIRST_HARVEST}


def _old_findings_event(portal: str, found: Sequence[ToldFinding]) -> Event:
    text = localize(
        "{portal}: {count} contradictions in {reports} reports of {first}–{last}, found by the first harvest",
        portal=found[0].portal_name or portal,
        count=len(found),
        reports=len({finding.report for finding in found}),
        first=min(finding.year for finding in found),
        last=max(finding.year for finding in found),
    )
    return Event(
        f"first:{portal}:finding", "finding", found[0].first_seen, text, portal=portal, path=f"/portals/{portal}"
    )


def _season_of(one: PassOutcome) -> int:
    """The year whose reports were due, or published, when a pass was made: the report of a year is due in the next."""
    return int(shanghai_day(one.at)[:4]) - 1


def _verification(archive: Archive) -> Iterator[Event]:
    last = last_verification(archive)
    if last is None or (last["ok"] and last["whole"]):
        return
    if last["ok"]:
        lacking: Mapping[str, str] = last["lacking"]
        why = localize("; ").join(f"{name}: {localized(reason)}" for name, reason in lacking.items())
        text = localize("not proved to be whole: {why}", why=why or localize("the archive is empty"))
    else:
        text = localize("{count} damages: {first}", count=last["problems"], first=localized(last["first"]))
    yield Event(id=f"verify:{last['at']}", kind="verify", at=last["at"] or "", text=text)


def _jobs(archive: Archive) -> Iterator[Event]:
    for failure in failures(archive.root):
        text = localize(
            "{what}: {details}", what=f"{failure.job} ({shanghai_minute(failure.due)})", details=failure.what
        )
        yield Event(id=f"job:{failure.job}:{failure.due}", kind="job", at=failure.at, text=text)


def sample(at: str) -> Event:
    """An event that tells nothing, to try whether messages arrive; `at` is UTC ISO text."""
    return replace(Event("test", "published", at, ""), text=localize("This is a test: nothing has happened."))

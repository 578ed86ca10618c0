"""`ogi reports`, `changes`, `findings`, `obligations`, `diff`: what the archive knows, as lists."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archive.index.codes import ChangeKind, DutyStatus, FindingStatus, ReportStatus, Severity
from crawler.cli.finding_sentences import finding_sentence
from crawler.cli.index import reading_index
from crawler.cli.options import common_options
from crawler.cli.render import emit_json, emit_json_lines, emit_styled, emit_table, emit_text, say
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlite_utils import Database

    from archive.duties.judge import Obligation

F = TypeVar("F", bound="Callable[..., Any]")

#: Report years that can be asked for: the Regulation is of 2007, reports begin with 2008.
YEAR = click.IntRange(2000, 2100)


def narrowing(function: F) -> F:
    """`--year`, `--agency`, `--portal`, `--region`: what every list can be narrowed to."""
    for option in (
        click.option("--region", help="Only this region and its parts (GB/T 2260 code)."),
        click.option("--portal", help="Only this portal, by its id."),
        click.option("--agency", help="Only agencies with this name, part of a name or alias."),
        click.option("--year", type=YEAR, help="Only this report year."),
    ):
        function = option(function)
    return function


def _since(ctx: click.Context, param: click.Parameter, given: str | None) -> str | None:
    """A date means its first moment in Shanghai; a time without a zone is Shanghai's too."""
    from archive.clock import SHANGHAI, utc_text

    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise click.BadParameter(f"{given!r} is no date such as 2021-03-04") from None
    return utc_text(moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI))


since_option = click.option("--since", callback=_since, metavar="DATE", help="Only from this date on (Asia/Shanghai).")


def _emit(rows: Iterable[Mapping[str, Any]], as_json: bool, columns: Mapping[str, str], empty: str) -> None:
    if as_json:
        emit_json_lines(rows)
    else:
        emit_table(list(rows), columns, empty)


def _check(db: Database, narrow: Mapping[str, Any]) -> None:
    """Refuse a portal, region or agency that the archive doesn't know: a mistyped name is no empty list."""
    from archive.index.known_names import check_names

    check_names(db, portal=narrow.get("portal"), region=narrow.get("region"), agency=narrow.get("agency"))


def _none(nothing: str, narrow: Mapping[str, Any]) -> str:
    """The sentence in the place of an empty list: what there is none of, or what nothing matches."""
    given = [f"--{name} {value}" for name, value in narrow.items() if value is not None]
    return localizable(f"Nothing matches {' '.join(given)}.") if given else nothing


@click.command()
@common_options
@narrowing
@since_option
@click.option(
    "--status", type=click.Choice([status.value for status in ReportStatus]), help="Only reports of this status."
)
def reports(archive: Path, as_json: bool, since: str | None, status: str | None, **narrow: Any) -> None:
    """List the archived reports."""
    from archive.files.folder import Archive
    from archive.lists.queries import Filter, list_reports

    with reading_index(Archive.open(archive)) as db:
        _check(db, narrow)
        _emit(
            list_reports(db, Filter(since=since, status=status, **narrow)),
            as_json,
            {
                "report": "report",
                "agency": "agency",
                "year": "year",
                "form": "form",
                "published_on": "published",
                "status": "status",
                "versions": "versions",
            },
            _none(localizable("No reports. `ogi harvest` brings them."), {**narrow, "since": since, "status": status}),
        )


@click.command()
@common_options
@narrowing
@since_option
@click.option("--kind", type=click.Choice([kind.value for kind in ChangeKind]), help="Only changes of this kind.")
@click.option("--all", "everything", is_flag=True, help="Also those marked as false alarms.")
@click.option("--false-alarm", metavar="CHANGE", help="Mark a change as a false alarm, by its id.")
@click.option("--no-false-alarm", metavar="CHANGE", help="Take such a mark back.")
def changes(
    archive: Path,
    as_json: bool,
    since: str | None,
    kind: str | None,
    everything: bool,
    false_alarm: str | None,
    no_false_alarm: str | None,
    **narrow: Any,
) -> None:
    """List what was published, revised, withdrawn, moved."""
    from archive.duties import decisions
    from archive.files.folder import Archive
    from archive.index.database import open_index
    from archive.lists.queries import Filter, list_changes

    opened = Archive.open(archive)
    marked = false_alarm or no_false_alarm
    if marked:
        with opened.lock():
            db = open_index(opened)
            try:
                decisions.mark_change(opened, db, marked, false_alarm=false_alarm is not None)
            finally:
                db.close()
        if as_json:
            emit_json({"change": marked, "false_alarm": false_alarm is not None})
        else:
            say(f"Noted in {opened.decisions_path.name}: {marked}.")
        return
    with reading_index(opened) as db:
        _check(db, narrow)
        found = list_changes(db, Filter(since=since, kind=kind, **narrow), false_alarms=everything)
        if as_json:
            emit_json_lines(found)
            return
        emit_table(
            [change | {"what": _what(change), "at": local(change["at"])} for change in found],
            {
                "at": "when (Shanghai)",
                "kind": "kind",
                "agency": "agency",
                "year": "year",
                "what": "what",
                "report": "report",
            },
            _none(localizable("No changes."), {**narrow, "since": since, "kind": kind}),
        )


def _what(change: Mapping[str, Any]) -> str:
    """A change in a few words."""
    if change["kind"] == "moved":
        return f"→ {change['url']}"
    parts = [
        f"{figure['table']}.{figure['row']}.{figure['column']}: {_shown(figure['before'])} → {_shown(figure['after'])}"
        for figure in change["figures"][:3]
    ]
    if len(change["figures"]) > 3:
        parts.append(localizable(f"and {len(change['figures']) - 3} more figures"))
    if change["text"]["added"] or change["text"]["removed"]:
        parts.append(localizable(f"text +{change['text']['added']} −{change['text']['removed']} sentences"))
    parts += [name.replace("_", " ") for name in ("title", "published_on", "attachments") if name in change]
    if origin := change.get("origin"):
        parts.append(
            localizable(f"seen by {origin['archive']}" if "archive" in origin else f"brought in with {origin['file']}")
        )
    return "; ".join(parts)


def _shown(number: Any) -> str:
    return "(no figure read)" if number is None else str(number)


def local(at: str) -> str:
    """A time in UTC text as day and time in Shanghai."""
    from archive.clock import shanghai_minute

    return shanghai_minute(at)


@click.command()
@common_options
@narrowing
@click.option("--check", help="Only this check, such as balance or narrative.")
@click.option("--severity", type=click.Choice([one.value for one in Severity]), help="Only findings of this severity.")
@click.option(
    "--status",
    type=click.Choice([one.value for one in FindingStatus]),
    help="Only these; dismissed ones are left out otherwise.",
)
@click.option("--confirm", metavar="FINDING", help="Confirm a finding, by its id.")
@click.option("--dismiss", metavar="FINDING", help="Dismiss a finding, by its id.")
@click.option("--reopen", metavar="FINDING", help="Take either back.")
@click.option("--note", help="Why, kept with the decision.")
def findings(
    archive: Path,
    as_json: bool,
    check: str | None,
    severity: str | None,
    status: str | None,
    confirm: str | None,
    dismiss: str | None,
    reopen: str | None,
    note: str | None,
    **narrow: Any,
) -> None:
    """List what the audit found; confirm or dismiss."""
    from archive.duties import decisions
    from archive.files.folder import Archive
    from archive.index.database import open_index
    from archive.lists.queries import Filter, list_findings
    from extract.audit import CHECKS

    opened = Archive.open(archive)
    if check is not None and check not in CHECKS:
        raise click.BadParameter(f"{check!r} is no check; there are {', '.join(CHECKS)}", param_hint="--check")
    marks = [
        (one, state)
        for one, state in (
            (confirm, FindingStatus.CONFIRMED.value),
            (dismiss, FindingStatus.DISMISSED.value),
            (reopen, FindingStatus.OPEN.value),
        )
        if one
    ]
    if marks:
        with opened.lock():
            db = open_index(opened)
            try:
                for finding, state in marks:
                    decisions.mark_finding(opened, db, finding, state, note)
            finally:
                db.close()
        for finding, state in marks:
            if as_json:
                emit_json({"finding": finding, "status": state, "note": note})
            else:
                say(f"Noted in {opened.decisions_path.name}: {finding} is {state}.")
        return
    with reading_index(opened) as db:
        _check(db, narrow)
        found = list_findings(db, Filter(check=check, severity=severity, status=status, **narrow))
        _emit(
            found if as_json else ({**one, "message": finding_sentence(one)} for one in found),
            as_json,
            {
                "finding": "finding",
                "agency": "agency",
                "year": "year",
                "check": "check",
                "severity": "severity",
                "where": "where",
                "message": "message",
            },
            _none(localizable("No findings."), {**narrow, "check": check, "severity": severity, "status": status}),
        )


@click.command()
@common_options
@narrowing
@click.option(
    "--as-of",
    "as_of",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="How it stood on this day, by all that is known now; today if not given.",
)
@click.option("--status", help="Only this status: published, late, missing, vanished, pending or unknown.")
@click.option(
    "--by",
    type=click.Choice(["region", "kind", "year", "portal"]),
    help="Counts and shares by this, instead of the list.",
)
@click.option("--coverage", is_flag=True, help="What the archive watches and what it doesn't, instead of the list.")
def obligations(
    archive: Path,
    as_json: bool,
    year: int | None,
    agency: str | None,
    portal: str | None,
    region: str | None,
    as_of: datetime | None,
    status: str | None,
    by: str | None,
    coverage: bool,
) -> None:
    """List who had to publish, and who did.

    Due dates by art. 49 of the regulation: departments and townships 31 January, governments 31 March; until report year 2018 everybody 31 March.
    """
    from archive.duties.obligations import obligations as compute
    from archive.files.folder import Archive
    from archive.lists.overview import today_of

    if status is not None and status not in set(DutyStatus):
        raise click.BadParameter(f"{status!r} is no status; there are {', '.join(DutyStatus)}", param_hint="--status")
    narrow = {"portal": portal, "region": region, "agency": agency}
    with reading_index(Archive.open(archive)) as db:
        _check(db, narrow)
        day = as_of.date() if as_of is not None else today_of(db, _today())
        if coverage:
            _emit_coverage(db, day, as_json)
            return
        wanted = _agencies(db, narrow)
        found = (one for one in compute(db, day, year, agencies=wanted) if status is None or one.status == status)
        if by is not None:
            _emit_shares(db, day, found, by, as_json)
        else:
            _emit_obligations(found, as_json, {**narrow, "year": year, "status": status})


def _agencies(db: Database, narrow: Mapping[str, str | None]) -> list[str] | None:
    """Ids of the agencies that a list is narrowed to; `None` for all."""
    from archive.lists.queries import Filter, list_agencies

    if not any(narrow.values()):
        return None
    wanted = Filter(agency=narrow["agency"], portal=narrow["portal"], region=narrow["region"])
    return [found["id"] for found in list_agencies(db, wanted)]


def _emit_coverage(db: Database, day: date, as_json: bool) -> None:
    """What the archive watches, and the agencies that it doesn't."""
    from archive.duties.coverage import coverage_statement, coverage_text

    statement = coverage_statement(db, day)
    if as_json:
        emit_json(statement)
        return
    emit_text(coverage_text(statement))
    for name in statement["agencies_unwatched"]:
        say(f"not watched: {name}")


def _emit_shares(db: Database, day: date, found: Iterable[Obligation], by: str, as_json: bool) -> None:
    """Counts and shares by region, kind, year or portal; for people, with what the archive watches at all."""
    from archive.duties.coverage import coverage_statement, coverage_text, roll_up

    _emit(
        roll_up(found, by),
        as_json,
        {
            by: by,
            **({"name": "name"} if by == "region" else {}),
            "n": "n",
            **{one: one for one in DutyStatus},
            "share_in_time": "in time",
        },
        "None.",
    )
    if not as_json:
        emit_text(coverage_text(coverage_statement(db, day)))


def _emit_obligations(found: Iterable[Obligation], as_json: bool, narrow: Mapping[str, Any]) -> None:
    _emit(
        (one.to_json() for one in found),
        as_json,
        {
            "agency": "agency",
            "kind": "kind",
            "year": "year",
            "due": "due",
            "status": "status",
            "published_on": "published",
            "days_late": "days late",
            "reason": "why",
        },
        _none(localizable("No obligations. The register has no agency that must publish."), narrow),
    )


def _today() -> date:
    from archive.clock import SHANGHAI

    return datetime.now(UTC).astimezone(SHANGHAI).date()


@click.command()
@common_options
@click.argument("report")
@click.argument("a", type=int, required=False)
@click.argument("b", type=int, required=False)
def diff(archive: Path, as_json: bool, report: str, a: int | None, b: int | None) -> None:
    """What changed between two versions of a report.

    Figures first, then text by sentence. The last two versions if none are given; version A against the current one if only A is.
    """
    from archive.files.folder import Archive
    from archive.lists.queries import report_diff

    opened = Archive.open(archive)
    with reading_index(opened) as db:
        found = report_diff(db, report, a, b, archive=opened)
    if as_json:
        emit_json(found)
        return
    say(f"{found['agency']} {found['year']}: version {found['from_version']} → {found['to_version']}")
    say(f"seen {local(found['from_seen'])} → {local(found['to_seen'])} (Shanghai)")
    for name in ("title", "published_on", "url"):
        if name in found:
            say(f"{name.replace('_', ' ')}: {found[name]['before']} → {found[name]['after']}")
    for name, files in found.get("attachments", {}).items():
        for file in files:
            say(f"attachment {name}: {file}")
    for figure in found["figures"]:
        place = f"{figure['table']}.{figure['row']}.{figure['column']}"
        say(f"{place}: {_shown(figure['before'])} → {_shown(figure['after'])}")
    for sentence in found["text"]["removed"]:
        emit_styled(f"- {sentence}", fg="red")
    for sentence in found["text"]["added"]:
        emit_styled(f"+ {sentence}", fg="green")
    if not (found["figures"] or found["text"]["added"] or found["text"]["removed"]):
        say("The two versions have the same figures and text.")

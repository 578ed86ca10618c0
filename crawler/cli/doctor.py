"""`ogi doctor`: whether everything is set that an archive needs to run by itself."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json, emit_text
from extract.errors import OgiError
from extract.messages import localizable, localize, word

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.files.folder import Archive

OK, LACKING, WRONG = "ok", "lacking", "wrong"
#: How each outcome is shown.
_MARKS = {OK: localizable("ok"), LACKING: localizable("lacking"), WRONG: localizable("WRONG")}
#: A clock that lies so many seconds before the newest record of the archive is wrong, or was.
_CLOCK_OFF_S = 120
#: A season of a hundred portals is about 2 GB (docs/scaling.md).
_ROOM_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, with what outcome (`ok`, `lacking`: it works without, `wrong`), what was seen, and what to do."""

    name: str
    outcome: str
    said: str
    todo: str = ""


@click.command()
@common_options
@click.option("--send", is_flag=True, help="Also send a message that tells nothing by every [[notify]] rule.")
def doctor(archive: Path, as_json: bool, send: bool) -> int:
    """Look at what an archive needs: contact, portals, notification, clock, disk, key, head, index, calendar.

    One line each, and what to do. Nothing outside this machine is asked, unless --send is given. Exit status 1 if something is wrong.
    """
    from archive.files.folder import Archive

    opened = Archive.open(archive)
    looked = [_guarded(name, look, opened) for name, look in _CHECKS.items() if name != "notification"]
    looked.insert(2, _guarded("notification", lambda one: _notification(one, send=send), opened))
    if as_json:
        emit_json(
            {"checks": [asdict(check) for check in looked], "ok": all(check.outcome != WRONG for check in looked)}
        )
    else:
        for check in looked:
            todo = f" → {check.todo}" if check.todo else ""
            emit_text(f"{localize(_MARKS[check.outcome]):<8} {word(check.name)}: {check.said}{todo}")
    return 1 if any(check.outcome == WRONG for check in looked) else 0


def _guarded(name: str, look: Callable[[Archive], Check], archive: Archive) -> Check:
    """What a look says; an error of the archive is what is wrong."""
    try:
        return look(archive)
    except (OgiError, OSError) as error:
        return Check(name, WRONG, str(error))


def _contact(archive: Archive) -> Check:
    operator = archive.settings.operator
    if not operator.contact.strip():
        return Check(
            "contact",
            WRONG,
            localize("no real portal is asked without one"),
            localize("set operator.contact in {file} to a mail or web address", file=archive.root / "ogi.toml"),
        )
    if not operator.name.strip():
        said = localize("{contact}, but nobody's name", contact=operator.contact)
        return Check("contact", LACKING, said, localize("set operator.name in {file}", file=archive.root / "ogi.toml"))
    return Check("contact", OK, f"{operator.name}, {operator.contact}")


def _portals(archive: Archive) -> Check:
    from archive.clock import SystemClock
    from crawler.harvest.run import check_harvest, portal_paths
    from crawler.portals.definitions import load_portals

    found = load_portals(portal_paths(archive, ()))
    if not found:
        said = localize("no definition stands in {folder}", folder=archive.root / "portals")
        return Check("portals", WRONG, said, localize("`ogi probe URL` prints one"))
    if archive.settings.operator.contact.strip():
        check_harvest(archive, found, SystemClock())
    return Check("portals", OK, localize("{count} definitions can be used", count=len(found)))


def _notification(archive: Archive, *, send: bool) -> Check:
    from archive.clock import SystemClock, utc_text
    from archive.publish.notify import check_rules, try_rules

    rules = archive.settings.notify
    if not rules:
        return Check(
            "notification",
            LACKING,
            localize("nobody is told of anything"),
            localize("add a [[notify]] rule to ogi.toml"),
        )
    check_rules(rules)
    if not send:
        return Check("notification", OK, localize("{count} rules; --send tries them", count=len(rules)))
    tried = try_rules(rules, utc_text(SystemClock().now()), archive.settings.serve.base_url)
    refused = [scheme for scheme, taken in tried if not taken]
    if refused:
        said = localize("not taken: {services}", services=", ".join(f"{scheme}://…" for scheme in refused))
        return Check("notification", WRONG, said, localize("mend the address in ogi.toml"))
    return Check("notification", OK, localize("{count} messages were taken", count=len(tried)))


def _clock(archive: Archive) -> Check:
    """The clock against what is known of the past: the newest record that the manifest names. That it runs ahead can't be seen here."""
    from archive.clock import SHANGHAI
    from archive.warc import manifest

    now = datetime.now(UTC)
    newest = max((entry.info.last or "" for entry in manifest.entries(archive)), default="")
    shown = now.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    if newest and (datetime.fromisoformat(newest) - now).total_seconds() > _CLOCK_OFF_S:
        return Check(
            "clock",
            WRONG,
            localize("{now} (Asia/Shanghai), before the newest segment ({newest})", now=shown, newest=newest),
            localize("set the clock; run a time service"),
        )
    return Check("clock", OK, localize("{now} (Asia/Shanghai)", now=shown))


def _disk(archive: Archive) -> Check:
    free = shutil.disk_usage(archive.root).free
    said = localize("{free} GB free", free=f"{free / 1e9:.1f}")
    if free < archive.settings.segments.reserve_bytes:
        return Check("disk", WRONG, said, localize("make room: a harvest would stop at once"))
    if free < _ROOM_BYTES:
        return Check("disk", LACKING, said, localize("make room before the season"))
    return Check("disk", OK, said)


def _key(archive: Archive) -> Check:
    from archive.warc.signing import load_private

    proof = archive.settings.proof
    if not proof.sign:
        said = localize("the manifest is not signed: who wrote it can't be shown")
        return Check("key", LACKING, said, localize("make a key (`ogi init --sign` shows how), and set proof.sign"))
    path = archive.root / proof.key
    load_private(path)
    if path.stat().st_mode & 0o077:
        said = localize("others on this machine can read {file}", file=path)
        return Check("key", WRONG, said, f"chmod 600 {path}")
    return Check("key", OK, localize("{file} can be used; keep a copy elsewhere", file=path))


def _head(archive: Archive) -> Check:
    from archive.publish.heads import owed
    from archive.verify.last import last_verification
    from archive.warc import growth, manifest

    growth.check(archive)
    last = last_verification(archive)
    if last is not None and not last["ok"]:
        said = localize("the last verification failed: {first}", first=last["first"])
        return Check("head", WRONG, said, localize("`ogi verify`, and compare with a backup"))
    lines = len(manifest.entries(archive))
    lacking = owed(archive)
    if lacking:
        said = "; ".join(
            localize("not published at {place} since {since}", place=one.place.name, since=one.since or "?")
            + (f" ({one.why})" if one.why else "")
            for one in lacking
        )
        return Check(
            "head",
            WRONG,
            said,
            localize("[[proof.publish]] in ogi.toml; the next command that seals something tries again"),
        )
    if not lines:
        return Check("head", OK, localize("nothing is sealed yet"))
    if last is None:
        return Check("head", LACKING, localize("{lines} lines, never verified", lines=lines), "ogi verify")
    return Check(
        "head",
        OK,
        localize("{lines} lines, verified {at}; keep `ogi verify --head` elsewhere", lines=lines, at=last["at"]),
    )


def _index(archive: Archive) -> Check:
    from archive.index.freshness import reading_fresh

    with reading_fresh(archive) as (_, behind):
        if behind:
            said = localize("{behind} sealed segments are not in it", behind=behind)
            return Check("index", WRONG, said, localize("`ogi rebuild`, or the next harvest, takes them in"))
    return Check("index", OK, localize("it has every sealed segment"))


def _calendar(archive: Archive) -> Check:
    from archive.clock import SHANGHAI
    from crawler.schedule.entries import HORIZON_DAYS, build_entries, plan
    from crawler.schedule.state import ScheduleState

    entries = build_entries(archive.settings.schedule, archive.settings.quiet())
    state = ScheduleState(archive.root)
    failed = [name for name, run in state.runs.items() if run.finished_at and not run.status.startswith("done")]
    if failed:
        said = localize("failed the last time: {entries}", entries=", ".join(sorted(failed)))
        return Check("calendar", WRONG, said, localize("`ogi status` says why"))
    coming = plan(entries, datetime.now(UTC), HORIZON_DAYS)
    if not any(entry.command[0] == "harvest" for _, entry in coming):
        said = localize("no harvest is due within {days} days", days=HORIZON_DAYS)
        return Check("calendar", WRONG, said, localize("mend [[schedule.job]] in ogi.toml"))
    due, entry = coming[0]
    next_run = f"{entry.name}, {due.astimezone(SHANGHAI).strftime('%Y-%m-%d %H:%M')}"
    if not state.since:
        said = localize("never started; next would be {run}", run=next_run)
        return Check("calendar", LACKING, said, localize("run `ogi schedule` as a service (deploy/)"))
    return Check("calendar", OK, localize("next: {run}", run=next_run))


_CHECKS: dict[str, Callable[[Archive], Check]] = {
    "contact": _contact,
    "portals": _portals,
    "clock": _clock,
    "disk": _disk,
    "key": _key,
    "head": _head,
    "index": _index,
    "calendar": _calendar,
}

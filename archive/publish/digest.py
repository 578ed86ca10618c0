"""What happened since the last digest: events, each told at most once, rendered as text, Markdown or HTML.

Events are derived from the archive's history, not from its present state, so that what began and ended between two digests is told too: a
portal that was blocked for a day, a report that was there for a week.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from archive.clock import SHANGHAI, shanghai_day, utc_text
from archive.duties.obligations import obligations
from archive.index.duties import INTERRUPTED, complete_readings
from archive.index.lists import ORIGIN_OF_CHANGE
from archive.index.register import told_apart
from archive.index.rows import rows
from archive.lists.labels import figure_label
from archive.lists.overview import today_of
from archive.publish.failures import failures
from archive.verify.last import last_verification

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from sqlite_utils import Database

    from archive.duties.judge import Obligation
    from archive.files.folder import Archive
    from archive.files.settings import NotifyRule

#: Kinds of event in the order in which a digest shows them, with their headings.
KINDS: dict[str, str] = {
    "verify": "存证核验失败 · verification failed",
    "job": "定时任务失败 · runs of the calendar that failed",
    "blocked": "网站未能完整采集 · portals that could not be read whole",
    "published": "发布 · published",
    "revised": "修改 · revised",
    "vanished": "消失 · vanished",
    "restored": "恢复 · restored",
    "moved": "迁移 · moved",
    "delisted": "撤出列表 · delisted",
    "late": "逾期发布 · published late",
    "missing": "逾期未见 · missing",
    "finding": "核对结果 · findings",
}
#: Findings below this severity are left to the site.
TOLD_SEVERITY = "error"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing worth telling. `id` is derived from what happened, so that it is told once."""

    id: str
    kind: str
    at: str
    text: str
    portal: str = ""
    agency: str = ""
    url: str = ""

    def to_json(self) -> dict[str, str]:
        """For `ogi digest --json` and the outbox."""
        return {name: getattr(self, name) for name in ("id", "kind", "at", "text", "portal", "agency", "url")}


@dataclass(frozen=True, slots=True)
class Digest:
    """The events between two digests. `since` is empty for the first."""

    since: str
    at: str
    events: tuple[Event, ...] = field(default_factory=tuple)

    def for_rule(self, rule: NotifyRule) -> Digest:
        """The part that a rule of `ogi.toml` asks for."""
        return Digest(self.since, self.at, tuple(event for event in self.events if _wanted(event, rule)))


def _wanted(event: Event, rule: NotifyRule) -> bool:
    return (
        (not rule.events or event.kind in rule.events)
        and (not rule.portals or event.portal in rule.portals)
        and (not rule.agencies or event.agency in rule.agencies)
    )


class DigestLog:
    """`digests.jsonl` in the archive folder: one line a digest with the ids of the events that it told.

    `since` is when the last one was made (UTC ISO text), empty before the first.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "digests.jsonl"
        lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
        entries = [json.loads(line) for line in lines if line.endswith("}")]  # a torn last line told nothing
        self.since: str = entries[-1]["at"] if entries else ""
        self.told: set[str] = {event for entry in entries for event in entry["events"]}

    def add(self, at: str, events: Sequence[str]) -> None:
        """Remember durably that a digest of a time (UTC ISO text) told these events; nothing to do for those that it knows."""
        if self.told.issuperset(events):
            return
        line = json.dumps({"at": at, "events": list(events)}, ensure_ascii=False)
        torn = self.path.exists() and self.path.read_bytes()[-1:] not in (b"", b"\n")
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(("\n" if torn else "") + line + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        self.since, self.told = at, self.told | set(events)


def collect(archive: Archive, db: Database, now: datetime, *, since: str | None = None) -> Digest:
    """The events that no digest has told yet, or all since a time (UTC ISO text) told or not."""
    log = DigestLog(archive.root)
    day = today_of(db, now.astimezone(SHANGHAI).date())
    found: dict[str, Event] = {}
    for source in (_changes(db), _duties(db, day), _portals(db), _findings(db), _verification(archive), _jobs(archive)):
        found |= {event.id: event for event in source}
    events = [event for event in found.values() if (event.id not in log.told if since is None else event.at >= since)]
    order = list(KINDS)
    events.sort(key=lambda event: (order.index(event.kind), event.at, event.id))
    return Digest(log.since if since is None else since, utc_text(now), tuple(events))


def _changes(db: Database) -> Iterable[Event]:
    sql = f"""select c.*, a.name as agency, r.year, r.title, r.portal, p.name as portal_name, o.name as origin, o.learned_at
        from changes c join reports r on r.id = c.report join agencies a on a.id = r.agency left join portals p on p.id = r.portal
        {ORIGIN_OF_CHANGE} where c.is_false_alarm = 0 order by c.at, c.id"""
    for change in rows(db, sql):
        text = f"{told_apart(change['agency'], change['portal_name'])} {change['year']} 年报"
        if change["kind"] == "revised":
            figures = rows(
                db,
                'select "table", "row", "column", before, after from figure_changes where change = ?',
                [change["id"]],
            )
            parts = [f"{_figure(figure)} {_shown(figure['before'])} → {_shown(figure['after'])}" for figure in figures]
            if change["text_added"] or change["text_removed"]:
                parts.append(f"正文 +{change['text_added']} −{change['text_removed']} 句")
            text += "：" + "；".join(parts) if parts else ""
        if change["origin"] is not None:
            text += f"（{shanghai_day(change['at'])} 由他人存档：{change['origin']}）"
        yield Event(
            id=f"change:{change['id']}",
            kind=change["kind"],
            at=change["learned_at"] or change["at"],
            text=text,
            portal=change["portal"],
            agency=change["agency"],
            url=change["url"],
        )


def _figure(figure: Mapping[str, Any]) -> str:
    """A figure as the form prints it, with its code."""
    place = [figure[name] for name in ("table", "row", "column")]
    return f"{figure_label(*place)}（{'.'.join(place)}）"


def _shown(value: Any) -> str:
    return "空白" if value is None else f"{value:,}"


def _duties(db: Database, day: date) -> Iterable[Event]:
    """Who published late and who is missing, as known on a day in Shanghai; `obligations` in the database may be older than that."""
    reports = {report["id"]: report for report in rows(db, "select id, first_seen, url from reports")}
    portals = dict(db.execute("select id, name from portals").fetchall())
    readings = complete_readings(db)
    for duty in obligations(db, day):
        if duty.status not in ("late", "missing"):
            continue
        after = [at for at in readings.get(duty.portal or "", ()) if shanghai_day(at) > duty.due.isoformat()]
        report = reports[duty.report] if duty.report is not None else None
        name = told_apart(duty.agency, portals.get(duty.portal))
        yield Event(
            id=f"obligation:{duty.agency_id}:{duty.year}:{duty.status}",
            kind=duty.status,
            at=report["first_seen"] if report is not None else after[0] if after else duty.list_read_at or "",
            text=f"{name} {duty.year} 年报（应于 {duty.due} 前）{_lateness(duty)}",
            portal=duty.portal or "",
            agency=duty.agency,
            url=report["url"] if report is not None else "",
        )


def _lateness(duty: Obligation) -> str:
    """By how much a report was late, with both days where the printed one isn't believed."""
    if not duty.days_late:
        return ""
    days = f"，晚 {duty.days_late} 天"
    if duty.printed_on == duty.published_on:
        return f"：{duty.published_on} 发布{days}"
    printed = f"，所印日期 {duty.printed_on}" if duty.printed_on else "，未印日期"
    return f"：首次见于 {duty.first_seen}{printed}{days}"


def _portals(db: Database) -> Iterable[Event]:
    """Every time that a portal could not be read any more, over or not."""
    names = {portal["id"]: portal for portal in rows(db, "select id, name, url from portals")}
    failing: dict[str, list[dict[str, Any]]] = {}
    for one in rows(db, "select portal, at, is_ok, reason from portal_passes order by at, run"):
        if not one["is_ok"] and (one["reason"] or "").startswith(INTERRUPTED):
            continue
        if not one["is_ok"]:
            failing.setdefault(one["portal"], []).append(one)
        elif one["portal"] in failing:
            yield _trouble(names[one["portal"]], failing.pop(one["portal"]), one["at"])
    for portal, passes in failing.items():
        yield _trouble(names[portal], passes, None)


def _trouble(portal: Mapping[str, Any], passes: Sequence[Mapping[str, Any]], until: str | None) -> Event:
    span = f"自 {_local(passes[0]['at'])}" + (f"，{_local(until)} 恢复" if until else "")
    return Event(
        id=f"blocked:{portal['id']}:{passes[0]['at']}",
        kind="blocked",
        at=passes[0]["at"],
        text=f"{portal['name']}：{passes[0]['reason'] or '无法采集'}（{span}）",
        portal=portal["id"],
        url=portal["url"] or "",
    )


def _findings(db: Database) -> Iterable[Event]:
    """Errors in current versions. The same one in a later version is no news."""
    sql = """select f.*, a.name as agency, r.year, r.portal, r.url, v.first_seen, p.name as portal_name from findings f
        join reports r on r.id = f.report and r.version = f.version join agencies a on a.id = r.agency
        join versions v on v.report = f.report and v.version = f.version left join portals p on p.id = r.portal
        where f.severity = ? and f.status <> 'dismissed' order by f.id"""
    for finding in rows(db, sql, [TOLD_SEVERITY]):
        said = [finding[name] for name in ("report", "check", "where", "expected", "actual", "quote")]
        digest = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
        yield Event(
            id=f"finding:{digest[:16]}",
            kind="finding",
            at=finding["first_seen"],
            text=f"{told_apart(finding['agency'], finding['portal_name'])} {finding['year']}：{finding['message']}",
            portal=finding["portal"],
            agency=finding["agency"],
            url=finding["url"],
        )


def _verification(archive: Archive) -> Iterable[Event]:
    last = last_verification(archive)
    if last is not None and not last["ok"]:
        text = f"{last['problems']} 处损坏：{last['first']}"
        yield Event(id=f"verify:{last['at']}", kind="verify", at=last["at"] or "", text=text)
    elif last is not None and not last["whole"]:
        text = "未能证明完整：" + ("；".join(f"{name}: {why}" for name, why in last["lacking"].items()) or "存档为空")
        yield Event(id=f"verify:{last['at']}", kind="verify", at=last["at"] or "", text=text)


def _jobs(archive: Archive) -> Iterable[Event]:
    for failure in failures(archive.root):
        yield Event(
            id=f"job:{failure.job}:{failure.due}",
            kind="job",
            at=failure.at,
            text=f"{failure.job}（{_local(failure.due)}）：{failure.what}",
        )


def _local(moment: str) -> str:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _period(digest: Digest) -> str:
    return f"{_local(digest.since)} – {_local(digest.at)}" if digest.since else f"截至 {_local(digest.at)}"


def _groups(events: Sequence[Event]) -> list[tuple[str, list[Event]]]:
    return [
        (heading, chosen)
        for kind, heading in KINDS.items()
        if (chosen := [event for event in events if event.kind == kind])
    ]


def subject(digest: Digest) -> str:
    """One line for a mail's subject or a chat's heading."""
    counts = "，".join(f"{heading.split(' · ')[0]} {len(events)}" for heading, events in _groups(digest.events))
    return f"年报档案：{counts}" if counts else "年报档案：没有新的情况"


def render(digest: Digest, form: str) -> str:
    """The digest as `text`, `markdown` or `html` (a fragment that is safe to put into a page or mail)."""
    groups = _groups(digest.events)
    if form == "html":
        parts = [f"<h1>{escape(subject(digest))}</h1><p>{escape(_period(digest))}（北京时间）</p>"]
        for heading, events in groups:
            items = "".join(f"<li>{_html_item(event)}</li>" for event in events)
            parts.append(f"<h2>{escape(heading)}</h2><ul>{items}</ul>")
        return "\n".join(parts)
    mark = "## " if form == "markdown" else ""
    lines = [f"{'# ' if form == 'markdown' else ''}{subject(digest)}", "", f"{_period(digest)}（北京时间）"]
    for heading, events in groups:
        lines += ["", f"{mark}{heading}", ""]
        lines += [f"- {_line(event, markdown=form == 'markdown')}" for event in events]
    return "\n".join(lines) + "\n"


def _line(event: Event, *, markdown: bool) -> str:
    text = _markdown_escaped(event.text) if markdown else event.text
    return f"{text} <{event.url}>" if event.url else text


def _markdown_escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\`*_[]<>#|" else character for character in text)


def _html_item(event: Event) -> str:
    text = escape(event.text)
    return f'<a href="{escape(event.url)}">{text}</a>' if event.url.startswith(("http://", "https://")) else text

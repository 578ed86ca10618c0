"""What happened since the last digest: events, each told at most once, rendered as text, Markdown or HTML."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from archive.clock import SHANGHAI, utc_text
from archive.index import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from archive.folder import Archive
    from archive.settings import NotifyRule

#: Kinds of event in the order in which a digest shows them, with their headings.
KINDS: dict[str, str] = {
    "verify": "存证核验失败 · verification failed",
    "blocked": "网站无法采集 · portals that could not be read",
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
    """`digests.jsonl` in the archive folder: one line a digest with the ids of the events that it told."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "digests.jsonl"
        lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
        entries = [json.loads(line) for line in lines if line.endswith("}")]  # a torn last line told nothing
        self.since: str = entries[-1]["at"] if entries else ""
        self.told: set[str] = {event for entry in entries for event in entry["events"]}
        # A message in the outbox counts as told: a crash between writing it and this log must not tell it twice.
        for path in (folder / "outbox").glob("*.*"):
            if path.suffix in (".json", ".sending"):
                self.told |= set(json.loads(path.read_text("utf-8"))["events"])

    def add(self, digest: Digest) -> None:
        """Remember a digest durably."""
        line = json.dumps({"at": digest.at, "events": [event.id for event in digest.events]}, ensure_ascii=False)
        torn = self.path.exists() and self.path.read_bytes()[-1:] not in (b"", b"\n")
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(("\n" if torn else "") + line + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        self.since, self.told = digest.at, self.told | {event.id for event in digest.events}


def collect(archive: Archive, db: Database, now: datetime, *, since: str | None = None) -> Digest:
    """The events that no digest has told yet, or all since a time (UTC ISO text) told or not."""
    log = DigestLog(archive.root)
    events = [
        event
        for event in (*_changes(db), *_obligations(db), *_portals(db), *_findings(db), *_verification(archive))
        if (event.id not in log.told if since is None else event.at >= since)
    ]
    order = list(KINDS)
    events.sort(key=lambda event: (order.index(event.kind), event.at, event.id))
    return Digest(log.since if since is None else since, utc_text(now), tuple(events))


def _changes(db: Database) -> Iterable[Event]:
    sql = """select c.*, a.name as agency, r.year, r.title, r.portal from changes c join reports r on r.id = c.report
        join agencies a on a.id = r.agency where c.is_false_alarm = 0 order by c.at, c.id"""
    for change in rows(db, sql):
        text = f"{change['agency']} {change['year']} 年报"
        if change["kind"] == "revised":
            figures = rows(
                db,
                'select "table", "row", "column", before, after from figure_changes where change = ?',
                [change["id"]],
            )
            parts = [
                f"{figure['table']}.{figure['row']}.{figure['column']} {_shown(figure['before'])} → {_shown(figure['after'])}"
                for figure in figures
            ]
            if change["text_added"] or change["text_removed"]:
                parts.append(f"正文 +{change['text_added']} −{change['text_removed']} 句")
            text += "：" + "；".join(parts) if parts else ""
        yield Event(
            id=f"change:{change['id']}",
            kind=change["kind"],
            at=change["at"],
            text=text,
            portal=change["portal"],
            agency=change["agency"],
            url=change["url"],
        )


def _shown(value: Any) -> str:
    return "空白" if value is None else f"{value:,}"


def _obligations(db: Database) -> Iterable[Event]:
    sql = """select o.*, a.name as agency_name from obligations o join agencies a on a.id = o.agency
        where o.status in ('late', 'missing') order by o.agency, o.year"""
    for duty in rows(db, sql):
        days = f"，晚 {duty['days_late']} 天" if duty["days_late"] else ""
        yield Event(
            id=f"obligation:{duty['agency']}:{duty['year']}:{duty['status']}",
            kind=duty["status"],
            at=duty["first_seen"] or duty["list_read_at"] or duty["due"],
            text=f"{duty['agency_name']} {duty['year']} 年报（应于 {duty['due']} 前）{days}",
            portal=duty["portal"] or "",
            agency=duty["agency_name"],
        )


def _portals(db: Database) -> Iterable[Event]:
    for portal in rows(db, "select * from portals where failing_since is not null order by id"):
        yield Event(
            id=f"blocked:{portal['id']}:{portal['failing_since']}",
            kind="blocked",
            at=portal["failing_since"],
            text=f"{portal['name']}：{portal['reason'] or portal['state']}（自 {_local(portal['failing_since'])}）",
            portal=portal["id"],
            url=portal["url"] or "",
        )


def _findings(db: Database) -> Iterable[Event]:
    sql = """select f.*, a.name as agency, r.year, r.portal, r.url, v.first_seen from findings f
        join reports r on r.id = f.report and r.version = f.version join agencies a on a.id = r.agency
        join versions v on v.report = f.report and v.version = f.version
        where f.severity = ? and f.status <> 'dismissed' order by f.id"""
    for finding in rows(db, sql, [TOLD_SEVERITY]):
        yield Event(
            id=f"finding:{finding['id']}",
            kind="finding",
            at=finding["first_seen"],
            text=f"{finding['agency']} {finding['year']}：{finding['message']}",
            portal=finding["portal"],
            agency=finding["agency"],
            url=finding["url"],
        )


def _verification(archive: Archive) -> Iterable[Event]:
    last = last_verification(archive)
    if last is not None and not last["ok"]:
        yield Event(
            id=f"verify:{last['at']}", kind="verify", at=last["at"], text=f"{last['problems']} 处损坏：{last['first']}"
        )


def last_verification(archive: Archive) -> dict[str, Any] | None:
    """What `ogi verify` said last, `None` before the first time: `{"at", "ok", "problems", "first", …}`."""
    path = archive.root / "verified.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def _local(moment: str) -> str:
    from datetime import datetime as moments

    return moments.fromisoformat(moment.replace("Z", "+00:00")).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _period(digest: Digest) -> str:
    return f"{_local(digest.since)} – {_local(digest.at)}" if digest.since else f"– {_local(digest.at)}"


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

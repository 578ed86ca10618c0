"""What happened since the last digest: events, each told at most once, rendered as text, Markdown, HTML or JSON."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING

from archive.clock import shanghai_minute, utc_text
from archive.index.codes import ChangeKind
from archive.publish.events import KINDS, TODO, Event, events_of
from extract.messages import localize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.files.settings import NotifyRule

#: Name and number of the JSON document's form.
SCHEMA = "ogi-digest/1"


@dataclass(frozen=True, slots=True)
class Digest:
    """The events between two digests. `since` is empty for the first; `base_url` is the site's address, empty if it has none."""

    since: str
    at: str
    events: tuple[Event, ...] = field(default_factory=tuple)
    base_url: str = ""

    def for_rule(self, rule: NotifyRule) -> Digest:
        """The part that a rule of `ogi.toml` asks for."""
        return replace(self, events=tuple(event for event in self.events if _wanted(event, rule)))


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
    events = [
        event
        for event in events_of(archive, db, now, log.told)
        if (event.id not in log.told if since is None else event.at >= since)
    ]
    base = archive.settings.serve.base_url
    return Digest(log.since if since is None else since, utc_text(now), tuple(events), base)


def _period(digest: Digest) -> str:
    at = shanghai_minute(digest.at)
    span = f"{shanghai_minute(digest.since)} – {at}" if digest.since else localize("until {time}", time=at)
    return localize("{span} (Asia/Shanghai)", span=span)


def _groups(events: Sequence[Event]) -> list[tuple[str, str, list[Event]]]:
    """Headings, what can be done, and events, in the order of the kinds."""
    return [
        (localize(heading), localize(TODO.get(kind, "")), chosen)
        for kind, heading in KINDS.items()
        if (chosen := [event for event in events if event.kind == kind])
    ]


def subject(digest: Digest) -> str:
    """One line for a mail's subject or a chat's heading."""
    counts = localize(", ").join(f"{heading} {len(events)}" for heading, _, events in _groups(digest.events))
    return localize("Annual reports: {what}", what=counts or localize("nothing new"))


def render(digest: Digest, form: str) -> str:
    """The digest as `text`, `markdown`, `html` (a fragment that is safe to put into a page or mail) or `json` (one document)."""
    if form == "json":
        return json.dumps(to_json(digest), ensure_ascii=False)
    groups = _groups(digest.events)
    if form == "html":
        parts = [f"<h1>{escape(subject(digest))}</h1><p>{escape(_period(digest))}</p>"]
        for heading, todo, events in groups:
            items = "".join(f"<li>{_html_item(event, digest.base_url)}</li>" for event in events)
            parts.append(f"<h2>{escape(heading)}</h2><ul>{items}</ul>" + (f"<p>{escape(todo)}</p>" if todo else ""))
        return "\n".join(parts)
    is_markdown = form == "markdown"
    mark = "## " if is_markdown else ""
    lines = [f"{'# ' if is_markdown else ''}{subject(digest)}", "", _period(digest)]
    for heading, todo, events in groups:
        lines += ["", f"{mark}{heading}", ""]
        lines += [f"- {_line(event, digest.base_url, is_markdown=is_markdown)}" for event in events]
        lines += ["", _markdown_escaped(todo) if is_markdown else todo] if todo else []
    return "\n".join(lines) + "\n"


def to_json(digest: Digest) -> dict[str, object]:
    """The digest as one document for machines; docs/digest.schema.json describes it."""
    return {
        "schema": SCHEMA,
        "since": digest.since or None,
        "at": digest.at,
        "events": [event.to_json(digest.base_url) for event in digest.events],
    }


def _links(event: Event, base_url: str) -> list[tuple[str, str]]:
    """Words and addresses: the archive's page and both versions where the site's address is set, and the portal's page unless it has gone."""
    root = base_url.rstrip("/")
    found = [
        (localize("archive"), root + event.path if root and event.path else ""),
        (localize("both versions"), root + event.diff if root and event.diff else ""),
        (localize("portal"), event.url if event.kind != ChangeKind.VANISHED else ""),
    ]
    return [(word, address) for word, address in found if address.startswith(("http://", "https://"))]


def _line(event: Event, base_url: str, *, is_markdown: bool) -> str:
    links = _links(event, base_url)
    if is_markdown:
        return " ".join([_markdown_escaped(event.text), *(f"[{word}](<{address}>)" for word, address in links)])
    return " ".join([event.text, *(f"{word}: <{address}>" for word, address in links)])


def _markdown_escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\`*_[]<>#|" else character for character in text)


def _html_item(event: Event, base_url: str) -> str:
    links = [f'<a href="{escape(address)}">{escape(word)}</a>' for word, address in _links(event, base_url)]
    return " ".join([escape(event.text), *links])

"""Atom feeds of changes (RFC 4287) and a calendar of due dates (RFC 5545)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from archive.index.register import told_apart
from archive.lists.labels import figure_label
from extract.lexicon.organs import AgencyKind

ATOM = "http://www.w3.org/2005/Atom"
KIND_WORDS = {
    "published": "发布",
    "revised": "修改",
    "vanished": "消失",
    "restored": "恢复",
    "moved": "迁移",
    "delisted": "撤出列表",
    "replaced": "被其他报告覆盖",
    "corrected": "发布更正说明",
    "column-shrank": "栏目条目大量减少",
}
_KIND_NAMES = {AgencyKind.GOVERNMENT: "政府", AgencyKind.DEPARTMENT: "部门", AgencyKind.TOWNSHIP: "乡镇街道"}


def atom_feed(
    changes: Iterable[Mapping[str, Any]], *, base: str, path: str, title: str, updated: str, older: str | None = None
) -> bytes:
    """An Atom feed of changes, newest first.

    Args:
        changes: Rows with `id`, `report`, `kind`, `at`, `agency`, `portal_name`, `year`, `url`, `figures`, `figures_changed`, `text_added`,
            `text_removed`, `from_version`, `to_version`.
        base: The site's address without a final slash.
        path: The feed's own path, from which its id is made.
        updated: UTC ISO text; when nothing has happened yet, the last look of the archive.
        older: Path of the feed's next page (RFC 5005), `None` if this is the last.
    """
    feed = _feed(base, path, title, updated, "/changes")
    if older is not None:
        ET.SubElement(feed, f"{{{ATOM}}}link", rel="next", href=f"{base}{older}", type="application/atom+xml")
    for change in changes:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        _add(entry, "id", f"{base}/changes#{change['id']}")
        name = told_apart(change["agency"], change["portal_name"])
        _add(entry, "title", f"{name} {change['year']} 年报：{KIND_WORDS[change['kind']]}")
        _add(entry, "updated", change["at"])
        address = f"{base}/r/{change['report']}"
        if change["kind"] == "revised":
            address += f"/diff/{change['from_version']}..{change['to_version']}"
        ET.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=address, type="text/html")
        _add(entry, "summary", _summary(change))
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def search_feed(
    results: Iterable[Mapping[str, Any]], *, base: str, path: str, page: str, title: str, updated: str
) -> bytes:
    """An Atom feed of the reports that a search finds, newest first.

    Args:
        results: Rows with `id`, `title`, `agency`, `year`, `first_seen`.
        path: The feed's own path with its arguments; `page` is that of the page with the same hits.
        updated: UTC ISO text, where nothing is found.
    """
    found = list(results)
    feed = _feed(base, path, title, max((row["first_seen"] for row in found), default=updated), page)
    for row in found:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        _add(entry, "id", f"{base}/r/{row['id']}")
        _add(entry, "title", row["title"] or f"{row['agency']} {row['year']}")
        _add(entry, "updated", row["first_seen"])
        ET.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=f"{base}/r/{row['id']}", type="text/html")
        _add(entry, "summary", f"{row['agency']} {row['year']}")
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def portal_feed(
    turns: Iterable[Mapping[str, Any]], *, base: str, path: str, page: str, title: str, updated: str
) -> bytes:
    """An Atom feed of when portals could be read again, or no longer, newest first.

    Args:
        turns: Rows with `portal`, `name`, `at`, `is_ok`, `before` (whether the look before could read it, `None` for the first one), `reason`.
        updated: UTC ISO text, where there is none.
    """
    found = list(turns)
    feed = _feed(base, path, title, max((turn["at"] for turn in found), default=updated), page)
    for turn in found:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        address = f"{base}/portals/{turn['portal']}"
        _add(entry, "id", f"{address}#{turn['at']}")
        said = _TURNS[turn["before"] is None, bool(turn["is_ok"])]
        _add(entry, "title", f"{turn['name']}：{said}")
        _add(entry, "updated", turn["at"])
        ET.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=address, type="text/html")
        _add(entry, "summary", turn["reason"] or said)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


#: What a look at a portal found, by whether it is the first one and whether the portal could be read.
_TURNS = {
    (True, True): "首次读取，可以读取",
    (True, False): "首次读取，不能读取",
    (False, True): "恢复读取",
    (False, False): "不能读取",
}


def _feed(base: str, path: str, title: str, updated: str, page: str) -> ET.Element:
    """A feed without entries."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    _add(feed, "id", f"{base}{path}")
    _add(feed, "title", title)
    _add(feed, "updated", updated)
    ET.SubElement(feed, f"{{{ATOM}}}link", rel="self", href=f"{base}{path}", type="application/atom+xml")
    ET.SubElement(feed, f"{{{ATOM}}}link", rel="alternate", href=f"{base}{page}", type="text/html")
    author = ET.SubElement(feed, f"{{{ATOM}}}author")
    _add(author, "name", "ogi-archive")
    return feed


def _summary(change: Mapping[str, Any]) -> str:
    parts = [
        f"{figure_label(figure['table'], figure['row'], figure['column'])}（{figure['table']}.{figure['row']}.{figure['column']}）："
        f"{_shown(figure['before'])} → {_shown(figure['after'])}"
        for figure in change["figures"]
    ]
    if change["figures_changed"] > len(parts):
        parts.append(f"等 {change['figures_changed']} 个数据")
    if change["text_added"] or change["text_removed"]:
        parts.append(f"正文 +{change['text_added']} −{change['text_removed']} 句")
    return "；".join([*parts, change["url"]])


def _shown(value: Any) -> str:
    return "未读到数字" if value is None else f"{value:,}"


#: What XML 1.0 can't hold; a title from a hostile page may.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = _NO_XML.sub("", text)


def due_calendar(duties: Iterable[Mapping[str, Any]], *, base: str, now: datetime) -> bytes:
    """A calendar with one all-day event a due date, naming how many agencies of which kind owe a report of which year.

    Args:
        duties: Rows with `due` (ISO date), `year`, `kind`, `agencies` (how many), `open` (how many reports have not been seen).
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//ogi-archive//due dates//ZH",
        "CALSCALE:GREGORIAN",
        "X-WR-CALNAME:政府信息公开年报期限",
    ]
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for duty in duties:
        day = date.fromisoformat(duty["due"])
        lines += [
            "BEGIN:VEVENT",
            f"UID:due-{duty['year']}-{duty['kind']}@{base.split('//')[-1]}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(_KIND_NAMES[duty['kind']] + ' ' + str(duty['year']) + ' 年度政府信息公开年报到期')}",
            f"DESCRIPTION:{_escaped(str(duty['agencies']) + ' 个机关，' + str(duty['open']) + ' 个尚未见到')}",
            f"URL:{base}/missing?year={duty['year']}&kind={duty['kind']}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) + "\r\n" for line in lines).encode("utf-8")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 octets (RFC 5545 §3.1), never cut inside a character."""
    pieces: list[str] = []
    current = ""
    for character in line:
        if len((current + character).encode()) > (75 if not pieces else 74):
            pieces.append(current)
            current = ""
        current += character
    return "\r\n ".join([*pieces, current])

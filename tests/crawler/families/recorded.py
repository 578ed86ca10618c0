"""Recorded portal pages: a folder a case, with the answers of a portal and what must be read from them.

`expected.json` holds the column's address, the answers by request, and the entries, typed from the field guide's samples. A request
that the case does not know is answered with 404, as a portal would.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.families import open_walk
from crawler.lists.model import Step
from crawler.pages.exchange import NextRequest, PageBytes

if TYPE_CHECKING:
    from archive.warc.context import Entry

PAGES = Path(__file__).parents[2] / "fixtures" / "pages"


def cases(key: str) -> list[Path]:
    """The folders whose expectation has a key."""
    found = [file.parent for file in sorted(PAGES.rglob("expected.json")) if key in json.loads(file.read_text("utf-8"))]
    assert found, f"no case with {key!r} under {PAGES}"
    return found


@dataclass
class Outcome:
    entries: list[Entry] = field(default_factory=list)
    requests: list[NextRequest] = field(default_factory=list)
    attachments: list[tuple[str, str]] = field(default_factory=list)
    families: tuple[str, ...] = ()
    last: Step | None = None


def answer(case: Path, expected: dict[str, Any], request: NextRequest) -> PageBytes:
    """What the case's portal answers."""
    url = request.url.partition("#")[0]
    for item in expected["answers"]:
        fits = item.get("body", "").encode() in (request.body or b"")
        if item["url"] == url and item.get("method", "GET") == request.method and fits:
            body = (case / item["file"]).read_bytes()
            kind = {"json": "application/json", "xml": "text/xml"}.get(item["file"].rpartition(".")[2], "text/html")
            return PageBytes(url, item.get("status", 200), (("Content-Type", kind),), body, request)
    return PageBytes(url, 404, (("Content-Type", "text/html"),), b"<html><title>404 Not Found</title></html>", request)


def walk_case(case: Path, expected: dict[str, Any]) -> Outcome:
    """Walk the case's column."""
    walk = open_walk(expected.get("given", "auto"), expected["column"])
    outcome = Outcome()
    queue = [walk.start()]
    while queue:
        request = queue.pop(0)
        outcome.requests.append(request)
        assert len(outcome.requests) < 100, "the walk runs in a circle"
        step = walk.feed(answer(case, expected, request))
        outcome.entries += step.entries
        outcome.attachments += [(row, link.url) for row, link in step.attachments]
        queue += step.next
        outcome.last = step
    outcome.families = tuple(walk.families)
    return outcome

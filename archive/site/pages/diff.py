"""Two versions of a report: the changed places, both originals opened at one of them, all figures, and the text by sentence."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from archive.index.rows import of_type
from archive.site.errors import not_found
from archive.site.http.addresses import base_of, local, root_of
from archive.site.pages.report import memento_path
from archive.site.reports import SiteCapture, SiteVersion, figures_of, find_report
from archive.site.view import database, render, rows, web_address
from extract.document.alignment import opcodes

#: Changed places offered above the originals; the table beneath has all.
MOST_SPOTS = 24
_SENTENCE = re.compile(r"[^。；！？\n]+[。；！？]?")


async def diff(datasette: Any, request: Any) -> Any:
    """What differs between two versions of a report."""
    report_id = request.url_vars["report"]
    first, second = int(request.url_vars["first"]), int(request.url_vars["second"])
    found = await find_report(datasette, report_id, None)
    by_number = {version["version"]: version for version in found.versions} if found is not None else {}
    if found is None or first not in by_number or second not in by_number:
        return await not_found(datasette, request)
    figures = await database(datasette).execute_fn(lambda conn: _figure_changes(conn, report_id, first, second))
    before, after = [await _sentences(datasette, report_id, number) for number in (first, second)]
    changed = [f"{figure.table}.{figure.row}.{figure.column}" for figure in figures]
    at = request.args.get("at") or next(iter(changed), None)
    return await render(
        datasette,
        request,
        "diff.html",
        {
            "report": found.report,
            "versions": found.versions,
            "first": by_number[first],
            "second": by_number[second],
            "figures": figures,
            "spots": list(zip(changed, figures, strict=True))[:MOST_SPOTS],
            "at": at,
            "panes": [await _pane(datasette, request, by_number[number], at) for number in (first, second)],
            "has_proof": await _is_revision(datasette, report_id, first, second),
            "quote": quote,
            "wide": True,
            "pieces": text_pieces(before, after),
            "files": _files(by_number[first], by_number[second]),
            "unified": request.args.get("view") == "unified",
        },
        section="changes",
    )


async def _pane(datasette: Any, request: Any, version: SiteVersion, at: str | None) -> dict[str, object]:
    """The original of a version, opened at a figure's cell: `figure` is `None` where the version doesn't have it, or no place was asked for."""
    captures = await rows(
        datasette,
        "select id, url, at, digest from captures where id in (:page, :figures) order by id = :figures desc",
        {"page": version["capture"], "figures": version["figures_capture"]},
    )
    original = of_type(SiteCapture, captures)[0] if captures else None
    figures = await figures_of(datasette, version["report"], version["version"]) if at else []
    figure = next((one for one in figures if at in (one.address, one.where)), None)
    view = f"{base_of(request)}/view/{quote(original['id'], safe='')}" if original else None
    place = f"?at={quote(figure.where, safe='')}" if figure is not None else ""
    return {
        "version": version,
        "original": original,
        "figure": figure,
        "src": view and f"{view}{place}#ogi-mark",
        "memento": original and web_address(original["url"]) and root_of(request) + memento_path(original),
    }


async def _is_revision(datasette: Any, report: str, first: int, second: int) -> bool:
    """Whether the second version is a revision of the first, so that there is a proof card of it."""
    found = await rows(
        datasette,
        "select 1 from changes where report = :report and kind = 'revised' and is_false_alarm = 0 and from_version = :first and to_version = :second",
        {"report": report, "first": first, "second": second},
    )
    return bool(found)


def _files(first: SiteVersion, second: SiteVersion) -> dict[str, list[dict[str, object]]]:
    """Attachments that only one of the versions has, distinguished by their bytes."""
    before, after = json.loads(first["attachments"]), json.loads(second["attachments"])
    return {
        "removed": [item for item in before if item.get("digest") not in {other.get("digest") for other in after}],
        "added": [item for item in after if item.get("digest") not in {other.get("digest") for other in before}],
    }


async def choose(datasette: Any, request: Any) -> Any:
    """From the form with two versions to the address of their comparison."""
    from datasette import Response

    numbers = [request.args.get("a") or "", request.args.get("b") or ""]
    if numbers == ["", ""]:
        newest = await rows(
            datasette, "select version from reports where id = :report", {"report": request.url_vars["report"]}
        )
        last = newest[0]["version"] if newest else 0
        numbers = [str(max(1, last - 1)), str(last)]
    if not all(re.fullmatch("[0-9]{1,9}", number) for number in numbers):
        return await not_found(datasette, request)
    view = "?view=unified" if request.args.get("view") == "unified" else ""
    return Response.redirect(local(request, f"/r/{request.url_vars['report']}/diff/{numbers[0]}..{numbers[1]}{view}"))


def _figure_changes(conn: Any, report_id: str, first: int, second: int) -> Any:
    from sqlite_utils import Database

    from archive.history.versions import compare_figures
    from archive.index.figures import load_figures

    db = Database(conn)
    return compare_figures(load_figures(db, report_id, first), load_figures(db, report_id, second))


async def _sentences(datasette: Any, report_id: str, version: int) -> list[str]:
    sections = await rows(
        datasette,
        "select heading, text from report_text where report = :report and version = :version order by position",
        {"report": report_id, "version": version},
    )
    found = []
    for section in sections:
        found += [section["heading"]] if section["heading"] else []
        found += [sentence.strip() for sentence in _SENTENCE.findall(section["text"]) if sentence.strip()]
    return found


def text_pieces(before: list[str], after: list[str], context: int = 1) -> list[dict[str, object]]:
    """The changed sentences with a sentence of context around them: `same`, `removed`, `added`, `changed` or `gap`."""
    pieces: list[dict[str, object]] = []
    for operation, a0, a1, b0, b1 in opcodes(before, after):
        if operation == "equal":
            kept = before[a0:a1]
            if len(kept) > 2 * context:
                head = kept[:context] if pieces else []
                tail = kept[-context:] if a1 < len(before) or b1 < len(after) else []
                pieces += [{"kind": "same", "before": text, "after": text} for text in head]
                pieces.append({"kind": "gap", "count": len(kept) - len(head) - len(tail)})
                pieces += [{"kind": "same", "before": text, "after": text} for text in tail]
            else:
                pieces += [{"kind": "same", "before": text, "after": text} for text in kept]
            continue
        old, new = before[a0:a1], after[b0:b1]
        for number in range(max(len(old), len(new))):
            left = old[number] if number < len(old) else None
            right = new[number] if number < len(new) else None
            kind = "changed" if left and right else "removed" if left else "added"
            pieces.append({"kind": kind, "before": left, "after": right, "marks": _marks(left, right)})
    return pieces if any(piece["kind"] not in ("same", "gap") for piece in pieces) else []


def _marks(left: str | None, right: str | None) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Both sentences in parts, each with whether it differs."""
    if left is None or right is None:
        return ([(left, True)] if left else []), ([(right, True)] if right else [])
    one: list[tuple[str, bool]] = []
    two: list[tuple[str, bool]] = []
    for operation, a0, a1, b0, b1 in opcodes(left, right):
        if a1 > a0:
            one.append((left[a0:a1], operation != "equal"))
        if b1 > b0:
            two.append((right[b0:b1], operation != "equal"))
    return one, two


ROUTES = (
    (r"^/r/(?P<report>[A-Za-z0-9-]+)/diff$", choose),
    (r"^/r/(?P<report>[A-Za-z0-9-]+)/diff/(?P<first>[0-9]{1,9})\.\.(?P<second>[0-9]{1,9})$", diff),
)

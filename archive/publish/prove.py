"""Proof files: one claim with the records that it rests on, their paths to the archive's checkpoint, and a program that checks it offline.

The file is a WACZ that replays; `proof/` in it holds the claim, the paths, the checkpoint and the checker (`archive.publish.check_proof`).
"""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import ExportFailed
from archive.index.database import open_database
from archive.index.figures import load_figures
from archive.index.freshness import require_index
from archive.index.rows import rows
from archive.lists.labels import figure_label
from archive.publish.check_proof import FORMAT
from archive.warc import growth, manifest, wacz_auth
from archive.warc.cdxj import INDEXED, cdxj_line
from archive.warc.members import compress, iter_members
from archive.warc.records import parse_record
from archive.warc.tree import Tree, leaf_hash
from archive.warc.wacz import DATA_NAME, PackageWriter, compressed_index, json_lines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.warc.records import Record

_WHAT = re.compile(r"([^@/]+)(?:/([^@/]+)/([^@/]+)/([^@/]+))?(?:@(\d+))?")
_WITHHELD = "SELECT 1 FROM withheld WHERE report = ? LIMIT 1"
_VERSION = (
    "SELECT v.report, v.version, v.title, v.capture, v.figures_capture, v.extractor, a.name AS agency, r.year FROM versions v "
    "JOIN reports r ON r.id = v.report JOIN agencies a ON a.id = r.agency WHERE v.report = ? AND v.version = ?"
)
_CHANGED = 'SELECT "table", "row", "column" FROM figure_changes WHERE change = ?'
_CAPTURE = (
    'SELECT c.id, c.url, c.at, c.kind, c.digest, c.segment, c."offset", o.name AS seen_by, p.segment AS at_segment, p."offset" AS at_offset '
    "FROM captures c LEFT JOIN payloads p ON p.digest = c.digest LEFT JOIN origins o ON o.id = c.origin WHERE c.id = ?"
)
#: The checker, as it travels.
CHECKER = Path(__file__).with_name("check_proof.py")
_README = """This file proves something that stood on a web page. 本文件用于证明某网页上曾有的内容。

proof/claim.json says what. proof/check.py checks it without a network: python3 proof/check.py THIS-FILE --key KEY
A careful reader takes check.py from the program's release, and KEY from the archive's own site or a person that he trusts.
What can't be proved by a file: that the portal itself served these bytes (TLS signs nothing), and that the figure is true.
"""


@dataclass(slots=True)
class _Wanted:
    """Records by segment: their offsets. Requests and notes that belong to them come along."""

    places: dict[str, set[int]] = field(default_factory=dict)

    def add(self, segment: str, offset: int) -> None:
        self.places.setdefault(segment, set()).add(offset)


def prove(archive: Archive, what: str, out: Path, created: datetime) -> dict[str, Any]:
    """Write a proof file; gives the claim.

    Args:
        what: `REPORT[@VERSION]`, `REPORT/TABLE/ROW/COLUMN[@VERSION]`, or the id of a change of kind published or revised.

    Raises:
        ExportFailed: There is no such thing, it is withheld, or it can't be proved by a file.
        DamagedArchive: The index is lost, or a segment can't be read.
    """
    require_index(archive)
    db = open_database(archive.db_path, read_only=True)
    try:
        versions, kind, cell = _resolve(db, what)
        captures = {
            one["id"]: one for version in versions for name in _captures(version) for one in rows(db, _CAPTURE, (name,))
        }
        figures = [figure for version in versions for figure in _figures(db, version, cell)]
        if kind == "revised":  # what the change is about: the figures that differ, before and after
            changed = {(one["table"], one["row"], one["column"]) for one in rows(db, _CHANGED, (what,))}
            figures = [one for one in figures if (one["table"], one["row"], one["column"]) in changed]
    finally:
        db.close()
    if cell is not None and not figures:
        raise ExportFailed(
            f"there is no figure {'/'.join(cell)} in {versions[0]['report']}: `ogi reports --json` and the site name them"
        )
    wanted = _Wanted()
    for capture in captures.values():
        wanted.add(capture["segment"], capture["offset"])
        if capture["at_segment"] is not None:
            wanted.add(capture["at_segment"], capture["at_offset"])
    taken = _take(archive, wanted)
    claim = _claim(kind, what, versions, captures, figures, taken)
    _write(archive, out, created, claim, taken)
    return claim


def _resolve(db: Database, what: str) -> tuple[list[dict[str, Any]], str, tuple[str, str, str] | None]:
    """The versions that a claim is about, its kind, and the figure that is asked for."""
    if what.startswith("absence:"):
        raise ExportFailed("a proof file for an absence isn't made yet: `ogi obligations` tells what it would rest on")
    for change in rows(db, "SELECT report, kind, from_version, to_version FROM changes WHERE id = ?", (what,)):
        if change["kind"] not in ("published", "revised"):
            raise ExportFailed(
                f"a proof file for a change of kind {change['kind']} isn't made yet: only for published and revised"
            )
        numbers = [number for number in (change["from_version"], change["to_version"]) if number is not None]
        return [_version(db, change["report"], number) for number in numbers], change["kind"], None
    found = _WHAT.fullmatch(what)
    if found is None:
        raise ExportFailed(f"{what!r} is neither REPORT[@VERSION], REPORT/TABLE/ROW/COLUMN[@VERSION] nor a change's id")
    report, table, row, column, number = found.groups()
    current = [one["version"] for one in rows(db, "SELECT version FROM reports WHERE id = ?", (report,))]
    if not current:
        raise ExportFailed(f"there is no report or change {report!r}: `ogi reports` and `ogi changes --json` list them")
    version = _version(db, report, int(number) if number else current[0])
    return [version], "figure" if table else "report", (table, row, column) if table else None


def _version(db: Database, report: str, number: int) -> dict[str, Any]:
    if rows(db, _WITHHELD, (report,)):
        raise ExportFailed(f"{report} is withheld: nothing of it is given out")
    for version in rows(db, _VERSION, (report, number)):
        return version
    raise ExportFailed(f"{report} has no version {number}, or none of it was read")


def _captures(version: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys([version["capture"], version["figures_capture"]]))


def _figures(db: Database, version: dict[str, Any], cell: tuple[str, str, str] | None) -> Iterable[dict[str, Any]]:
    for figure in load_figures(db, version["report"], version["version"]):
        if cell is None or (figure.table, figure.row, figure.column) == cell:
            yield {
                "version": version["version"],
                "capture": version["figures_capture"],
                "table": figure.table,
                "row": figure.row,
                "column": figure.column,
                "label": figure_label(figure.table, figure.row, figure.column),
                "value": float(figure.value) if figure.value is not None else None,
                "raw": figure.raw,
                "where": figure.where,
                "confidence": figure.confidence,
            }


@dataclass(slots=True)
class _Taken:
    """What goes into the file: records with their paths, and the lines of the manifest that they stand under."""

    data: list[bytes] = field(default_factory=list)
    paths: list[dict[str, Any]] = field(default_factory=list)
    records: dict[tuple[str, int], Record] = field(default_factory=dict)
    names: dict[tuple[str, int], str] = field(default_factory=dict)
    index: list[str] = field(default_factory=list)
    lines: dict[str, Any] = field(default_factory=dict)
    size: int = 0


def _take(archive: Archive, wanted: _Wanted) -> _Taken:
    """Read the segments and copy what is wanted: the captures, the records beside them, and who wrote the segment."""
    raw_lines = growth.whole_lines(archive)
    tree = Tree(map(leaf_hash, raw_lines))
    taken = _Taken()
    for entry in manifest.entries(archive):
        offsets = wanted.places.get(entry.segment)
        if not offsets:
            continue
        with archive.store.open(entry.segment) as stream:
            members = list(iter_members(stream))
        leaves = Tree(leaf_hash(member.data) for member in members)
        ids = {parse_record(member.data).id for member in members if member.offset in offsets}
        taken.lines[str(entry.number)] = {
            "text": entry.text,
            "path": [one.hex() for one in tree.path(entry.number - 1)],
        }
        for leaf, member in enumerate(members):
            record = parse_record(member.data, entry.segment, member.offset, member.length)
            is_beside = record.type == "request" and record.get("WARC-Concurrent-To") in ids
            is_note = (
                leaf + 1 < len(members)
                and members[leaf + 1].offset in offsets
                and record.uri.startswith("urn:ogi:taken:")
            )
            if leaf and not (member.offset in offsets or is_beside or is_note):
                continue
            packed = compress(member.data)
            name = f"{entry.number}:{leaf}"
            taken.paths.append(
                {
                    "id": name,
                    "offset": taken.size,
                    "length": len(packed),
                    "line": entry.number,
                    "leaf": leaf,
                    "path": [one.hex() for one in leaves.path(leaf)],
                }
            )
            if record.type in INDEXED:
                taken.index.append(cdxj_line(record, DATA_NAME, taken.size, len(packed)))
            taken.records[entry.segment, member.offset] = record
            taken.names[entry.segment, member.offset] = name
            taken.data.append(packed)
            taken.size += len(packed)
    return taken


def _claim(
    kind: str,
    what: str,
    versions: list[dict[str, Any]],
    captures: dict[str, dict[str, Any]],
    figures: list[dict[str, Any]],
    taken: _Taken,
) -> dict[str, Any]:
    looks = []
    names: dict[str, tuple[str, str]] = {}
    for capture in captures.values():
        place = (capture["segment"], capture["offset"])
        stored = (capture["at_segment"] or place[0], capture["at_offset"] if capture["at_segment"] else place[1])
        record = taken.records[place]
        names[capture["id"]] = taken.names[stored], record.get("WARC-Date") or capture["at"]
        looks.append(
            {
                "record": taken.names[place],
                "payload": taken.names[stored],
                "url": record.uri,
                "at": record.get("WARC-Date"),
                **({"seen_by": capture["seen_by"]} if capture["seen_by"] else {}),
            }
        )
    told = [
        {name: value for name, value in figure.items() if name != "capture"}
        | {"record": names[figure["capture"]][0], "at": names[figure["capture"]][1]}
        for figure in figures
        if figure["capture"] in names
    ]
    first = versions[0]
    return {
        "format": FORMAT,
        "kind": kind,
        "what": what,
        "report": first["report"],
        "agency": first["agency"],
        "year": first["year"],
        "versions": [
            {"version": one["version"], "title": one["title"], "extractor": one["extractor"]} for one in versions
        ],
        "captures": looks,
        "figures": told,
        "not_proved": [
            "that the portal itself served these bytes: TLS signs nothing",
            "that the figures are true: only that they stood there",
        ],
    }


def _write(archive: Archive, out: Path, created: datetime, claim: dict[str, Any], taken: _Taken) -> None:
    checkpoint = str(growth.checkpoint_now(archive, growth.state_of(growth.whole_lines(archive))))
    origin = growth.origin_of(archive, growth.genesis_of(archive))
    pages = [
        {"id": look["record"], "url": look["url"], "ts": look["at"], "title": f"{claim['agency']} {claim['year']}"}
        for look in claim["captures"]
    ]
    part = out.with_name(out.name + ".part")
    out.parent.mkdir(parents=True, exist_ok=True)
    is_signed = archive.settings.proof.sign
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as package:
            writer = PackageWriter(package, created)
            writer.add(f"archive/{DATA_NAME}", b"".join(taken.data))
            blocks, summary = compressed_index(sorted(taken.index, key=str.encode))
            writer.add("indexes/index.cdx.gz", blocks)
            writer.add("indexes/index.idx", summary)
            writer.add(
                "pages/pages.jsonl", json_lines([{"format": "json-pages-1.0", "id": "pages", "title": "Pages"}, *pages])
            )
            writer.add("proof/claim.json", _json(claim))
            writer.add("proof/paths.json", _json({"lines": taken.lines, "records": taken.paths}))
            writer.add("proof/checkpoint.txt", checkpoint.encode())
            writer.add("proof/check.py", CHECKER.read_bytes())
            writer.add("proof/README.txt", _README.encode())
            if is_signed:
                writer.add(wacz_auth.KEY_NOTE, wacz_auth.key_note(archive, origin).encode())
            title = f"{claim['agency']} {claim['year']}: {claim['what']}"
            sign = (lambda digest: wacz_auth.signed_data(archive, digest, created)) if is_signed else None
            writer.finish(title, "", pages, sign)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    part.replace(out)


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()

"""Proof files: one claim with the records that it rests on, their paths to the archive's checkpoint, and programs that check it offline.

The file is a WACZ that replays; `proof/` in it holds the claim, the paths, the checkpoint and the checkers (`archive.publish.check_proof`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypedDict, cast

from archive.errors import ExportFailed
from archive.index import proofs
from archive.index.codes import ChangeKind
from archive.index.database import open_database
from archive.index.figures import load_figures
from archive.index.freshness import require_index
from archive.lists.labels import figure_label
from archive.publish.check_proof import DAMAGED, FORMAT, LIMITS, check
from archive.publish.proof_file import Copied, WantedRecords, take, write
from archive.publish.prove_looks import Ground, NotProved, absence, delisted, vanished
from archive.publish.prove_readings import sealed_readings, written

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.index.proofs import GoneChange, Place, ProvedCapture, ProvedVersion
    from archive.publish.check_proof import CaptureLook, FigureLook, ProofClaim

_WHAT = re.compile(r"([^@/]+)(?:/([^@/]+)/([^@/]+)/([^@/]+))?(?:@(\d+))?")
_ABSENCE = re.compile(r"absence:(.+)/(\d{4})")
_GONE = {ChangeKind.VANISHED: vanished, ChangeKind.DELISTED: delisted}


class ProvedFigure(TypedDict):
    """A figure as a claim has it; `capture` is known here only, its record stands in its place in the file."""

    version: int
    table: str
    row: str
    column: str
    label: str
    value: float | None
    raw: str | None
    where: str
    confidence: float


class _Asked(NamedTuple):
    """What a claim rests on besides captures, the versions that it is about, its kind, and the figure that is asked for."""

    ground: Ground | None
    versions: list[ProvedVersion]
    kind: str
    cell: tuple[str, str, str] | None = None


def prove(archive: Archive, what: str, out: Path, created: datetime) -> ProofClaim:
    """Write a proof file; gives the claim.

    Args:
        what: `REPORT[@VERSION]`, `REPORT/TABLE/ROW/COLUMN[@VERSION]`, `absence:AGENCY/YEAR`, or the id of a change of kind published, revised,
            vanished or delisted.

    Raises:
        ExportFailed: There is no such thing, it is withheld, or nothing can be proved of it by a file.
        NotProved: What the archive holds doesn't prove it, or it isn't so. No file is written.
        DamagedArchive: The index is lost, or a segment can't be read.
    """
    require_index(archive)
    db = open_database(archive.db_path, read_only=True)
    try:
        ground, versions, kind, cell = _resolve(archive, db, what)
        names = [name for version in versions for name in _captures(version)]
        captures = {one.id: one for name in names for one in proofs.capture_of(db, name)}
        read = versions if ground is None else []
        figures = _wanted_figures(db, read, cell, what if kind == ChangeKind.REVISED else None)
        readings = sealed_readings(archive, db, read)
    finally:
        db.close()
    if cell is not None and not figures:
        raise ExportFailed(
            f"there is no figure {'/'.join(cell)} in {versions[0].report}: `ogi reports --json` and the site name them"
        )
    taken = take(archive, _wanted(captures.values(), ground, [one.place for one in readings]))
    claim = _claim(kind, what, versions, captures, figures, taken)
    if ground is not None:
        claim.update(cast("ProofClaim", _with_names(ground.members, taken)))
    _write_checked(archive, out, created, claim, taken, written(readings, taken))
    return claim


def _wanted(captures: Iterable[ProvedCapture], ground: Ground | None, statements: Iterable[Place]) -> WantedRecords:
    wanted = WantedRecords()
    for capture in captures:
        wanted.add(capture.place)
        wanted.add(capture.stored)
    for place in (*(ground.places if ground is not None else ()), *statements):
        wanted.add(place)
    return wanted


def _write_checked(
    archive: Archive, out: Path, created: datetime, claim: ProofClaim, taken: Copied, readings: bytes
) -> None:
    """Write the file, and let its own checker read it: a claim that it doesn't bear out is not given out."""
    part = out.with_name(out.name + ".part")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        write(archive, part, created, claim, taken, readings)
        said = check(str(part))
        against = [sentence for outcome, sentence in said if outcome == DAMAGED]
        if against:
            raise NotProved(f"the records don't bear it out: {against[0]}")
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    part.replace(out)


def _resolve(archive: Archive, db: Database, what: str) -> _Asked:
    missing = _ABSENCE.fullmatch(what)
    if missing is not None:
        return _Asked(absence(archive, db, missing[1], int(missing[2])), [], "absence")
    change = proofs.change_of(db, what)
    if change is not None:
        return _of_change(archive, db, change)
    found = _WHAT.fullmatch(what)
    if found is None:
        raise ExportFailed(
            f"{what!r} is neither REPORT[@VERSION], REPORT/TABLE/ROW/COLUMN[@VERSION], absence:AGENCY/YEAR nor a change's id"
        )
    report, table, row, column, number = found.groups()
    current = proofs.current_version(db, report)
    if current is None:
        raise ExportFailed(f"there is no report or change {report!r}: `ogi reports` and `ogi changes --json` list them")
    version = _version(db, report, int(number) if number else current)
    return _Asked(None, [version], "figure" if table else "report", (table, row, column) if table else None)


def _of_change(archive: Archive, db: Database, change: GoneChange) -> _Asked:
    kind = change.kind
    if kind in (ChangeKind.PUBLISHED, ChangeKind.REVISED):
        numbers = [number for number in (change.from_version, change.to_version) if number is not None]
        return _Asked(None, [_version(db, change.report, number) for number in numbers], kind)
    if kind not in _GONE:
        raise ExportFailed(
            f"a change of kind {kind} can't be proved by a file: only published, revised, vanished and delisted"
        )
    version = _version(db, change.report, change.from_version or change.version)
    if change.is_false_alarm:
        raise NotProved("somebody marked this change as a false alarm (`ogi changes`)")
    return _Asked(_GONE[ChangeKind(kind)](archive, db, change), [version], kind)


def _version(db: Database, report: str, number: int) -> ProvedVersion:
    if proofs.is_withheld(db, report):
        raise ExportFailed(f"{report} is withheld: nothing of it is given out")
    version = proofs.version_of(db, report, number)
    if version is None:
        raise ExportFailed(f"{report} has no version {number}, or none of it was read")
    return version


def _captures(version: ProvedVersion) -> list[str]:
    return list(dict.fromkeys([version.capture, version.figures_capture]))


def _wanted_figures(
    db: Database, versions: list[ProvedVersion], cell: tuple[str, str, str] | None, change: str | None
) -> list[tuple[ProvedFigure, str]]:
    """The figures that a claim is about; of a change those that differ, before and after."""
    found = [figure for version in versions for figure in _figures(db, version, cell)]
    if change is None:
        return found
    changed = proofs.changed_cells(db, change)
    return [one for one in found if (one[0]["table"], one[0]["row"], one[0]["column"]) in changed]


def _figures(
    db: Database, version: ProvedVersion, cell: tuple[str, str, str] | None
) -> Iterable[tuple[ProvedFigure, str]]:
    """The figures of a version that a claim is about, each with the capture that they were read from."""
    for figure in load_figures(db, version.report, version.version):
        if cell is None or (figure.table, figure.row, figure.column) == cell:
            yield (
                {
                    "version": version.version,
                    "table": figure.table,
                    "row": figure.row,
                    "column": figure.column,
                    "label": figure_label(figure.table, figure.row, figure.column),
                    "value": float(figure.value) if figure.value is not None else None,
                    "raw": figure.raw,
                    "where": figure.where,
                    "confidence": figure.confidence,
                },
                version.figures_capture,
            )


def _claim(
    kind: str,
    what: str,
    versions: list[ProvedVersion],
    captures: dict[str, ProvedCapture],
    figures: list[tuple[ProvedFigure, str]],
    taken: Copied,
) -> ProofClaim:
    looks: list[CaptureLook] = []
    names: dict[str, tuple[str, str]] = {}
    for capture in captures.values():
        record = taken.records[capture.place]
        names[capture.id] = taken.names[capture.stored], record.get("WARC-Date") or capture.at
        look: CaptureLook = {
            "record": taken.names[capture.place],
            "payload": taken.names[capture.stored],
            "url": record.uri,
            "at": record.get("WARC-Date") or capture.at,
        }
        looks.append(look | {"seen_by": capture.seen_by} if capture.seen_by else look)
    claim: ProofClaim = {"format": FORMAT, "kind": kind, "what": what}
    if versions:
        claim.update({"report": versions[0].report, "agency": versions[0].agency, "year": versions[0].year})
    claim.update(
        {
            "versions": [{"version": one.version, "title": one.title, "extractor": one.extractor} for one in versions],
            "captures": looks,
            "figures": [_told(figure, *names[capture]) for figure, capture in figures if capture in names],
            "not_proved": list(LIMITS[kind]),
        }
    )
    return claim


def _told(figure: ProvedFigure, record: str, at: str) -> FigureLook:
    return {**figure, "record": record, "at": at}


def _with_names(value: object, taken: Copied) -> object:
    """Members of a claim with the names of records for their places."""
    if isinstance(value, dict):
        return {name: _with_names(one, taken) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_names(one, taken) for one in value]
    return taken.names[_place(value)] if isinstance(value, tuple) else value


def _place(value: tuple[object, ...]) -> Place:
    segment, offset = value
    return str(segment), int(str(offset))

"""What people decided: an append-only file beside the segments, each line carrying the hash of the line before.

The database can be thrown away; decisions can't be derived from captures, so they live in `decisions.jsonl` and are applied again by every
rebuild. `line` says how many lines the manifest had when the decision was made: that is its place in the history, and the next line is that
of the segment which seals it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.clock import Clock, SystemClock, utc_text
from archive.duties.obligations import refresh
from archive.duties.sealing import change_index
from archive.errors import DamagedArchive
from archive.index import marks, register, reports
from archive.index.codes import is_portal_id
from archive.index.corrections import put_correction
from archive.index.types import AgencyRow, NoticeRow
from archive.warc import manifest, statements
from archive.warc.closing import recover, seal
from archive.warc.statements import NDJSON, SealedStatement
from extract.document.notations import parse_json
from extract.errors import OgiError
from extract.lexicon.organs import normalise_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.warc.manifest import ManifestLine

logger = logging.getLogger(__name__)

KINDS = (
    "agency-add",
    "agency-rename",
    "agency-merge",
    "agency-alias",
    "finding",
    "change",
    "withhold",
    "reextract",
    "rollback",
)


#: The group of segments with decisions.
GROUP = "decisions"
#: What stands for the run in notices about decisions.
NOTICES = "decisions"


_LONGEST_NAME = 200
#: A reason or a note: a page of a letter. Addresses of portals are shorter, too.
_LONGEST_NOTE = 2000
#: Members of a decision that a person writes freely.
_IN_WORDS = ("reason", "note", "url")
_MOST_STEPS = 1000
#: Unicode categories of what nobody sees in a name: controls, formats (directions among them), surrogates, private and unassigned.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class DecisionError(OgiError):
    """Raised when a decision names something that the archive doesn't have, by the commands that decide."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One line: its kind, when it was made, after how many segments, and what it says."""

    kind: str
    at: str
    line: int
    data: Mapping[str, Any]


def read(archive: Archive) -> list[Decision]:
    """All decisions, in order.

    Raises:
        DamagedArchive: If a line can't be read or doesn't carry the hash of the line before.
    """
    try:
        text = archive.decisions_path.read_text("utf-8")
    except FileNotFoundError:
        return []
    decisions: list[Decision] = []
    previous: str | None = None
    whole, _, _ = text.rpartition("\n")
    for number, line in enumerate(whole.split("\n") if whole else [], 1):
        try:
            data = parse_json(line)
            kind, at, place, prev = data.pop("kind"), data.pop("at"), data.pop("line"), data.pop("prev")
        except (ValueError, KeyError, AttributeError) as error:
            raise DamagedArchive(f"{archive.decisions_path} line {number}: not a decision ({error})") from error
        if prev != previous:
            raise DamagedArchive(f"{archive.decisions_path} line {number}: the chain is broken; restore the file")
        previous = _hash(line)
        decisions.append(Decision(kind, at, place, data))
    return decisions


def append(archive: Archive, kind: str, data: Mapping[str, Any], clock: Clock | None = None) -> Decision:
    """Write a decision durably. The caller holds the archive's lock."""
    return append_all(archive, [(kind, data)], clock)[0]


def append_all(
    archive: Archive,
    made: Sequence[tuple[str, Mapping[str, Any]]],
    clock: Clock | None = None,
    *,
    at: datetime | None = None,
) -> list[Decision]:
    """Write decisions durably, in one go, and seal them in the chain before anything else happens. The caller holds the archive's lock.

    Their text is first written into a segment, then into `decisions.jsonl`, then the segment is sealed: its line carries the hash of the last
    decision. A death in between leaves an open segment, which `recover` seals if the decisions stand in the file, and removes if they don't.

    Raises:
        DamagedArchive: The file's chain is broken, or it has lines that were added by hand.
    """
    recover(archive)  # what a death left comes before
    read(archive)  # never extend a broken chain
    path = archive.decisions_path
    whole = path.read_text("utf-8").rpartition("\n")[0] if path.exists() else ""
    known = whole.split("\n") if whole else []
    entries = manifest.entries(archive)
    unsealed = _unsealed(known, entries)
    if unsealed and any(statements.is_proof(entry) for entry in entries):
        number = len(known) - len(unsealed) + 1
        raise DamagedArchive(
            f"{path} line {number} was never sealed, so no command of this program wrote it: take it out, or restore the file from a copy"
        )
    now = at or (clock or SystemClock()).now()
    previous = _hash(known[-1]) if known else None
    lines: list[str] = []
    for kind, data in made:
        if kind not in KINDS:
            raise ValueError(kind)
        said = {"kind": kind, "at": utc_text(now), "line": len(entries), **data, "prev": previous}
        lines.append(json.dumps(said, ensure_ascii=False, separators=(",", ":")))
        previous = _hash(lines[-1])
    if not lines:
        return []
    first, last = len(known) - len(unsealed) + 1, len(known) + len(lines)
    body = "".join(f"{line}\n" for line in (*unsealed, *lines)).encode()
    statement = SealedStatement(f"{statements.DECISIONS}{first}-{last}", NDJSON, body)
    segment = statements.write(archive, GROUP, [statement], clock, at=now)
    _extend(path, len(whole.encode()) + 1 if whole else 0, lines)
    seal(archive, segment)
    return [Decision(kind, utc_text(now), len(entries), data) for kind, data in made]


def _unsealed(lines: Sequence[str], entries: Iterable[ManifestLine]) -> Sequence[str]:
    """The last lines that no line of the manifest holds on to: those of a release that sealed decisions with the next harvest."""
    sealed = {entry.decisions for entry in entries}
    for count in range(len(lines), 0, -1):
        if _hash(lines[count - 1]) in sealed:
            return lines[count:]
    return lines


def _extend(path: Path, size: int, lines: Iterable[str]) -> None:
    """Write lines behind the first `size` bytes of a file, durably; what a death tore is cut off."""
    with path.open("r+" if path.exists() else "w", encoding="utf-8") as stream:
        stream.seek(size)
        stream.truncate()
        stream.writelines(f"{line}\n" for line in lines)
        stream.flush()
        os.fsync(stream.fileno())


def _hash(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def replay(db: Database, made: Iterable[Decision], apply: Callable[[Database, Decision], None]) -> None:
    """Apply decisions that were made before. One that can't be applied (an older release took it) is left out, and a notice says so."""
    for decision in made:
        try:
            with db.atomic():
                apply(db, decision)
        except Exception as error:  # noqa: BLE001 - whatever was once written must not end every ingest from then on
            logger.warning("the decision %s of %s can't be applied: %s", decision.kind, decision.at, error)
            about = f"{decision.kind} {decision.at}"
            said = f"a decision can't be applied and is left out: {type(error).__name__}: {error}"
            reports.put_notice(db, NoticeRow(NOTICES, about, decision.at, None, "not-applied", said))


def apply_to_register(db: Database, decision: Decision) -> None:
    """Apply a decision about agencies at its place in the history; others are left to `apply_mark`.

    Raises:
        DecisionError: The agency has no name, or is its own successor or its own parent, directly or by others; the portal's id can't be one.
    """
    data = decision.data
    if decision.kind == "agency-add":
        check_name(data["agency"]["name"])
        for alias in data["agency"].get("aliases") or ():
            check_name(alias)
        check_portal(data.get("portal"))
        agency = register.define_agency(
            db,
            data["agency"],
            portal=data.get("portal"),
            region=data["agency"].get("region") or marks.region_of_portal(db, data.get("portal")),
            at=decision.at,
            source="decided",
        )
        if data["agency"].get("parent"):
            _check_above(db, agency, data["agency"]["parent"])
    elif decision.kind == "agency-rename":
        check_name(data["name"])
        _rename(db, data)
    elif decision.kind == "agency-merge":
        _check_circle(db, data["agency"], data["into"])
        marks.set_successor(db, data["agency"], data["into"], int(data["year"]) - 1)
    elif decision.kind == "agency-alias":
        check_name(data["alias"])
        _alias(db, data)


def check_words(said: str) -> str:
    """A person's reason or note, as it came; it is shown on the site, in mail and in terminals, in one line.

    Raises:
        DecisionError: It has characters that can't be seen, line breaks among them, or more than a note.
    """
    hidden = next((char for char in said if unicodedata.category(char) in _INVISIBLE), None)
    if hidden is not None:
        raise DecisionError(
            f"the text {said[:40]!r} has a character that can't be seen (U+{ord(hidden):04X}); write it without"
        )
    if len(said) > _LONGEST_NOTE:
        raise DecisionError(f"a text of {len(said)} characters is too long; {_LONGEST_NOTE} are the most")
    return said


def check_name(name: str) -> str:
    """An agency's name without blanks around it.

    Raises:
        DecisionError: It holds no letter (as an empty variable of a shell makes it), characters that can't be seen, or more than a name.
    """
    name = name.strip()
    if not any(char.isalpha() for char in normalise_name(name)):
        raise DecisionError(f"an agency needs a name, and {name!r} is none")
    if any(unicodedata.category(char) in _INVISIBLE for char in name):
        raise DecisionError(f"the name {name!r} has characters that can't be seen; write it without them")
    if len(name) > _LONGEST_NAME:
        raise DecisionError(f"a name of {len(name)} characters is none: {name[:20]}…")
    return name


def check_portal(portal: str | None) -> None:
    """Refuse what no definition can have as a portal's id.

    Raises:
        DecisionError: It has other characters.
    """
    if portal is not None and not is_portal_id(portal):
        raise DecisionError(f"{portal[:40]!r} is no portal's id: `ogi portals` lists them")


def _check_circle(db: Database, agency: str, into: str) -> None:
    names = _way(db, agency, into, lambda found: found.successor)
    if names:
        raise DecisionError(
            f"{names[0]} was itself taken over, by {' → '.join(names[1:]) or 'itself'}: a circle in which nobody owes a report"
        )


def _check_above(db: Database, agency: str, parent: str) -> None:
    names = _way(db, agency, parent, lambda found: found.parent)
    if names:
        raise DecisionError(
            f"{names[-1]} can't be below {names[0]}, which is {' → '.join(names[1:]) or 'itself'} or below it"
        )


def _way(db: Database, agency: str, begin: str, next_of: Callable[[AgencyRow], str | None]) -> list[str]:
    """The names of agencies by which one leads from `begin` back to an agency; empty if none do."""
    names: list[str] = []
    follower: str | None = begin
    while follower is not None:
        found = register.agency(db, follower)
        names.append(found.name if found is not None else follower)
        if follower == agency or len(names) > _MOST_STEPS:
            return names
        follower = next_of(found) if found is not None else None
    return []


def _rename(db: Database, data: Mapping[str, Any]) -> None:
    found = register.agency(db, data["agency"])
    if found is None:
        return
    aliases = [name for name in found.other_names if name != data["name"]]
    if found.name != data["name"]:
        aliases.append(found.name)
    marks.set_name(db, found.id, data["name"], aliases)
    register.enter_names(db, found.id, found.portal, [data["name"]])


def _alias(db: Database, data: Mapping[str, Any]) -> None:
    found = register.agency(db, data["agency"])
    if found is None:
        return
    marks.set_name(db, found.id, found.name, list(dict.fromkeys([*found.other_names, data["alias"]])))
    other = register.find_agency(db, found.portal, data["alias"])
    if other is not None and other != found.id:
        register.adopt(db, found.id, other)
    register.enter_names(db, found.id, found.portal, [data["alias"]])


def apply_mark(db: Database, decision: Decision) -> None:
    """Apply what was decided about a finding, a change, publication or corrections; once or again, with the same outcome."""
    data = decision.data
    if decision.kind == "finding":
        marks.mark_finding(db, data["finding"], data["status"], data.get("note"))
    elif decision.kind == "change":
        marks.mark_change(db, data["change"], is_false_alarm=bool(data["false_alarm"]))
    elif decision.kind == "withhold":
        reason = data["reason"] if data["withheld"] else None
        marks.set_withheld(db, data["report"], data.get("url") or "", reason, decision.at)
    elif decision.kind == "reextract":
        for line in data["corrections"]:
            put_correction(db, line, extractors=(data["from_extractor"], data["to_extractor"]), at=decision.at)


def decide(archive: Archive, db: Database, kind: str, data: Mapping[str, Any], clock: Clock | None = None) -> Decision:
    """Write a decision and apply it to the index. The caller holds the archive's lock.

    Raises:
        DamagedArchive: The index or the decisions were altered; nothing is decided then.
    """
    return decide_all(archive, db, [(kind, data)], clock)[0]


def decide_all(
    archive: Archive, db: Database, made: Sequence[tuple[str, Mapping[str, Any]]], clock: Clock | None = None
) -> list[Decision]:
    """Write decisions in one go and apply them to the index; as `decide`. Raises `DecisionError` for words that can't be shown."""
    for _, data in made:
        for name in _IN_WORDS:
            check_words(data.get(name) or "")
    now = (clock or SystemClock()).now()
    tried = [Decision(kind, utc_text(now), 0, data) for kind, data in made]
    written: list[Decision] = []

    def change() -> None:
        for decision in tried:
            apply_to_register(db, decision)
        for decision in tried:
            apply_mark(db, decision)
        if any(kind.startswith("agency-") or kind == "change" for kind, _ in made):
            refresh(db)

    change_index(archive, db, lambda: written.extend(append_all(archive, made, at=now)), change, clock)
    return written


def withhold(
    archive: Archive, db: Database, report: str, reason: str, *, url: str | None = None, lift: bool = False
) -> Decision:
    """Keep a report, or one address of it, out of what is published; `lift` ends that.

    Raises:
        DecisionError: If there is no such report.
    """
    if not reports.is_taken(db, report):
        raise DecisionError(f"no report {report}; `ogi reports` lists them")
    return decide(archive, db, "withhold", {"report": report, "url": url, "reason": reason, "withheld": not lift})


def mark_finding(archive: Archive, db: Database, finding: str, status: str, note: str | None) -> Decision:
    """Confirm or dismiss a finding; `status` is `confirmed`, `dismissed` or `open`.

    Raises:
        DecisionError: If there is no such finding.
    """
    if not marks.has_finding(db, finding):
        raise DecisionError(f"no finding {finding}; `ogi findings --json` gives their ids")
    return decide(archive, db, "finding", {"finding": finding, "status": status, "note": note})


def mark_change(archive: Archive, db: Database, change: str, *, false_alarm: bool) -> Decision:
    """Mark a change as a false alarm, or take that back.

    Raises:
        DecisionError: If there is no such change.
    """
    if not marks.has_change(db, change):
        raise DecisionError(f"no change {change}; `ogi changes --json` gives their ids")
    return decide(archive, db, "change", {"change": change, "false_alarm": false_alarm})

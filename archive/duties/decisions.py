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
from archive.index import register, reports
from archive.index.rows import row, rows, value
from archive.index.types import NoticeRow
from archive.warc import manifest, statements
from archive.warc.segments import recover, seal
from archive.warc.statements import NDJSON, Statement
from extract.errors import OgiError
from extract.lexicon.organs import KINDS as AGENCY_KINDS
from extract.lexicon.organs import kind_of, normalise_name
from extract.lexicon.regions import packaged_regions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.warc.manifest import Entry

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


#: Years that a register may name: the first Regulation is of 2007.
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_LONGEST_NAME = 200
_MOST_SUCCESSORS = 1000
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
            data = json.loads(line)
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
    statement = Statement(f"{statements.DECISIONS}{first}-{last}", NDJSON, body)
    segment = statements.write(archive, GROUP, [statement], clock, at=now)
    _extend(path, len(whole.encode()) + 1 if whole else 0, lines)
    seal(archive, segment)
    return [Decision(kind, utc_text(now), len(entries), data) for kind, data in made]


def _unsealed(lines: Sequence[str], entries: Iterable[Entry]) -> Sequence[str]:
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
            reports.put_notice(db, NoticeRow("decisions", about, decision.at, None, "not-applied", said))


def apply_to_register(db: Database, decision: Decision) -> None:
    """Apply a decision about agencies at its place in the history; others are left to `apply_mark`.

    Raises:
        DecisionError: The agency has no name, or is its own successor, directly or by others.
    """
    data = decision.data
    if decision.kind == "agency-add":
        check_name(data["agency"]["name"])
        register.define_agency(
            db,
            data["agency"],
            portal=data.get("portal"),
            region=data["agency"].get("region") or _region_of_portal(db, data.get("portal")),
            at=decision.at,
            source="decided",
        )
    elif decision.kind == "agency-rename":
        check_name(data["name"])
        _rename(db, data)
    elif decision.kind == "agency-merge":
        _check_circle(db, data["agency"], data["into"])
        db.execute(
            "UPDATE agencies SET successor = ?, until = ? WHERE id = ?",
            (data["into"], int(data["year"]) - 1, data["agency"]),
        )
    elif decision.kind == "agency-alias":
        check_name(data["alias"])
        _alias(db, data)


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


def _check_circle(db: Database, agency: str, into: str) -> None:
    names: list[str] = []
    follower: str | None = into
    while follower is not None:
        found = row(db, "SELECT name, successor FROM agencies WHERE id = ?", (follower,))
        names.append(found["name"] if found is not None else follower)
        if follower == agency or len(names) > _MOST_SUCCESSORS:
            raise DecisionError(
                f"{names[0]} was itself taken over, by {' → '.join(names[1:]) or 'itself'}: a circle in which nobody owes a report"
            )
        follower = found["successor"] if found is not None else None


def _check_year(year: int) -> int:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise DecisionError(f"{year} is no year of this register; it must be {_FIRST_YEAR} to {_LAST_YEAR}")
    return year


def _rename(db: Database, data: Mapping[str, Any]) -> None:
    found = row(db, "SELECT name, aliases, portal FROM agencies WHERE id = ?", (data["agency"],))
    if found is None:
        return
    aliases = [name for name in json.loads(found["aliases"]) if name != data["name"]]
    if found["name"] != data["name"]:
        aliases.append(found["name"])
    db.execute(
        "UPDATE agencies SET name = ?, aliases = ? WHERE id = ?",
        (data["name"], json.dumps(aliases, ensure_ascii=False), data["agency"]),
    )
    register.enter_names(db, data["agency"], found["portal"], [data["name"]])


def _alias(db: Database, data: Mapping[str, Any]) -> None:
    found = row(db, "SELECT aliases, portal FROM agencies WHERE id = ?", (data["agency"],))
    if found is None:
        return
    aliases = json.loads(found["aliases"])
    if data["alias"] not in aliases:
        aliases.append(data["alias"])
    db.execute(
        "UPDATE agencies SET aliases = ? WHERE id = ?", (json.dumps(aliases, ensure_ascii=False), data["agency"])
    )
    other = register.find_agency(db, found["portal"], data["alias"])
    if other is not None and other != data["agency"]:
        register.adopt(db, data["agency"], other)
    register.enter_names(db, data["agency"], found["portal"], [data["alias"]])


def apply_mark(db: Database, decision: Decision) -> None:
    """Apply what was decided about a finding, a change, publication or corrections; once or again, with the same outcome."""
    data = decision.data
    if decision.kind == "finding":
        db.execute(
            "UPDATE findings SET status = ?, note = ? WHERE id = ?",
            (data["status"], data.get("note"), data["finding"]),
        )
    elif decision.kind == "change":
        db.execute("UPDATE changes SET is_false_alarm = ? WHERE id = ?", (int(data["false_alarm"]), data["change"]))
    elif decision.kind == "withhold":
        _withhold(db, decision)
    elif decision.kind == "reextract":
        for line in data["corrections"]:
            db.execute(
                'INSERT OR IGNORE INTO corrections (report, version, "table", "row", "column", before, after, '
                "from_extractor, to_extractor, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*line, data["from_extractor"], data["to_extractor"], decision.at),
            )


def _withhold(db: Database, decision: Decision) -> None:
    data = decision.data
    key = (data["report"], data.get("url") or "")
    db.execute("DELETE FROM withheld WHERE report = ? AND url = ?", key)
    if data["withheld"]:
        db.execute(
            "INSERT INTO withheld (report, url, reason, at) VALUES (?, ?, ?, ?)", (*key, data["reason"], decision.at)
        )


def decide(archive: Archive, db: Database, kind: str, data: Mapping[str, Any], clock: Clock | None = None) -> Decision:
    """Write a decision and apply it to the index. The caller holds the archive's lock.

    Raises:
        DamagedArchive: The index or the decisions were altered; nothing is decided then.
    """
    return decide_all(archive, db, [(kind, data)], clock)[0]


def decide_all(
    archive: Archive, db: Database, made: Sequence[tuple[str, Mapping[str, Any]]], clock: Clock | None = None
) -> list[Decision]:
    """Write decisions in one go and apply them to the index; as `decide`."""
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
    if value(db, "SELECT 1 FROM reports WHERE id = ?", (report,)) is None:
        raise DecisionError(f"no report {report}; `ogi reports` lists them")
    return decide(archive, db, "withhold", {"report": report, "url": url, "reason": reason, "withheld": not lift})


def mark_finding(archive: Archive, db: Database, finding: str, status: str, note: str | None) -> Decision:
    """Confirm or dismiss a finding; `status` is `confirmed`, `dismissed` or `open`.

    Raises:
        DecisionError: If there is no such finding.
    """
    if value(db, "SELECT 1 FROM findings WHERE id = ?", (finding,)) is None:
        raise DecisionError(f"no finding {finding}; `ogi findings --json` gives their ids")
    return decide(archive, db, "finding", {"finding": finding, "status": status, "note": note})


def find_agency(db: Database, name: str) -> str:
    """The id of the agency that a person names: by id, name or alias, or by a part of its name that no other has.

    Raises:
        DecisionError: If there is none, or more than one.
    """
    found = rows(
        db,
        "SELECT id, name FROM agencies WHERE id = ?1 OR name = ?1 "
        "OR EXISTS (SELECT 1 FROM json_each(aliases) e WHERE e.value = ?1) ORDER BY name",
        [name],
    ) or rows(db, "SELECT id, name FROM agencies WHERE instr(name, ?) ORDER BY name", (name,))
    if not found:
        raise DecisionError(f"no agency {name!r} in the register; `ogi agencies` lists it, `ogi agencies add` adds one")
    if len(found) > 1:
        names = ", ".join(f"{agency['name']} ({agency['id']})" for agency in found[:5])
        raise DecisionError(f"{len(found)} agencies are meant by {name!r}: {names}; give the whole name or the id")
    return str(found[0]["id"])


def rename_agency(archive: Archive, db: Database, agency: str, name: str) -> Decision:
    """Give an agency that a person names another name. The caller holds the archive's lock.

    Raises:
        DecisionError: If there is no such agency, or another one that somebody described has that name.
    """
    found, name = find_agency(db, agency), check_name(name)
    about = row(db, "SELECT name, portal FROM agencies WHERE id = ?", (found,))
    assert about is not None  # it was found a moment ago
    other = register.find_agency(db, about["portal"], name)
    if other not in (None, found) and value(db, "SELECT source FROM agencies WHERE id = ?", (other,)) != "found":
        raise DecisionError(
            f"{name} is another agency in the register ({other}): `ogi agencies merge` says that it took over {about['name']}"
        )
    return decide(archive, db, "agency-rename", {"agency": found, "name": name, "from": about["name"]})


def merge_agency(archive: Archive, db: Database, agency: str, into: str, year: int) -> Decision:
    """Let an agency end with the report year before `year`, and another take over. The caller holds the archive's lock.

    Raises:
        DecisionError: If there is no such agency, or both are one.
    """
    found, successor = find_agency(db, agency), find_agency(db, into)
    if found == successor:
        raise DecisionError(f"{agency!r} and {into!r} are the same agency; `ogi agencies alias` gives it another name")
    _check_successor(db, successor, _check_year(year))
    return decide(archive, db, "agency-merge", {"agency": found, "into": successor, "year": year})


def _check_successor(db: Database, successor: str, year: int) -> None:
    about = row(db, "SELECT name, until FROM agencies WHERE id = ?", (successor,))
    if about is not None and about["until"] is not None and about["until"] < year:
        raise DecisionError(
            f"{about['name']} reports for the last time for {about['until']}, and can't take over from {year} on"
        )


def register_history(archive: Archive, db: Database, agency: str | None = None) -> list[dict[str, Any]]:
    """What was decided about agencies, oldest first: when, what, and about whom, in the names that they bear now.

    Args:
        agency: Only decisions about this agency, by id.
    """
    names = dict(db.execute("SELECT id, name FROM agencies").fetchall())
    history = []
    for decision in read(archive):
        if not decision.kind.startswith("agency-"):
            continue
        data = decision.data
        if decision.kind == "agency-add":
            known = _known(db, data["agency"]["name"], data.get("portal"))
            ids = [known["id"] if known is not None else None]
            what = {key: member for key, member in data["agency"].items() if key != "name" and member not in (None, [])}
            if data.get("portal"):
                what["portal"] = data["portal"]
            if "parent" in what:
                what["parent"] = names.get(what["parent"], what["parent"])
            name = data["agency"]["name"]
        else:
            ids = [data["agency"], data.get("into")]
            shown = ("from", "name", "alias", "into", "year")
            what = {key: names.get(data[key], data[key]) for key in shown if key in data}
            name = names.get(data["agency"], data["agency"])
        if agency is None or agency in ids:
            history.append(
                {"at": decision.at, "what": decision.kind.removeprefix("agency-"), "agency": name, "details": what}
            )
    return history


def mark_change(archive: Archive, db: Database, change: str, *, false_alarm: bool) -> Decision:
    """Mark a change as a false alarm, or take that back.

    Raises:
        DecisionError: If there is no such change.
    """
    if value(db, "SELECT 1 FROM changes WHERE id = ?", (change,)) is None:
        raise DecisionError(f"no change {change}; `ogi changes --json` gives their ids")
    return decide(archive, db, "change", {"change": change, "false_alarm": false_alarm})


def describe_agency(
    db: Database, name: str, portal: str | None, given: Mapping[str, Any]
) -> tuple[dict[str, Any], str | None]:
    """An agency as a decision holds it, with its portal: what the register says of it, changed by what is given.

    A name that is an alias of an agency which somebody described means that agency, and doesn't rename it.

    Raises:
        DecisionError: If the kind, the region or the years can't be.
    """
    name = check_name(name)
    for alias in given.get("aliases") or ():
        check_name(alias)
    for key in ("since", "until"):
        if given.get(key) is not None:
            _check_year(given[key])
    known = _known(db, name, portal)
    base: dict[str, Any] = {"kind": kind_of(name), "region": None, "since": None, "until": None, "aliases": []}
    if known is not None:
        base = {key: known[key] for key in ("kind", "region", "since", "until")}
        base["aliases"] = json.loads(known["aliases"])
    agency = {"name": name, **base, **given}
    if known is not None:
        agency["aliases"] = list(dict.fromkeys([*base["aliases"], *agency["aliases"]]))
        if known["source"] != "found" and normalise_name(known["name"]) != normalise_name(name):
            agency |= {"name": known["name"], "aliases": list(dict.fromkeys([*agency["aliases"], name]))}
    if agency["kind"] not in AGENCY_KINDS:
        raise DecisionError(f"{name}: kind {agency['kind']!r}; it must be one of {', '.join(AGENCY_KINDS)}")
    if agency["region"] is not None and agency["region"] not in packaged_regions():
        raise DecisionError(f"{name}: region {agency['region']!r} is no code of GB/T 2260")
    if None not in (agency["since"], agency["until"]) and agency["since"] > agency["until"] + 1:
        raise DecisionError(f"{name}: since {agency['since']} is after until {agency['until']}")
    return agency, portal or (known["portal"] if known is not None else None)


def _known(db: Database, name: str, portal: str | None) -> dict[str, Any] | None:
    """What the register holds of a name: on its portal, or anywhere if only one agency has it."""
    if portal is not None:
        found = register.find_agency(db, portal, name)
        return row(db, "SELECT * FROM agencies WHERE id = ?", (found,)) if found else None
    named = rows(db, "SELECT * FROM agencies WHERE name = ?", (name,))
    return named[0] if len(named) == 1 else None


def import_agencies(archive: Archive, db: Database, lines: Sequence[Mapping[str, str | None]], source: str) -> int:
    """Take rows of a register into the archive as decisions; gives how many said something new. The caller holds the lock.

    A column that the file doesn't have changes nothing; an empty field says that there is none. Parents and successors may stand
    anywhere in the file.

    Raises:
        DecisionError: If a row can't be used; nothing is taken then.
    """
    names = [(line.get("name") or "").strip() for line in lines]
    wanted: list[tuple[dict[str, Any], str | None, dict[str, str]]] = []
    for number, line in enumerate(lines, 2):
        where = f"{source} line {number}"
        agency, portal = _agency_of(db, line, where)
        links = {key: (line.get(key) or "").strip() for key in ("parent", "successor")}
        for key, name in links.items():
            if name and names.count(name) > 1:
                raise DecisionError(f"{where}: {key} {name!r} stands in the file more than once")
            if name and name not in names:
                find_agency(db, name)
        if links["successor"] and agency["until"] is None:
            raise DecisionError(f"{where}: a successor needs until, the last year for which the agency reports itself")
        wanted.append((agency, portal, links))
    changed: set[int] = set()

    def take(made: list[tuple[int, str, dict[str, Any]]]) -> None:
        changed.update(number for number, _, _ in made)
        if made:
            decide_all(archive, db, [(kind, data) for _, kind, data in made])

    numbered = list(enumerate(wanted))
    take(
        [
            (number, "agency-add", {"agency": agency, "portal": portal})
            for number, (agency, portal, _) in numbered
            if _is_news(db, agency, portal)
        ]
    )
    for key in ("parent", "successor"):
        take(_links_of(db, numbered, key))
    return len(changed)


def _links_of(
    db: Database, numbered: Iterable[tuple[int, tuple[dict[str, Any], str | None, dict[str, str]]]], key: str
) -> list[tuple[int, str, dict[str, Any]]]:
    """The decisions that give agencies the parents or successors which a file names; all agencies of the file are in the register."""
    made = []
    for number, (agency, portal, links) in numbered:
        if not links[key]:
            continue
        own, other = _known(db, agency["name"], portal), find_agency(db, links[key])
        if own is None or own[key] == other:
            continue
        if key == "parent":
            made.append((number, "agency-add", {"agency": {**agency, "parent": other}, "portal": portal}))
        else:
            _check_successor(db, other, agency["until"] + 1)
            made.append((number, "agency-merge", {"agency": own["id"], "into": other, "year": agency["until"] + 1}))
    return made


def _agency_of(db: Database, line: Mapping[str, str | None], where: str) -> tuple[dict[str, Any], str | None]:
    text = {
        key: (member or "").strip()
        for key, member in line.items()
        if isinstance(key, str) and not isinstance(member, list)
    }
    if not text.get("name"):
        raise DecisionError(f"{where}: no name")
    given: dict[str, Any] = {}
    if text.get("kind"):
        given["kind"] = text["kind"]
    if text.get("region"):
        given["region"] = text["region"]
    for key in ("since", "until"):
        if text.get(key) and not (text[key].isascii() and text[key].isdigit()):
            raise DecisionError(f"{where}: {key} {text[key]!r} is no year")
        if key in text:
            given[key] = int(text[key]) if text[key] else None
    if "aliases" in text:
        given["aliases"] = [alias for alias in text["aliases"].split("|") if alias]
    try:
        return describe_agency(db, text["name"], text.get("portal") or None, given)
    except DecisionError as error:
        raise DecisionError(f"{where}: {error}") from None


def _is_news(db: Database, agency: Mapping[str, Any], portal: str | None) -> bool:
    known = _known(db, agency["name"], portal)
    if known is None:
        return True
    same = all(known[key] == agency[key] for key in ("name", "kind", "since", "until"))
    same = same and (agency["region"] is None or known["region"] == agency["region"])
    return not (same and set(agency["aliases"]) <= set(json.loads(known["aliases"])))


def _region_of_portal(db: Database, portal: str | None) -> str | None:
    found = value(db, "SELECT region FROM portals WHERE id = ?", (portal,))
    return str(found) if found is not None else None

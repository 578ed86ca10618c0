"""Claims that something is not there: an address that no longer gives its report, a list that no longer names it, a report that no list names.

They rest on the sealed visit logs: what was asked for, what came, which lists were read to their end. What can't be shown so is not claimed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NotRequired, TypedDict
from urllib.parse import urlsplit

from archive.duties.obligations import evidence_on, latest_date, obligations
from archive.errors import ExportFailed
from archive.history.deltas import apply_delta
from archive.history.looks import is_later
from archive.history.visits import GONE_VERDICTS, OK
from archive.index import addresses, duties, proofs
from archive.index.codes import DutyStatus
from archive.index.known_names import check_names
from archive.publish.check_proof import compact, entry_titles, text_of, texts_of
from archive.warc.records import read_record
from extract.errors import OgiError
from extract.lexicon.titles import Judgement, judge_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.index.proofs import GoneChange, Place
    from archive.index.types import AgencyRow
    from archive.publish.check_proof import ClaimedAnswer, ClaimedEntry, LogLine

_BESIDE_ROLES = ("list", "report", "attachment")


class StoredLook(TypedDict):
    """A visit as a claim has it; places stand for the names of records (`archive.publish.check_proof.ClaimedLook`)."""

    log: Place
    url: str
    at: str
    status: int | None
    verdict: str
    digest: str | None
    payload: Place | None


class StoredColumn(TypedDict):
    """A list as it was read, with the logs that have the reading and its rows."""

    log: NotRequired[Place]
    url: str
    at: str
    entries: Place | None


class StoredReading(TypedDict):
    """All lists of a portal as one pass read them."""

    log: Place
    portal: str
    columns: list[StoredColumn]
    pages: list[StoredLook]


class StoredGone(TypedDict):
    """An address that gives its report no more."""

    address: str
    looks: list[StoredLook]
    beside: list[ClaimedAnswer]
    control: Place | None


#: A text that may speak of a report, and what it is taken for: `report` or `other`.
JudgedText = TypedDict("JudgedText", {"text": str, "as": str, "organ": "str | None"})


class GroundMembers(TypedDict, total=False):
    """Members of a claim by its kind, as the claim file has them, but for places."""

    kind: str
    report: None
    agency: str
    year: int
    due: str
    as_of: str
    names: list[str]
    lists: list[StoredReading]
    titles: list[JudgedText]
    gone: StoredGone
    column: str
    address: str
    before: StoredColumn


class NotProved(OgiError):
    """Raised when what is asked for can't be proved by what the archive holds, or isn't so; the command's exit status is 3."""


@dataclass(frozen=True, slots=True)
class Log:
    """A visit log: where it stands, and its lines."""

    place: Place
    lines: list[LogLine]

    def of(self, kind: str, portal: str) -> list[LogLine]:
        """The lines of a kind about a portal."""
        return [line for line in self.lines if line["k"] == kind and line["p"] == portal]


@dataclass(slots=True)
class Ground:
    """What a claim rests on, besides captures of versions: members of the claim (places stand for records), and the records."""

    members: GroundMembers
    places: set[Place] = field(default_factory=set)


class PassLogs:
    """The visit logs of a portal, the newest first, read once."""

    def __init__(self, archive: Archive, db: Database, portal: str) -> None:
        self._archive = archive
        self._db = db
        self.portal = portal
        self._places = proofs.logs_of(db, portal)
        self._read: list[Log] = []
        self._withheld = proofs.withheld_addresses(db)

    def logs(self) -> Iterator[Log]:
        """The logs that speak of the portal."""
        yield from self._read
        while self._places:
            place = self._places.pop(0)
            block = read_record(self._archive, *place).block
            lines = [json.loads(line) for line in block.split(b"\n") if line.strip()]
            if any(line.get("p") == self.portal for line in lines):
                self._read.append(Log(place, lines))
                yield self._read[-1]

    def check_open(self, log: Log) -> None:
        """A log tells pages by what differs in them: one that tells of something withheld isn't given out."""
        if self._withheld & {line["u"] for line in log.lines if "u" in line}:
            raise ExportFailed(
                "the visit log that this rests on tells of a report that is withheld: nothing of it is given out"
            )

    def look(self, ground: Ground, log: Log, line: LogLine) -> StoredLook:
        """A visit as a claim has it, with the record of what came."""
        digest = line.get("d")
        told = line.get("x")
        prefix = str(told["of"] if told is not None else digest or "")
        place: Place | None = None
        if line["s"] == 304:
            place = proofs.page_before(self._db, line["u"], line["t"])
        elif prefix:
            own = proofs.record_at(self._db, line["u"], line["t"], prefix) if told is None else None
            stored = addresses.payload_like(self._db, prefix)
            place = own or ((stored.segment, stored.offset) if stored is not None else None)
        ground.places |= {log.place, *([place] if place is not None else [])}
        return {
            "log": log.place, "url": line["u"], "at": line["t"], "status": line["s"], "verdict": line["v"], "digest": digest, "payload": place,
        }  # fmt: skip

    def text(self, look: StoredLook, line: LogLine) -> str | None:
        """What came then, as text; `None` if it isn't kept, or is no text."""
        if look["payload"] is None:
            return None
        content = read_record(self._archive, *look["payload"]).content
        return text_of(apply_delta(content, line["x"]["d"]) if "x" in line else content)

    def reading(self, ground: Ground, log: Log) -> tuple[StoredReading, list[str]]:
        """All lists of the portal that a pass read, with all their pages, and the pages' texts."""
        self.check_open(log)
        ground.places.add(log.place)
        columns: list[StoredColumn] = [
            {"url": line["u"], "at": line["t"], "entries": self.entries_place(ground, log, line)}
            for line in log.of("l", self.portal)
        ]
        pages, texts = [], []
        for line in log.of("v", self.portal):
            if line["r"] == "list":
                pages.append(self.look(ground, log, line))
                text = self.text(pages[-1], line)
                texts += [text] if text is not None else []
        return {"log": log.place, "portal": self.portal, "columns": columns, "pages": pages}, texts

    def entries_place(self, ground: Ground, log: Log, line: LogLine) -> Place | None:
        """The log that has the rows of a list, where a line says that they are those of before."""
        if not line.get("same"):
            return log.place
        for older in self.logs():
            for one in older.of("l", self.portal):
                if one["u"] == line["u"] and one["t"] < line["t"] and one["complete"] and not one.get("same"):
                    self.check_open(older)
                    ground.places.add(older.place)
                    return older.place
        return None

    def entries(self, place: Place | None, column: str, at: str) -> list[ClaimedEntry]:
        """The rows of a list in a log."""
        for log in self.logs():
            if log.place == place:
                for line in log.of("l", self.portal):
                    if line["u"] == column and line["t"] <= at and not line.get("same"):
                        return list(line.get("entries") or ())
        return []


# ---- a report that no list names ---------------------------------------------------------------------------------------------


def absence(archive: Archive, db: Database, name: str, year: int) -> Ground:
    """That an organ's report for a year was named by none of the lists that could name it.

    Raises:
        NotProved: It was published, or nobody can say.
        UnknownNameError: There is no such agency.
    """
    as_of = latest_date(db)
    agency = _agency(db, name)
    duty = next(iter(obligations(db, as_of, year, agencies=[agency.id])), None) if as_of is not None else None
    if as_of is None or duty is None:
        raise NotProved(f"{agency.name} owes no report for {year}, as far as this archive knows: `ogi agencies`")
    if duty.status != DutyStatus.MISSING:
        seen = f"report {duty.report}" if duty.report else f"due on {duty.due.isoformat()}"
        raise NotProved(f"{agency.name} {year} is {duty.status.value}, not missing: {duty.reason or seen}")
    ground = Ground(
        {
            "kind": "absence", "report": None, "agency": agency.name, "year": year, "due": duty.due.isoformat(),
            "as_of": as_of.isoformat(), "names": proofs.names_of(db, agency.id), "lists": [],
        }
    )  # fmt: skip
    seen_texts: set[str] = set()
    evidence = evidence_on(db, as_of, [agency.id])
    for portal in evidence.watched(agency):
        witnesses = evidence.lists_of(portal).witnesses(agency.id)
        wanted = {(column.url, column.read_at) for column in witnesses if column.read_at}
        _read_lists(PassLogs(archive, db, portal), ground, wanted, seen_texts)
    ground.members["titles"] = [_judged(text) for text in sorted(seen_texts)]
    return ground


def _agency(db: Database, name: str) -> AgencyRow:
    check_names(db, agency=name)
    called = proofs.agencies_called(db, name)
    if len(called) != 1:
        raise ExportFailed(f"{name!r} is the name of several agencies: {', '.join(one.name for one in called[:5])}")
    return duties.agencies(db, [called[0].id])[0]


def _read_lists(logs: PassLogs, ground: Ground, wanted: set[tuple[str, str]], seen: set[str]) -> None:
    year = ground.members["year"]
    for log in logs.logs():
        here = wanted & {(line["u"], line["t"]) for line in log.of("l", logs.portal)}
        if not here:
            continue
        wanted -= here
        reading, texts = logs.reading(ground, log)
        ground.members["lists"].append(reading)
        for text in texts:
            seen |= texts_of(text, year)
        for column in reading["columns"]:
            seen |= entry_titles(logs.entries(column["entries"], column["url"], column["at"]), year)
        if not wanted:
            return
    if wanted:
        raise NotProved(f"no sealed visit log has the reading of {min(wanted)[0]} at {min(wanted)[1]}")


def _judged(text: str) -> JudgedText:
    found = judge_title(text)
    is_other = found.judgement is Judgement.REJECT
    return {
        "text": text,
        "as": "other" if is_other else "report",
        "organ": compact(found.agency) if found.agency else None,
    }


# ---- an address that gives its report no more --------------------------------------------------------------------------------


def vanished(archive: Archive, db: Database, change: GoneChange) -> Ground:
    """That the address of a report twice gave something else, in two passes, while its host answered well."""
    logs = PassLogs(archive, db, change.portal)
    address, told_at = change.url, change.at
    looks = [
        (log, line)
        for log in reversed(list(logs.logs()))
        for line in log.of("v", change.portal)
        if line["u"] == address and line["t"] <= told_at
    ]
    gone = _trailing_gone(looks)
    last = [look for look in gone if is_later(gone[0][1]["t"], look[1]["t"])]
    if not last:
        raise NotProved(f"the visit logs have no two looks, 20 hours apart, at which {address} gave something else")
    ground = Ground({"kind": "vanished"})
    chosen = [gone[0], last[-1]]
    shown, beside = [], []
    for log, line in chosen:
        logs.check_open(log)
        shown.append(logs.look(ground, log, line))
        beside.append(_beside(log, logs.portal, address))
    control = proofs.control_like(db, logs.portal, chosen[1][1].get("d") or "-")
    if control is not None:
        ground.places.add(control)
    ground.members["gone"] = {"address": address, "looks": shown, "beside": beside, "control": control}
    return ground


def _trailing_gone(looks: Sequence[tuple[Log, LogLine]]) -> list[tuple[Log, LogLine]]:
    """The last looks in a row at which the address gave something else. A page with nothing of the report counts as far as it is one page."""
    if not looks:
        return []
    last = looks[-1][1].get("d")
    found: list[tuple[Log, LogLine]] = []
    for log, line in reversed(looks):
        is_same_page = line["v"] == OK and last is not None and (line.get("d") or "").startswith(last[:27])
        if line["v"] not in GONE_VERDICTS and not is_same_page:
            if line["v"] == OK:
                break
            continue  # a look that was turned away says nothing
        found.insert(0, (log, line))
    return found


def _beside(log: Log, portal: str, address: str) -> ClaimedAnswer:
    host = urlsplit(address).netloc.lower()
    for line in log.of("v", portal):
        is_good = line["v"] == OK and line["s"] in (200, 304) and line["r"] in _BESIDE_ROLES
        if is_good and line["u"] != address and urlsplit(line["u"]).netloc.lower() == host:
            return {"url": line["u"], "at": line["t"]}
    raise NotProved(f"in the pass in which {address} gave something else, no other page of {host} answered well")


# ---- a list that names a report no more --------------------------------------------------------------------------------------


def delisted(archive: Archive, db: Database, change: GoneChange) -> Ground:
    """That a list named a report, and in two later passes, read to its end, no longer did."""
    logs = PassLogs(archive, db, change.portal)
    named = proofs.addresses_of(db, change.report)
    chronicle = list(reversed(list(logs.logs())))
    for column in sorted({line["u"] for log in chronicle for line in log.of("l", change.portal)}):
        found = _three_readings(logs, chronicle, column, named, change.at)
        if found is not None:
            return _delisted_ground(logs, column, named, found)
    raise NotProved(
        "the visit logs have no list that named it, and in two later passes, 20 hours apart, was read to its end without it"
    )


Reading = tuple[Log, "LogLine", list["ClaimedEntry"]]


def _three_readings(
    logs: PassLogs, chronicle: Sequence[Log], column: str, named: set[str], until: str
) -> tuple[Reading, Reading, Reading] | None:
    """The last whole reading that named one of the addresses, the first that didn't, and one that confirms it."""
    entries: list[ClaimedEntry] = []
    before: Reading | None = None
    lacking: list[Reading] = []
    for log, line in _whole_readings(logs, chronicle, column, until):
        entries = entries if line.get("same") else list(line.get("entries") or ())
        if named & {entry["url"] for entry in entries}:
            before, lacking = (log, line, entries), []
        else:
            lacking.append((log, line, entries))
    late = [one for one in lacking if is_later(lacking[0][1]["t"], one[1]["t"])]
    return (before, lacking[0], late[-1]) if before is not None and late else None


def _whole_readings(logs: PassLogs, chronicle: Sequence[Log], column: str, until: str) -> Iterator[tuple[Log, LogLine]]:
    for log in chronicle:
        for line in log.of("l", logs.portal):
            if line["u"] == column and line["complete"] and line["t"] <= until:
                yield log, line


def _delisted_ground(
    logs: PassLogs, column: str, named: set[str], readings: tuple[Reading, Reading, Reading]
) -> Ground:
    (log, line, entries), first, second = readings
    address = next(entry["url"] for entry in entries if entry["url"] in named)
    ground = Ground({"kind": "delisted", "column": column, "address": address})
    logs.check_open(log)
    ground.places.add(log.place)
    place = logs.entries_place(ground, log, line)
    ground.members["before"] = {"log": log.place, "url": column, "at": line["t"], "entries": place}
    ground.members["lists"] = [logs.reading(ground, one[0])[0] for one in (first, second)]
    return ground

"""Whether the tables are what records and decisions give: claim `index`.

Proved by making them again (`archive.verify.derived`), or by a statement of the chain that was sealed when they were made. The captures of every
segment that is read are compared with their rows both ways besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.duties.obligations import differing_duties, is_judged
from archive.duties.sealing import IndexStatement, index_statements
from archive.errors import DamagedArchive
from archive.index.database import DatabaseError
from archive.index.difference import READ, TableDifference
from archive.index.inspect import FACTS, Inspection
from archive.index.migrations import SCHEMA_VERSION
from archive.index.roots import schema_digest
from archive.index.seals import schema_when_made
from archive.index.upgrades import changed_since
from archive.verify.claims import ClaimJudgement
from archive.warc.checks import Capture, Damage, SegmentCheck
from archive.warc.digests import parse_digest
from archive.warc.statements import is_proof
from archive.work.release import indexer_version
from extract.messages import localizable

if TYPE_CHECKING:
    from archive.files.folder import Archive
    from archive.verify.chain import Chain

#: What reading a value raises that this program never wrote: a date that is none, JSON that is none, another type.
UNWRITTEN = (ValueError, TypeError, LookupError, AttributeError)
_LISTED = 20  # rows of segments that aren't there, named one by one up to here
_REBUILD = localizable("`ogi rebuild` makes it anew")


class IndexCheck:
    """Judges one database. Open it before the chain is read: a harvest beside us may add to both."""

    def __init__(self, archive: Archive) -> None:
        self.judgement = ClaimJudgement("index")
        self.live: Inspection | None = None
        self.statement: IndexStatement | None = None
        #: Whether every table is defined as this release defines it, so that all can be compared.
        self.is_comparable = False
        self.is_sealed = False
        #: Tables that migrations changed since the newest statement was sealed, `None` if that can't be determined: nothing is known of them.
        self.migrated: frozenset[str] | None = frozenset()
        #: The programs that made the tables: those of all statements since they were made from nothing.
        self._programs: set[str] = set()
        self._is_upgraded = False
        #: Why what is sealed of the tables doesn't prove them, though nothing contradicts it.
        self._unproved = ""
        self._lines = 0
        self._listed: frozenset[str] = frozenset()
        self._ingested: set[str] = set()
        if not archive.db_path.is_file():
            self.judgement.doubts.append(f"there is no ogi.db; {_REBUILD}")
            return
        try:
            self.live = Inspection(archive.db_path)
        except DatabaseError as error:
            self._broken(error)

    def begin(self, archive: Archive, chain: Chain) -> None:
        """Judge what can be checked without records: SQLite's own check, the definitions, the statement of the chain."""
        self._lines = len(chain.lines)
        self._listed = frozenset(entry.segment for entry in chain.lines if not is_proof(entry))
        self._read_statements(archive, chain)
        if self.live is None:
            return
        try:
            for problem in self.live.problems():
                self.judgement.damaged(f"ogi.db {problem}; {_REBUILD}")
            self._check_schema(self.live)
            if self.live.has("segments", schema_when_made()):
                self._check_segments(self.live)
            if self.is_comparable:
                self._check_statement(self.live)
                self._check_duties(self.live)
        except DatabaseError as error:
            self._broken(error)

    def _read_statements(self, archive: Archive, chain: Chain) -> None:
        """Read what the chain says of indexes; each statement names a line by its hash, so lines written anew contradict it."""
        hashes = {entry.number: entry.hash for entry in chain.lines}
        try:
            for statement in index_statements(archive, chain.lines):
                if statement.line and hashes.get(statement.line) != statement.head:
                    chain.judgement.damaged(
                        f"a statement sealed in line {statement.sealed and statement.sealed.line} gives line {statement.line} the hash "
                        f"{statement.head}, which isn't its own: lines were written anew",
                        kind="chain",
                    )
                self.statement = statement
                self._programs = {statement.program} if statement.is_anew else self._programs | {statement.program}
        except DamagedArchive as error:
            self.judgement.damaged(str(error))

    def _broken(self, error: Exception) -> None:
        self.live = None
        self.is_comparable = False
        self.judgement.damaged(f"ogi.db can't be read ({error}); {_REBUILD}")

    def _check_schema(self, live: Inspection) -> None:
        """Hold the definitions against this program's. Which release made them is recognised by themselves, never by the number that they bear."""
        wanted = schema_when_made()
        if live.release != SCHEMA_VERSION:
            if live.schema != wanted:
                self._check_other_release(live)
                return
            self.judgement.damaged(
                f"ogi.db bears the number {live.release}, and its tables are those of {SCHEMA_VERSION}: one of them was altered"
            )
        for kind, name in sorted(live.schema.keys() | wanted.keys()):
            if live.schema.get((kind, name)) == wanted.get((kind, name)) and (kind, name) in live.schema:
                continue
            how = (
                localizable("is missing")
                if (kind, name) not in live.schema
                else localizable("is not one of this program's")
            )
            self.judgement.damaged(
                f"ogi.db: {kind} {name} {how if (kind, name) not in wanted or (kind, name) not in live.schema else 'is not defined as it was made'}"
            )
        self.is_comparable = live.schema == wanted

    def _check_other_release(self, live: Inspection) -> None:
        """Tables of another release can't be made again; as they were sealed they must be all the same."""
        how = localizable("an older") if live.release < SCHEMA_VERSION else localizable("a newer")
        statement = self.statement
        if statement is not None and schema_digest(live.schema) == statement.state.schema and not live.is_marked():
            altered = live.state().differing(statement.state)
            if altered:
                self.judgement.damaged(
                    f"ogi.db isn't what was sealed at line {statement.sealed.line if statement.sealed else 0}: {', '.join(altered)}; {_REBUILD}"
                )
        self.judgement.doubts.append(f"ogi.db was made by {how} release: its tables were not compared; {_REBUILD}")

    def _check_segments(self, live: Inspection) -> None:
        self._ingested = live.segments()
        waiting = len(self._listed - self._ingested)
        if waiting:
            self.judgement.doubts.append(
                f"{waiting} segments are not in ogi.db yet; the next harvest or `ogi rebuild` takes them in"
            )

    def _check_statement(self, live: Inspection) -> None:
        """Hold the tables against the newest statement of the chain about them."""
        statement = self.statement
        if statement is None:
            return
        now = live.state()
        differing = now.differing(statement.state)
        sealed_in = statement.sealed.line if statement.sealed is not None else 0
        self._is_upgraded = now.schema != statement.state.schema
        if self._is_upgraded:
            self.migrated = changed_since(statement.state.schema)
            differing = [name for name in differing if self.migrated is not None and name not in self.migrated]
        if not differing and self._is_upgraded:
            self._unproved = localizable(f"an upgrade changed its tables since they were sealed in line {sealed_in}")
        elif not differing:
            self.is_sealed = True
            self.judgement.proof = localizable(f"equal to the statement sealed at line {sealed_in}")
        elif live.is_marked():
            self._unproved = localizable(
                f"a command was interrupted that changed tables since they were sealed in line {sealed_in}"
            )
        else:
            self.judgement.damaged(
                f"ogi.db isn't what was sealed at line {sealed_in}: {', '.join(differing)}; {_REBUILD}"
            )

    def _check_duties(self, live: Inspection) -> None:
        """Judge one thirtieth of the agencies again, another one each day: what was brought up to date part by part must be what judging gives."""
        if self._programs != {indexer_version()} or live.is_marked():
            return
        try:
            wrong = differing_duties(live.db) if is_judged(live.db) else []
        except UNWRITTEN as error:
            self.judgement.damaged(f"ogi.db holds a value that this program doesn't write ({error}); {_REBUILD}")
            return
        if wrong:
            self.judgement.damaged(
                f"ogi.db: the obligations of {len(wrong)} agencies, such as {wrong[0]}, aren't what its own rows give; {_REBUILD}"
            )

    def may_differ(self, found: TableDifference, extractor: str, program: str) -> bool:
        """Whether a table may be otherwise than today's program makes it, without having been altered.

        It may if it is as sealed and another program made some of it, or if migrations changed it since and the rest is as sealed. Where nothing is sealed, or a
        command of another program was interrupted since, only what readers produce may, of reports that name another extractor.
        """
        if (self.is_sealed or self._is_upgraded) and self.statement is not None:
            return self._programs != {program}
        if self.live is None or found.table not in READ:
            return False
        if self.statement is not None and (self._programs == {program} or not self.live.is_marked()):
            return False
        others = self.live.reports_read_by_others(extractor)
        return bool(others) and (found.reports is None or found.reports <= others)

    @property
    def has_taken_in_all(self) -> bool:
        """Whether there is a readable database that has taken in every segment."""
        return self.is_comparable and self.live is not None and not self._listed - self._ingested

    def compare(self, check: SegmentCheck) -> list[Damage]:
        """Compare one segment's captures with its rows."""
        if self.live is None or check.segment not in self._ingested:
            return []
        if not self.live.has("captures", schema_when_made()):
            return []
        try:
            rows = self.live.captures(check.segment)
        except DatabaseError as error:
            self._broken(error)
            return []
        damages = []
        for capture in check.captures:
            row = rows.pop(capture.offset, None)
            if row is None:
                if capture.type != "resource":  # of resources only documents have a row, not the visit logs
                    damages.append(capture.damage("index", "ogi.db has no row of this capture"))
            else:
                differing = [name for name in FACTS if not _agrees(name, row[name], capture)]
                if differing:
                    damages.append(
                        capture.damage("index", f"ogi.db has another {' and '.join(differing)} for this capture")
                    )
        for offset, row in sorted(rows.items(), key=lambda item: str(item[0])):
            message = localizable("ogi.db has a row of a capture that is not in the segment")
            damages.append(Damage("index", message, check.segment, offset, None, _text(row["url"])))
        return damages

    def finish(self) -> None:
        """Judge what can be checked only at the end: rows of segments that the manifest doesn't know."""
        if self.live is None or not self.live.has("captures", schema_when_made()):
            return
        try:
            named = self.live.segments_of_captures() | self._ingested
        except DatabaseError as error:
            self._broken(error)
            return
        for segment in sorted(str(name) for name in named - self._listed)[:_LISTED]:
            self.judgement.damaged("ogi.db knows a segment that the manifest doesn't", segment)
        for segment in sorted((named & self._listed) - self._ingested):
            self.judgement.damaged("ogi.db has captures of a segment that it doesn't list", segment)

    def conclude(self) -> None:
        """Say why the tables aren't proved, if nothing that was tried proves them."""
        if self.is_sealed or self.judgement.doubts or self.judgement.damages:
            return
        if self._unproved:
            why = self._unproved
        elif self.statement is None:
            why = localizable("its tables were never sealed")
        else:
            why = localizable(f"its tables were changed since they were sealed for line {self.statement.line}")
        self.judgement.doubts.append(f"{why}: --deep compares them with the records, `ogi rebuild` seals them")

    def close(self) -> None:
        """Let go of the database."""
        if self.live is not None:
            self.live.close()


def _text(value: object) -> str | None:
    """What a column of a foreign index holds, as text; `None` if it is empty."""
    return str(value) if value else None


def _agrees(column: str, value: Any, capture: Capture) -> bool:
    if column == "digest":
        if capture.is_truncated:
            return value is None
        own, stored = parse_digest(capture.digest), parse_digest(str(value))
        return own is None or own == stored or (stored is not None and own[0] != stored[0])
    expected: Any = getattr(capture, column)
    return bool(value == expected)

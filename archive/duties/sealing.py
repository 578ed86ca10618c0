"""Sealing what the index holds: how each version was read, and a root a table, as statements in the chain.

An index statement is only worth something if the tables were what the records give when it was made. So it is made after a rebuild, or
where the tables were those of the last statement before this process changed them (`is_attested`). Otherwise there is none, and
`ogi verify` says that the index isn't proved, until a rebuild.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NotRequired

from archive.errors import DamagedArchive
from archive.index.roots import schema_digest, schema_of
from archive.index.seals import (
    IndexState,
    Key,
    ReadingLine,
    StateData,
    are_readings_sealed,
    clear_marks,
    clear_unsealed,
    is_marked,
    mark_unsealed,
    reading_lines,
    state_of,
    state_when_made,
    touched_by,
    versions_known,
)
from archive.warc import manifest, statements
from archive.warc.statements import JSON, NDJSON, SealedStatement
from archive.work.release import indexer_version
from extract.document.notations import parse_json

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.clock import Clock
    from archive.files.folder import Archive
    from archive.warc.manifest import ManifestLine
    from archive.warc.statements import Sealed

#: The group of segments with statements about the index.
GROUP = "index"
#: An index of more bytes takes more than a minute to sum up: it is sealed by `ogi rebuild` and `ogi reextract` only.
MOST_BYTES = 8_000_000_000
#: Versions a statement of readings tells of: it travels whole in each proof file that one of them is in (some 6 kB).
READINGS_EACH = 32


class IndexStatementData(StateData):
    """The content of an index statement's record."""

    line: int
    head: str | None
    decisions: int
    program: str
    anew: NotRequired[bool]


@dataclass(frozen=True, slots=True)
class IndexStatement:
    """What an index statement says: after which line, of which head and how many decisions, this program had the tables in this state.

    `is_anew`: it had just made all of them from nothing; else another program may have made what stood there before.
    """

    line: int
    head: str | None
    decisions: int
    program: str
    state: IndexState
    sealed: Sealed | None = None
    is_anew: bool = False

    def to_json(self) -> IndexStatementData:
        """The record's content."""
        state = self.state.to_json()
        found: IndexStatementData = {
            "line": self.line,
            "head": self.head,
            "decisions": self.decisions,
            "program": self.program,
            "schema": state["schema"],
            "tables": state["tables"],
        }
        if self.is_anew:
            found["anew"] = True
        return found


def last_index_statement(archive: Archive, entries: Iterable[ManifestLine] | None = None) -> IndexStatement | None:
    """The newest index statement of the chain; `None` if there is none.

    Raises:
        DamagedArchive: A segment with statements can't be read, or what it says is no statement.
    """
    found = list(manifest.entries(archive) if entries is None else entries)
    for entry in reversed(found):
        sealed = list(statements.read_statements(archive, statements.INDEX, [entry]))
        if sealed:
            return _index_statement(sealed[-1])
    return None


def index_statements(archive: Archive, entries: Iterable[ManifestLine]) -> Iterator[IndexStatement]:
    """Every index statement of the chain, oldest first; raises as `last_index_statement`."""
    for sealed in statements.read_statements(archive, statements.INDEX, entries):
        yield _index_statement(sealed)


def _index_statement(sealed: Sealed) -> IndexStatement:
    try:
        data = parse_json(sealed.statement.body)
        state = IndexState.from_json(data)
        is_anew = data.get("anew") is True
        return IndexStatement(data["line"], data["head"], data["decisions"], data["program"], state, sealed, is_anew)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedArchive(f"{sealed.segment}: the index statement can't be read: {error!r}") from error


def sealed_readings(archive: Archive, entries: Iterable[ManifestLine] | None = None) -> dict[Key, ReadingLine]:
    """How each version was read, as sealed last; versions that were sealed as gone are left out.

    Raises:
        DamagedArchive: A segment with statements can't be read, or what it says is no statement.
    """
    found: dict[Key, ReadingLine] = {}
    for sealed in statements.read_statements(archive, statements.READINGS, entries):
        for line in reading_lines_of(sealed):
            if isinstance(line, ReadingLine):
                found[line.key] = line
            else:
                found.pop(line, None)
    return found


def reading_lines_of(sealed: Sealed) -> Iterator[ReadingLine | Key]:
    """What a statement says of versions: how each was read, or only which it is, of one that is no more.

    Raises:
        DamagedArchive: It is no statement of readings.
    """
    try:
        for text in sealed.statement.body.split(b"\n"):
            if text:
                data = parse_json(text)
                yield (data["report"], data["version"]) if data.get("gone") else ReadingLine(**data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedArchive(f"{sealed.segment}: the statement of readings can't be read: {error!r}") from error


def is_attested(archive: Archive, db: Database) -> bool:
    """Whether the tables are those of the newest index statement, so that what is made from them now may be sealed.

    Before the first statement they are if they are those of an index just made. `False` if an interrupted command changed them since, if
    another release defined them otherwise, or if summing them up takes too long.

    Raises:
        DamagedArchive: They were altered since they were sealed.
    """
    if archive.db_path.stat().st_size > MOST_BYTES:
        return False
    statement = _current_statement(archive, db)
    if statement is None:
        return False
    now = state_of(db)
    if statement.sealed is None:
        return not now.differing(statement.state)
    _require_unaltered(archive, statement, now)
    return True


def _current_statement(archive: Archive, db: Database) -> IndexStatement | None:
    """The newest index statement, or what one of an empty index would say, if the tables should be what it says."""
    if is_marked(db):
        return None
    statement = last_index_statement(archive) or IndexStatement(0, None, 0, indexer_version(), state_when_made())
    return statement if schema_digest(schema_of(db)) == statement.state.schema else None


def _require_unaltered(archive: Archive, statement: IndexStatement, now: IndexState) -> None:
    tables = now.differing(statement.state)
    if tables:
        raise DamagedArchive(
            f"{archive.db_path} isn't what was sealed after line {statement.line} of the manifest: {', '.join(tables)} "
            "altered. `ogi verify` tells more; `ogi rebuild` makes the index anew from the records"
        )


def change_index(
    archive: Archive, db: Database, decide: Callable[[], None], change: Callable[[], None], clock: Clock | None = None
) -> None:
    """Change the index by a decision, and seal its new state as far as the old one is attested. The caller holds the lock.

    Args:
        decide: Writes the decision durably; called once the change was tried, so that a decision that can't be replayed is never written.
        change: Changes tables, and may be called more than once. Only the tables that it writes to are summed up anew.

    Raises:
        DamagedArchive: Those tables were altered since they were sealed; nothing was decided.
    """
    touched = touched_by(db, change)
    statement = _current_statement(archive, db)
    if statement is not None and statement.sealed is None and state_of(db).differing(statement.state):
        statement = None  # of an older release, or of a rebuild that was interrupted: never sealed
    if statement is not None:
        _require_unaltered(archive, statement, state_of(db, touched, statement.state))
    with db.atomic():
        mark_unsealed(db)  # before it is decided: a death in between leaves a decision that the tables lack
    try:
        decide()
    except BaseException:
        if statement is not None:
            with db.atomic():
                clear_marks(db)
        raise
    with db.atomic():
        change()
    if statement is not None:
        lines = manifest.entries(archive)
        state = state_of(db, touched, statement.state)
        statements.seal_statements(archive, GROUP, [_statement_of(archive, lines, state)], clock)
        with db.atomic():
            clear_marks(db)


def seal_index(
    archive: Archive, db: Database, *, attested: bool, is_anew: bool = False, clock: Clock | None = None
) -> ManifestLine | None:
    """Seal how versions were read since the last time, and the state of the tables if it is attested. The caller holds the lock.

    `is_anew`: this program has just made all tables from nothing.

    Gives the line, `None` if there was nothing new to say.
    """
    made = list(_new_readings(archive, db))
    if attested:
        lines = manifest.entries(archive)
        before = last_index_statement(archive, lines)
        state = state_of(db)
        if lines and (before is None or state != before.state):
            made.append(_statement_of(archive, lines, state, is_anew=is_anew))
    entry = statements.seal_statements(archive, GROUP, made, clock) if made else None
    with db.atomic():
        clear_unsealed(db)
        if attested:
            clear_marks(db)
    return entry


def _statement_of(
    archive: Archive, lines: list[ManifestLine], state: IndexState, *, is_anew: bool = False
) -> SealedStatement:
    last = lines[-1] if lines else None
    said = IndexStatement(
        last.number if last else 0,
        last.hash if last else None,
        manifest.line_count(archive.decisions_path),
        indexer_version(),
        state,
        is_anew=is_anew,
    )
    body = json.dumps(said.to_json(), ensure_ascii=False, separators=(",", ":")).encode()
    return SealedStatement(f"{statements.INDEX}{said.line}", JSON, body)


def _new_readings(archive: Archive, db: Database) -> Iterator[SealedStatement]:
    """The statements of readings that aren't sealed as they are, and of versions that are no more: none if there is nothing to say."""
    lines = manifest.entries(archive)
    if are_readings_sealed(db):  # only what is new is to be sealed: nothing else of the chain is read
        news = [line.to_json() for line in reading_lines(db, only_unsealed=True)]
    else:
        sealed = sealed_readings(archive, lines)
        news = [line.to_json() for line in reading_lines(db, only_unsealed=True) if sealed.get(line.key) != line]
        gone = sorted(sealed.keys() - versions_known(db))
        news += [{"report": report, "version": version, "gone": True} for report, version in gone]
    after = lines[-1].number if lines else 0
    for number, begin in enumerate(range(0, len(news), READINGS_EACH), 1):
        told = news[begin : begin + READINGS_EACH]
        body = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in told)
        yield SealedStatement(f"{statements.READINGS}{after}:{number}", NDJSON, body.encode())

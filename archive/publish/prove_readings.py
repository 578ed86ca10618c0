"""How versions were read, as the archive sealed it then: the statements that travel in a proof file, and the rows that they stand for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.duties.sealing import reading_lines_of
from archive.index.seals import ReadingLine, figures_written
from archive.warc import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.index.proofs import Place, ProvedVersion
    from archive.index.seals import Key
    from archive.publish.check_proof import SealedRows
    from archive.publish.proof_file import Copied
    from archive.warc.statements import Sealed

#: Bytes of a statement that travels: those of older releases tell of all versions at once.
MOST = 100_000


@dataclass(frozen=True, slots=True)
class SealedReading:
    """How a version was read: where the statement stands, and the version's rows of figures as its digest is of them."""

    version: int
    place: Place
    rows: str


def sealed_readings(archive: Archive, db: Database, versions: Iterable[ProvedVersion]) -> list[SealedReading]:
    """The newest statement about each version; none for one whose statement is not of its rows, or is too long.

    A statement tells of other versions too: which there are, and digests. Snapshots hold it as well.

    Raises:
        DamagedArchive: A statement can't be read.
    """
    wanted = {(one.report, one.version) for one in versions}
    newest: dict[Key, tuple[Sealed, ReadingLine]] = {}
    for sealed in statements.read_statements(archive, statements.READINGS) if wanted else ():
        if not any(json.dumps(report, ensure_ascii=False).encode() in sealed.statement.body for report, _ in wanted):
            continue
        for line in reading_lines_of(sealed):
            if isinstance(line, ReadingLine) and line.key in wanted:
                newest[line.key] = sealed, line
    return [
        SealedReading(key[1], (sealed.segment, sealed.offset), rows.decode())
        for key, (sealed, line) in sorted(newest.items())
        if hashlib.sha256(rows := figures_written(db, key)).hexdigest() == line.figures
        and len(sealed.statement.body) <= MOST
    ]


def written(readings: Iterable[SealedReading], taken: Copied) -> bytes:
    """The file `proof/readings.jsonl`: a line a version."""

    def lines() -> Iterator[str]:
        for one in readings:
            said: SealedRows = {"version": one.version, "record": taken.names[one.place], "rows": one.rows}
            yield json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n"

    return "".join(lines()).encode()

"""Figures of all current versions as rows, report by report: for a data package, where the view `figures` would have to sort them all.

The wide tables are kept in the order of reports, so that one report after another can be read, whatever the number of reports.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from archive.index.doubts import Doubt, doubts_of
from archive.index.figure_tables import FIGURE_TABLES
from archive.index.rows import among
from extract.model import RELIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlite_utils import Database

#: What is shown of a report's rows; `{}` is the report.
SHOWN = "not exists (select 1 from withheld w where w.report = {} and w.url = '')"

_VERSIONS = (
    "select r.id, a.name, r.year, v.form, r.version, v.figures_capture from reports r "
    "join versions v on v.report = r.id and v.version = r.version join agencies a on a.id = r.agency "
    f"where {SHOWN.format('r.id')} and {{}} order by r.id"
)

#: What `figure_rows` gives of a figure: the columns of the view `figures`.
FIGURE_COLUMNS = (
    "report", "agency", "year", "form", "table", "row", "column", "value", "raw", "state", "confidence", "version", "capture", "where",
    "placed", "unsure", "disputed", "findings",
)  # fmt: skip


def figure_rows(db: Database, reports: Sequence[str] | None = None) -> Iterator[tuple[Any, ...]]:
    """What the view `figures` holds of shown reports (`FIGURE_COLUMNS`), by report, table, row and column; of some reports where they are named."""
    queries = [
        (
            table,
            f'select * from {table} where report = ? and version = ? order by "row"',
            sorted((column, place) for place, column in enumerate(columns)),
        )
        for table, columns in sorted(FIGURE_TABLES.items())
    ]
    condition, parameters = among("r.id", reports)
    for report, agency, year, form, version, capture in db.conn.execute(_VERSIONS.format(condition), parameters):
        against = doubts_of(db.conn, report, version)
        for table, sql, columns in queries:
            for _, _, row, *values, cells in db.conn.execute(sql, (report, version)):
                prefix, *members = json.loads(cells)
                for column, place in columns:
                    member, value = members[place], values[place]
                    if member is None:
                        continue
                    if isinstance(member, str):
                        raw = "" if value is None else str(value)
                        state = "blank" if value is None else "zero" if value == 0 else "value"
                        confidence, placed = 1.0, []
                    else:
                        member, raw, state, confidence, *placed = member
                    doubt = against.get(f"{table}.{row}.{column}")
                    yield (
                        report,
                        agency,
                        year,
                        form,
                        table,
                        row,
                        column,
                        value,
                        raw,
                        state,
                        confidence,
                        version,
                        capture,
                        prefix + member,
                        placed[0] if placed else None,
                        int(confidence < RELIABLE),
                        int(doubt is not None and doubt.is_disputed),
                        doubt.findings if doubt is not None else None,
                    )


class FigureTally:
    """Counts figures by state, and those not to be relied on, as they pass."""

    def __init__(self) -> None:
        self.states: Counter[str] = Counter()
        self.low = 0

    def counted(self, found: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """The same rows."""
        for row in found:
            self.states[row[9]] += 1
            self.low += row[10] < RELIABLE
            yield row


def panel_columns(db: Database, table: str) -> list[tuple[str, str]]:
    """Row and column codes that have a value in some version, in the order of rows and of the form's columns."""
    columns = FIGURE_TABLES[table]
    flags = ", ".join(f'"{column}" is not null' for column in columns)
    found: set[tuple[str, str]] = set()
    for row, *there in db.conn.execute(f'select distinct "row", {flags} from {table}'):
        found |= {(row, column) for column, is_there in zip(columns, there, strict=True) if is_there}
    return sorted(found, key=lambda pair: (pair[0], columns.index(pair[1])))


def panel_rows(db: Database, table: str, wanted: Sequence[tuple[str, str]]) -> Iterator[tuple[Any, ...]]:
    """One row a shown report that has the table: report, agency, year, form, scope, then the wanted figures' values, then the names of those
    that are unsure, of those that are disputed, and the checks that speak against one of them (as the columns of `figure_rows`).
    """
    columns = FIGURE_TABLES[table]
    names = ", ".join(f't."{column}"' for column in columns)
    places: dict[str, list[tuple[int, int]]] = {}
    for number, (code, column) in enumerate(wanted):
        places.setdefault(code, []).append((number, columns.index(column)))
    found = db.conn.execute(
        f'select r.id, a.name, r.year, r.form, r.scope, r.version, t."row", t.cells, {names} from reports r '
        f"cross join {table} t on t.report = r.id and t.version = r.version join agencies a on a.id = r.agency "
        f"where {SHOWN.format('r.id')} order by r.id"
    )
    for about, rows in groupby(found, key=lambda row: tuple(row[:6])):
        values: list[Any] = [None] * len(wanted)
        unsure: list[int] = []
        for row in rows:
            _, *members = json.loads(row[7])
            for number, place in places.get(row[6], ()):
                values[number] = row[8 + place]
                member = members[place]
                if member is not None and not isinstance(member, str) and member[3] < RELIABLE:
                    unsure.append(number)
        yield (*about[:5], *values, *_doubts(doubts_of(db.conn, about[0], about[5]), table, wanted, unsure))


def _doubts(
    against: Mapping[str, Doubt], table: str, wanted: Sequence[tuple[str, str]], unsure: Sequence[int]
) -> tuple[str, str, str]:
    """The last three columns of a panel's row."""
    named = [(f"{table}.{code}.{column}", f"{code}_{column}") for code, column in wanted]
    doubts = [(name, against[address]) for address, name in named if address in against]
    disputed = [name for name, doubt in doubts if doubt.is_disputed]
    checks = sorted({check for _, doubt in doubts for check in doubt.checks})
    return " ".join(named[number][1] for number in sorted(unsure)), " ".join(disputed), " ".join(checks)

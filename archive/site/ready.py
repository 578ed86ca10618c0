"""The ready queries: files of `queries/` with a title, a description and an order that never ends in the middle of equal rows.

A file begins with three lines of comment: title, description, and `order: column, column desc, …`, whose columns together name a row. The
order makes pages without counting rows from the beginning: a page goes on after the last row of the one before. After a line `then, …` may
stand a column that is dear, computed for shown rows only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

from archive.index.rows import SqlValue
from archive.site.sql_text import parameters_of


@dataclass(frozen=True, slots=True)
class ReadyQuery:
    """A query that comes with the site. `order` has column names and whether each falls."""

    name: str
    title: str
    description: str
    sql: str
    order: tuple[tuple[str, bool], ...]
    then: str = ""

    @property
    def parameters(self) -> list[str]:
        """Names of what can be asked for."""
        return parameters_of(f"{self.sql} {self.then}")

    def words(self, language: str) -> tuple[str, str]:
        """Title and description in a language."""
        place = 0 if language == "zh" else 2
        return self.title.partition(" · ")[place], self.description.partition(" · ")[place]

    @property
    def ordered(self) -> str:
        """SQL of all rows in order."""
        return self._with_then(f"select * from ({self.sql}) order by {self._order()}")

    def page(self, after: str | None) -> tuple[str, dict[str, SqlValue]]:
        """SQL of the rows after a row (`next` of a page), and its parameters. The number of rows is the parameter `most`.

        Raises:
            ValueError: `after` is no end of a page of this query.
        """
        if after is None:
            return self._with_then(f"select * from ({self.sql}) order by {self._order()} limit :most"), {}
        values = json.loads(after)
        if (
            not isinstance(values, list)
            or len(values) != len(self.order)
            or any(isinstance(v, dict | list) for v in values)
        ):
            raise ValueError("not the end of a page")
        places = {f"after{number}": value for number, value in enumerate(values)}
        cases = []
        for number, (column, falls) in enumerate(self.order):
            equal = "".join(f'"{self.order[other][0]}" is :after{other} and ' for other in range(number))
            cases.append(f'({equal}"{column}" {"<" if falls else ">"} :after{number})')
        where = " or ".join(cases)
        return self._with_then(f"select * from ({self.sql}) where {where} order by {self._order()} limit :most"), places

    def end_of(self, row: dict[str, object]) -> str:
        """Where the page after a row begins."""
        return json.dumps([row[column] for column, _ in self.order], ensure_ascii=False, separators=(",", ":"))

    def _with_then(self, sql: str) -> str:
        return f"select rows.*, {self.then} from ({sql}) rows" if self.then else sql

    def _order(self) -> str:
        return ", ".join(f'"{column}"{" desc" if falls else ""}' for column, falls in self.order)


@cache
def ready_queries() -> dict[str, ReadyQuery]:
    """All ready queries by name. Raises `ValueError` for a file without the three lines."""
    found = {}
    for file in sorted(resources.files("archive.site").joinpath("queries").iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".sql"):
            continue
        title, description, order, sql = file.read_text("utf-8").split("\n", 3)
        if not order.startswith("-- order: "):
            raise ValueError(f"{file.name}: the third line says no order")
        columns = [part.strip().split(" ") for part in order.removeprefix("-- order: ").split(",")]
        sql, _, then = sql.partition("\n-- then")
        found[file.name[:-4]] = ReadyQuery(
            file.name[:-4],
            title.removeprefix("-- "),
            description.removeprefix("-- "),
            sql.strip(),
            tuple((column[0], column[1:] == ["desc"]) for column in columns),
            then.partition("\n")[2].strip(),
        )
    return found

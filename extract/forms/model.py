"""The types of an official form: tables, rows, columns and the identities that hold between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an official table. `unit` is `count` or `amount`; a stock is what there is, not what came in the year."""

    code: str
    label: str
    variants: tuple[str, ...] = ()
    unit: str = "count"
    is_stock: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an official table. `columns` are the codes of the cells that the form prints for it."""

    code: str
    label: str
    columns: tuple[str, ...]
    variants: tuple[str, ...] = ()
    group: str = ""
    ordinal: str = ""


@dataclass(frozen=True, slots=True)
class SumRule:
    """A sum that the form requires: the `equals` add up to the same as the `parts`.

    For `row_total` and `challenge_total` both are columns, and it holds in each row; for `column_total` and `balance`
    both are rows, and it holds in each column. A blank counts as 0.
    """

    check: str
    equals: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def over_columns(self) -> bool:
        """Whether the parts are columns of one row (else they are rows of one column)."""
        return self.check in {"row_total", "challenge_total"}


@dataclass(frozen=True)
class Table:
    """One official table of a form."""

    code: str
    label: str
    captions: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    identities: tuple[SumRule, ...] = ()
    column_groups: tuple[str, ...] = ()
    subtotals: tuple[str, ...] = ()
    row_groups: tuple[str, ...] = ()

    @cached_property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """Every (row, column) that the form prints, in print order."""
        return tuple((row.code, column) for row in self.rows for column in row.columns)

    @cached_property
    def rows_by_code(self) -> Mapping[str, Row]:
        """The rows by code."""
        return {row.code: row for row in self.rows}

    @cached_property
    def columns_by_code(self) -> Mapping[str, Column]:
        """The columns by code."""
        return {column.code: column for column in self.columns}

    def identity(self, check: str) -> SumRule:
        """The identity of a check. Raises `KeyError` if the form has none of that name."""
        for identity in self.identities:
            if identity.check == check:
                return identity
        raise KeyError(check)


@dataclass(frozen=True)
class Form:
    """An official layout of the annual report. `last_year` is `None` while the form is in use."""

    code: str
    rule: str
    first_year: int
    last_year: int | None
    tables: Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class IndicatorHeaders:
    """The header words of the label / unit / value tables that reports carried before 2019.

    `cumulative` heads the figures of all years together, `cumulative_pattern` matches its other wordings, `year` headers that name a year.
    `remarks` head a column beside the figures, in any table.
    """

    labels: tuple[str, ...]
    units: tuple[str, ...]
    values: tuple[str, ...]
    cumulative: tuple[str, ...]
    year: str
    cumulative_pattern: str
    remarks: tuple[str, ...]

"""The official tables as they are printed, with what was read of every cell: rows, groups and headers from the forms, never from page code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from extract.forms import FORMS
from extract.model import Figure

DOUBT = 0.9


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell of a shown table: its figure (`None` where the form prints no cell), and the severity of a finding about it."""

    figure: Figure | None
    finding: str = ""

    @property
    def css(self) -> str:
        """Classes of the cell: number, zero, blank, doubtful, with a finding."""
        if self.figure is None:
            return "off"
        names = ["n"]
        if self.figure.state.value in ("zero", "blank", "dash", "unread"):
            names.append({"zero": "z"}.get(self.figure.state.value, self.figure.state.value))
        if self.figure.confidence < DOUBT:
            names.append("doubt")
        if self.finding:
            names.append("found")
        return " ".join(names)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row: group label with the number of rows it spans (0: covered by the one above, -1: the row has no group)."""

    code: str
    label: str
    group: str
    group_rows: int
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class ShownPart:
    """Rows under one header row: a whole table, or a clause of the disclosure table."""

    heading: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[ShownRow, ...]

    @property
    def has_groups(self) -> bool:
        """Whether a column for group labels is needed."""
        return any(row.group_rows >= 0 for row in self.rows)


@dataclass(frozen=True, slots=True)
class ShownTable:
    """An official table of a report, ready to be laid out."""

    code: str
    label: str
    parts: tuple[ShownPart, ...]
    bound: int
    expected: int


def official_tables(
    form: str | None, figures: Iterable[Figure], coverage: Mapping[str, Iterable[int]], findings: Mapping[str, str]
) -> list[ShownTable]:
    """The tables that a version has, in the layout of its form.

    Args:
        coverage: Figures bound and expected for each table of the document.
        findings: Severity by figure address, for marking.
    """
    by_address = {figure.address: figure for figure in figures}
    shown = []
    if form in FORMS:
        for table in FORMS[form].tables.values():
            if table.code not in coverage:
                continue
            labels = {column.code: column.label for column in table.columns}
            extra = [
                code
                for code in dict.fromkeys(figure.row for figure in by_address.values() if figure.table == table.code)
                if code not in table.rows_by_code
            ]
            parts: list[ShownPart] = []
            split_by_group = table.code == "disclosure"
            rows = list(table.rows)
            while rows:
                group = rows[0].group
                chosen = [row for row in rows if row.group == group] if split_by_group else rows
                rows = [row for row in rows if row not in chosen]
                columns = tuple(dict.fromkeys(column for row in chosen for column in row.columns))
                lines = [(row.code, row.label, row.group) for row in chosen]
                if not split_by_group:
                    lines = _with_extra(lines, extra, by_address, table.code)
                parts.append(
                    ShownPart(
                        heading=group if split_by_group else "",
                        columns=tuple((code, labels[code]) for code in columns),
                        rows=_rows(lines, columns, table.code, by_address, findings, grouped=not split_by_group),
                    )
                )
            bound, expected = coverage[table.code]
            shown.append(ShownTable(table.code, table.label, tuple(parts), bound, expected))
    indicators = [figure for figure in by_address.values() if figure.table == "indicators"]
    if indicators:
        rows_shown = tuple(
            ShownRow(figure.row, figure.row, "", -1, (ShownCell(figure, findings.get(figure.address, "")),))
            for figure in indicators
        )
        part = ShownPart("", (("value", "统计数"),), rows_shown)
        shown.append(ShownTable("indicators", "统计指标", (part,), len(indicators), len(indicators)))
    return shown


def _with_extra(
    lines: list[tuple[str, str, str]], extra: list[str], by_address: Mapping[str, Figure], table: str
) -> list[tuple[str, str, str]]:
    """Rows that another form knows (a one-row 其他处理 in a report of 2021) stand where the form's own rows are absent."""
    present = [line for line in lines if any(address.startswith(f"{table}.{line[0]}.") for address in by_address)]
    known = {row.code: row for form in FORMS.values() for row in form.tables[table].rows}
    strange = [(code, known[code].label, known[code].group) for code in extra if code in known]
    if not strange:
        return lines
    place = next((number for number, line in enumerate(present) if line[0] == "disposed_total"), len(present))
    return [*present[:place], *strange, *present[place:]]


def _rows(
    lines: list[tuple[str, str, str]],
    columns: tuple[str, ...],
    table: str,
    by_address: Mapping[str, Figure],
    findings: Mapping[str, str],
    *,
    grouped: bool,
) -> tuple[ShownRow, ...]:
    shown = []
    for number, (code, label, group) in enumerate(lines):
        if not grouped or not group:
            span = -1
        elif number and lines[number - 1][2] == group:
            span = 0
        else:
            span = next((n for n, line in enumerate(lines[number:]) if line[2] != group), len(lines) - number)
        cells = tuple(
            ShownCell(by_address.get(address), findings.get(address, ""))
            for address in (f"{table}.{code}.{column}" for column in columns)
        )
        shown.append(ShownRow(code, label, group, span, cells))
    return tuple(shown)

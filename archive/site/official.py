"""The official tables laid out as they are printed, with what was read of every cell.

Rows, columns and groups come from the forms; what stands here is only how the forms arrange them: clauses of the disclosure table under each
other, applicants under 法人或其他组织, results nested twice, the three routes of a challenge side by side in one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from extract.forms import FORMS
from extract.model import Figure

#: Printed header cells that are no row or column of their own; `archive.lists.labels` has their English.
SUM_RULE = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
APPLICANTS, ORGANISATIONS, RESULTS = "申请人情况", "法人或其他组织", "三、本年度办理结果"
CONTENT, LITIGATION, ITEM, VALUE, CUMULATIVE = "信息内容", "行政诉讼", "项目", "统计数", "历年累计"
ORGANISATION_COLUMNS = ("business", "research", "welfare", "legal_service", "other_org")


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell of a shown table: its figure (`None` where nothing was read), the severity of a finding about it, how many columns it spans."""

    figure: Figure | None
    finding: str = ""
    span: int = 1

    @property
    def css(self) -> str:
        """Classes of the cell: number, zero, blank, doubtful, with a finding."""
        if self.figure is None:
            return "off"
        names = ["n"]
        if self.figure.state.value in ("zero", "blank", "dash", "nothing", "unread"):
            names.append({"zero": "z"}.get(self.figure.state.value, self.figure.state.value))
        if not self.figure.is_reliable:
            names.append("doubt")
        if self.finding:
            names.append("found")
        return " ".join(names)


@dataclass(frozen=True, slots=True)
class Header:
    """A header cell. `kind` says what `label` is: a `row`, a `column` or a `group` of the form. `is_upright` ones are set vertically."""

    label: str
    kind: str
    code: str = ""
    columns: int = 1
    rows: int = 1
    unit: str = ""
    is_upright: bool = False


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row: header cells, then figures. A row without figures is a header row."""

    headers: tuple[Header, ...]
    cells: tuple[ShownCell, ...] = ()
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """Rows that belong together: a whole table, or a clause of the disclosure table."""

    head: tuple[ShownRow, ...]
    rows: tuple[ShownRow, ...]


@dataclass(frozen=True, slots=True)
class ShownTable:
    """An official table of a report, ready to be laid out."""

    code: str
    label: str
    blocks: tuple[ShownBlock, ...]
    bound: int
    expected: int


@dataclass(frozen=True)
class _Figures:
    """The figures of one table, and the findings about them."""

    table: str
    by_address: Mapping[str, Figure]
    findings: Mapping[str, str] = field(default_factory=dict)

    def cell(self, row: str, column: str, span: int = 1) -> ShownCell:
        address = f"{self.table}.{row}.{column}"
        return ShownCell(self.by_address.get(address), self.findings.get(address, ""), span)

    def has_row(self, row: str) -> bool:
        return any(address.startswith(f"{self.table}.{row}.") for address in self.by_address)


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
        for code, table in FORMS[form].tables.items():
            if code in coverage:
                bound, expected = coverage[code]
                blocks = _LAYOUTS[code](form, _Figures(code, by_address, findings))
                shown.append(ShownTable(code, table.label, blocks, bound, expected))
    indicators = [figure for figure in by_address.values() if figure.table == "indicators"]
    if indicators:
        shown.append(_indicators(indicators, _Figures("indicators", by_address, findings)))
    return shown


def _indicators(figures: Iterable[Figure], found: _Figures) -> ShownTable:
    """Labels with the figure of the year, and that of all years together where the report prints one."""
    by_row: dict[str, set[str]] = {}
    for figure in figures:
        by_row.setdefault(figure.row, set()).add(figure.column)
    printed = set().union(*by_row.values())
    columns = [(code, label) for code, label in (("value", VALUE), ("cumulative", CUMULATIVE)) if code in printed]
    rows = tuple(ShownRow((Header(row, "row"),), tuple(found.cell(row, code) for code, _ in columns)) for row in by_row)
    head = (ShownRow((Header(ITEM, "group"), *(Header(label, "column", code) for code, label in columns))),)
    count = sum(map(len, by_row.values()))
    return ShownTable("indicators", "统计指标", (ShownBlock(head, rows),), count, count)


def _disclosure(form: str, figures: _Figures) -> tuple[ShownBlock, ...]:
    """A block for each clause: its name over the whole width, its columns (the last one takes what is left), its rows."""
    table = FORMS[form].tables["disclosure"]
    width = max(len(row.columns) for row in table.rows)
    blocks = []
    for clause in dict.fromkeys(row.group for row in table.rows):
        rows = [row for row in table.rows if row.group == clause]
        columns = rows[0].columns
        spans = [*(1 for _ in columns[:-1]), width - len(columns) + 1]
        headers = [
            Header(
                table.columns_by_code[code].label,
                "column",
                code,
                span,
                unit="元" if table.columns_by_code[code].unit == "amount" else "",
            )
            for code, span in zip(columns, spans, strict=True)
        ]
        head = (
            ShownRow((Header(clause, "group", columns=width + 1),)),
            ShownRow((Header(CONTENT, "group"), *headers)),
        )
        lines = tuple(
            ShownRow(
                (Header(row.label, "row", row.code),),
                tuple(figures.cell(row.code, code, span) for code, span in zip(columns, spans, strict=True)),
            )
            for row in rows
        )
        blocks.append(ShownBlock(head, lines))
    return tuple(blocks)


def _applications(form: str, figures: _Figures) -> tuple[ShownBlock, ...]:
    """Seven columns of applicants; three levels of row headers."""
    table = FORMS[form].tables["applications"]
    columns = [column.code for column in table.columns]
    top = [
        Header(table.columns_by_code[code].label, "column", code, rows=2)
        for code in columns
        if code not in ORGANISATION_COLUMNS
    ]
    top.insert(1, Header(ORGANISATIONS, "group", columns=len(ORGANISATION_COLUMNS)))
    below = [Header(table.columns_by_code[code].label, "column", code) for code in ORGANISATION_COLUMNS]
    head = (
        ShownRow((Header(SUM_RULE, "group", columns=3, rows=3), Header(APPLICANTS, "group", columns=len(columns)))),
        ShownRow(tuple(top)),
        ShownRow(tuple(below)),
    )
    lines = _lines(form, figures)
    outer = sum(1 for _, _, group in lines if group)
    rows, previous, is_outer_open = [], "", False
    for number, (code, label, group) in enumerate(lines):
        headers = []
        if group and not is_outer_open:
            headers.append(Header(RESULTS, "group", rows=outer, is_upright=True))
            is_outer_open = True
        if group in ("", RESULTS):
            headers.append(Header(label, "row", code, columns=2 if group else 3))
        else:
            if group != previous:
                length = next((n for n, line in enumerate(lines[number:]) if line[2] != group), len(lines) - number)
                headers.append(Header(group, "group", rows=length))
            headers.append(Header(label, "row", code))
        previous = group
        cells = tuple(figures.cell(code, column) for column in columns)
        rows.append(ShownRow(tuple(headers), cells, is_sum=code == "disposed_total"))
    return (ShownBlock(head, tuple(rows)),)


def _lines(form: str, figures: _Figures) -> list[tuple[str, str, str]]:
    """Code, label and group of the rows. Rows that another form knows (a one-row 其他处理 in a report of 2021) stand where the form's own are absent."""
    lines = [(row.code, row.label, row.group) for row in FORMS[form].tables["applications"].rows]
    known = {row.code: row for other in FORMS.values() for row in other.tables["applications"].rows}
    own = {code for code, _, _ in lines}
    strange = [(code, row.label, row.group) for code, row in known.items() if code not in own and figures.has_row(code)]
    if not strange:
        return lines
    present = [line for line in lines if figures.has_row(line[0])]
    place = next((number for number, line in enumerate(present) if line[0] == "disposed_total"), len(present))
    return [*present[:place], *strange, *present[place:]]


def _challenges(form: str, figures: _Figures) -> tuple[ShownBlock, ...]:
    """The three routes side by side: one row of figures."""
    table = FORMS[form].tables["challenges"]
    columns = table.columns
    first, *others = table.rows
    names = [Header(column.label, "column", column.code) for column in columns]
    head = (
        ShownRow(
            (
                Header(first.label, "row", first.code, columns=len(columns)),
                Header(LITIGATION, "group", columns=len(columns) * len(others)),
            )
        ),
        ShownRow(
            (
                *(Header(column.label, "column", column.code, rows=2) for column in columns),
                *(Header(row.label, "row", row.code, columns=len(columns)) for row in others),
            )
        ),
        ShownRow(tuple(names * len(others))),
    )
    cells = tuple(figures.cell(row.code, column.code) for row in table.rows for column in columns)
    return (ShownBlock(head, (ShownRow((), cells),)),)


_LAYOUTS = {"disclosure": _disclosure, "applications": _applications, "challenges": _challenges}

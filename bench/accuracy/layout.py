"""The official tables as rows of cells with spans, in the shapes that portals give them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from bench.accuracy.printed import FORMS
from bench.accuracy.truth import Address, Report, unit_of
from extract.forms import Table

TITLE = "某市2020年政府信息公开工作年度报告"
HEADINGS = {
    "disclosure": "二、主动公开政府信息情况",
    "applications": "三、收到和处理政府信息公开申请情况",
    "challenges": "四、政府信息公开行政复议、行政诉讼情况",
}


@dataclass(frozen=True)
class Slot:
    """One cell: its text, spans, and the address of the figure that it prints."""

    text: str
    rows: int = 1
    columns: int = 1
    address: Address | None = None
    is_header: bool = False


@dataclass(frozen=True)
class Sheet:
    """One table."""

    rows: tuple[tuple[Slot, ...], ...]
    code: str


@dataclass(frozen=True)
class Shape:
    """Which of the variants met in print a report uses."""

    disclosure: str = "whole"  # whole | clauses | clause-column | groups
    applications: str = "whole"  # whole | pages | pages-repeated | groups
    header: str = "official"  # official | no-rowspan | one-row
    subtotal: bool = False
    side_cells: bool = True
    total_label: str = "（七）总计"
    challenges: str = "flat"  # flat | three | rows | two
    brackets: str = "full"
    variants: bool = False
    copies: int = 1
    notes: tuple[str, ...] = field(default=())


def sheets_of(report: Report, shape: Shape, seed: int) -> list[Sheet]:
    """The tables of a report in print order."""
    rng = random.Random(seed)
    form = FORMS[report.form]
    sheets = []
    if "disclosure" in report.tables:
        sheets += _disclosure(report, form.tables["disclosure"], shape)
    if "applications" in report.tables:
        sheets += _applications(report, shape, rng)
    if "challenges" in report.tables:
        sheets += _challenges(report, form.tables["challenges"], shape)
    if shape.brackets == "half":
        sheets = [_half_width(sheet) for sheet in sheets]
    return sheets


def _half_width(sheet: Sheet) -> Sheet:
    table = str.maketrans("（），：“”", '(),:""')
    return Sheet(
        tuple(tuple(s if s.address else replace(s, text=s.text.translate(table)) for s in row) for row in sheet.rows),
        sheet.code,
    )


def _disclosure(report: Report, table: Table, shape: Shape) -> list[Sheet]:
    by_group: dict[str, list[str]] = {}
    for row in table.rows:
        by_group.setdefault(row.group, []).append(row.code)
    blocks: list[list[tuple[Slot, ...]]] = []
    clause_column = shape.disclosure == "clause-column"
    for group, codes in by_group.items():
        columns = table.rows_by_code[codes[0]].columns
        spread = {1: (3,), 2: (1, 2), 3: (1, 1, 1)}[len(columns)]
        block: list[tuple[Slot, ...]] = []
        if not clause_column:
            block.append((Slot(group, columns=4, is_header=True),))
        heads = [
            Slot(_column_label(report, table, code), columns=width, is_header=True)
            for code, width in zip(columns, spread, strict=True)
        ]
        side = [Slot(group, rows=len(codes) + 1, is_header=True)] if clause_column else []
        block.append((*side, Slot("信息内容", is_header=True), *heads))
        for code in codes:
            row = table.rows_by_code[code]
            label = row.variants[0] if shape.variants and row.variants else row.label
            cells = [
                Slot(report.printed[address], columns=width, address=address)
                for column, width in zip(columns, spread, strict=True)
                for address in [("disclosure", code, column)]
            ]
            block.append((Slot(label), *cells))
        blocks.append(block)
    if shape.disclosure == "clauses":
        return [Sheet(tuple(block), "disclosure") for block in blocks]
    if shape.disclosure == "groups":
        half = len(blocks) // 2
        return [
            Sheet(tuple(row for block in part for row in block), "disclosure")
            for part in (blocks[:half], blocks[half:])
        ]
    return [Sheet(tuple(row for block in blocks for row in block), "disclosure")]


def _column_label(report: Report, table: Table, code: str) -> str:
    column = table.columns_by_code[code]
    if column.unit != "amount":
        return column.label
    if report.style.unit_in == "header" or (report.form == "2021" and report.style.unit_in == "none"):
        return f"{column.label}（单位：{unit_of(report.form, report.style)}）"
    return column.label


def _applications(report: Report, shape: Shape, rng: random.Random) -> list[Sheet]:
    single = "other" in report.row_codes["applications"]
    table = FORMS["2019" if single else "2021"].tables["applications"]
    columns = [column.code for column in table.columns]
    header = _applicant_header(table, shape)
    rows = [row for row in table.rows if row.code in report.row_codes["applications"]]
    body: list[tuple[tuple[Slot, ...], str]] = []
    results = sum(1 for row in rows if row.group)
    seen_groups: set[str] = set()
    first_result = True
    for row in rows:
        cells = []
        label = shape.total_label if row.code == "disposed_total" else row.label
        if shape.variants and row.variants and row.code not in ("disposed_total", "other_other"):
            label = row.variants[0]
        depth = 3
        if row.group and shape.side_cells:
            if first_result:
                cells.append(Slot("三、本年度办理结果", rows=results))
                first_result = False
            depth = 2
            if not row.group.startswith("三"):
                if row.group not in seen_groups:
                    seen_groups.add(row.group)
                    cells.append(Slot(row.group, rows=sum(1 for other in rows if other.group == row.group)))
                depth = 1
        cells.append(Slot(label, columns=depth if shape.side_cells else 1))
        figures = [
            Slot(report.printed["applications", row.code, column], address=("applications", row.code, column))
            for column in columns
        ]
        if shape.subtotal:
            organisations = [report.values["applications", row.code, column] or 0 for column in columns[1:-1]]
            figures.insert(6, Slot(str(sum(organisations))))
        body.append(((*cells, *figures), row.group))
    return _split_applications(header, body, shape, rng)


def _split_applications(
    header: list[tuple[Slot, ...]], body: list[tuple[tuple[Slot, ...], str]], shape: Shape, rng: random.Random
) -> list[Sheet]:
    rows = [row for row, _ in body]
    if shape.applications == "whole":
        return [Sheet((*header, *rows), "applications")]
    if shape.applications in {"pages", "pages-repeated"}:
        cut = rng.randint(5, len(rows) - 3)
        again = header if shape.applications == "pages-repeated" else []
        first, second = _cut_spans(rows, cut)
        return [Sheet((*header, *first), "applications"), Sheet((*again, *second), "applications")]
    sheets: list[list[tuple[Slot, ...]]] = [list(header)]
    before = body[0][1]
    for row, group in body:
        if group != before and len(sheets[-1]) > 1:
            sheets.append([])
            before = group
        sheets[-1].append(row)
    return [Sheet(tuple(rows), "applications") for rows in sheets if rows]


def _cut_spans(rows: list[tuple[Slot, ...]], cut: int) -> tuple[list[tuple[Slot, ...]], list[tuple[Slot, ...]]]:
    """Rows before and after a page break; a cell that spans it goes on as a blank cell, as word processors do."""
    first = []
    open_cells = []
    for index, row in enumerate(rows[:cut]):
        kept = []
        for slot in row:
            over = index + slot.rows - cut
            if over > 0:
                open_cells.append(Slot("", rows=over, columns=slot.columns))
                slot = replace(slot, rows=cut - index)
            kept.append(slot)
        first.append(tuple(kept))
    second = list(rows[cut:])
    second[0] = (*open_cells, *second[0])
    return first, second


def _applicant_header(table: Table, shape: Shape) -> list[tuple[Slot, ...]]:
    labels = [column.label for column in table.columns]
    note = table.captions[1]
    if shape.header == "one-row":
        middle = [*labels[1:-1], *(["小计"] if shape.subtotal else [])]
        return [tuple(Slot(text, is_header=True) for text in ("（" + note + "）", labels[0], *middle, labels[-1]))]
    spans = 1 if shape.header == "no-rowspan" else 0
    organisations = [*labels[1:-1], *(["小计"] if shape.subtotal else [])]
    width = 3 if shape.side_cells else 1
    return [
        (
            Slot(f"（{note}）", rows=spans or 3, columns=width, is_header=True),
            Slot(table.captions[0], columns=len(organisations) + 2, is_header=True),
        ),
        (
            Slot(labels[0], rows=spans or 2, is_header=True),
            Slot(table.column_groups[0], columns=len(organisations), is_header=True),
            Slot(labels[-1], rows=spans or 2, is_header=True),
        ),
        tuple(Slot(text, is_header=True) for text in organisations),
    ]


def _challenges(report: Report, table: Table, shape: Shape) -> list[Sheet]:
    outcomes = [column.label for column in table.columns]
    figures = {
        row.code: [
            Slot(report.printed["challenges", row.code, column], address=("challenges", row.code, column))
            for column in row.columns
        ]
        for row in table.rows
    }
    routes = {row.code: row.label for row in table.rows}
    heads = tuple(Slot(text, is_header=True) for text in outcomes)
    codes = list(routes)
    if shape.challenges == "three":
        return [
            Sheet(((Slot(routes[code], columns=5, is_header=True),), heads, tuple(figures[code])), "challenges")
            for code in codes
        ]
    if shape.challenges == "rows":
        rows = [(Slot(""), *heads)] + [(Slot(routes[code]), *figures[code]) for code in codes]
        return [Sheet(tuple(rows), "challenges")]
    if shape.challenges == "two":
        litigation = (
            (Slot("行政诉讼", columns=10, is_header=True),),
            tuple(Slot(routes[code], columns=5, is_header=True) for code in codes[1:]),
            heads * 2,
            (*figures[codes[1]], *figures[codes[2]]),
        )
        return [
            Sheet(((Slot("行政复议", columns=5, is_header=True),), heads, tuple(figures[codes[0]])), "challenges"),
            Sheet(litigation, "challenges"),
        ]
    spanned = tuple(replace(head, rows=2) for head in heads)
    return [
        Sheet(
            (
                (Slot("行政复议", columns=5, is_header=True), Slot("行政诉讼", columns=10, is_header=True)),
                (*spanned, *(Slot(routes[code], columns=5, is_header=True) for code in codes[1:])),
                heads * 2,
                tuple(slot for code in codes for slot in figures[code]),
            ),
            "challenges",
        )
    ]

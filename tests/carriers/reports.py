"""Reports to write: the five seeds, and one of form 2021 with figures of our own; what a reader must find in them."""

from __future__ import annotations

import random
import re

from crawler.replica.documents import seeds
from crawler.replica.documents.model import Paragraph, Report, Role, Table, TableSlot
from crawler.replica.documents.official import APPLICANTS, OUTCOMES, ROUTES, table_of
from extract.model import Document, Grid

SEEDS = seeds.SLUGS
TABLES = ("disclosure", "applications", "challenges", "indicators")

_RECEIVED = ("received", "carried_in")
_DISPOSED_2021 = (
    "granted", "partly_granted", "denied_state_secret", "denied_prohibited_by_law", "denied_security_stability",
    "denied_third_party", "denied_internal_affairs", "denied_process", "denied_enforcement_files",
    "denied_administrative_query", "unable_not_held", "unable_needs_creation", "unable_unclear", "unprocessed_petition",
    "unprocessed_repeat", "unprocessed_publications", "unprocessed_excessive", "unprocessed_confirmation",
    "other_not_corrected", "other_fee_unpaid", "other_other",
)  # fmt: skip


def report_2021(seed: int = 7) -> Report:
    """A report of form 2021 whose identities hold; zeros are printed, one row is blank."""
    draw = random.Random(seed)
    raws: dict[tuple[str, str, str], str] = {}
    for row in ("rules", "normative_documents"):
        for column in ("made", "repealed", "in_force"):
            raws["disclosure", row, column] = str(draw.randrange(90))
    for row in ("licensing", "penalties", "coercion"):
        raws["disclosure", row, "decisions"] = str(draw.randrange(4_000_000))
    raws["disclosure", "fees", "amount"] = "96171.6"
    total = dict.fromkeys(APPLICANTS, 0)
    for row in _DISPOSED_2021:
        counts = {column: draw.choice((0, 0, 0, 1, 3, 12, 205)) for column in APPLICANTS[:-1]}
        counts["total"] = sum(counts.values())
        for column, count in counts.items():
            total[column] += count
            raws["applications", row, column] = str(count) if row != "unprocessed_repeat" or count else ""
    for column in APPLICANTS:
        raws["applications", "disposed_total", column] = str(total[column])
        raws["applications", "carried_in", column] = "0"
        raws["applications", "received", column] = str(total[column])
        raws["applications", "carried_out", column] = "0"
    for route in ROUTES:
        counts_of = [draw.randrange(30) for _ in OUTCOMES[:-1]]
        for outcome, count in zip(OUTCOMES, (*counts_of, sum(counts_of)), strict=True):
            raws["challenges", route, outcome] = str(count)
    headings = (
        "一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况", "五、存在的主要问题及改进情况", "六、其他需要报告的事项",
    )  # fmt: skip
    slots = {1: "disclosure", 2: "applications", 3: "challenges"}
    blocks: list[Paragraph | TableSlot] = [Paragraph("临江市人民政府2023年政府信息公开工作年度报告", Role.TITLE)]
    for number, heading in enumerate(headings):
        blocks.append(Paragraph(heading, Role.HEADING))
        if number in slots:
            blocks.append(TableSlot(slots[number]))
        else:
            blocks.append(Paragraph("2023年，全市共受理政府信息公开申请若干件，均在法定期限内答复。" * 12))
    return Report("临江市人民政府2023年政府信息公开工作年度报告", "临江市人民政府", 2023, "2021", tuple(blocks), raws)


def report(name: str) -> Report:
    """A report by name: a seed's slug or `form-2021`."""
    return report_2021() if name == "form-2021" else seeds.load(name)


NAMES = (*SEEDS, "form-2021")


def tables_of(source: Report) -> list[Table]:
    """The report's tables in the order in which they are printed."""
    return [table_of(source, block.table) for block in source.blocks if isinstance(block, TableSlot)]


def expected_rows(table: Table) -> list[list[str | None]]:
    """The table as a reader must give it: text where a cell begins, `None` where one is covered, white space left out."""
    rows: list[list[str | None]] = [[None] * len(table.widths) for _ in range(table.row_count)]
    for box in table.boxes:
        rows[box.row][box.column] = bare(box.text)
    return dense(rows)


def found_rows(grid: Grid) -> list[list[str | None]]:
    """A grid in the same notation."""
    return dense([[bare(cell.text) if cell is not None else None for cell in row] for row in grid.rows])


def dense(rows: list[list[str | None]]) -> list[list[str | None]]:
    """Without the columns in which no cell begins."""
    kept = [index for index in range(len(rows[0])) if any(row[index] is not None for row in rows)]
    return [[row[index] for index in kept] for row in rows]


def grids(document: Document) -> list[Grid]:
    """The grids of a document."""
    return [block for block in document.blocks if isinstance(block, Grid)]


def text_of(document: Document) -> str:
    """All running text without white space."""
    return bare("".join(block.text for block in document.blocks if not isinstance(block, Grid)))


def bare(text: str) -> str:
    """Text without white space, as labels are compared."""
    return re.sub(r"\s+", "", text)


def filled_rows(rows: list[list[str | None]]) -> list[list[str]]:
    """Rows with covered positions as blanks: a cell that a page break cuts begins anew on the next page."""
    return [[text or "" for text in row] for row in rows]

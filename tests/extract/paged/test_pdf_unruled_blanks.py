"""PDF tables without rulings whose zeros are blank: columns come from the headers, and what may be a piece of a figure is no blank."""

from __future__ import annotations

import io

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extract.model import Grid
from extract.readers import read_document
from extract.tables import read_tables
from tests.extract.table_documents import by_address

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

#: A text with its place: left, top, in points from the upper left corner.
Text = tuple[float, float, str]
COLUMNS = (230, 280, 330, 380, 430, 480, 530)
GROUP: list[Text] = [(230, 60, "自然人"), (280, 54, "法人或其他组织"), (530, 60, "总计")]
HEADERS: list[Text] = [
    *GROUP,
    *zip(COLUMNS[1:6], [70] * 5, ("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"), strict=True),
]


def draw(texts: list[Text]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(620, 842), invariant=1)
    canvas.setFont("STSong-Light", 8)
    canvas.drawString(40, 842 - 30, "三、收到和处理政府信息公开申请情况")
    for x, y, text in texts:
        canvas.drawString(x, 842 - y, text)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def row(top: float, label: str, *figures: str) -> list[Text]:
    return [(40.0, top, label), *((x, top, text) for x, text in zip(COLUMNS, figures, strict=False) if text)]


def grids(texts: list[Text]) -> list[list[list[str | None]]]:
    found = [block for block in read_document(draw(texts)).blocks if isinstance(block, Grid)]
    return [[[cell and cell.text for cell in line] for line in grid.rows] for grid in found]


def test_the_header_of_a_group_joins_no_columns() -> None:
    (table,) = grids(
        [
            *HEADERS,
            *row(84, "一、本年新收", "7", "", "", "", "", "2", "9"),
            *row(98, "（一）予以公开", "5", "", "", "", "", "", "5"),
        ]
    )
    assert table[-2][-7:] == ["7", "", "", "", "", "2", "9"]
    assert table[-1][-7:] == ["5", "", "", "", "", "", "5"]


def test_a_blank_column_beside_the_labels_is_a_column() -> None:
    (table,) = grids(
        [
            *HEADERS,
            *row(84, "一、本年新收", "", "7", "", "", "", "2", "9"),
            *row(98, "（一）予以公开", "", "5", "", "", "", "", "5"),
        ]
    )
    assert table[-1][-7:] == ["", "5", "", "", "", "", "5"]


@pytest.mark.parametrize("label", ["三、本年度办理结果", "二、上年结转政府信息"])
def test_a_label_like_a_heading_ends_no_table(label: str) -> None:
    rows = [
        row(84, "一、本年新收", "7", "1", "", "", "", "2", "10"),
        row(98, label),
        row(112, "（一）予以公开", "5", "", "", "", "", "", "5"),
    ]
    (table,) = grids([*HEADERS, *(text for line in rows for text in line)])
    assert table[-1][-7:] == ["5", "", "", "", "", "", "5"]


def test_a_label_of_two_lines_beside_its_figures_is_one() -> None:
    (table,) = grids(
        [
            *HEADERS,
            (40.0, 84.0, "一、本年新收政府"),
            *row(89, "", "7", "1", "", "", "", "2", "10"),
            (40.0, 94.0, "信息公开申请数量"),
            *row(112, "（一）予以公开", "5", "", "", "", "", "", "5"),
        ]
    )
    assert table[-2][0] == "一、本年新收政府信息公开申请数量", table
    assert table[-2][-7:] == ["7", "1", "", "", "", "2", "10"]


def test_a_heading_below_a_table_ends_it() -> None:
    rows = [
        *row(84, "一、本年新收", "7", "1", "", "", "", "2", "10"),
        *row(98, "（一）予以公开", "5", "", "", "", "", "", "5"),
    ]
    lower = [
        (40.0, 120.0, "四、行政复议、行政诉讼情况"),
        *(
            (float(x), 136.0, text)
            for x, text in zip(COLUMNS, ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计"), strict=False)
        ),
        *row(150, "", "1", "2", "", "", "3"),
    ]
    upper, challenges = grids([*HEADERS, *rows, *lower])
    assert upper[-1][-7:] == ["5", "", "", "", "", "", "5"]
    assert challenges[-1][-5:] == ["1", "2", "", "", "3"]


@pytest.mark.parametrize(("first", "second"), [(-4.5, 4.5), (0.0, 9.0), (-9.0, 0.0)])
@pytest.mark.parametrize("beside", ["", "项"])
def test_a_figure_of_two_lines_is_read_in_no_way(first: float, second: float, beside: str) -> None:
    """The pieces stand above and below the row's label, or one of them beside it; a group's label may stand on their line."""
    top = 84.0
    header = [
        (120.0, 60.0, "信息内容"),
        (230.0, 60.0, "上一年项目数量"),
        (330.0, 60.0, "本年增/减"),
        (430.0, 60.0, "处理决定数量"),
    ]
    penalties = [
        (120.0, top, "行政处罚"),
        (230.0, top, "246"),
        (330.0, top + first, "＋48327"),
        (330.0, top + second, "6"),
        (60.0, top + second, beside),
    ]
    coercion = [(120.0, 110.0, "行政强制"), (230.0, 110.0, "12"), (330.0, 110.0, "＋4"), (430.0, 110.0, "6")]
    data = draw([(120.0, 44.0, "第二十条第（六）项"), *header, *penalties, *coercion])
    figures = by_address(read_tables(read_document(data)))
    for column in ("items_change", "decisions"):
        figure = figures.get(("disclosure", "penalties", column))
        assert figure is None or figure.value is None or not figure.is_reliable, figure
    change = figures.get(("disclosure", "penalties", "items_change"))
    assert change is None or not change.is_reliable, change

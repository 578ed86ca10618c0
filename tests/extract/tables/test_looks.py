"""A cell that isn't drawn as it is stored makes no figure, in whatever table and carrier it stands."""

from __future__ import annotations

from dataclasses import replace

from extract.model import Cell, Document, Figure, Grid, Line, State
from extract.tables import read_tables
from tests.extract.table_documents import by_address, grid_document

_WHY = ("hidden-text: colour equals background",)
_DISCLOSURE = [
    ["第二十条第（五）项"],
    ["信息内容", "本年处理决定数量"],
    ["行政许可", "12"],
    ["第二十条第（六）项"],
    ["信息内容", "本年处理决定数量"],
    ["行政处罚", "917"],
    ["行政强制", ""],
]
_INDICATORS = [["统计指标", "单位", "统计数"], ["主动公开政府信息数", "条", "917"], ["收到申请数", "件", "3"]]
_CHALLENGES = [
    ["行政复议"] + [None] * 4,
    ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"],
    ["9", "0", "0", "0", "9"],
]


def _with_look(document: Document, text: str) -> Document:
    """The document with a look at every cell of this text."""
    blocks = list(document.blocks[:1])
    for block in document.blocks[1:]:
        assert isinstance(block, Grid)
        rows = tuple(
            tuple(replace(cell, look=_WHY) if cell is not None and cell.text == text else cell for cell in row)
            for row in block.rows
        )
        blocks.append(replace(block, rows=rows))
    return replace(document, blocks=tuple(blocks))


def _check(figure: Figure, raw: str) -> None:
    assert (figure.value, figure.raw, figure.state, figure.confidence) == (None, raw, State.UNREAD, 0.3)


def test_a_row_of_disclosure_names_the_reason() -> None:
    """The figure is unread with the stored text as raw; the other rows stay certain."""
    result = read_tables(_with_look(grid_document(_DISCLOSURE), "917"))
    figures = by_address(result)
    _check(figures["disclosure", "penalties", "decisions"], "917")
    assert figures["disclosure", "licensing", "decisions"].confidence == 1.0
    assert [text for text in result.warnings if "917" in text] == [
        "disclosure: penalties.decisions: stored '917' is not what is shown (hidden-text: colour equals background)"
    ]


def test_a_blank_that_shows_something_is_no_blank() -> None:
    """Text that only a style sheet or a form field draws over a blank cell."""
    figures = by_address(read_tables(_with_look(grid_document(_DISCLOSURE), "")))
    _check(figures["disclosure", "coercion", "decisions"], "")


def test_indicators_and_challenges() -> None:
    """Tables with binders of their own ask the same."""
    figures = by_address(read_tables(_with_look(grid_document(_INDICATORS), "917")))
    _check(figures["indicators", "主动公开政府信息数", "value"], "917")
    assert figures["indicators", "收到申请数", "value"].confidence == 1.0
    result = read_tables(_with_look(grid_document(_CHALLENGES), "9"))
    _check(by_address(result)["challenges", "reconsideration", "upheld"], "9")
    assert any("is not what is shown" in text for text in result.warnings)


def test_a_line_that_is_a_row() -> None:
    """Lines with tabs, pipes, blanks, or one cell each carry the look to their numbers; labels keep their meaning."""
    for text in ("行政处罚\t917", "| 行政处罚 | 917 |", "行政处罚 917"):
        head = Line("信息内容\t本年处理决定数量", "line 1")
        document = Document("text/plain", (head, Line(text, "line 2", look=_WHY)))
        _check(by_address(read_tables(document))["disclosure", "penalties", "decisions"], "917")


def test_a_label_with_a_look_stays_a_label() -> None:
    """A raised number of a note behind a label says nothing about the figure beside it."""
    row = (Cell("行政处罚", "a", look=("raised",)), Cell("917", "b"))
    head = (Cell("信息内容", "c"), Cell("本年处理决定数量", "d"))
    document = Document("text/html", (Grid((head, row), "t"),))
    figure = by_address(read_tables(document))["disclosure", "penalties", "decisions"]
    assert (figure.value, figure.confidence) == (917, 1.0)

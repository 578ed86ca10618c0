"""A label of the form inside a longer text: whether what stands around it changes what is counted."""

from __future__ import annotations

import pytest

from extract.api import extract_bytes
from extract.model import Extraction
from extract.tables.labels import meaning_of

_ROWS = {
    "licensing": ("行政许可", "本年处理决定数量", "decisions"),
    "penalties": ("行政处罚", "本年处理决定数量", "decisions"),
    "fees": ("行政事业性收费", "本年收费金额（单位：万元）", "amount"),
}


def _read(
    row: str, *, label: str = "", header: str = "", cell: str = "58", below: str = ""
) -> tuple[float, Extraction]:
    """The confidence of the one figure of a row with this label, header and cell."""
    usual, above, column = _ROWS[row]
    page = (
        "<html><body><h1>青川县农业农村局2022年政府信息公开工作年度报告</h1><p>二、主动公开政府信息情况</p>"
        f"<table><tr><td>信息内容</td><td>{header or above}</td></tr><tr><td>{label or usual}</td><td>{cell}</td></tr>{below}</table>"
        "<p>三、收到和处理政府信息公开申请情况</p></body></html>"
    )
    extraction = extract_bytes(page.encode(), source="page.html")
    found = extraction.figure("disclosure", row, column)
    return (0.0 if found is None else found.confidence), extraction


@pytest.mark.parametrize(
    "label",
    [
        "上年行政许可",
        "行政许可（上年）",
        "不予行政许可",
        "行政许可撤销",
        "其中：行政许可",
        "行政许可（万件）",
        "行政许可金额",
        "行政许可占比",
    ],
)
def test_a_row_that_may_be_another_one(label: str) -> None:
    confidence, extraction = _read("licensing", label=label)
    assert confidence < 0.9
    assert any("licensing" in warning and "says more" in warning for warning in extraction.warnings)


@pytest.mark.parametrize(
    "header",
    [
        "上年处理决定数量",
        "累计处理决定数量",
        "2021年处理决定数量",
        "本年处理决定数量（万件）",
        "本年处理决定数量占比",
        "本年拟处理决定数量",
        "本年处理决定数量（％）",
    ],
)
def test_a_column_that_may_be_another_one(header: str) -> None:
    confidence, extraction = _read("licensing", header=header)
    assert confidence < 0.9
    assert any("says more" in warning for warning in extraction.warnings)


@pytest.mark.parametrize(
    "header", ["上年收费金额（单位：万元）", "累计收费金额（万元）", "本年减免收费金额（单位：元）"]
)
def test_money_of_something_else(header: str) -> None:
    assert _read("fees", header=header)[0] < 0.9


@pytest.mark.parametrize(
    "header",
    [f"本年收费金额（单位：{unit}）" for unit in ("美元", "港币万元", "十万元", "仟元", "百元", "欧元")],
)
def test_money_in_another_unit(header: str) -> None:
    confidence, extraction = _read("fees", header=header)
    assert confidence < 0.9
    assert any("unit" in warning for warning in extraction.warnings)


@pytest.mark.parametrize("line", ["单位：美元", "单位：十万元", "金额单位：港币万元"])
def test_a_line_above_the_table_with_another_unit(line: str) -> None:
    page = (
        "<html><body><h1>青川县农业农村局2022年政府信息公开工作年度报告</h1><p>二、主动公开政府信息情况</p>"
        f"<p>{line}</p><table><tr><td>信息内容</td><td>本年收费金额</td></tr><tr><td>行政事业性收费</td><td>12.5</td></tr></table>"
        "</body></html>"
    )
    found = extract_bytes(page.encode(), source="page.html").figure("disclosure", "fees", "amount")
    assert found is None or found.confidence < 0.9


@pytest.mark.parametrize("cell", ["12元", "12万元", "人民币12元"])
def test_money_where_things_are_counted(cell: str) -> None:
    assert _read("penalties", cell=cell)[0] < 0.9


@pytest.mark.parametrize(
    ("row", "label", "header"),
    [
        ("licensing", "行政许可（件）", ""),
        ("licensing", "1.行政许可", ""),
        ("licensing", "行政许可数量", ""),
        ("licensing", "", "本年度处理决定数量（件）"),
        ("licensing", "", "本年处理决定数量（单位：件）"),
        ("fees", "", "本年收费金额（单位：人民币万元）"),
        ("fees", "", "本年收费金额（以万元为单位）"),
        ("fees", "行政事业性收费情况", ""),
    ],
)
def test_what_changes_nothing(row: str, label: str, header: str) -> None:
    assert _read(row, label=label, header=header)[0] >= 0.9


@pytest.mark.parametrize(
    "text",
    [
        "二）部分公开（区分处理的，只计这一情",  # cut by a page break
        "2.申请人逾期未按收费通知要",
        "他处理1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
        "理结果（一）予以公开",
        "7.属干行政执法案卷",  # misread
    ],
)
def test_a_piece_of_the_printed_label(text: str) -> None:
    meaning = meaning_of(text)
    assert meaning.rows
    assert not meaning.beside


def test_a_part_does_not_take_the_place_of_the_whole() -> None:
    """The row 行政许可 stays certain beside one that is a part of it."""
    confidence, extraction = _read("licensing", below="<tr><td>其中：行政许可（告知承诺）</td><td>3</td></tr>")
    found = extraction.figure("disclosure", "licensing", "decisions")
    assert confidence >= 0.9
    assert found is not None
    assert found.value == 58


@pytest.mark.parametrize(("first", "second"), [("<s>51</s>58", "61"), ("61", "<s>51</s>58"), ("58<sup>1</sup>", "61")])
def test_a_copy_does_not_hide_one_that_cannot_be_relied_on(first: str, second: str) -> None:
    confidence, extraction = _read("licensing", cell=first, below=f"<tr><td>行政许可</td><td>{second}</td></tr>")
    assert confidence < 0.9
    assert extraction.warnings

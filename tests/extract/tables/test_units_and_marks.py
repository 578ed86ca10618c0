"""Units wherever a report prints them, and marks at a figure that are no part of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extract.api import extract_bytes
from extract.model import Extraction, Figure, State

_PAGE = """<html><body><h1>某市人民政府2019年政府信息公开工作年度报告</h1>
<p>二、主动公开政府信息情况</p>{above}
<table><tr><td colspan="3">第二十条第（九）项</td></tr>
<tr><td>信息内容</td><td>采购项目数量</td><td>{header}</td></tr>
<tr><td>政府集中采购</td><td>{projects}</td><td>{amount}</td></tr></table>{below}</body></html>"""


def page(
    *, header: str = "采购总金额", projects: str = "6", amount: str = "12.5", above: str = "", below: str = ""
) -> Extraction:
    text = _PAGE.format(header=header, projects=projects, amount=amount, above=above, below=below)
    return extract_bytes(text.encode(), source="page.html")


def figure(extraction: Extraction, column: str) -> Figure:
    found = extraction.figure("disclosure", "procurement", column)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "header",
    [
        "采购总金额（单位：万元）",
        "采购总金额（人民币万元）",
        "采购总金额（金额单位：人民币万元）",
        "采购总金额：万元",
        "采购总金额/万元",
        "采购总金额万元",
        "采购总金额（万）",
        "采购总金额（以万元为单位）",
        "采购总金额【万元】",
    ],
)
def test_unit_of_a_header_however_it_is_written(header: str) -> None:
    found = figure(page(header=header), "amount")
    assert (found.value, found.confidence) == (125000, 1.0)


@pytest.mark.parametrize("header", ["采购总金额（单位：10000元）", "采购总金额（W元）", "采购总金额（元/万元）"])
def test_unit_of_a_header_that_is_not_clear_is_flagged(header: str) -> None:
    result = page(header=header)
    assert figure(result, "amount").confidence < 0.9
    assert any("unit" in warning for warning in result.warnings)


@pytest.mark.parametrize("above", ["单位：万元", "（单位：件、万元）", "金额单位：万元", "单位：件/万元"])
def test_unit_in_a_line_above_the_table(above: str) -> None:
    found = figure(page(above=f"<p align='right'>{above}</p>"), "amount")
    assert (found.value, found.confidence) == (125000, 1.0)


def test_unit_that_only_a_note_names_is_not_ignored() -> None:
    assert figure(page(below="<p>注：金额单位为万元。</p>"), "amount").confidence < 0.9


def test_amount_of_2019_without_any_unit_is_in_yuan() -> None:
    found = figure(page(), "amount")
    assert (found.value, found.confidence) == (Decimal("12.5"), 1.0)


@pytest.mark.parametrize(
    ("amount", "value"), [("12.5万", 125000), ("￥12.5", Decimal("12.5")), ("1.2亿", 120000000), ("人民币12元", 12)]
)
def test_unit_and_sign_of_money_in_the_cell(amount: str, value: Decimal) -> None:
    assert figure(page(amount=amount), "amount").value == value


def test_unit_in_the_cell_is_not_multiplied_by_the_header() -> None:
    assert figure(page(header="采购总金额（单位：万元）", amount="12万"), "amount").value == 120000


@pytest.mark.parametrize(
    "projects",
    [
        "12①",
        "12²",
        "12<sup>1</sup>",
        "<p>12<sup>1</sup></p>",
        "<del>9</del>12",
        "<s>9</s>12",
        '<span style="text-decoration: line-through">9</span>12',
        '<p style="text-decoration:line-through">12</p>',
    ],
)
def test_mark_at_a_figure_is_no_digit_of_it(projects: str) -> None:
    result = page(projects=projects)
    found = figure(result, "projects")
    assert (found.value, found.state) == (None, State.UNREAD)
    assert any("procurement.projects" in warning for warning in result.warnings)

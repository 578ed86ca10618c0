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


# The form of 2019 names no unit, and offices print yuan as well as 万元: yuan is certain only where 万元 is out of proportion.
@pytest.mark.parametrize(
    ("projects", "amount", "is_certain"),
    [
        ("6", "6520000", True),  # 万元: ten billion a purchase
        ("38", "78359318.3", True),
        ("53", "875.51", False),  # yuan: sixteen a purchase
        ("1", "12000", False),
        ("6", "251000", False),
        ("", "6520000", False),
        ("0", "0", True),
        ("", "78359318.3", False),
    ],
)
def test_amount_without_any_unit_is_yuan_only_in_proportion(projects: str, amount: str, is_certain: bool) -> None:
    found = figure(page(projects=projects, amount=amount), "amount")
    assert (found.value, found.confidence >= 0.9) == (Decimal(amount), is_certain)


@pytest.mark.parametrize(
    ("header", "above", "amount", "is_certain"),
    [
        ("采购总金额（单位：万元）", "", "41662416.19", False),
        ("采购总金额（单位：亿元）", "", "5234.6", False),
        ("采购总金额（单位：千元）", "", "416624161.9", False),
        ("采购总金额", "<p>单位：万元</p>", "41662416.19", False),
        ("采购总金额（单位：万元）", "", "416624.19", True),
        ("采购总金额（单位：亿元）", "", "5.23", True),
        ("采购总金额（单位：万元）", "", "41662416.19元", True),
        ("采购总金额（单位：元）", "", "41662416.19", True),
    ],
)
def test_amount_out_of_all_proportion_is_flagged(header: str, above: str, amount: str, is_certain: bool) -> None:
    found = figure(page(header=header, above=above, amount=amount, projects="53"), "amount")
    assert (found.confidence >= 0.9) == is_certain


@pytest.mark.parametrize(
    ("amount", "value"), [("12.5万", 125000), ("￥12.5", Decimal("12.5")), ("1.2亿", 120000000), ("人民币12元", 12)]
)
def test_unit_and_sign_of_money_in_the_cell(amount: str, value: Decimal) -> None:
    assert figure(page(amount=amount), "amount").value == value


@pytest.mark.parametrize(
    ("label", "is_certain"), [("政府集中采购（元）", False), ("政府集中采购（万元）", True), ("政府集中采购", True)]
)
def test_another_unit_beside_the_amount_than_above_it_is_flagged(label: str, is_certain: bool) -> None:
    text = _PAGE.replace("政府集中采购", label).format(
        header="采购总金额（万元）", projects="6", amount="12.5", above="", below=""
    )
    found = figure(extract_bytes(text.encode(), source="page.html"), "amount")
    assert (found.value, found.is_reliable) == (125000, is_certain)


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

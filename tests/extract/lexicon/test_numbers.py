"""What cells print: numbers, zeros, blanks, dashes, and what can't be read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extract.lexicon.numbers import amount_factor, parse_cell
from extract.model import State


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("27", "27"),
        (" 27 ", "27"),
        ("１，２３４", "1234"),
        ("1,234,567.5", "1234567.5"),
        ("+1036", "1036"),
        ("-92", "-92"),
        ("－92", "-92"),
        ("−92", "-92"),
        ("- 92", "-92"),
        ("251000元", "251000"),
        ("12.5万元", "125000"),
        ("0.02亿元", "2000000"),
        ("18件", "18"),
        ("1.2万条", "12000"),
        ("\u200b38", "38"),
        ("[bookmark: _Hlk1]14", "14"),
    ],
)
def test_numbers_are_read_as_printed(text: str, value: str) -> None:
    assert parse_cell(text) == (Decimal(value), State.VALUE)


@pytest.mark.parametrize("text", ["0", "０", "0件", "0.00", "-0", "零"])
def test_zero_is_zero(text: str) -> None:
    assert parse_cell(text) == (Decimal(0), State.ZERO)


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\u3000\u3000", "\n", "\ufeff"])
def test_blank_is_not_zero(text: str) -> None:
    assert parse_cell(text) == (None, State.BLANK)


@pytest.mark.parametrize("text", ["-", "—", "——", "--", "/", "／", "无", "－", "- -"])
def test_dash_is_neither_blank_nor_zero(text: str) -> None:
    assert parse_cell(text) == (None, State.DASH)


@pytest.mark.parametrize(
    "text", ["2?", "1□", "1,23", "27 0", "12.3.4", "O", "〇", "x", "约5件", "5余", "�", "1-2", "一"]
)
def test_unreadable_is_never_a_number(text: str) -> None:
    assert parse_cell(text) == (None, State.UNREAD)


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("采购总金额(单位：万元)", 10**4),
        ("采购总金额（单位:元）", 1),
        ("本年收费金额（单位：亿元）", 10**8),
        ("采购总金额（万元）", 10**4),
        ("单位：万元", 10**4),
        ("万元", 10**4),
    ],
)
def test_unit_of_a_header(header: str, factor: int) -> None:
    assert amount_factor(header) == factor


@pytest.mark.parametrize("header", ["采购总金额", "处理决定数量", "单位：件", ""])
def test_header_without_unit_of_money(header: str) -> None:
    assert amount_factor(header) is None

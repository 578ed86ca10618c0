"""What a stored number shows: expected texts are those of Excel 2016 and of the standard's examples."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.office.number_formats import BUILT_IN, show_number, show_text

_SHOWN = [
    ("917", "General", "917"),
    ("917", "G/通用格式", "917"),
    ("0.1", "General", "0.1"),
    ("917", "@", "917"),
    ("917", "0", "917"),
    ("12.5", "0", "13"),
    ("-12.5", "0", "-13"),
    ("12.344", "0.00", "12.34"),
    ("5", "000", "005"),
    ("5", "#.##", "5."),
    ("0.5", "#.##", ".5"),
    ("0", "#", ""),
    ("5.5", "0.0#", "5.5"),
    ("5.25", "0.0?", "5.25"),
    ("1234567", "#,##0", "1,234,567"),
    ("1234567.891", "#,##0.00", "1,234,567.89"),
    ("999", "#,##0", "999"),
    ("125000", "0!.0,", "12.5"),
    ("125000", '0!.0,"万元"', "12.5万元"),
    ("125000", "0\\.0,", "12.5"),
    ("125000", "0.00,", "125.00"),
    ("917000", "0,", "917"),
    ("1000000", "0.00,,", "1.00"),
    ("12345", "0!.0000", "1.2345"),
    ("123456789", '0!.0000,,"亿"', "0.0123亿"),
    ("0.125", "0%", "13%"),
    ("0.125", "0.0%", "12.5%"),
    ("917", '0"件"', "917件"),
    ("917", "0年", "917年"),
    ("917", '"9"0', "9917"),
    ("917", "\\90", "9917"),
    ("917", "[Red]0", "917"),
    ("917", "[$¥-804]#,##0.00", "¥917.00"),
    ("917", "¥#,##0", "¥917"),
    ("917", "0_ ", "917"),
    ("917", "* 0", "917"),
    ("-4", "0;0", "4"),
    ("-4", "0;-0", "-4"),
    ("-4", "#,##0_);(#,##0)", "(4)"),
    ("4", "#,##0_);(#,##0)", "4"),
    ("0", "0;-0;;@", ""),
    ("5", "0;-0;;@", "5"),
    ("0", '0;-0;"无"', "无"),
    ("917", ";;;", ""),
    ("-1", ";;;", ""),
    ("0", BUILT_IN[41], "-"),
    ("1234", BUILT_IN[43], "1,234.00"),
    ("5", '"约"', "约"),
]


@pytest.mark.parametrize(("value", "code", "shown"), _SHOWN)
def test_a_number(value: str, code: str, shown: str) -> None:
    """Digits, scaling, sections, literals."""
    found = show_number(Decimal(value), code)
    assert found is not None
    assert found.text == shown


@pytest.mark.parametrize(
    "code",
    [
        "yyyy-mm-dd",
        "h:mm",
        "?/?",
        "# ??/16",
        "0.00E+00",
        "[>=100]0;0",
        "[DBNum1]General",
        "*9 0",
        "0.0.0",
        "0" * 400,
        "[h]",
    ],
)
def test_what_isnt_worked_out(code: str) -> None:
    """Dates, fractions, exponents, conditions, other numerals and repeated digits."""
    assert show_number(Decimal(917), code) is None


def test_a_minus_that_no_section_says() -> None:
    """Two sections, the second empty: what is shown then isn't known."""
    assert show_number(Decimal(-4), "0;") is None


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", "917件"),
        (";;;", ""),
        ('0;0;0;"约"@', "约917件"),
        ("0", "917件"),
        ("@", "917件"),
        ("0;0;0;@", "917件"),
    ],
)
def test_a_text(code: str, shown: str) -> None:
    """A fourth section draws texts."""
    found = show_text("917件", code)
    assert found is not None
    assert found.text == shown


def test_colours() -> None:
    """The colour in brackets is that of the section."""
    assert [show_number(Decimal(n), "[White]0;[Color 3]0;[Blue]0").colour for n in (1, -1, 0)] == [
        "white",
        "color 3",
        "blue",
    ]  # type: ignore[union-attr]


@settings(max_examples=200, deadline=None)
@given(
    value=st.decimals(-(10**9), 10**9, places=2),
    code=st.sampled_from(["0.00", "#,##0.00", "General", "0.00_ ", "[Red]0.00;-0.00;0.00"]),
)
def test_plain_formats_show_what_is_stored(value: Decimal, code: str) -> None:
    """Formats with enough decimals lose nothing."""
    found = show_number(value, code)
    assert found is not None
    assert Decimal(found.text.replace(",", "")) == value


@settings(max_examples=300, deadline=None)
@given(
    value=st.decimals(-(10**12), 10**12, places=3),
    code=st.text(alphabet='0#?.,%;"\\!_* [](Red)General@E年万-+', max_size=30),
)
def test_any_format_is_read(value: Decimal, code: str) -> None:
    """No format breaks the reader."""
    show_number(value, code)
    show_text("917", code)

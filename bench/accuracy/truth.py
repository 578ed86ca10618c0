"""Reports with known figures, made from a seed: what is printed in every cell of the official tables."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal

from bench.accuracy.printed import FORMS
from extract.forms import Table
from extract.lexicon.numbers import parse_cell

Address = tuple[str, str, str]

_ZERO_STYLES = {
    "printed": ("0",),
    "blank": ("",),
    "nbsp": ("\u00a0",),
    "dash": ("—",),
    "hyphen": ("-",),
    "slash": ("/",),
    "none": ("无",),
    "mixed": ("0", "", "0", "—"),
}
NUMBER_STYLES = ("plain", "thousands", "full-width")
ZERO_STYLES = tuple(_ZERO_STYLES)
_FULL_WIDTH = str.maketrans("0123456789,.-+", "０１２３４５６７８９，．－＋")
_FACTORS = {"元": Decimal(1), "万元": Decimal(10**4), "亿元": Decimal(10**8)}


@dataclass(frozen=True)
class Style:
    """How figures are printed."""

    zeros: str = "printed"
    numbers: str = "plain"
    signed: bool = False
    unit_in: str = "header"  # header | cell | none
    unit: str = "元"


@dataclass(frozen=True)
class Report:
    """What a report prints: text by address, and the value that a reader must find (`None` for blank and dash)."""

    form: str
    style: Style
    printed: dict[Address, str]
    values: dict[Address, Decimal | None]
    tables: tuple[str, ...]
    row_codes: dict[str, tuple[str, ...]] = field(default_factory=dict)


def make_report(seed: int, form: str, style: Style, *, single_other: bool = False, wrong_total: bool = False) -> Report:
    """A report whose sums hold, unless `wrong_total` asks for an error of the source."""
    rng = random.Random(seed)
    numbers: dict[Address, Decimal] = {}
    tables = FORMS[form].tables
    applications = FORMS["2019" if form == "2019" or single_other else "2021"].tables["applications"]
    _fill_disclosure(numbers, tables["disclosure"], rng)
    _fill_applications(numbers, applications, rng)
    _fill_challenges(numbers, tables["challenges"], rng)
    if wrong_total:
        for _ in range(3):
            row = rng.choice(applications.rows).code
            numbers["applications", row, "total"] += rng.randint(1, 9)
    printed: dict[Address, str] = {}
    values: dict[Address, Decimal | None] = {}
    for address, number in numbers.items():
        text, value = _print(number, address, style, form, rng)
        printed[address], values[address] = text, value
    rows = {
        table.code: tuple(row.code for row in table.rows)
        for table in (tables["disclosure"], applications, tables["challenges"])
    }
    return Report(form, style, printed, values, ("disclosure", "applications", "challenges"), rows)


def _fill_disclosure(numbers: dict[Address, Decimal], table: Table, rng: random.Random) -> None:
    for row in table.rows:
        for column in row.columns:
            value = (
                Decimal(0)
                if rng.random() < 0.25
                else Decimal(rng.choice([rng.randint(1, 99), rng.randint(100, 600000)]))
            )
            if column == "items_change" and rng.random() < 0.4:
                value = -Decimal(rng.randint(1, 300))
            if column == "amount":
                value = _yuan(rng) if rng.random() < 0.8 else Decimal(0)
                if ("disclosure", row.code, "projects") in numbers:
                    numbers["disclosure", row.code, "projects"] = _purchases(value, rng)
            numbers["disclosure", row.code, column] = value


def _yuan(rng: random.Random) -> Decimal:
    """What an office takes in fees or spends on purchases in a year, to the hundredth."""
    return (
        Decimal(rng.randint(1, 999)) * 10 ** rng.randint(3, 7) + Decimal(rng.choice((0, rng.randint(0, 99999)))) / 100
    )


def _purchases(yuan: Decimal, rng: random.Random) -> Decimal:
    """A number of purchases in proportion to what they cost."""
    return Decimal(0 if not yuan else max(1, int(yuan) // rng.randint(200_000, 2_000_000)))


def _fill_applications(numbers: dict[Address, Decimal], table: Table, rng: random.Random) -> None:
    density = rng.choice([0.05, 0.15, 0.4])
    applicants = [column.code for column in table.columns][:-1]
    weights = dict(zip(applicants, (1.0, 0.35, 0.06, 0.06, 0.12, 0.15), strict=True))
    totals = table.identity("column_total")
    for column in applicants:
        disposed = 0
        for code in totals.parts:
            value = rng.randint(1, rng.choice([9, 60, 2000])) if rng.random() < density * weights[column] * 2 else 0
            numbers["applications", code, column] = Decimal(value)
            disposed += value
        carried_out = rng.randint(1, 30) if rng.random() < 0.3 * weights[column] else 0
        carried_in = rng.randint(0, min(20, disposed + carried_out)) if rng.random() < 0.4 else 0
        numbers["applications", "disposed_total", column] = Decimal(disposed)
        numbers["applications", "carried_out", column] = Decimal(carried_out)
        numbers["applications", "carried_in", column] = Decimal(carried_in)
        numbers["applications", "received", column] = Decimal(disposed + carried_out - carried_in)
    for row in table.rows:
        numbers["applications", row.code, "total"] = sum(
            (numbers["applications", row.code, column] for column in applicants), Decimal(0)
        )


def _fill_challenges(numbers: dict[Address, Decimal], table: Table, rng: random.Random) -> None:
    for row in table.rows:
        total = Decimal(0)
        for column in row.columns[:-1]:
            value = Decimal(rng.randint(1, 40) if rng.random() < 0.4 else 0)
            numbers["challenges", row.code, column] = value
            total += value
        numbers["challenges", row.code, row.columns[-1]] = total


def unit_of(form: str, style: Style) -> str:
    """The unit of money that a report of this style means: without one, the form of 2019 means yuan; the form of 2021 names 万元."""
    if style.unit_in == "none":
        return "元" if form == "2019" else "万元"
    return style.unit


def _print(
    number: Decimal, address: Address, style: Style, form: str, rng: random.Random
) -> tuple[str, Decimal | None]:
    is_amount = address[2] == "amount"
    if number == 0:
        text = rng.choice(_ZERO_STYLES[style.zeros])
        value, _ = parse_cell(text)
        return text, value
    factor = _FACTORS[unit_of(form, style)] if is_amount else Decimal(1)
    shown = format((number / factor).normalize(), "f")
    whole, _, fraction = shown.partition(".")
    if style.numbers == "thousands":
        whole = f"{int(whole):,}"
    text = f"{whole}.{fraction}" if fraction else whole
    if style.signed and address[2] == "items_change" and number > 0:
        text = f"+{text}"
    if style.numbers == "full-width":
        text = text.translate(_FULL_WIDTH)
    if is_amount and style.unit_in == "cell":
        text += unit_of(form, style)
    return text, number

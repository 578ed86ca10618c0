"""The documents of the benchmark: every carrier, both forms, every variant, whole and damaged, all from seeds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from bench.accuracy import carriers, mutate, text
from bench.accuracy.layout import Shape, Sheet, sheets_of
from bench.accuracy.truth import NUMBER_STYLES, ZERO_STYLES, Address, Report, Style, make_report

SHAPES = (
    Shape(),
    Shape(disclosure="clauses"),
    Shape(disclosure="clause-column"),
    Shape(disclosure="groups"),
    Shape(applications="pages"),
    Shape(applications="pages-repeated"),
    Shape(applications="groups"),
    Shape(header="no-rowspan"),
    Shape(header="one-row"),
    Shape(subtotal=True),
    Shape(header="one-row", subtotal=True),
    Shape(side_cells=False),
    Shape(total_label="总计"),
    Shape(challenges="three"),
    Shape(challenges="rows"),
    Shape(challenges="two"),
    Shape(brackets="half"),
    Shape(variants=True),
)
_UNITS = ("元", "万元", "亿元")
_UNIT_PLACES = ("header", "cell", "none")


@dataclass(frozen=True)
class Case:
    """A document, and what it prints."""

    name: str
    carrier: str
    data: bytes
    truth: dict[Address, Decimal | None]


def cases(carrier: str, count: int, seed: int = 0) -> Iterator[Case]:
    """Whole documents of one carrier: forms, shapes and styles take turns."""
    for index in range(count):
        rng = random.Random(f"{carrier}/{seed}/{index}")
        report, sheets, shape = _report(rng, index)
        name = f"{carrier}/{index}: form {report.form}, {report.style}, {shape}"
        yield Case(name, carrier, carriers.render(carrier, sheets, rng.randrange(10**6)), dict(report.values))


def damaged_case(seed: int) -> Case | None:
    """A document with one to three pieces of damage; `None` where the carrier can't show that damage at all."""
    rng = random.Random(f"damaged/{seed}")
    report, sheets, shape = _report(rng, rng.randrange(10**6))
    kinds = [rng.choice(mutate.KINDS) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    if kinds.count("blank-cell") > 1:
        kinds = ["blank-cell"]  # two figures of one row may vanish without a trace in any sum
    carrier = rng.choice(carriers.TABLES_AS_TEXT) if rng.random() < 0.4 else rng.choice(carriers.HTML)
    if not _shows(carrier, frozenset(kinds)):
        return None
    for kind in kinds:
        sheets = mutate.mutate(sheets, kind, rng)
    name = f"damaged/{seed}: {carrier}, {kinds}, form {report.form}, {report.style}, {shape}"
    return Case(name, carrier, carriers.render(carrier, sheets, seed), dict(report.values))


def _shows(carrier: str, kinds: frozenset[str]) -> bool:
    dialect = carrier.removeprefix("text: ")
    if dialect in text.COVERED_AS_BLANK and kinds & mutate.TRACELESS_WHERE_COVERED:
        return False
    return carrier in carriers.HTML or not kinds & mutate.NEEDS_SPANS


def _report(rng: random.Random, index: int) -> tuple[Report, list[Sheet], Shape]:
    form = ("2019", "2021")[index % 2]
    shape = SHAPES[(index // 2) % len(SHAPES)]
    style = Style(
        zeros=rng.choice(ZERO_STYLES),
        numbers=rng.choice(NUMBER_STYLES),
        signed=rng.random() < 0.5,
        unit_in=rng.choice(_UNIT_PLACES),
        unit=rng.choice(_UNITS),
    )
    report = make_report(
        rng.randrange(10**9), form, style, single_other=form == "2021" and rng.random() < 0.15, wrong_total=False
    )
    return report, sheets_of(report, shape, rng.randrange(10**6)), shape

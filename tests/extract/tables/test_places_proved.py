"""Places that follow from the printed sums alone: what is proved is right, whichever one printed figure is wrong."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import pytest

from bench.accuracy import carriers, corpus
from bench.accuracy.layout import Shape, Sheet, sheets_of
from bench.accuracy.score import score
from bench.accuracy.truth import Style, make_report
from extract.model import State
from extract.tables import TablesResult, read_tables
from extract.tables.placement import Cells, Sums, solve

LOSSY = ("text: cell-lines", "text: rows-spaced", "text: tab-rows-ragged", "text: html-pasted")
SUMS = Sums((0, 1, 2), 3, None, (), ("granted", "denied", "other"), "received", "carried_in", "disposed", "carried_out")
ROWS = (SUMS.received, SUMS.carried_in, *SUMS.dispositions, SUMS.disposed, SUMS.carried_out)


def small_table(rng: random.Random) -> dict[str, list[int]]:
    """Three applicants, three outcomes; all sums hold."""
    table = {code: [rng.choice((0, 0, rng.randint(1, 6))) for _ in SUMS.parts] for code in SUMS.dispositions}
    disposed = [sum(column) for column in zip(*table.values(), strict=True)]
    out = [rng.choice((0, 0, rng.randint(1, 3))) for _ in SUMS.parts]
    carried_in = [rng.randint(0, count) if rng.random() < 0.5 else 0 for count in disposed]
    table |= {SUMS.disposed: disposed, SUMS.carried_out: out, SUMS.carried_in: carried_in}
    table[SUMS.received] = [done + left - before for done, left, before in zip(disposed, out, carried_in, strict=True)]
    return {code: [*table[code], sum(table[code])] for code in ROWS}


def placements(row: list[int], prints_zero: bool) -> set[Cells]:
    """What is known of a row when its blanks are lost: the order of its figures."""
    printed = [count for count in row if count or prints_zero]
    return {
        tuple(printed[places.index(place)] if place in places else None for place in range(len(row)))
        for places in combinations(range(len(row)), len(printed))
    }


def test_the_true_place_is_always_allowed_though_any_one_figure_is_wrong() -> None:
    proved = 0
    for seed in range(400):
        rng = random.Random(seed)
        table = small_table(rng)
        row, column, mends = rng.choice(ROWS), rng.randrange(4), seed % 4 == 0
        table[row][column] = table[row][column] if mends else max(0, table[row][column] + rng.choice((-2, -1, 1, 2, 5)))
        options = {code: placements(cells, prints_zero=rng.random() < 0.3) for code, cells in table.items()}
        allowed = solve(options, SUMS)
        if allowed is None:
            continue
        for code, cells in table.items():
            seen = {tuple(count or 0 for count in option) for option in allowed[code]}
            assert tuple(cells) in seen, (seed, code)
            proved += len(seen) == 1 and len(options[code]) > 1
    assert proved > 300


def lossy(carrier: str, seed: int, wrong: int) -> tuple[TablesResult, list[str]]:
    """A document that lost its blanks, of whose printed figures some are wrong; what is silently wrong in its reading."""
    rng = random.Random(f"{carrier}/{seed}/{wrong}")
    style = Style(zeros=rng.choice(("blank", "nbsp", "mixed", "printed")))
    report = make_report(rng.randrange(10**9), rng.choice(("2019", "2021")), style)
    truth, sheets = dict(report.values), sheets_of(report, rng.choice(corpus.SHAPES), seed)
    for _ in range(wrong):
        address = rng.choice([key for key, value in truth.items() if key[0] != "disclosure" and value])
        truth[address] = Decimal(rng.randint(1, 60))
        sheets = [with_figure(sheet, address, str(truth[address])) for sheet in sheets]
    result = read_tables(carriers.read(carrier, carriers.render(carrier, sheets, seed)))
    return result, score(result.figures, truth)[1]


def with_figure(sheet: Sheet, address: tuple[str, str, str], text: str) -> Sheet:
    rows = tuple(tuple(replace(s, text=text) if s.address == address else s for s in row) for row in sheet.rows)
    return Sheet(rows, sheet.code)


@pytest.mark.parametrize("carrier", LOSSY)
@pytest.mark.parametrize("wrong", [0, 1, 2, 3])
def test_wrong_printed_sums_prove_nothing_wrong(carrier: str, wrong: int) -> None:
    for seed in range(12):
        _, silent = lossy(carrier, seed, wrong)
        assert silent == [], (carrier, seed, wrong)


@pytest.mark.slow
@pytest.mark.parametrize("carrier", LOSSY)
def test_two_thousand_tables_prove_nothing_wrong(carrier: str) -> None:
    for seed in range(1000, 1500):
        _, silent = lossy(carrier, seed, seed % 10 // 7)
        assert silent == [], (carrier, seed)


def test_a_proved_figure_says_so_and_nothing_is_neither_zero_nor_blank() -> None:
    states = set()
    for seed in range(30):
        result, _ = lossy("text: cell-lines", seed, 0)
        for figure in result.figures:
            if figure.placed:
                states.add(figure.state)
                assert (figure.placed, figure.confidence) == ("proved", 0.95)
                assert figure.to_json()["placed"] == "proved"
            elif figure.table == "applications" and figure.is_reliable:
                assert "placed" not in figure.to_json()
            if figure.state is State.NOTHING:
                assert (figure.value, figure.raw) == (None, "")
    assert {State.VALUE, State.NOTHING} <= states


def test_a_table_without_a_row_proves_nothing() -> None:
    report = make_report(5, "2021", Style(zeros="blank"))
    (sheet,) = [sheet for sheet in sheets_of(report, Shape(), 0) if sheet.code == "applications"]
    short = Sheet(sheet.rows[:9] + sheet.rows[10:], sheet.code)
    result = read_tables(carriers.read("text: cell-lines", carriers.render("text: cell-lines", [short], 0)))
    assert not any(figure.placed for figure in result.figures)

"""All or flag: whatever happens to a document, no figure comes out wrong with a confidence to rely on."""

from __future__ import annotations

import random
import re

import pytest

from bench.accuracy import carriers, corpus
from bench.accuracy.score import score
from extract.document.text import read as read_text
from extract.model import Limits
from extract.tables import read_tables
from tests.extract.table_documents import SEEDS, gold

SEED_TEXTS = sorted(SEEDS.glob("*.txt"))
MARKS = "?□■�*"
_FIGURE_LINE = re.compile(r"\t?-?\d[\d.]*")


def check_damaged(seed: int) -> int:
    case = corpus.damaged_case(seed)
    if case is None:
        return 0
    result = read_tables(carriers.read(case.carrier, case.data))
    _, wrong = score(result.figures, case.truth)
    assert wrong == [], case.name
    return 1


def test_damaged_documents_are_never_silently_wrong() -> None:
    assert sum(check_damaged(seed) for seed in range(200)) > 120


def test_a_column_that_is_lost_from_every_row_proves_no_shift() -> None:
    """Ragged rows of six figures each: the tabs before and behind them are no blank column, where zeros are printed."""
    assert check_damaged(1358) == 1


def test_a_zero_that_ran_into_its_label_is_no_blank() -> None:
    assert check_damaged(2682) == 1


@pytest.mark.slow
def test_two_thousand_damaged_documents_are_never_silently_wrong() -> None:
    seeds = iter(range(1000, 10_000))
    checked = 0
    while checked < 2_000:
        checked += check_damaged(next(seeds))


def damage_text(text: str, rng: random.Random) -> str:
    """One cell deleted, two cells run together, a line dropped, or a digit made unreadable."""
    lines = text.split("\n")
    kind = rng.choice(("delete", "merge", "drop", "digit"))
    tables = [i for i, line in enumerate(lines) if "\t" in line or "|" in line or _FIGURE_LINE.fullmatch(line.strip())]
    if kind == "digit":
        tables = [i for i in tables if re.search(r"\d", lines[i])]
    at = rng.choice(tables)
    line = lines[at]
    separator = "\t" if line.count("\t") > 1 else "|" if "|" in line else None
    if kind == "digit":
        place = rng.choice([found.start() for found in re.finditer(r"\d", line)])
        lines[at] = line[:place] + rng.choice(MARKS) + line[place + 1 :]
    elif kind in {"delete", "merge"} and separator:
        cells = line.split(separator)
        cut = rng.randrange(len(cells) - 1)
        cells[cut : cut + 2] = (
            [cells[cut].rstrip() + cells[cut + 1].lstrip()] if kind == "merge" else cells[cut + 1 : cut + 2]
        )
        lines[at] = separator.join(cells)
    elif kind == "merge":
        below = next((i for i in range(at + 1, len(lines)) if lines[i].strip()), None)
        if below is not None:
            lines[at] = line + lines.pop(below).strip()
    else:
        del lines[at]
    return "\n".join(lines)


def check_damaged_seed(number: int) -> None:
    rng = random.Random(number)
    path = SEED_TEXTS[number % len(SEED_TEXTS)]
    text = path.read_text(encoding="utf-8")
    for _ in range(rng.choice((1, 1, 2))):
        text = damage_text(text, rng)
    result = read_tables(read_text(text.encode(), Limits()))
    truth = {address: value for address, (value, _) in gold(path.with_name(f"{path.stem}.gold.csv")).items()}
    known = [figure for figure in result.figures if (figure.table, figure.row, figure.column) in truth]
    _, wrong = score(known, truth)
    assert wrong == [], f"{path.stem}, damage {number}"


def test_damaged_seeds_are_never_silently_wrong() -> None:
    for number in range(150):
        check_damaged_seed(number)


@pytest.mark.slow
def test_many_damaged_seeds_are_never_silently_wrong() -> None:
    for number in range(1000, 2500):
        check_damaged_seed(number)


def test_reading_twice_is_equal() -> None:
    for seed in range(12):
        case = corpus.damaged_case(seed)
        if case is not None:
            first = read_tables(carriers.read(case.carrier, case.data))
            assert read_tables(carriers.read(case.carrier, case.data)) == first


@pytest.mark.parametrize("carrier", carriers.ALL)
def test_whole_documents(carrier: str) -> None:
    for case in corpus.cases(carrier, 3 if carrier in carriers.PDF else 18):
        result = read_tables(carriers.read(case.carrier, case.data))
        counts, wrong = score(result.figures, case.truth)
        assert wrong == [], case.name
        assert sum(counts.values()) == len(case.truth)

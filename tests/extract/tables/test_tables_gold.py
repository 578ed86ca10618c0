"""The engine on the seeds and the real documents: every gold figure, with a confidence to rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extract.model import Limits
from extract.readers import read_document
from extract.tables import read_tables
from tests.extract.table_documents import REAL, SEEDS, by_address, gold

SEED_TEXTS = sorted(SEEDS.glob("*.txt"))
REAL_FILES = [path for path in sorted(REAL.glob("*")) if path.suffix in {".html", ".pdf"}] if REAL.is_dir() else []


def check_gold(path: Path) -> None:
    result = read_tables(read_document(path.read_bytes(), limits=Limits()))
    figures = by_address(result)
    truth = gold(path.with_name(f"{path.stem}.gold.csv"))
    read = {address: (figure.value, figure.raw) for address, figure in figures.items()}
    assert read == truth
    assert [address for address, figure in figures.items() if figure.confidence < 0.9] == []
    meta = json.loads(path.with_name(f"{path.stem}.meta.json").read_text(encoding="utf-8"))
    assert result.form == meta["form"]
    assert result.coverage == {table: (cells, cells) for table, cells in meta["gold"]["tables"].items()}


@pytest.mark.parametrize("path", SEED_TEXTS, ids=lambda path: path.stem)
def test_seed(path: Path) -> None:
    check_gold(path)


@pytest.mark.skipif(not REAL_FILES, reason="the real documents are not part of the project")
@pytest.mark.parametrize("path", REAL_FILES, ids=lambda path: path.stem)
def test_real_document(path: Path) -> None:
    check_gold(path)


@pytest.mark.parametrize("path", SEED_TEXTS, ids=lambda path: path.stem)
def test_where_points_at_the_printed_figure(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    for figure in read_tables(read_document(path.read_bytes(), limits=Limits())).figures:
        place, _, column = figure.where.partition(", column ")
        line = lines[int(place.removeprefix("line ")) - 1]
        start = int(column) - 1 if column else 0
        assert line[start:].lstrip().startswith(figure.raw), figure


def test_sentence_instead_of_a_table_gives_no_figures() -> None:
    path = SEEDS / "ningbo-hightech-2019.txt"
    result = read_tables(read_document(path.read_bytes(), limits=Limits()))
    assert "challenges" not in result.coverage
    assert not [figure for figure in result.figures if figure.table == "challenges"]
    assert "challenges: the document has no such table" in result.warnings

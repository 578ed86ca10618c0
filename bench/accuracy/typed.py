"""Documents whose figures and layouts were typed by hand (`tests/fixtures/typed`), each with what it prints."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from bench.accuracy.corpus import Case

FOLDER = Path(__file__).parents[2] / "tests" / "fixtures" / "typed"
CARRIER = "layouts typed by hand"


def cases() -> Iterator[Case]:
    """The documents by name."""
    for gold in sorted(FOLDER.glob("*.gold.csv")):
        stem = gold.name.removesuffix(".gold.csv")
        path = next(other for other in FOLDER.glob(f"{stem}.*") if other != gold)
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        with gold.open(encoding="utf-8", newline="") as lines:
            truth = {
                (row["table"], row["row"], row["column"]): Decimal(row["value"]) if row["value"] else None
                for row in csv.DictReader(lines)
            }
        yield Case(stem, CARRIER, data, truth)

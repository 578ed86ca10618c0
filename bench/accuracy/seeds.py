"""The gold seeds, as given and in every other carrier."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from bench.accuracy import carriers
from bench.accuracy.corpus import Case
from bench.accuracy.layout import Shape, sheets_of
from bench.accuracy.printed import FORMS
from bench.accuracy.truth import Address, Report, Style

FOLDER = Path(__file__).parents[2] / "tests" / "fixtures" / "seeds"
AS_GIVEN = "seed texts as given"
#: The unit that a seed prints in the header of its amount; the others print none and mean yuan.
_UNITS = {"keqiao-2020": "万元", "ouhai-2020": "元"}


def given() -> Iterator[Case]:
    """The seed texts, indicators included."""
    for path in sorted(FOLDER.glob("*.txt")):
        truth = {address: value for address, (value, _) in _gold(path.stem).items()}
        yield Case(path.stem, AS_GIVEN, path.read_bytes(), truth)


def rendered(carrier: str) -> Iterator[Case]:
    """The official tables of the seeds in another carrier."""
    for path in sorted(FOLDER.glob("*.txt")):
        report = _report(path.stem)
        data = carriers.render(carrier, sheets_of(report, Shape(), 0), 0)
        yield Case(f"{path.stem} as {carrier}", carrier, data, dict(report.values))


def _gold(stem: str) -> dict[Address, tuple[Decimal | None, str]]:
    with (FOLDER / f"{stem}.gold.csv").open(encoding="utf-8", newline="") as lines:
        return {
            (row["table"], row["row"], row["column"]): (Decimal(row["value"]) if row["value"] else None, row["raw"])
            for row in csv.DictReader(lines)
        }


def _report(stem: str) -> Report:
    form = json.loads((FOLDER / f"{stem}.meta.json").read_text(encoding="utf-8"))["form"]
    gold = {address: cell for address, cell in _gold(stem).items() if address[0] in FORMS[form].tables}
    tables = tuple(table for table in FORMS[form].tables if any(address[0] == table for address in gold))
    unit = _UNITS.get(stem)
    return Report(
        form,
        Style(unit_in="header", unit=unit) if unit else Style(unit_in="none"),
        {address: raw for address, (_, raw) in gold.items()},
        {address: value for address, (value, _) in gold.items()},
        tables,
        {table: tuple(row.code for row in FORMS[form].tables[table].rows) for table in tables},
    )

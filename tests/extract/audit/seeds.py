"""The five seed reports as extractions built from their gold figures: the audit is tested apart from the readers."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from extract.model import Extraction, Figure, Scope, Section, State

SEEDS = Path(__file__).parents[2] / "fixtures" / "seeds"
SLUGS = ("haishu-office-2020", "yuyao-2019", "keqiao-2020", "ningbo-hightech-2019", "ouhai-2020")
SCOPES = {"haishu-office-2020": Scope.OFFICE, "ningbo-hightech-2019": Scope.OFFICE}
KINDS = ("overview", "disclosure", "applications", "challenges", "problems", "other")


def gold_figures(path: Path) -> tuple[Figure, ...]:
    figures = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            value = Decimal(row["value"]) if row["value"] else None
            state = State.BLANK if value is None else State.ZERO if value == 0 else State.VALUE
            figures.append(Figure(row["table"], row["row"], row["column"], value, row["raw"], state, 1.0, "gold"))
    return tuple(figures)


def narrative_lines(text: str) -> str:
    return "\n".join(
        line for line in text.splitlines() if len(line.strip()) > 20 and "\t" not in line and "|" not in line
    )


def seed(slug: str, folder: Path = SEEDS) -> tuple[Extraction, dict[str, Any]]:
    meta = json.loads((folder / f"{slug}.meta.json").read_text(encoding="utf-8"))
    figures = gold_figures(folder / f"{slug}.gold.csv")
    text = narrative_lines((folder / f"{slug}.txt").read_text(encoding="utf-8"))
    counts: dict[str, tuple[int, int]] = {table: (n, n) for table, n in meta["gold"]["tables"].items()}
    sections = tuple(Section(kind, kind, text if kind == "overview" else "") for kind in KINDS)
    extraction = Extraction(
        source=slug,
        media_type="text/plain",
        title=meta["title"],
        agency=meta["agency"],
        year=meta["year"],
        form=meta["form"],
        scope=SCOPES.get(slug, Scope.REGION),
        sections=sections,
        figures=figures,
        coverage=counts,
    )
    return extraction, meta

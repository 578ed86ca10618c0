"""`python -m bench.accuracy`: right, flagged, silently wrong and unread figures, carrier by carrier.

Prints the table, writes it to docs/accuracy.md, and exits with 1 if one figure is silently wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from bench.accuracy import carriers, corpus, seeds, typed
from bench.accuracy.score import BANDS, OUTCOMES, by_confidence, score
from extract.errors import OgiError
from extract.tables import read_tables

TABLES = ("disclosure", "applications", "challenges", "indicators")
PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
DAMAGED = "damaged html and text"
_DOCUMENTS = 36
_PDF_DOCUMENTS = 12
_DAMAGED_DOCUMENTS = 300

Counts = Counter[tuple[str, str]]

_HEAD = """# Accuracy

What the reader makes of {documents} documents with known figures. Typed by people: figures and layouts of {typed} documents (the five seeds and those of
`tests/fixtures/typed`), and the labels of all (from the printed forms, with other wordings met in print: `bench/accuracy/printed.py`; nothing of
them comes from the reader). Generated: all other figures and layouts. Renewed by
`python -m bench.accuracy`; the same seeds give the same documents, so the same program gives the same page. The continuous
integration fails on one silently wrong figure.

- **right**: the true value, with a confidence of 0.9 or more ("rely on it"); `nothing` where a 0 or a blank is printed and the carrier
  doesn't tell which;
- **flagged**: a confidence below 0.9 and a warning that names the figure or its row, whatever the value;
- **silently wrong**: another value, or a figure that isn't printed, with a confidence of 0.9 or more;
- **unread**: left out, or marked as unread, with a warning.

The generated documents take turns through both official forms, {shapes} layouts (tables cut by clause, page and row group, headers
without spans, subtotals, one to three tables of challenges, other wordings …), eight ways to print nothing, three ways to print
numbers and three to print units. Carriers that lose blank cells (`cell-lines`, `rows-spaced`) don't tell the column of a figure in a
row with blanks: where the printed sums allow one place alone, whichever one printed figure may be wrong, it is proved; else it is
flagged, never guessed. In `damaged`, a cell was deleted, two cells merged, a row dropped, a digit
made unreadable, a column cut off or a figure blanked, up to three times in a document.

"""


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; the exit status is 1 if a figure is silently wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="other documents of the same kinds (default 0)")
    parser.add_argument("--quick", action="store_true", help="a sixth of the documents, and no page written")
    parser.add_argument("--carrier", action="append", help="only carriers whose name contains this")
    options = parser.parse_args(arguments)
    share = 6 if options.quick else 1
    table: dict[str, Counts] = {}
    failures: list[str] = []
    bands: Counter[tuple[float, bool]] = Counter()
    documents = 0
    for carrier, cases in _groups(options.seed, share):
        if options.carrier and not any(word in carrier for word in options.carrier):
            continue
        counts: Counts = Counter()
        for case in cases:
            documents += 1
            counts += _read(case, failures, bands)
        table[carrier] = counts
        print(_line(carrier, counts), file=sys.stderr)
    tables = _markdown(table) + _calibration(bands)
    by_hand = sum(1 for _ in (*seeds.given(), *typed.cases()))
    page = _HEAD.format(documents=documents, typed=by_hand, shapes=len(corpus.SHAPES)) + tables
    print(tables)
    for failure in failures[:20]:
        print(f"silently wrong: {failure}", file=sys.stderr)
    if not options.quick and not options.carrier and options.seed == 0:
        PAGE.write_text(page, encoding="utf-8")
    return 1 if failures else 0


def _groups(seed: int, share: int) -> Iterable[tuple[str, Iterable[corpus.Case]]]:
    yield seeds.AS_GIVEN, seeds.given()
    yield typed.CARRIER, typed.cases()
    for carrier in carriers.ALL:
        yield f"seeds as {carrier}", seeds.rendered(carrier)
    for carrier in carriers.ALL:
        count = (_PDF_DOCUMENTS if carrier in carriers.PDF else _DOCUMENTS) // share
        yield carrier, corpus.cases(carrier, count, seed)
    damaged = (corpus.damaged_case(number) for number in range(seed * 10**6, (seed + 1) * 10**6))
    yield DAMAGED, islice((case for case in damaged if case is not None), _DAMAGED_DOCUMENTS // share)


def _read(case: corpus.Case, failures: list[str], bands: Counter[tuple[float, bool]]) -> Counts:
    try:
        figures = read_tables(carriers.read(case.carrier, case.data)).figures
    except OgiError as error:
        failures.append(f"{case.name}: {error}")
        return Counter({(address[0], "unread"): 1 for address in case.truth})
    bands += by_confidence(figures, case.truth)
    counts, wrong = score(figures, case.truth)
    failures += [f"{case.name}: {line}" for line in wrong]
    return counts


def _line(carrier: str, counts: Counts) -> str:
    totals = {outcome: sum(counts[table, outcome] for table in TABLES) for outcome in OUTCOMES}
    return f"{carrier}: " + ", ".join(f"{totals[outcome]} {outcome}" for outcome in OUTCOMES)


def _markdown(table: dict[str, Counts]) -> str:
    """Carrier × table, each cell right / flagged / silently wrong / unread."""
    lines = [
        "| carrier | " + " | ".join(TABLES[:3]) + " | all | right |",
        "| --- | " + "--- | " * 4 + "---: |",
    ]
    everything: Counts = Counter()
    for carrier, counts in table.items():
        everything += counts
        lines.append(_row(carrier, counts))
    lines.append(_row("**all**", everything))
    note = "\nEach cell: right / flagged / silently wrong / unread. `all` includes the indicators of the seeds.\n"
    return "\n".join(lines) + "\n" + note


def _calibration(bands: Counter[tuple[float, bool]]) -> str:
    """What a confidence means: of the figures that were read with it, how many have the true value."""
    lines = [
        "\n## What a confidence means\n",
        "Of the figures that were read with it, how many have the true value, over all documents above.\n",
        "| confidence | figures | true |",
        "| --- | ---: | ---: |",
    ]
    for upper, band in zip((None, *BANDS), BANDS, strict=False):
        figures = bands[band, True] + bands[band, False]
        name = f"{band} and more" if upper is None else f"{band} to below {upper}" if band else f"below {upper}"
        share = f"{100 * bands[band, True] / figures:.1f} %" if figures else "–"
        lines.append(f"| {name} | {figures} | {share} |")
    return "\n".join(lines) + "\n"


def _row(carrier: str, counts: Counts) -> str:
    cells = [" / ".join(str(counts[table, outcome]) for outcome in OUTCOMES) for table in TABLES[:3]]
    totals = [sum(counts[table, outcome] for table in TABLES) for outcome in OUTCOMES]
    share = 100 * totals[0] / max(1, sum(totals))
    return f"| {carrier} | " + " | ".join(cells) + f" | {' / '.join(map(str, totals))} | {share:.1f} % |"


if __name__ == "__main__":
    sys.exit(main())

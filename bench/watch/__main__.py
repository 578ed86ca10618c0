"""`python -m bench.watch [--agencies 40] [--seed 7] [--weeks 2] [--keep DIR]`: a simulated year, scored; prints one JSON document."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench.watch.year import watch_year, weekly
from crawler.replica.generator import Plan


def main() -> int:
    """Run a year; exit status 1 if something was wrong, lost, invented or told twice."""
    parser = argparse.ArgumentParser(prog="python -m bench.watch", description=__doc__)
    parser.add_argument("--agencies", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--weeks", type=int, default=2, help="weeks between two passes after April")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="an empty folder in which the archive stays")
    given = parser.parse_args()
    plan = Plan(agencies=given.agencies)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        score = watch_year(
            folder,
            plan,
            given.seed,
            weekly(plan.season, given.weeks),
            workers=given.workers,
            tell=lambda line: print(line, file=sys.stderr, flush=True),
        )
    print(json.dumps(score.to_json(), ensure_ascii=False, indent=1))
    return 0 if score.is_perfect else 1


if __name__ == "__main__":
    sys.exit(main())

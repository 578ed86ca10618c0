#!/usr/bin/env python3
"""Share of lines and branches that tests run, a package: `.ci/coverage.py REPORT.json PERCENT`; exit status 1 below it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path


def main() -> int:
    """Sum the report of coverage.py by package."""
    report = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    least = float(sys.argv[2])
    met: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for name, file in report["files"].items():
        package, summary = name.split("/")[0], file["summary"]
        met[package] += summary["covered_lines"] + summary["covered_branches"]
        there[package] += summary["num_statements"] + summary["num_branches"]
    low = 0
    for package in sorted(there):
        share = 100 * met[package] / there[package]
        low += share < least
        print(f"{package}: {share:.1f} % of {there[package]} lines and branches")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())

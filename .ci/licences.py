"""Fails if something that `pip install ogi-archive` brings (optional extras included, tools for development not) is under GPL or AGPL."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS = ("cluster", "s3", "parquet", "xlsx", "png")
FORBIDDEN = re.compile(r"\bA?GPL|Affero|(?<!Lesser )General Public License", re.IGNORECASE)
#: Packages whose metadata name no licence, and what their licence file says.
REVIEWED = {"pysqlite3": "zlib", "resvg-py": "MIT (its LICENSE; resvg itself Apache-2.0 or MIT)"}
LESSER = re.compile(r"LGPL|Lesser General Public|Library or Lesser", re.IGNORECASE)


def closure(root: str, extras: tuple[str, ...]) -> set[str]:
    """Names of all that a distribution requires here, itself left out; what isn't installed (another extra, another system) is skipped."""
    found: set[str] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(root, extras)]
    while waiting:
        name, wanted = waiting.pop()
        try:
            requirements = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        for text in requirements:
            requirement = Requirement(text)
            if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in (*wanted, "")):
                continue
            key = canonicalize_name(requirement.name)
            if key not in found:
                found.add(key)
                waiting.append((key, tuple(requirement.extras)))
    return found - {canonicalize_name(root)}


def main() -> int:
    """Print the table; status 1 if a licence is forbidden or unknown."""
    command = [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed", "--with-system"]
    listed = {canonicalize_name(row["Name"]): row for row in json.loads(subprocess.check_output(command))}
    bad = 0
    counts: dict[str, int] = {}
    for name in sorted(closure("ogi-archive", EXTRAS)):
        row = listed.get(name)
        if row is None:
            continue
        licence = REVIEWED.get(name) or row["License"].splitlines()[0][:80]
        choices = re.split(r"\s+OR\s+|;", licence)  # one acceptable choice is enough
        is_bad = all(FORBIDDEN.search(choice) and not LESSER.search(choice) for choice in choices)
        if is_bad or licence.upper() == "UNKNOWN":
            print(f"FORBIDDEN OR UNKNOWN  {name} {row['Version']}: {licence}")
            bad += 1
        counts[licence] = counts.get(licence, 0) + 1
    for licence, count in sorted(counts.items(), key=lambda item: -item[1]):
        print(f"{count:4}  {licence}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

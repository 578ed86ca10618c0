#!/usr/bin/env python3
"""Whether this environment holds each direct dependency at the lower bound that pyproject.toml names; prints those that are higher.

A bound that can't be installed (another package asks for more) is untried: it must be raised to what was installed. Exit status 1 then.
"""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Compare what is installed with the bounds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *project["optional-dependencies"]["xlsx"],
        *project["optional-dependencies"]["parquet"],
    ]
    wrong = 0
    for text in wanted:
        requirement = Requirement(text)
        bound = next((item.version for item in requirement.specifier if item.operator in (">=", "==", "~=")), None)
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            found = "nothing"
        if (
            bound is None
            or found == "nothing"
            or Version(found).release[: len(Version(bound).release)] != Version(bound).release
        ):
            print(f"{requirement.name}: the bound is {bound}, installed is {found}", file=sys.stderr)
            wrong += 1
    print(f"{len(wanted) - wrong} of {len(wanted)} lower bounds tried")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

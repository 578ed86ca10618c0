"""The tested set: exact releases of everything that ogi-archive and its tests need, written to or compared with a file.

`python .ci/constraints.py > constraints.txt` after a green run; `--check FILE` says what is installed otherwise (for people; never fails on newer releases,
because the bounds in pyproject.toml are what is promised, and the file is what was tried).
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from licences import EXTRAS, closure


def main() -> int:
    """Print the set, or compare it."""
    names = sorted(closure("ogi-archive", (*EXTRAS, "dev", "supply", "ocr")))
    installed = {}
    for name in names:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            continue
    if sys.argv[1:2] != ["--check"]:
        print(
            "# Releases that the tests ran with; pip install -c constraints.txt 'ogi-archive[...]'. Made by .ci/constraints.py."
        )
        for name, release in installed.items():
            print(f"{name}=={release}")
        return 0
    lines = Path(sys.argv[2]).read_text("utf-8").splitlines()
    tested = dict(line.split("==", 1) for line in lines if "==" in line and not line.startswith("#"))
    other = [
        f"{name} {release} (tested: {tested.get(name, 'none')})"
        for name, release in installed.items()
        if tested.get(name) != release
    ]
    print("\n".join(other) or f"{len(tested)} releases as tested")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Functions whose cyclomatic complexity (radon) is above 12 stand in `.ci/complexity.txt`, and that list only shrinks.

`python .ci/complexity.py` ends with 1 and names what is new, has grown, or stands in the list and is simple by now; `--write` writes the list
anew, for who has made functions simpler.
"""

from __future__ import annotations

import sys
from pathlib import Path

from radon.complexity import cc_visit
from radon.visitors import Function

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / ".ci" / "complexity.txt"
#: McCabe's own limit is 10; docs and reviews of this project settled on 12.
MOST = 12


def measured() -> dict[str, int]:
    """Complexity of every function above the limit, by file and name."""
    found: dict[str, int] = {}
    for package in ("extract", "archive", "crawler"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for block in cc_visit(path.read_text("utf-8")):
                if isinstance(block, Function) and block.complexity > MOST:
                    name = f"{path.relative_to(ROOT)}:{block.fullname}"
                    found[name] = max(block.complexity, found.get(name, 0))
    return found


def kept() -> dict[str, int]:
    """The list: a function and its complexity a line."""
    lines = [line.rsplit(" ", 1) for line in LIST.read_text("utf-8").splitlines() if line]
    return {name: int(number) for name, number in lines}


def complaints(now: dict[str, int], before: dict[str, int]) -> list[str]:
    """What makes the list longer or untrue."""
    said = [
        f"{name}: complexity {number}, "
        + (f"was {before[name]}" if name in before else f"and at most {MOST} may be new")
        for name, number in sorted(now.items())
        if number > before.get(name, MOST)
    ]
    said += [
        f"{name}: simpler now; run .ci/complexity.py --write"
        for name in sorted(before)
        if now.get(name, 0) < before[name]
    ]
    return said


def main(write: bool) -> int:
    """Check the list, or write it."""
    now = measured()
    if write:
        LIST.write_text("".join(f"{name} {number}\n" for name, number in sorted(now.items())), "utf-8")
        return 0
    said = complaints(now, kept())
    for line in said:
        print(line)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:]))

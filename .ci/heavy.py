"""Which tests ask for much CPU, and therefore stand in `tests/heavy.txt`.

`make test` is what somebody runs between two edits, so it leaves out tests that each cost as much as a hundred others: those of whole
commands in processes of their own, of harvests, of pages drawn from a whole archive. `make test-heavy` runs them, and CI both.

`python .ci/heavy.py FOLDER` runs every test that is neither slow nor of the browser, keeps what each cost in FOLDER (a file of JSON lines for
each process of pytest), and writes the list anew; with a FOLDER that has measurements it only writes the list. A test function is heavy if one
of its cases takes `ONE` seconds of CPU (its own, and that of processes it waited for), or all of them together take `TOGETHER`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests" / "heavy.txt"
#: Seconds of CPU. With these, all that is left takes less than four minutes of it (measured: `make test` of 8,900 tests).
ONE, TOGETHER = 0.5, 2.5
WHERE = "OGI_WEIGHTS"
HEAD = (
    "# Test functions that ask for much CPU: `make test` leaves them to `make test-heavy`. Written by .ci/heavy.py.\n"
)


def _used() -> float:
    """Seconds of CPU that this process and its ended children took, system calls included."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """As a plugin of pytest: one line of JSON for each test, its name and its seconds of CPU."""
    before = _used()
    result = yield
    folder = Path(os.environ[WHERE])
    with (folder / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps([item.nodeid, round(_used() - before, 3)]) + "\n")
    return result


def heavy(costs: list[tuple[str, float]]) -> list[str]:
    """Names (file::function) of those above a bound, sorted; `costs`: each case's name and its seconds of CPU."""
    cases: dict[str, list[float]] = defaultdict(list)
    for name, seconds in costs:
        cases[name.split("[")[0]].append(seconds)
    return sorted(name for name, each in cases.items() if max(each) >= ONE or sum(each) >= TOGETHER)


def main(arguments: list[str]) -> int:
    """Measure if FOLDER is empty, then write the list."""
    folder = Path(arguments[0]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.glob("*.jsonl")):
        run = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "heavy", "-m", "not slow and not browser"]
        subprocess.run(
            run, cwd=ROOT, env={**os.environ, WHERE: str(folder), "PYTHONPATH": str(Path(__file__).parent)}, check=False
        )
    rows = [json.loads(line) for file in folder.glob("*.jsonl") for line in file.read_text("utf-8").splitlines()]
    costs = [(str(row[0]), float(row[1])) for row in rows]
    names = heavy(costs)
    LIST.write_text(HEAD + "".join(name + "\n" for name in names), "utf-8")
    all_seconds = sum(seconds for _, seconds in costs)
    left = sum(seconds for name, seconds in costs if name.split("[")[0] not in set(names))
    print(f"{len(costs)} tests, {all_seconds:.0f} s of CPU; without {len(names)} heavy functions {left:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m bench`: lists the benchmarks; `python -m bench run [NAME...] [--quick]` runs them: a line each, and the end of what it printed.

Exit status 1 if one of them misses its own bound. Full output goes to bench/work/NAME.log.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORK = ROOT / "bench" / "work"
#: Tables of results are no longer; the log has all.
_LINES_SHOWN = 12


@dataclass(frozen=True)
class Benchmark:
    """A benchmark: what it answers, its command, and the arguments of a short run."""

    name: str
    question: str
    command: tuple[str, ...]
    quick: tuple[str, ...] = ()
    #: Arguments of a whole run that the quick ones replace.
    whole: tuple[str, ...] = ()


BENCHMARKS = (
    Benchmark("start", "Cold start of the commands in CPU seconds", ("-m", "bench.start")),
    Benchmark("accuracy", "Figures right, flagged, wrong, unread, by carrier and table", ("-m", "bench.accuracy")),
    Benchmark(
        "fuzz",
        "Crashes, hangs and peaks on hostile inputs by grammar, by parser",
        ("-m", "bench.fuzz", "--count", "500"),
        ("--count", "20"),
        ("--count", "500"),
    ),
    Benchmark("extraction", "Documents read a second, by carrier", ("-m", "bench.extraction")),
    Benchmark(
        "harvest",
        "CPU and memory of a harvest against bare Scrapy and wget",
        ("bench/harvest/run.py",),
        ("--pages", "500", "--repeat", "1"),
    ),
    Benchmark("history", "Noise that must change nothing, planted changes that must be found", ("-m", "bench.history")),
    Benchmark("evidence", "Writing, verifying and damaging segments", ("-m", "bench.evidence")),
    Benchmark("watch", "A simulated year of the calendar", ("-m", "bench.watch")),
    Benchmark(
        "scale",
        "What grows with the number of versions",
        ("-m", "bench.scale"),
        ("--sizes", "1000,4000", "--reading", "50,150"),
        ("--sizes", "1000,10000,100000", "--reading", "100,400"),
    ),
    Benchmark(
        "site",
        "Building an index, search and server time of the site's pages at 50,000 reports",
        ("-m", "bench.site"),
        ("--reports", "2000"),
        ("--reports", "50000"),
    ),
)


def run(benchmark: Benchmark, *, is_quick: bool) -> bool:
    """Run one and print its line: name, status, CPU and wall seconds, and the end of its output."""
    WORK.mkdir(exist_ok=True)
    log = WORK / f"{benchmark.name}.log"
    command = [sys.executable, *benchmark.command, *(benchmark.quick if is_quick else benchmark.whole)]
    began = time.monotonic()
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=ROOT, stdout=stream, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    verdict = "ok" if process.returncode == 0 else f"FAILED ({process.returncode})"
    spent = f"{usage.ru_utime + usage.ru_stime:.0f} s CPU, {time.monotonic() - began:.0f} s"
    print(f"{benchmark.name:10} {verdict:10} {spent}", flush=True)
    for line in lines[-_LINES_SHOWN:]:
        print(f"  {line[:160]}", flush=True)
    return process.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("action", nargs="?", choices=("list", "run"), default="list")
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--quick", action="store_true", help="small sizes, where a benchmark has them")
    options = parser.parse_args()
    known = {benchmark.name: benchmark for benchmark in BENCHMARKS}
    if unknown := sorted(set(options.names) - set(known)):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    chosen = [known[name] for name in options.names] or list(known.values())
    if options.action == "list":
        for benchmark in chosen:
            print(f"{benchmark.name:10} {benchmark.question}: python {' '.join(benchmark.command)}")
        return 0
    outcomes = [run(benchmark, is_quick=options.quick) for benchmark in chosen]
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())

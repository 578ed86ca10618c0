"""`python -m bench.fuzz [PARSER...] [--count N] [--seed S] [--seconds T]`: inputs by grammar at each parser, in a child process each.

A crash is any end but a result or an error of `extract.errors`; a hang is more than 5 s of processor time for one input (`Limits` give up at 5 s
by themselves); a peak is more than 1 GB held by the child. Each is kept as a file under bench/work/fuzz/. Exit status 1 if there is one.
The same seed and number give the same input.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from extract.errors import OgiError
from tests.safety.inputs import GRAMMARS
from tests.safety.parsers import parse_with

FOUND = Path(__file__).parents[1] / "work" / "fuzz"
HANG_S, GIVEN_UP_S = 5.0, 90
PEAK_BYTES = 1_000_000_000
_ADDRESS_SPACE = 6 << 30


@dataclass
class Tally:
    """What came of one parser's inputs."""

    done: int = 0
    seconds: float = 0.0
    peak: int = 0
    slowest: float = 0.0
    found: list[str] = field(default_factory=list)


def child(parser: str, seed: int, start: int, count: int, until: float) -> None:
    """Work through a range of inputs; a line of JSON for what is found and one at the end."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    signal.signal(signal.SIGALRM, _give_up)
    at = os.open(FOUND / f"{parser}.at", os.O_CREAT | os.O_WRONLY)
    slowest, number = 0.0, start
    for number in range(start, start + count):
        os.pwrite(at, b"%12d" % number, 0)
        data = GRAMMARS[parser](random.Random(f"{parser} {seed} {number}"))
        began = time.process_time()
        signal.alarm(GIVEN_UP_S)
        try:
            parse_with(parser, data)
        except OgiError:
            pass
        except BaseException as error:  # noqa: BLE001  # whatever ends a parser is what is counted
            frame = traceback.extract_tb(error.__traceback__)[-1]
            _tell(parser, number, data, f"{type(error).__name__}: {str(error)[:100]} ({frame.filename}:{frame.lineno})")
        signal.alarm(0)
        taken = time.process_time() - began
        slowest = max(slowest, taken)
        if taken > HANG_S:
            _tell(parser, number, data, f"hang: {taken:.1f} s")
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > PEAK_BYTES:
            _tell(parser, number, data, "peak over 1 GB")
            break
        if time.monotonic() > until:
            break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"next": number + 1, "slowest": slowest, "peak": peak}), flush=True)


def _give_up(signum: int, frame: object) -> None:
    raise TimeoutError(f"more than {GIVEN_UP_S} s")


def _tell(parser: str, number: int, data: bytes, what: str) -> None:
    (FOUND / f"{parser}-{number}").write_bytes(data)
    print(json.dumps({"found": f"{parser} {number}: {what}"}), flush=True)


def fuzz(parser: str, seed: int, count: int, seconds: float) -> Tally:
    """All inputs of one parser; a child that dies costs the input that it died of."""
    tally, number, began = Tally(), 0, time.monotonic()
    until = began + seconds
    while number < count and time.monotonic() < until:
        command = [
            sys.executable,
            "-m",
            "bench.fuzz",
            "--child",
            parser,
            str(seed),
            str(number),
            str(count - number),
            str(until),
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        tally.found += [line["found"] for line in lines if "found" in line]
        ended = next((line for line in lines if "next" in line), None)
        if ended is None:
            at = int((FOUND / f"{parser}.at").read_text())
            tally.found.append(f"{parser} {at}: the process died ({done.returncode})")
            number = at + 1
        else:
            number = ended["next"]
            tally.slowest, tally.peak = max(tally.slowest, ended["slowest"]), max(tally.peak, ended["peak"])
    tally.done, tally.seconds = number, time.monotonic() - began
    return tally


def main() -> int:
    """Run the parsers named, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("parsers", nargs="*", choices=[*GRAMMARS, []], metavar="PARSER")
    parser.add_argument("--count", type=int, default=500, help="inputs a parser")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3600.0, help="at most so long a parser")
    arguments = parser.parse_args()
    FOUND.mkdir(parents=True, exist_ok=True)
    total, found = 0, 0
    for name in arguments.parsers or GRAMMARS:
        tally = fuzz(name, arguments.seed, arguments.count, arguments.seconds)
        total, found = total + tally.done, found + len(tally.found)
        print(
            f"{name:<10} {tally.done:>7} inputs {tally.seconds:>6.0f} s  slowest {tally.slowest:>5.2f} s  "
            f"peak {tally.peak >> 20:>4} MB  {len(tally.found)} found",
            flush=True,
        )
        for line in tally.found[:20]:
            print(f"  {line}", flush=True)
    print(f"{total} inputs, {found} found; seed {arguments.seed}")
    return 1 if found else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6]))
    else:
        sys.exit(main())

"""A real Dask scheduler and real worker processes on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from distributed import Client

ROOT = Path(__file__).parents[2]


def until(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come about"
        time.sleep(0.02)


class Cluster:
    """The scheduler's address and the workers' processes."""

    def __init__(self, address: str, workers: list[subprocess.Popen[bytes]]) -> None:
        self.address = address
        self.workers = workers

    def kill(self, number: int) -> int:
        """SIGKILL a worker; gives its process id."""
        process = self.workers[number]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return process.pid

    def kill_one_at_work(self, is_over: Callable[[], bool]) -> int:
        """SIGKILL the first worker that is seen to have a job; gives its number."""
        with Client(self.address, timeout=60) as client:
            while not is_over():
                about = client.scheduler_info(n_workers=-1)["workers"]
                for address, jobs in client.processing().items():
                    if jobs and address in about:
                        number = int(about[address]["name"].removeprefix("w"))
                        self.kill(number)
                        return number
                time.sleep(0.02)
        raise AssertionError("the work was over before a worker had a job")


@contextmanager
def cluster(folder: Path, labels: Sequence[str] = ("", ""), threads: int = 1) -> Iterator[Cluster]:
    """A scheduler with one worker process for each label (empty: none)."""
    folder.mkdir(parents=True, exist_ok=True)
    about = folder / "scheduler.json"
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "0.98", "PYTHONPATH": str(ROOT)}
    log = (folder / "log").open("wb")

    def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments]
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)

    scheduler = start(
        "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(about)
    )
    workers: list[subprocess.Popen[bytes]] = []
    try:
        until(lambda: about.exists() and about.stat().st_size > 0, "the scheduler")
        for number, label in enumerate(labels):
            extra = ["--resources", f"{label}=1"] if label else []
            workers.append(
                start(
                    "dask_worker",
                    "--scheduler-file",
                    str(about),
                    "--no-nanny",
                    "--no-dashboard",
                    "--host",
                    "127.0.0.1",
                    "--nthreads",
                    str(threads),
                    "--name",
                    f"w{number}",
                    "--death-timeout",
                    "30",
                    *extra,
                )
            )
        address = json.loads(about.read_text())["address"]
        with Client(address, timeout=60) as client:
            client.wait_for_workers(len(labels), timeout=120)
        yield Cluster(address, workers)
    finally:
        for process in [*workers, scheduler]:
            process.kill()
            process.wait()
        log.close()

"""What a worker of a cluster does with a task: one child for all of a thread's jobs, a new one only when a document ends it."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from archive.errors import ClusterFailed
from archive.work.children import ChildLimits
from archive.work.release import release
from archive.work.tasks import Work, run_task

LIMITS = ChildLimits(seconds=1.0, memory_bytes=1 << 30)


def pid_of(item: str) -> int:
    if item == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if item == "loop":
        while True:
            pass
    if item == "devour":
        kept = []
        while True:
            kept.append(bytearray(64 << 20))
    return os.getpid()


def once(path: str) -> str:
    """Dies the first time: as if something outside had killed the child."""
    mark = Path(path)
    if not mark.exists():
        mark.write_text("tried")
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def given_up(item: str) -> str:
    return f"given up: {item}"


def results(job: Any, *items: str, limits: ChildLimits | None = LIMITS) -> list[Any]:
    done = run_task(Work(release(), job, given_up, limits), items)
    assert done.seconds > 0
    return [pickle.loads(one) for one in done.results]


def test_all_items_of_all_tasks_of_a_thread_are_done_by_one_child() -> None:
    first, second = results(pid_of, "a", "b"), results(pid_of, "c")
    assert len({*first, *second}) == 1
    assert first[0] != os.getpid()
    found: list[int] = []
    other = threading.Thread(target=lambda: found.extend(results(pid_of, "d", "e")))
    other.start()
    other.join()
    assert len(set(found)) == 1
    assert found[0] != first[0]


@pytest.mark.parametrize("fault", ["crash", "loop", "devour"])
def test_what_ends_the_child_is_given_up_and_costs_nothing_else(fault: str) -> None:
    before, lost, after = results(pid_of, "a", fault, "b")
    assert lost == f"given up: {fault}"
    assert isinstance(before, int)
    assert isinstance(after, int)
    assert results(pid_of, "c") == [after]


def test_a_child_that_was_killed_from_outside_gets_its_item_again(tmp_path: Path) -> None:
    assert results(once, str(tmp_path / "mark")) == ["done"]


def test_other_limits_are_another_child_and_without_limits_there_is_none() -> None:
    first = results(pid_of, "a")
    assert results(pid_of, "a", limits=ChildLimits(2.0, 1 << 30)) != first
    assert results(pid_of, "a", limits=None) == [os.getpid()]


def test_what_a_job_raises_is_raised_and_the_child_goes_on() -> None:
    before = results(pid_of, "a")
    with pytest.raises(FileNotFoundError):
        results(os.stat, "/nowhere/at/all")
    assert results(pid_of, "a") == before


def test_a_worker_of_another_release_refuses() -> None:
    with pytest.raises(ClusterFailed, match="install the same release"):
        run_task(Work("0.1", pid_of, given_up, LIMITS), ["a"])

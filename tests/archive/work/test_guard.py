"""The guard ends a process that can't end itself: an orphan that is busy in native code, one that takes the memory, one that is stuck."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from archive.work.start import module_command, module_environment

#: Busy without ever letting another thread of Python run, as a parser in a library is.
BUSY = "import zlib; [zlib.crc32(bytes(1 << 20)) for _ in range(10**9)]"
STUCK = "import time; time.sleep(600)"
GREEDY = "kept = [bytes(bytearray(b'x') * (8 << 20)) for _ in range(60)]; import time; time.sleep(600)"
QUIET = "import time; [(beat(), time.sleep(0.2)) for _ in range(10)]"

CHILD = """
import os, sys
from pathlib import Path
from archive.work.guard import Bounds, start_guard
beat = start_guard(int(sys.argv[1]), Bounds(int(sys.argv[2]), float(sys.argv[3])), Path(sys.argv[4]))
Path(sys.argv[4] + ".pid").write_text(str(os.getpid()))
exec(sys.argv[5])
"""
PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", *sys.argv[1:]], start_new_session=True, stdin=subprocess.DEVNULL)
time.sleep(600)
"""


def guarded(note: Path, work: str, *, memory: int = 1 << 30, silence_s: float = 60.0) -> subprocess.Popen[bytes]:
    import os

    arguments = [str(os.getpid()), str(memory), str(silence_s), str(note), work]
    return subprocess.Popen([sys.executable, "-c", CHILD, *arguments], start_new_session=True, stdin=subprocess.DEVNULL)


def test_a_process_that_gets_on_is_left_alone(tmp_path: Path) -> None:
    assert guarded(tmp_path / "note", QUIET, silence_s=1.5).wait(30) == 0
    assert not (tmp_path / "note").exists()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system tells nobody's memory")
def test_one_that_takes_the_memory_is_ended(tmp_path: Path) -> None:
    assert guarded(tmp_path / "note", GREEDY, memory=200 << 20).wait(30) == -9
    assert "more than the 200 MiB allowed" in (tmp_path / "note").read_text("utf-8")


@pytest.mark.parametrize("work", [BUSY, STUCK], ids=["busy", "stuck"])
def test_one_that_gives_no_sign_is_ended(tmp_path: Path, work: str) -> None:
    assert guarded(tmp_path / "note", work, silence_s=1.0).wait(30) == -9
    assert "did not get on" in (tmp_path / "note").read_text("utf-8")


def test_one_whose_parent_is_killed_ends_within_seconds(tmp_path: Path) -> None:
    note = tmp_path / "note"
    script = PARENT.replace("*sys.argv[1:]]", "sys.argv[1], str(__import__('os').getpid()), *sys.argv[2:]]")
    parent = subprocess.Popen([sys.executable, "-c", script, CHILD, str(1 << 30), "60", str(note), BUSY])
    pid_file = Path(f"{note}.pid")
    deadline = time.monotonic() + 20
    while not pid_file.exists() or not pid_file.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1.0)
    parent.kill()
    parent.wait()
    pid = int(pid_file.read_text())
    deadline = time.monotonic() + 10
    while is_running(pid):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("name", ["json", "extract", "crawler", "logging", "sitecustomize"])
def test_children_take_no_module_from_the_current_folder(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{name}.py").write_text("raise SystemExit('run from the current folder')", "utf-8")
    monkeypatch.setenv("PYTHONPATH", ":.")
    done = subprocess.run(
        module_command("crawler", "--version"), env=module_environment(), cwd=tmp_path, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")

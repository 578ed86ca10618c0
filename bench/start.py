"""`python -m bench.start`: CPU seconds from a cold start of `ogi --help`, `ogi extract FILE` and `ogi serve` until it answers; bounds 0.25, 0.5, 2."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
BOUNDS = {"ogi --help": 0.25, "ogi extract": 0.5, "ogi serve": 2.0}


def spent(*arguments: str) -> float:
    """CPU seconds of a command that ends by itself."""
    process = subprocess.Popen([sys.executable, "-m", "crawler", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{arguments}: exit status {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def serving(root: Path, port: int) -> float:
    """CPU seconds until the site has answered once."""
    command = [sys.executable, "-m", "crawler", "serve", "--archive", str(root), "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).read()
            break
        except OSError:
            if time.monotonic() > deadline:
                process.kill()
                sys.exit("ogi serve did not answer")
            time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    import shutil
    import socket

    from archive.files.folder import Archive
    from archive.history.ingest import ingest_sealed

    page = next((ROOT / "tests" / "fixtures" / "pages").rglob("*.html"))
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "report.html"
        shutil.copy(page, document)
        root = Path(folder) / "archive"
        (release, *_) = sorted((ROOT / "tests" / "fixtures" / "archives").iterdir())
        shutil.copytree(release / "archive", root)
        ingest_sealed(Archive.open(root))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        found = {
            "ogi --help": statistics.median(spent("--help") for _ in range(5)),
            "ogi extract": statistics.median(spent("extract", str(document)) for _ in range(5)),
            "ogi serve": statistics.median(serving(root, port) for _ in range(3)),
        }
    print("; ".join(f"{name} {seconds:.2f} s (bound {BOUNDS[name]} s)" for name, seconds in found.items()))
    return 0 if all(seconds <= BOUNDS[name] for name, seconds in found.items()) else 1


if __name__ == "__main__":
    sys.exit(main())

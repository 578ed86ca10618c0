"""CPU of a harvest against bare Scrapy and `wget --warc-file`, on the same pages in one run.

`python bench/harvest/run.py [--pages 5000] [--repeat 3]` prints one JSON object a measurement and a table of medians. CPU seconds are user
and system time of the process and its children, from wait4(); the server is a process of its own and doesn't count. The harvest's figure
is that of its job: fetch, classify, capture, visit log. `index` is what the coordinator adds for scanning the segments into rows, without
the reading of documents, which has processes of its own. wget, if it is installed, follows the same lists (their addresses are given to it,
because it doesn't run the script that names them) and writes one WARC file; it parses pages for links only, and knows of no second pass.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from archive.clock import SystemClock
from archive.files.folder import Archive
from archive.history import scan
from archive.history.ingest import ingest_sealed
from archive.index.database import open_database
from archive.warc import manifest
from crawler.harvest.run import plan_jobs, seal_ended
from crawler.portals.definitions import parse_definition

HERE = Path(__file__).parent
_RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")
#: As the site's own.
ROWS_A_LIST = 100


def measured(command: list[str], cwd: Path) -> dict[str, float]:
    """Run a command; CPU and wall seconds, and its largest memory in MiB: at all, and in the first fifth of its time.

    Memory is read while it runs: what wait4() tells includes this process's own, from before the command took its place.
    """
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
    memory: list[tuple[float, float]] = []
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        found = _RESIDENT.search(Path(f"/proc/{process.pid}/status").read_text())
        if found:
            memory.append((time.monotonic() - began, int(found[1]) / 1024))
        time.sleep(0.1)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command}: exit status {process.returncode}")
    took = time.monotonic() - began
    return {
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "wall_s": round(took, 2),
        "rss_mib": round(max(mib for _, mib in memory), 1),
        "rss_mib_first_fifth": round(max(mib for at, mib in memory if at <= took / 5 or at == memory[0][0]), 1),
    }


def bare(base: str, folder: Path) -> dict[str, float]:
    """Bare Scrapy over the site."""
    command = [sys.executable, "-m", "scrapy", "runspider", str(HERE / "bare.py"), "-a", f"url={base}/nb/"]
    return measured([*command, "-s", "REMOTE_CONTROL_ENABLED=0", "-s", "TELNETCONSOLE_ENABLED=0"], folder)


def wget(base: str, folder: Path, pages: int) -> dict[str, float]:
    """wget over the site's lists, into a WARC file."""
    lists = folder / "lists.txt"
    count = -(-pages // ROWS_A_LIST)
    lists.write_text("".join(f"{base}/nb/{f'index_{number}.html' if number else ''}\n" for number in range(count)))
    command = ["wget", "--quiet", "--recursive", "--level=1", f"--input-file={lists}", "--delete-after"]
    taken = measured([*command, f"--warc-file={folder / 'wget'}", "--warc-max-size=1G"], folder)
    taken["bytes"] = sum(path.stat().st_size for path in folder.glob("wget*.warc.gz"))
    return taken


def job(base: str, folder: Path, is_second: bool) -> dict[str, float]:
    """One pass of the harvest's job over the site; the second one knows what the first stored, and looks at every page again."""
    root = folder / "archive"
    archive = Archive.open(root) if is_second else Archive.create(root)
    text = f'[portal]\nid = "bench"\nname = "示例"\nurl = "{base}/"\nstart = ["{base}/nb/"]\ndelay = 0.0\n'
    with archive.lock():
        known = len(manifest.entries(archive))
        planned = plan_jobs(archive, [parse_definition(text)], f"run{int(is_second)}", SystemClock(), full=True)
        ((job_folder, _),) = planned.values()
        taken = measured([sys.executable, "-m", "crawler.harvest.job", str(job_folder / "job.json")], folder)
        result = json.loads((job_folder / "result.json").read_text())["portals"]["bench"]
        seal_ended(archive)
        new = manifest.entries(archive)[known:]
        taken["index_cpu_s"] = index_cpu(archive, new, folder / f"scan{int(is_second)}.db")
        taken["bytes"] = sum(entry.info.size for entry in new)
        ingest_sealed(archive)
    return taken | {"reports": result["reports"]}


def index_cpu(archive: Archive, entries: list[manifest.ManifestLine], path: Path) -> float:
    """CPU seconds for turning segments into rows of captures."""
    db = open_database(path)
    began = time.process_time()
    with db.atomic():
        for entry in entries:
            scan.scan_segment(db, archive, entry)
    taken = time.process_time() - began
    db.close()
    return round(taken, 2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    server = subprocess.Popen(
        [sys.executable, str(HERE / "site.py"), "--pages", str(options.pages)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    base = f"http://127.0.0.1:{server.stdout.readline().strip()}"
    taken: dict[str, list[float]] = {"bare": [], "first": [], "second": []}
    if shutil.which("wget"):
        taken["wget"] = []
    else:
        print("wget is not installed: left out", file=sys.stderr)
    try:
        for _ in range(options.repeat):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                for what in taken:
                    if what == "bare":
                        result = bare(base, folder)
                    elif what == "wget":
                        result = wget(base, folder, options.pages)
                    else:
                        result = job(base, folder, what == "second")
                    print(json.dumps({"what": what, **result}), flush=True)
                    taken[what].append(result["cpu_s"] + result.get("index_cpu_s", 0.0))
    finally:
        server.terminate()
        server.wait()
    medians = {what: statistics.median(values) for what, values in taken.items()}
    for what, value in medians.items():
        print(f"{what:7} {1000 * value / options.pages:6.2f} CPU-ms a page")
    if "wget" in medians:
        print(f"first pass  = {medians['first'] / medians['wget']:.2f} x wget --warc-file")
    first, second = medians["first"] / medians["bare"], medians["second"] / medians["first"]
    print(f"first pass  = {first:.2f} x bare (target 1.3)")
    print(f"second pass = {second:.2f} x first (target 0.55)")
    return 0 if first <= 1.3 and second <= 0.55 else 1


if __name__ == "__main__":
    sys.exit(main())

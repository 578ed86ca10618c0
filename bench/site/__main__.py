"""`python -m bench.site [--reports 50000]`: makes an invented index, times building it, and measures the site's pages on it."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from archive.files.folder import Archive
from bench.site.make import make
from bench.site.measure import judge, measure


def main() -> int:
    """Run it; the exit status is 1 if a page is slower or larger than its bound, or fails."""
    parser = argparse.ArgumentParser(prog="python -m bench.site", description=__doc__)
    parser.add_argument("--reports", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "archive"
        began = time.process_time()
        make(folder, options.reports)
        size = (folder / "ogi.db").stat().st_size
        print(f"index of {options.reports} reports: {time.process_time() - began:.0f} s of CPU, {size / 1e6:.0f} MB")
        return judge(asyncio.run(measure(Archive.open(folder), options.rounds)))


if __name__ == "__main__":
    sys.exit(main())

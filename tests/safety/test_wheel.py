"""The wheel is reproducible: the same sources give the same bytes, wherever and whenever it is built."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    digests = []
    for name in ("one", "another-place"):
        source = tmp_path / name
        source.mkdir()
        for part in ("crawler", "archive", "extract"):
            shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
        for file in ("pyproject.toml", "README.md", "LICENSE", "docs/accuracy.md"):
            (source / file).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / file, source / file)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
        subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
        (wheel,) = (source / "dist").glob("*.whl")
        digests.append((wheel.name, hashlib.sha256(wheel.read_bytes()).hexdigest()))
    assert digests[0] == digests[1]

"""Committed documents and the real ones beside the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

DOCUMENTS = Path(__file__).parents[1] / "fixtures" / "documents"
REAL = Path(__file__).parents[3] / "shared" / "real"


def fixture(name: str) -> bytes:
    """A committed document."""
    return (DOCUMENTS / name).read_bytes()


def real(name: str) -> bytes:
    """A real document that stays outside the repository; the test is skipped where it isn't there."""
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return path.read_bytes()

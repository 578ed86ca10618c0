"""What visitors write into addresses, read strictly: digits are `0` to `9`, everything else is as if it were not there."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Any


def integer(text: str | None, *, least: int, most: int, default: int) -> int:
    """A whole number within bounds; the default for anything else. `²` and `٣` are digits elsewhere and none here."""
    if text is None or not (text.isascii() and text.isdigit()):
        return default
    return max(least, min(most, int(text[:12])))


def page_of(request: Any, most: int = 10_000) -> int:
    """The page asked for, from 1."""
    return integer(request.args.get("page"), least=1, most=most, default=1)


def region_of(request: Any) -> str:
    """The region code of two, four or six digits, empty for none."""
    text = request.args.get("region") or ""
    return text if re.fullmatch(r"[0-9]{2}(?:[0-9]{2}){0,2}", text) else ""


def year_of(request: Any) -> int | None:
    """The year of four digits."""
    text = request.args.get("year") or ""
    return int(text) if re.fullmatch(r"(?:19|20)[0-9]{2}", text) else None


def day_of(request: Any, name: str) -> str:
    """A day as `2026-04-02`, empty for anything else."""
    text = request.args.get(name) or ""
    try:
        return (
            date.fromisoformat(text).isoformat() if re.fullmatch(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}", text) else ""
        )
    except ValueError:
        return ""


def one_of(request: Any, name: str, choices: Collection[str]) -> str:
    """One of the choices, empty for anything else."""
    text = request.args.get(name) or ""
    return text if text in choices else ""

"""JSON and TOML that others may have written: whatever keeps them from being read is a `ValueError`."""

from __future__ import annotations

import json
import tomllib
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """What a JSON text says. Raises `ValueError` for one that is none, in no encoding, or nested deeper than can be read."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError(str(error)) from None


def parse_toml(text: str) -> dict[str, Any]:
    """What a TOML text says. Raises `ValueError` for one that is none, nested deeper than can be read, or with a number of thousands of digits."""
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError(str(error)) from None

"""JSON as services send it: bare, in the brackets of a call (JSONP), behind a guard against being run as a script, in a variable, in a string."""

from __future__ import annotations

import json
import re
from typing import Any

#: What stands before the value: `)]}',`, `for(;;);`, `var x =`, `callback(`.
_BEFORE = re.compile(
    r"\ufeff?\s*+(?:\)\]\}'?,?\s*+|(?:for|while)\s*+\([^()]{0,12}\)\s*+;\s*+)?"
    r"(?:(?:/\*[^*]{0,40}\*/)?\s*+(?:(?:var|let|const)\s++)?[\w$.]{1,80}+\s*+(?:=|\()\s*+)?(?=[\[{\"])"
)
_BEHIND = re.compile(r"[\s);]*+\Z")


def may_be_json(text: str) -> bool:
    """Whether a text begins as JSON does, wrapped or not."""
    return _BEFORE.match(text) is not None


def load_json(text: str) -> Any:
    """The object or array that a text holds.

    Raises:
        ValueError: It holds none.
        RecursionError: It is nested too deeply.
    """
    found = _BEFORE.match(text)
    if found is None:
        raise ValueError("no object or array begins there")
    value, end = json.JSONDecoder(strict=False).raw_decode(text, found.end())
    if _BEHIND.match(text, end) is None:
        raise ValueError("text stands behind the value")
    if isinstance(value, str):
        value = json.loads(value, strict=False)
    if not isinstance(value, dict | list):
        raise ValueError("neither an object nor an array")
    return value

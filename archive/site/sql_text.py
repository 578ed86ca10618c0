"""What a visitor's SQL asks for: its parameters."""

from __future__ import annotations

import re

_SILENT = re.compile(
    r"'(?:[^']|'')*+(?:'|\Z)|\"(?:[^\"]|\"\")*+(?:\"|\Z)|\[[^\]]*+(?:\]|\Z)|`[^`]*+(?:`|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)",
    re.DOTALL,
)
_PARAMETER = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")


def parameters_of(sql: str) -> list[str]:
    """Names of the parameters (`:name`) in SQL, each once, in order; not those within strings, quoted names and comments."""
    return list(dict.fromkeys(_PARAMETER.findall(_SILENT.sub(" ", sql))))

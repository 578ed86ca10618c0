"""Chinese first, English beside it: messages as data, one switch in the address.

Messages stand in `messages/*.toml`, a table a message: `[home.title]` with `zh` and `en`. A message that is missing is an error at start.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("zh", "en")
COOKIE = "ogi_lang"
#: Key of a request's scope.
LANGUAGE = "ogi.language"


@cache
def messages() -> dict[str, dict[str, str]]:
    """All messages by dotted key: `{"home.title": {"zh": …, "en": …}}`. Raises `ValueError` for one without both languages."""
    found: dict[str, dict[str, str]] = {}
    folder = resources.files("archive.site").joinpath("messages")
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if file.name.endswith(".toml"):
            _collect(tomllib.loads(file.read_text(encoding="utf-8")), "", found)
    return found


def _collect(table: dict[str, Any], prefix: str, found: dict[str, dict[str, str]]) -> None:
    if "zh" in table and isinstance(table["zh"], str):
        if set(table) != set(LANGUAGES):
            raise ValueError(f"message {prefix!r} needs exactly {LANGUAGES}")
        found[prefix] = {language: table[language] for language in LANGUAGES}
        return
    for key, value in table.items():
        if not isinstance(value, dict):
            raise ValueError(f"message {prefix!r}: {key!r} is no table")
        _collect(value, f"{prefix}.{key}" if prefix else key, found)


class Translator:
    """Gives messages in one language: `t("home.title")`, `t("search.hits", n=3)`."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "zh"

    def __call__(self, key: str, **values: object) -> str:
        """The message with its values put in. Raises `KeyError` for a key that no file has."""
        text = messages()[key][self.language]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Whether there is such a message."""
        return key in messages()


def language_of(request: Any) -> str:
    """The language of the address that was asked for."""
    return str(request.scope.get(LANGUAGE, LANGUAGES[0]))

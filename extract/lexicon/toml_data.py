"""Strict reading of the lexicon's TOML files: an unknown, missing or mistyped key is an error that names file and key."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any

from extract.errors import OgiError


class LexiconError(OgiError):
    """Raised when a file of the lexicon can't be used, by its loader; names the file and the key."""


class TomlTable:
    """One table of a TOML file. Keys are taken out one by one; `done` reports what is left over."""

    def __init__(self, data: object, name: str) -> None:
        if not isinstance(data, dict):
            raise LexiconError(f"{name}: must be a table")
        self._data: dict[str, Any] = dict(data)
        self._name = name

    def error(self, key: str, problem: str) -> LexiconError:
        """The error to raise about a key."""
        return LexiconError(f"{self._name}: {key}: {problem}")

    def _take(self, key: str, kind: type, default: Any) -> Any:
        if key not in self._data:
            if default is None:
                raise self.error(key, "is missing")
            return default
        value = self._data.pop(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(key, f"must be of type {kind.__name__}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A string; `default=None` makes the key compulsory."""
        return str(self._take(key, str, default))

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        return int(self._take(key, int, default))

    def flag(self, key: str, default: bool | None = False) -> bool:
        """True or false; false where the key is left out."""
        return bool(self._take(key, bool, default))

    def words(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of strings."""
        value = self._take(key, list, None if default is None else list(default))
        if not all(isinstance(word, str) for word in value):
            raise self.error(key, "must be a list of strings")
        return tuple(value)

    def pattern(self, key: str, flags: int = 0) -> re.Pattern[str]:
        """A regular expression, compiled."""
        return self.compiled(key, self.text(key), flags)

    def patterns(self, key: str, flags: int = 0) -> tuple[re.Pattern[str], ...]:
        """A list of regular expressions, compiled."""
        return tuple(self.compiled(key, word, flags) for word in self.words(key))

    def compiled(self, key: str, text: str, flags: int = 0) -> re.Pattern[str]:
        """A regular expression that stands at a key."""
        try:
            return re.compile(text, flags)
        except re.error as error:
            raise self.error(key, f"is no regular expression: {error}") from error

    def record(self, key: str) -> TomlTable:
        """A table inside this one."""
        return TomlTable(self._take(key, dict, None), f"{self._name}.{key}")

    def records(self, key: str) -> tuple[TomlTable, ...]:
        """An array of tables inside this one, at least one."""
        entries = self._take(key, list, None)
        if not entries:
            raise self.error(key, "is empty")
        return tuple(TomlTable(entry, f"{self._name}.{key}[{place}]") for place, entry in enumerate(entries, start=1))

    def done(self) -> None:
        """Raise for keys that nobody asked for: a mistyped key must not be ignored."""
        if self._data:
            raise LexiconError(f"{self._name}: unknown key {sorted(self._data)[0]!r}")


def read_toml(name: str) -> TomlTable:
    """The whole of `extract/lexicon/NAME`."""
    return parse_toml(files("extract.lexicon").joinpath(name).read_text("utf-8"), name)


def parse_toml(text: str, name: str) -> TomlTable:
    """The whole of a TOML text; `name` is what errors call it."""
    try:
        return TomlTable(tomllib.loads(text), name)
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{name}: is no TOML: {error}") from error

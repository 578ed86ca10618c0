"""TOML tables of portal definitions, read strictly: what is not taken out of one is an error that names file and key."""

from __future__ import annotations

import math
import re
from typing import Any
from urllib.parse import urlsplit

from extract.errors import OgiError

_HOST = re.compile(r"[A-Za-z0-9.\-]+(?::\d{1,5})?\Z|\[[0-9A-Fa-f:]+\](?::\d{1,5})?\Z")


class DefinitionError(OgiError):
    """Raised when a portal definition can't be used, by the loader; names the file and the key."""


class DefinitionTable:
    """A TOML table whose keys are taken out one by one; what remains at the end is an error."""

    def __init__(self, data: Any, file: str, name: str) -> None:
        if not isinstance(data, dict):
            raise DefinitionError(f"{file}: [{name}] must be a table")
        self._data = dict(data)
        self.file = file
        self.name = name

    def has(self, key: str) -> bool:
        """Whether a key is given, and was not taken out yet."""
        return key in self._data

    def error(self, key: str, problem: str) -> DefinitionError:
        """The error of a key, with file and table."""
        return DefinitionError(f"{self.file}: {self.name}.{key}: {problem}")

    def text(self, key: str, *, required: bool = False) -> str:
        """A text, blanks around it removed; empty if it is not given."""
        value = self._data.pop(key, None)
        if value is None:
            if required:
                raise self.error(key, "is missing")
            return ""
        if not isinstance(value, str):
            raise self.error(key, f"must be a text in quotes, not {value!r}")
        if required and not value.strip():
            raise self.error(key, "is empty")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self._data.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.error(key, f'must be a list of texts, ["…"], not {value!r}')
        return tuple(item.strip() for item in value)

    def mapping(self, key: str) -> dict[str, Any]:
        """A table within the table."""
        value = self._data.pop(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"must be a table, {{ … }}, not {value!r}")
        return value

    def truth(self, key: str) -> bool:
        """`true` or `false`; false if it is not given."""
        value = self._data.pop(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {value!r}")
        return value

    def number(self, key: str, allowed: range, default: int) -> int:
        """A whole number, `default` if it is not given."""
        found = self.whole(key, allowed)
        return default if found is None else found

    def whole(self, key: str, allowed: range) -> int | None:
        """A whole number, `None` if it is not given."""
        value = self._data.pop(key, None)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
            raise self.error(key, f"must be a whole number from {allowed.start} to {allowed.stop - 1}, not {value!r}")
        return value

    def seconds(self, key: str, default: float) -> float:
        """A number of seconds."""
        value = self._data.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise self.error(key, f"must be a number of seconds, 0 or more, not {value!r}")
        return float(value)

    def address(self, key: str, value: str) -> str:
        """A web address that was taken out before."""
        try:
            parts = urlsplit(value)
            valid = (
                parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
            )
        except ValueError:
            valid = False
        if not valid or any(character.isspace() for character in value):
            raise self.error(key, f"must be an address that begins with http:// or https://, not {value!r}")
        return value

    def host_names(self, key: str) -> tuple[str, ...]:
        """Names of hosts."""
        names = self.texts(key)
        for name in names:
            if not _HOST.match(name):
                raise self.error(key, f"{name!r} is no host name; write it without http:// and path")
        return tuple(name.lower() for name in names)

    def done(self) -> None:
        """Raise if a key is left that nobody knows."""
        for key in self._data:
            raise self.error(key, "is not a known key; see docs/portals.md for the keys there are")

"""What each capture says of itself: the `OGI-Context` field of a WARC record.

The field is a WARC/1.1 extension field (clause 4: unknown fields are ignored by other readers). It makes a capture understandable without
the visit log, which a killed process never wrote.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NotRequired, TypedDict

from extract.document.clean import shown
from extract.document.notations import parse_json

FIELD = "OGI-Context"
#: Half characters and NUL, which JSON can write and no database or file takes.
_UNSTORABLE = re.compile(r"[\ud800-\udfff\x00]")
#: Years in which a report's date can lie: the Regulation is of 2007, and calendars of programs end long before year 9999 does.
_YEARS = range(1990, 2200)


class Role(StrEnum):
    """Why an address was asked for."""

    ROBOTS = "robots"
    LIST = "list"
    REPORT = "report"
    ATTACHMENT = "attachment"
    CONTROL = "control"  # an address that cannot exist: the host's soft-404 fingerprint
    PROBE = "probe"


class EntryData(TypedDict):
    """A list's entry as JSON has it."""

    url: str
    title: NotRequired[str]
    date: NotRequired[str | None]
    agency: NotRequired[str | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list said of a report: address, title, printed date (ISO) and unit, as far as given."""

    url: str
    title: str = ""
    date: str | None = None
    agency: str | None = None

    def __post_init__(self) -> None:
        """Take what a list of a stranger may say into a form that every table and file can hold.

        Half characters (as JSON may write them) become U+FFFD; what nobody sees in a title or a name and terminals obey is left out; a date that is no day of a time in which reports are written is none.

        Raises:
            TypeError: A member is no text.
        """
        for name in ("url", "title", "date", "agency"):
            value = getattr(self, name)
            if value is None and name in ("date", "agency"):
                continue
            if not isinstance(value, str):
                raise TypeError(f"{name} is no text: {value!r}")
            if _UNSTORABLE.search(value):
                object.__setattr__(self, name, _UNSTORABLE.sub("\ufffd", value))
        for name in ("title", "agency"):
            if (value := getattr(self, name)) and (seen := shown(value)) != value:
                object.__setattr__(self, name, seen)
        if self.date is not None and not _is_day(self.date):
            object.__setattr__(self, "date", None)

    def to_json(self) -> dict[str, str]:
        """Compact object without empty members."""
        return {
            key: value
            for key, value in (("url", self.url), ("title", self.title), ("date", self.date), ("agency", self.agency))
            if value
        }

    @classmethod
    def from_json(cls, data: EntryData) -> Entry:
        """The inverse of `to_json`."""
        return cls(url=data["url"], title=data.get("title", ""), date=data.get("date"), agency=data.get("agency"))


@dataclass(frozen=True, slots=True)
class Context:
    """Portal, role and verdict of a capture; for reports the list's entry, for attachments the page they hang on."""

    portal: str
    role: Role
    verdict: str = "ok"
    entry: Entry | None = None
    parent: str | None = None
    column: str | None = None

    def to_field(self) -> str:
        """The field's value: compact JSON in ASCII, so that every WARC reader can pass over it."""
        data: dict[str, str | dict[str, str]] = {
            "portal": self.portal,
            "role": self.role.value,
            "verdict": self.verdict,
        }
        if self.entry is not None:
            data["entry"] = self.entry.to_json()
        if self.parent is not None:
            data["parent"] = self.parent
        if self.column is not None:
            data["column"] = self.column
        return json.dumps(data, ensure_ascii=True, separators=(",", ":"))

    @classmethod
    def from_field(cls, value: str) -> Context:
        """The inverse of `to_field`. Raises `ValueError` on anything else."""
        try:
            data = parse_json(value)
            entry = data.get("entry")
            made = cls(
                portal=data["portal"],
                role=Role(data["role"]),
                verdict=data.get("verdict", "ok"),
                entry=Entry.from_json(entry) if entry else None,
                parent=data.get("parent"),
                column=data.get("column"),
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"no context: {error}") from error
        texts = (made.portal, made.verdict, made.parent or "", made.column or "")
        if not all(isinstance(text, str) and not _UNSTORABLE.search(text) for text in texts) or not made.portal:
            raise ValueError("no context: a member is no text")
        return made


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text[:10]).year in _YEARS
    except ValueError:
        return False

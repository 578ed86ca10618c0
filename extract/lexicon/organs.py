"""Names of administrative organs: their normal form, the kind of organ that they mean, and when its report is due.

The words are data (`organs.toml`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from extract.lexicon.regions import leading_region
from extract.lexicon.toml_data import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.lexicon.toml_data import Record


class AgencyKind(StrEnum):
    """Kinds of agencies, by what the law asks of them."""

    GOVERNMENT = "government"
    DEPARTMENT = "department"
    TOWNSHIP = "township"


#: The kinds in the contract's order.
KINDS: tuple[AgencyKind, ...] = tuple(AgencyKind)
#: First report year under the regulation as revised in 2019.
REVISED_FROM = 2019

_BRACKETS = re.compile(r"[(\[【〔<《][^)\]】〕>》]*[)\]】〕>》]")
_BLANKS = re.compile(r"[\s\u200b\ufeff]+")


@dataclass(frozen=True, slots=True)
class _KindRule:
    """How names of one kind end, and the months and days on which its reports are due."""

    code: AgencyKind
    endings: tuple[str, ...]
    exceptions: tuple[str, ...]
    due: tuple[int, int]
    due_before_2019: tuple[int, int]

    def fits(self, name: str) -> bool:
        return name.endswith(self.endings) and not name.endswith(self.exceptions or ("\0",))


@dataclass(frozen=True, slots=True)
class Organs:
    """What `organs.toml` says."""

    kinds: tuple[_KindRule, ...]


def normalise_name(name: str) -> str:
    """The form in which names are compared: 人民政府 and 政府 are one, brackets and blanks don't count."""
    text = _BLANKS.sub("", unicodedata.normalize("NFKC", name))
    text = _BRACKETS.sub("", text) or text
    return text.replace("人民政府", "政府").replace("街道办事处", "街道")


def reduced(name: str) -> str:
    """A normalised name without the regions above the last one: 浙江省温州市瓯海区政府 → 瓯海区政府."""
    while True:
        first = leading_region(name)
        if first is None or leading_region(name[len(first) :]) is None:
            return name
        name = name[len(first) :]


def kind_of(name: str) -> AgencyKind:
    """The kind of an agency that nobody described, from the end of its name."""
    text = normalise_name(name)
    return next(rule.code for rule in _organs().kinds if rule.fits(text))


def due_date(kind: str, year: int) -> date:
    """When the report for a year is due (a day of the year after it), by the kind of agency.

    Raises:
        ValueError: The kind is none of `KINDS`.
    """
    rule = _rules()[AgencyKind(kind)]
    return date(year + 1, *(rule.due if year >= REVISED_FROM else rule.due_before_2019))


@cache
def _rules() -> Mapping[AgencyKind, _KindRule]:
    return {rule.code: rule for rule in _organs().kinds}


@cache
def _organs() -> Organs:
    return parse_organs(read_toml("organs.toml"))


def parse_organs(data: Record) -> Organs:
    """The rules of a file in the shape of `organs.toml`.

    Raises:
        LexiconError: A key is unknown, missing or mistyped, or a kind stands twice or not at all.
    """
    kinds = tuple(_kind(record) for record in data.records("kind"))
    if sorted(rule.code for rule in kinds) != sorted(KINDS):
        raise data.error("kind", f"must have each of {', '.join(KINDS)} once")
    if "" not in kinds[-1].endings or kinds[-1].exceptions:
        raise data.error("kind", "the last one must take every name")
    data.done()
    return Organs(kinds)


def _kind(record: Record) -> _KindRule:
    code = record.text("code")
    if code not in KINDS:
        raise record.error("code", f"{code!r} is none of {', '.join(KINDS)}")
    rule = _KindRule(
        AgencyKind(code),
        record.words("endings"),
        record.words("except"),
        _month_and_day(record, "due"),
        _month_and_day(record, "due_before_2019"),
    )
    record.done()
    return rule


def _month_and_day(record: Record, key: str) -> tuple[int, int]:
    text = record.text(key)
    try:
        day = date.fromisoformat(f"2000-{text}")
    except ValueError:
        raise record.error(key, f"{text!r} is no month and day such as 03-31") from None
    return day.month, day.day

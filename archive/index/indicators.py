"""What can be compared across agencies and years: definitions, denominators, and where the series breaks."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

#: Report years from which the form of 2021 holds; a series that the forms define differently breaks here.
BREAK_YEAR = 2021
#: What is counted of obligations (`Indicator.counts`).
OF_DUTIES = ("on_time", "missing")


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure, or a ratio of figures, with what must be known to read it (`indicators.toml` explains the fields).

    `parts`, `minus` and `whole` are figure addresses; several add up; `*` ends a row code that stands for all that begin so.
    """

    code: str
    zh: str
    en: str
    definition_zh: str
    definition_en: str
    parts: tuple[str, ...]
    whole: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    not_zh: str = ""
    not_en: str = ""
    per: int = 0
    breaks: bool = False
    counts: str = ""
    menu: str = ""

    @property
    def is_ratio(self) -> bool:
        """Whether it has a denominator: figures, or how many reports or obligations there are."""
        return bool(self.whole) or (self.counts != "" and not self.is_typical)

    @property
    def is_share(self) -> bool:
        """Whether it is a percentage."""
        return self.is_ratio and not self.per

    @property
    def is_typical(self) -> bool:
        """Whether the value of many reports is their median, because a sum of them says nothing."""
        return self.counts == "publication_day"

    @property
    def is_of_duties(self) -> bool:
        """Whether it counts obligations, reports that are not there among them."""
        return self.counts in OF_DUTIES

    @property
    def scale(self) -> int:
        """What the ratio is multiplied by."""
        return self.per or 100

    @property
    def addresses(self) -> tuple[str, ...]:
        """All figures that it is made of."""
        return self.parts + self.minus + self.whole


@cache
def _read() -> tuple[Indicator, ...]:
    text = resources.files("archive.index").joinpath("indicators.toml").read_text("utf-8")
    lists = ("parts", "minus", "whole")
    found = []
    for code, table in tomllib.loads(text).items():
        fields: dict[str, Any] = {key: tuple(value) if key in lists else value for key, value in table.items()}
        found.append(Indicator(code=code, **fields))
    return tuple(found)


#: All that can be counted, in the order in which it is offered; the data is `indicators.toml`.
INDICATORS = _read()
#: Those that are offered by themselves.
OFFERED = tuple(item for item in INDICATORS if item.menu == "")
#: Those that are made of an agency's printed figures alone.
PRINTED = tuple(item for item in OFFERED if not item.counts)
BY_CODE = {indicator.code: indicator for indicator in INDICATORS}

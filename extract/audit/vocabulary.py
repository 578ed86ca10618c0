"""The vocabulary of `claims.toml`, compiled: how sentences name the figures of the official tables."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """One way in which sentences name a figure or a sum of figures.

    `before` matches at the end of the words before a number, `after` at the beginning of those behind it (`is_both`: together);
    `share` matches at the end of the words before a percentage. `readings` are the sums of figures that the number may restate: it
    agrees if it equals one of them. Without one of the `keys` no pattern matches, which saves trying.
    """

    id: str
    label: str
    subject: str
    readings: tuple[tuple[str, ...], ...]
    before: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None
    share: re.Pattern[str] | None = None
    is_both: bool = False
    unless: re.Pattern[str] | None = None
    unless_acted: re.Pattern[str] | None = None
    needs: frozenset[str] = frozenset()
    routes: tuple[str, ...] = ()
    units: frozenset[str] = frozenset()
    is_row: bool = False
    keys: tuple[str, ...] = ()
    follows: str | None = None
    only_with: str | None = None
    minds_matter: bool = False

    @property
    def is_money(self) -> bool:
        """Whether it is an amount in yuan."""
        return self.units == {"元"}


@dataclass(frozen=True, slots=True)
class Denial:
    """Words that say that there was none of something (`未收到政府信息公开申请`)."""

    label: str
    pattern: re.Pattern[str]
    readings: tuple[tuple[str, ...], ...]
    unless: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All measures and denials, and what other matters reports count beside them."""

    measures: tuple[Measure, ...]
    by_key: Mapping[str, tuple[int, ...]]
    denials: tuple[Denial, ...]
    subject: re.Pattern[str]
    hints: re.Pattern[str]
    other_matters: re.Pattern[str]

    def candidates(self, words: str) -> list[Measure]:
        """The measures that words may name, in the order of the vocabulary."""
        places = {place for key, places in self.by_key.items() if key in words for place in places}
        return [self.measures[place] for place in sorted(places)]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary, compiled once."""
    data = tomllib.loads(resources.files("extract.audit").joinpath("claims.toml").read_text(encoding="utf-8"))
    words = data["words"]
    measures = [_measure(item, words, data["units"]) for item in data["measure"]]
    row = data["row"]
    measures += [
        _measure(
            {**row, **item, "name": row["name"].replace("{words}", item["words"]), "is_row": True}, words, data["units"]
        )
        for item in data["rows"]
    ]
    return Vocabulary(
        measures=tuple(measures),
        by_key={
            key: tuple(place for place, measure in enumerate(measures) if key in measure.keys)
            for key in sorted({key for measure in measures for key in measure.keys})
        },
        denials=tuple(_denial(item, words) for item in data["denial"]),
        subject=re.compile(words["subject"]),
        hints=re.compile(words["hints"]),
        other_matters=re.compile(words["other_matters"]),
    )


def _measure(item: Mapping[str, Any], words: Mapping[str, str], units: Mapping[str, list[str]]) -> Measure:
    name = item.get("name")
    before = f"(?:{name}){words['tail']}" if name else item.get("before", "").replace("{request}", words["request"])
    after = f"{words['lead']}(?:{name})" if name else item.get("after")
    share = f"(?:{name}){words['share_tail']}" if name else None
    needs = item.get("needs", [])
    return Measure(
        id=item["id"],
        label=item["label"],
        subject=item["subject"],
        readings=tuple(tuple(reading) for reading in item["readings"]),
        before=re.compile(f"(?:{before})$") if before else None,
        after=re.compile(f"^(?:{after})") if after and item.get("is_reversible", True) else None,
        share=re.compile(f"(?:{share})$") if share else None,
        is_both=bool(item.get("is_both", False)),
        unless=re.compile(item["unless"]) if "unless" in item else None,
        unless_acted=re.compile(item["unless_acted"]) if "unless_acted" in item else None,
        needs=frozenset(needs),
        routes=tuple(item.get("routes", ())),
        units=frozenset(units[item.get("unit", "cases")]),
        is_row=bool(item.get("is_row", False)),
        keys=tuple(item["keys"]),
        follows=item.get("follows"),
        only_with=item.get("only_with"),
        minds_matter=bool(item.get("minds_matter", needs)),
    )


def _denial(item: Mapping[str, Any], words: Mapping[str, str]) -> Denial:
    pattern = (
        item["pattern"]
        .replace("{request}", words["request"])
        .replace("{none}", words["none"])
        .replace("{end}", words["denial_end"])
    )
    return Denial(
        label=item["label"],
        pattern=re.compile(pattern),
        readings=tuple(tuple(reading) for reading in item["readings"]),
        unless=re.compile(item["unless"]) if "unless" in item else None,
    )

"""What a verification can say: claims, and the three outcomes that each of them may have.

A claim is proved, or not proved (and why), or the contrary is shown. Nothing is taken for proved because no sign spoke against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import comb
from typing import Any

from archive.warc.checks import Damage
from extract.messages import localizable


class Outcome(StrEnum):
    """What became of a claim."""

    PROVED = "proved"
    NOT_PROVED = "not proved"
    DAMAGED = "damaged"


#: The claims, in the order in which they are printed; what each rests on stands in `docs/evidence.md`.
CLAIMS = ("bytes", "order", "complete", "who", "when", "decisions", "index", "reading")
#: Those without which an archive is never called whole. A pinned key makes `who` one of them, a known head `complete`.
REQUIRED = frozenset({"bytes", "order", "decisions", "index", "reading"})

#: Kinds of damage by the claim that they contradict.
KINDS: dict[str, tuple[str, ...]] = {
    "bytes": ("gzip", "record", "frame", "field", "digest", "pair", "revisit", "id", "bytes", "records", "missing"),
    "order": ("manifest", "chain", "unlisted", "date"),
    "complete": ("head",),
    "who": ("signature",),
    "when": ("timestamp",),
    "decisions": ("decisions",),
    "index": ("index",),
    "reading": ("reading",),
}


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """A claim and its outcome.

    Attributes:
        first: The first line that it is proved for, where it isn't all.
        last: The last one.
        probability: The chance, 0 to 1, that a damage of 1 % would have been met by a sample.
    """

    name: str
    outcome: Outcome
    why: str
    first: int | None = None
    last: int | None = None
    probability: float | None = None

    def to_json(self) -> dict[str, Any]:
        """For `ogi verify --json`."""
        found = {
            "claim": self.name,
            "outcome": self.outcome.value,
            "why": self.why,
            "from": self.first,
            "to": self.last,
            "probability": self.probability,
        }
        return {key: value for key, value in found.items() if value is not None}


@dataclass(slots=True)
class ClaimJudgement:
    """A claim being judged: its damages, the reasons why it isn't proved, and what speaks for it."""

    name: str
    damages: list[Damage] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    proof: str = ""
    is_required: bool = False
    first: int | None = None
    last: int | None = None
    probability: float | None = None

    def damaged(self, message: str, segment: str | None = None, kind: str | None = None) -> None:
        """Add a damage."""
        self.damages.append(Damage(kind or KINDS[self.name][0], message, segment))

    def outcome(self, found: Sequence[Damage] | None = None) -> JudgedClaim:
        """The claim. `found` are all damages of its kinds, whoever met them."""
        damages = list(self.damages if found is None else found)
        if damages:
            more = localizable(f", and {len(damages) - 1} more") if len(damages) > 1 else ""
            return JudgedClaim(self.name, Outcome.DAMAGED, f"{damages[0]}{more}")
        if self.doubts:
            why = "; ".join(self.doubts)
            return JudgedClaim(self.name, Outcome.NOT_PROVED, why, self.first, self.last, self.probability)
        return JudgedClaim(self.name, Outcome.PROVED, self.proof, self.first, self.last, self.probability)


def claim_of(damage: Damage) -> str:
    """The claim that a damage contradicts."""
    return next(name for name, kinds in KINDS.items() if damage.kind in kinds)


def chance(total: int, drawn: int, damaged: int) -> float:
    """The chance of meeting at least one of so many damaged things when so many of all are drawn without choice."""
    if not 0 < damaged <= total or drawn <= 0:
        return 0.0
    return 1.0 - comb(total - damaged, min(drawn, total)) / comb(total, min(drawn, total))


def sampled(total: int, drawn: int, things: str) -> tuple[str, float]:
    """What a sample shows, in words, and its chance of meeting a damage of 1 %."""
    one_percent = max(1, total // 100)
    seen = chance(total, drawn, one_percent)
    words = localizable(
        f"{drawn} of {total} {things}: one that is damaged would have been met with {chance(total, drawn, 1):.0%}"
        + (f", a damage of 1 % with {seen:.0%}" if total >= 200 else "")
    )
    return words, seen


def required_of(judged: Iterable[ClaimJudgement], asked: Iterable[str]) -> frozenset[str]:
    """The claims that must be proved: always, by what is pinned or known, and as asked."""
    return REQUIRED | {one.name for one in judged if one.is_required} | frozenset(asked)

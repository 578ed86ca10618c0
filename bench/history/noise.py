"""Noise of portals: what differs between two visits although nothing happened to the report."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

#: Noise of the page: every kind has a place in each look, and stays as it is while its kind is quiet.
PAGE = (
    "counter",
    "clock",
    "weather",
    "cache-breaker",
    "session-id",
    "token",
    "waf-meta",
    "random-id",
    "related",
    "neighbours",
    "banner",
    "floater",
    "share",
    "qr-code",
    "footer",
    "grey",
    "comments",
    "attachment-query",
    "downloads",
)
#: Noise of the carrier: how the same text is written and sent.
CARRIER = ("encoding", "compression", "markup", "writer", "redesign", "headers", "resave", "not-modified", "obstacle")
KINDS = PAGE + CARRIER
#: Nothing of the page can be seen through these.
CURTAINS = frozenset({"not-modified", "obstacle"})


@dataclass(frozen=True, slots=True)
class Noise:
    """The noise of one visit: kinds that are loud, and a seed that makes this visit unlike others."""

    loud: frozenset[str] = frozenset()
    seed: int = 0

    def random(self, kind: str, key: int) -> Random:
        """Where a kind's details come from: the same at every visit while it is quiet."""
        assert kind in KINDS, kind
        return Random(f"{kind}/{key}/{self.seed if kind in self.loud else 0}")


def noise_of(visit: int, key: int) -> Noise:
    """The noise of a report's visit: each kind alone in turn, every sixth time all at once."""
    turn = visit + key
    if turn % 6 == 5:
        return Noise(frozenset(KINDS) - CURTAINS, visit)
    return Noise(frozenset({KINDS[(turn - turn // 6) % len(KINDS)]}), visit)

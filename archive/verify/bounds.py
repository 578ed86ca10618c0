"""Own records are dated as the time stamps permit: a part of claim `order`.

Whoever stamped a state of the chain saw it at that time, so nothing in it is of later. A segment names the line after which it was begun, and the
time stamp in a line is a part of it, so nothing in the segment is of before. A day is allowed for clocks that differ. Dates of looks by others, and
of simulated clocks, are their makers'.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.warc.taken import FIELD
from archive.warc.timestamps import StampFailed, confirm_token
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cryptography.x509 import Certificate

    from archive.verify.chain import Chain
    from archive.warc.checks import SegmentCheck
    from archive.warc.manifest import ManifestLine

#: How far a date may lie outside: clocks of the machine and of a service differ, by hours where a zone was mistaken.
ALLOWED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StampedState:
    """When a state of so many lines was seen. `token` is the service's word; there is none where trusted witnesses say so."""

    size: int
    at: datetime
    token: bytes | None
    #: The token stands in the chain's last line of that state, so every later line was written after it.
    is_in_line: bool

    def is_trusted(self, authorities: Sequence[Certificate]) -> bool:
        """Whether somebody that is trusted says so."""
        if self.token is None:
            return True
        try:
            return bool(authorities) and bool(confirm_token(self.token, authorities))
        except StampFailed:
            return False


@dataclass(frozen=True, slots=True)
class Begun:
    """What a segment of own looks says of its making: the hash of the line before it, if it names one."""

    head: str | None


def begun_of(check: SegmentCheck) -> Begun | None:
    """For a segment whose dates are this archive's, by the machine's clock; else `None`."""
    facts = check.facts
    if not check.is_ours or FIELD in facts or facts.get("ogi-clock") != "system":
        return None
    return Begun(facts.get("ogi-head"))


def check_bounds(
    chain: Chain, begun: Mapping[int, Begun], moments: Sequence[StampedState], authorities: Sequence[Certificate]
) -> None:
    """Hold the dates of own records against time stamps, into the chain's judgement; one of a service that nobody trusts is noted.

    Args:
        begun: By the number of a line, of the segments that were read.
    """
    for entry in chain.lines:
        about = begun.get(entry.number)
        against = list(_against(chain, entry, about, moments)) if about is not None else []
        trusted = next((told for moment, told in against if moment.is_trusted(authorities)), None)
        if trusted is not None:
            chain.judgement.damaged(trusted, entry.segment, "date")
        elif against:
            chain.judgement.notes.append(
                f"{entry.segment}: {against[0][1]}, says a service whose certificate nobody confirmed"
            )


def _against(
    chain: Chain, entry: ManifestLine, about: Begun, moments: Sequence[StampedState]
) -> Iterator[tuple[StampedState, str]]:
    after = chain.numbers.get(about.head or "", 0)
    for moment in moments:
        seen = utc_text(moment.at)
        if moment.size >= entry.number and (entry.info.last or "") > utc_text(moment.at + ALLOWED):
            yield (
                moment,
                localizable(
                    f"has records of {entry.info.last}, and line {entry.number} of manifest.jsonl existed on {seen}"
                ),
            )
        elif moment.is_in_line and moment.size <= after and (entry.info.first or "9") < utc_text(moment.at - ALLOWED):
            yield (
                moment,
                localizable(
                    f"has records of {entry.info.first}, and was begun after line {moment.size} of manifest.jsonl, which was stamped on {seen}"
                ),
            )

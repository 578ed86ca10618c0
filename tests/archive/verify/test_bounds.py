"""Dates of own records against what others saw: whoever dates anew contradicts a time stamp, and what isn't dated by our clock contradicts none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.files.folder import Archive
from archive.publish.heads import publish_heads
from archive.verify.anchors import Anchors
from archive.verify.bounds import Begun, StampedState, check_bounds
from archive.verify.chain import read_chain
from archive.verify.result import VerifyResult
from archive.verify.run import VerifyOptions, verify
from archive.warc import manifest
from archive.warc.closing import seal
from archive.warc.segments import WarcInfo
from archive.warc.taken import FOREIGN
from tests.archive.making import StandingClock, exchange, writer
from tests.archive.publish.test_heads import AT, Witness, made, place, with_places, witness  # noqa: F401

SEEN = datetime.fromtimestamp(AT, UTC)


class MachineClock(StandingClock):
    kind = "system"


def grow(archive: Archive, at: datetime, clock: type[StandingClock] = MachineClock, origin: str = "") -> None:
    info = WarcInfo.of(archive.settings, manifest.last_hash(archive.manifest_path), origin=origin)
    segments = writer(archive, clock(at), run="r9", info=info)
    segments.write_exchange(exchange(9, at))
    segments.close()
    with archive.lock():
        seal(archive, segments.finished[0])


def told(archive: Archive, server: Witness, *, trusted: bool = True) -> VerifyResult:
    publish_heads(archive, lambda: SEEN)
    anchors = Anchors(witnesses=(server.key,) if trusted else ())
    return verify(archive, VerifyOptions(anchors, workers=1, deep=False))


@pytest.mark.parametrize(
    ("days", "clock", "trusted", "outcome"),
    [
        (2, MachineClock, True, "damaged"),
        (2000, MachineClock, True, "damaged"),
        (0.9, MachineClock, True, "proved"),
        (-400, MachineClock, True, "proved"),
        (2, MachineClock, False, "proved"),
        (2, StandingClock, True, "proved"),
    ],
)
def test_an_own_record_dated_after_a_trusted_witness_saw_it_is_damage(
    made: Archive, tmp_path: Path, witness: Witness, days: float, clock: type[StandingClock], trusted: bool, outcome: str  # noqa: F811
) -> None:  # fmt: skip
    archive = with_places(made, tmp_path / "a", place("witness", witness.url, f'key = "{witness.key}"\n'))  # fmt: skip
    grow(archive, SEEN + timedelta(days=days), clock)
    assert told(archive, witness, trusted=trusted).claim("order").outcome == outcome


def test_the_date_of_a_look_by_others_is_theirs(made: Archive, tmp_path: Path, witness: Witness) -> None:  # noqa: F811
    archive = with_places(made, tmp_path / "a", place("witness", witness.url, f'key = "{witness.key}"\n'))  # fmt: skip
    grow(archive, SEEN + timedelta(days=9), origin=FOREIGN)
    assert told(archive, witness).claim("order").outcome == "proved"


@pytest.mark.parametrize(("days", "after", "damages"), [(-2, 1, 1), (-0.5, 1, 0), (-2, 0, 0), (5, 1, 0)])
def test_an_own_record_dated_before_the_stamp_that_its_segment_follows_is_damage(
    made: Archive, tmp_path: Path, days: float, after: int, damages: int  # noqa: F811
) -> None:  # fmt: skip
    archive = with_places(made, tmp_path / "a")
    grow(archive, SEEN + timedelta(days=days))
    chain = read_chain(archive)
    last = chain.lines[-1]
    head = chain.lines[after - 1].hash if after else None
    moment = StampedState(1, SEEN, None, is_in_line=True)
    check_bounds(chain, {last.number: Begun(head)}, [moment], ())
    assert [item.kind for item in chain.judgement.damages] == ["date"] * damages

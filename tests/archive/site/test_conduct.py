"""How agencies publish, as statistics: each value rests on a look that could have shown the contrary."""

from __future__ import annotations

from typing import Any

import pytest

from archive.index.facts import DISPUTED, NONE, USED, value_of
from archive.index.indicators import BY_CODE, OFFERED
from archive.site.stats.conduct import ReportConduct, contradictory, publication_day, revised

RECEIVED = "applications.received.total"
READ = ["2026-01-10T02:00:00Z", "2026-03-20T02:00:00Z"]


def report(**changes: Any) -> ReportConduct:
    known = ReportConduct(
        form="2021", first_seen="2026-03-25T02:00:00Z", last_seen="2026-04-25T02:00:00Z", published_on=None,
        coverage='{"applications": [161, 161]}', due="2026-03-31", readings=[], is_contradictory=False, is_backdated=False, is_revised=False,
    )  # fmt: skip
    return known._replace(**changes)


@pytest.mark.parametrize(
    ("changes", "readings", "expected"),
    [
        ({}, READ, (-6.0, USED)),
        ({"first_seen": "2026-03-24T17:00:00Z"}, READ, (-6.0, USED)),  # a day of Shanghai
        ({"first_seen": "2026-03-28T02:00:00Z"}, READ, (0.0, NONE)),  # the list was read eight days before
        ({"first_seen": "2026-03-20T02:00:00Z"}, READ, (0.0, NONE)),  # the reading that gave it is none before it
        ({}, [], (0.0, NONE)),
        ({"published_on": "2026-03-21"}, [], (-10.0, USED)),
        ({"published_on": "2026-03-21"}, READ, (-10.0, USED)),
        ({"published_on": "2026-04-21"}, READ, (-6.0, USED)),  # seen before the day that it prints
        ({"published_on": "2026-03-01", "is_backdated": True}, READ, (-30.0, DISPUTED)),
        ({"published_on": "2026-04-02"}, [], (2.0, USED)),
        ({"published_on": "2026-03-21", "due": None}, READ, (0.0, NONE)),
    ],
)
def test_the_day_of_publication(changes: dict[str, Any], readings: list[str], expected: tuple[float, int]) -> None:
    assert publication_day(report(readings=readings, **changes)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (0.0, USED)),
        ({"is_revised": True}, (1.0, USED)),
        ({"last_seen": "2026-03-25T02:00:00Z"}, (0.0, NONE)),  # one look can't show a revision
    ],
)
def test_only_what_was_looked_at_twice_is_known_to_be_unrevised(
    changes: dict[str, Any], expected: tuple[float, int]
) -> None:
    assert revised(report(**changes)) == expected


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, USED),
        ({"coverage": '{"applications": [160, 161]}'}, NONE),
        ({"coverage": '{"applications": [161, 161], "challenges": [0, 15]}'}, NONE),
        ({"coverage": "{}"}, NONE),
        ({"form": None}, NONE),
    ],
)
def test_only_what_was_read_in_full_is_known_to_be_sound(changes: dict[str, Any], state: int) -> None:
    assert contradictory(report(is_contradictory=True, **changes)) == (1.0, state)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({RECEIVED: 0.0}, (1.0, 1.0, USED)),
        ({RECEIVED: 7.0}, (0.0, 1.0, USED)),
        ({RECEIVED: None}, (0.0, 0.0, NONE)),  # a blank is no zero
    ],
)
def test_a_body_without_requests_prints_a_zero(
    figures: dict[str, float | None], expected: tuple[float, float, int]
) -> None:
    assert value_of(BY_CODE["zero_share"], "2021", figures, frozenset()) == expected


def test_every_indicator_of_the_design_is_offered_and_explained() -> None:
    codes = {item.code for item in OFFERED}
    assert {
        "received", "workload", "disposed", "granted_share", "granted_full_share", "granted_decided_share", "denied_share", "unable_share",
        "not_held_share", "unprocessed_share", "other_share", "carried_share", "carried_change", "natural_share", "business_share", "zero_share",
        "dispute_rate", "recon_corrected_share", "court_corrected_share", "onward_ratio", "pending_share", "on_time_share", "missing_share",
        "publication_day", "revised_share", "contradictory_share", "penalties", "licensing", "normative_made",
    } <= codes  # fmt: skip
    for item in OFFERED:
        assert all((item.zh, item.en, item.definition_zh, item.definition_en)), item.code
        assert bool(item.parts) != bool(item.counts) or item.counts == "zero", item.code

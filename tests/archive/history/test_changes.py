"""Judging the life of a report: pure rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.history.changes import Address, Standing, change_id, judge
from archive.index.codes import AddressStatus

NOW = "2021-03-02T00:00:00Z"
EARLIER = "2021-03-01T00:00:00Z"
HERE = Standing("present", False)
OLD = Address(
    url="http://a/1",
    entry_url="http://a/1",
    status="present",
    gone_at=None,
    first_seen=EARLIER,
    first_pass="r1",
    last_seen="2021-03-02T00:00:05Z",
    is_primary=True,
    is_listed=True,
    was_listed=True,
    is_correction=False,
    is_plain=True,
    figures=198,
)
NEW = replace(
    OLD, url="http://a/2", entry_url="http://a/2", first_seen="2021-03-02T00:00:06Z", first_pass="r2", is_primary=False
)


def kinds(standing: Standing | None, *addresses: Address) -> list[str]:
    return [event.kind for event in judge(standing, list(addresses), this_pass="r2", since=NOW).events]


def test_settled_report_has_no_events() -> None:
    assert kinds(HERE, OLD) == []


def test_first_look_at_something_gone_is_suspect_without_event() -> None:
    judged = judge(HERE, [replace(OLD, status="suspect", gone_at=NOW)], this_pass="r2", since=NOW)
    assert (judged.status, judged.events) == ("suspect", ())


def test_vanished_once() -> None:
    gone = replace(OLD, status="gone", gone_at=NOW)
    assert kinds(HERE, gone) == ["vanished"]
    assert kinds(Standing("vanished", False), gone) == []


def test_vanished_only_when_every_address_is_gone() -> None:
    assert kinds(HERE, replace(OLD, status="gone", gone_at=NOW), replace(NEW, status="suspect", gone_at=NOW)) == []


def test_restored_at_another_address_is_one_event() -> None:
    assert kinds(Standing("vanished", False), replace(OLD, status="gone", gone_at=EARLIER), NEW) == ["restored"]


def test_best_address_has_most_figures_then_correction_then_plain_then_first() -> None:
    scan = replace(OLD, figures=0)
    judged = judge(None, [scan, replace(NEW, figures=198)], this_pass="r2", since=NOW)
    assert judged.primary == NEW.url
    assert judge(None, [OLD, replace(NEW, is_correction=True)], this_pass="r2", since=NOW).primary == NEW.url
    assert judge(None, [replace(OLD, is_plain=False), NEW], this_pass="r2", since=NOW).primary == NEW.url
    assert judge(None, [NEW, OLD], this_pass="r2", since=NOW).primary == OLD.url


def test_equal_newcomer_does_not_take_over() -> None:
    judged = judge(HERE, [OLD, NEW], this_pass="r2", since=NOW)
    assert (judged.primary, judged.events) == (OLD.url, ())


def test_list_address_that_leads_elsewhere_is_moved() -> None:
    unseen = replace(OLD, last_seen=EARLIER)
    heir = replace(NEW, entry_url=OLD.entry_url)
    assert kinds(HERE, unseen, heir) == ["moved"]


@pytest.mark.parametrize("query", ["?v=2", "?_=20260101", "?timestamp=2026-01-01", "?t=1767225600", "#top"])
def test_what_only_keeps_caches_from_answering_is_no_move(query: str) -> None:
    heir = replace(NEW, url=OLD.url + query, entry_url=OLD.entry_url)
    assert kinds(HERE, replace(OLD, status=AddressStatus.GONE), heir) == []
    assert kinds(HERE, replace(OLD, last_seen=EARLIER), heir) == []


def test_delisted_needs_an_answer_in_this_pass() -> None:
    unlisted = replace(OLD, is_listed=False)
    assert kinds(HERE, unlisted) == ["delisted"]
    assert kinds(HERE, replace(unlisted, last_seen=EARLIER)) == []
    assert kinds(Standing("present", True), unlisted) == []


def test_never_listed_is_never_delisted() -> None:
    assert kinds(HERE, replace(OLD, is_listed=False, was_listed=False)) == []


def test_listed_again_is_restored() -> None:
    assert kinds(Standing("present", True), OLD) == ["restored"]


def test_change_ids_follow_from_what_they_say() -> None:
    assert change_id("r", "moved", NOW, 1, "u") == change_id("r", "moved", NOW, 1, "u")
    assert change_id("r", "moved", NOW, 1, "u") != change_id("r", "moved", NOW, 2, "u")

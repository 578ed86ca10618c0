"""Invented worlds: equal for equal seeds, true to their ledgers, and documented."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from archive.clock import SHANGHAI
from crawler.replica import SeasonClock, serve
from crawler.replica.documents.invent import invent
from crawler.replica.families import FAMILIES
from crawler.replica.faults import FAULTS
from crawler.replica.generator import EIGHT, SIX, Plan, join, make_world
from crawler.replica.season import demo_season, six_families
from crawler.replica.tls import KINDS
from crawler.replica.truth import blocked, duties
from crawler.replica.world import EventKind, World

GUIDE = Path(__file__).parents[3] / "docs" / "replica.md"


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(1)


def test_equal_seeds_give_equal_worlds(world: World) -> None:
    assert make_world(1).ledger() == world.ledger()
    assert make_world(2).ledger() != world.ledger()


def test_a_year_has_all_that_the_plan_asks_for(world: World) -> None:
    assert sorted(portal.family for portal in world.portals) == sorted(SIX)
    assert sum(len(portal.agencies) for portal in world.portals) == 40
    kinds = Counter(event.kind for event in world.events)
    assert kinds[EventKind.BLOCK] == kinds[EventKind.UNBLOCK] == 2
    assert kinds[EventKind.MERGE] == kinds[EventKind.CLOSE] == kinds[EventKind.MOVE] == 1
    assert kinds[EventKind.NOISE] > 12
    lines = world.ledger()
    reports = [(line["agency"], line["year"]) for line in lines if line["kind"] == "publish" and line["is_report"]]
    assert len(reports) == len(set(reports))
    assert {year for _, year in reports} == {2019, 2020, 2021}
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)


def test_addresses_of_publications_are_their_own() -> None:
    world = make_world(3, Plan(agencies=24, families=EIGHT))
    with serve(world, SeasonClock(datetime(2023, 1, 1, tzinfo=SHANGHAI))) as server:
        for portal in server.portals:
            host = server.hosts[portal.id]
            view = host.view()
            urls = [server.url(portal.id, key) for key in view.state.shown]
            assert len(urls) == len(set(urls))


def test_shapes_of_a_report_are_drawn_when_the_plan_asks_for_them() -> None:
    plan = Plan(pictured=0.5, twins=0.5, corrected=0.5)
    lines = make_world(1, plan).ledger()
    pictures = [line for line in lines if line.get("carrier") == "picture"]
    twins = [line for line in lines if line.get("detail") == "twin"]
    corrections = [line for line in lines if line["kind"] == "correct"]
    assert min(len(pictures), len(twins), len(corrections)) > 5
    assert not any(line["is_report"] for line in pictures)
    assert all(len(line["figures"]) == 1 for line in corrections)
    assert not [line for line in make_world(1).ledger() if line.get("carrier") == "picture"]


def test_duties_tell_the_truth_of_each_day(world: World) -> None:
    season = 2021
    early = Counter(duty.status for duty in duties(world, season, date(2022, 1, 1)))
    assert set(early) <= {"pending", "published", "none"}
    final = {duty.agency: duty for duty in duties(world, season, date(2022, 12, 31))}
    counts = Counter(duty.status for duty in final.values())
    assert counts["missing"] == round(0.08 * 40)
    assert counts["none"] == 2
    # late and backdated reports are both late in truth: what counts is when they appeared; some of them may vanish again
    late = [duty for duty in final.values() if duty.appeared_on and duty.appeared_on > duty.due]
    assert len(late) == round(0.1 * 40) + round(0.05 * 40)
    backdated = [duty for duty in late if duty.printed_on and duty.printed_on <= duty.due]
    assert len(backdated) == round(0.05 * 40)
    for duty in final.values():
        if duty.appeared_on:
            assert duty.due.month in (1, 3)
            before = {d.agency: d.status for d in duties(world, season, duty.appeared_on - timedelta(days=1))}
            assert before[duty.agency] in ("pending", "missing")


def test_blocks_begin_and_end(world: World) -> None:
    begin = next(event for event in world.events if event.kind is EventKind.BLOCK)
    end = next(event for event in world.events if event.kind is EventKind.UNBLOCK and event.portal == begin.portal)
    assert not blocked(world, begin.portal, begin.at - timedelta(minutes=1))
    assert blocked(world, begin.portal, begin.at)
    assert not blocked(world, begin.portal, end.at)
    assert timedelta(days=14) <= end.at - begin.at <= timedelta(days=40)


def test_figures_go_on_from_the_year_before() -> None:
    first = invent("示例市示例局", 2019, 1)
    second = invent("示例市示例局", 2020, 2, before=first)
    third = invent("示例市示例局", 2021, 3, before=second)
    fourth = invent("示例市示例局", 2022, 4, before=third)
    for before, after in ((first, second), (second, third), (third, fourth)):
        assert before.raws["applications", "carried_out", "total"] == after.raws["applications", "carried_in", "total"]
    for row in ("licensing", "penalties", "fees"):
        left = int(first.raws["disclosure", row, "prior_items"]) + int(first.raws["disclosure", row, "items_change"])
        assert second.raws["disclosure", row, "prior_items"] == str(left)
    stock = [int(report.raws["disclosure", "normative_documents", "in_force"]) for report in (third, fourth)]
    made, repealed = (int(fourth.raws["disclosure", "normative_documents", column]) for column in ("made", "repealed"))
    assert stock[1] == stock[0] + made - repealed


def test_worlds_join_unless_portals_share_an_id() -> None:
    both = join(demo_season(), six_families())
    assert len({portal.family for portal in both.portals}) >= 7
    moment = datetime.combine(date(2021, 3, 2), time(9, 30), SHANGHAI)
    assert len(both.ledger(moment)) < len(both.ledger())
    with pytest.raises(ValueError, match="share an id"):
        join(demo_season(), demo_season())


def test_the_guide_names_every_family_fault_and_event() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    for name in (*FAMILIES, *FAULTS, *KINDS, *(kind.value for kind in EventKind)):
        assert f"`{name}`" in guide, name

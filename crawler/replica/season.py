"""The season of `ogi demo`: five real reports and a silent agency on six portals of six families, three days of 2021.

Day 1 shows four reports. Before day 2 every page gets new noise, one table cell of 瓯海 and one sentence of 柯桥 are edited in place, 余姚's page
becomes a soft 404, and 海曙 publishes late. Day 3 is the second look, after the last due date (31 March).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.clock import SHANGHAI
from crawler.replica.decoys import decoys
from crawler.replica.documents.model import Address
from crawler.replica.documents.seeds import load
from crawler.replica.generator import SIX, Plan, make_world
from crawler.replica.world import Agency, Carrier, Event, EventKind, Portal, Publication, Traits, World

#: When the three harvests of the demo happen.
DAYS = (
    datetime(2021, 3, 2, 9, 30, tzinfo=SHANGHAI),
    datetime(2021, 3, 9, 9, 30, tzinfo=SHANGHAI),
    datetime(2021, 4, 1, 9, 30, tzinfo=SHANGHAI),
)

#: The cell of 瓯海 that is edited in place: penalties, decisions (8133 → 8313).
EDITED_CELL: Address = ("disclosure", "penalties", "decisions")
EDITED_VALUES = ("8133", "8313")
#: The sentence of 柯桥 that is edited in place.
EDITED_SENTENCE = ("省级政务新媒体管理平台已全面投入使用。", "省级政务新媒体管理平台已投入使用，并完成全部账号备案。")


@dataclass(frozen=True, slots=True)
class _Place:
    """A seed's portal and its page there."""

    slug: str
    portal: Portal
    carrier: Carrier
    title: str
    serial: int
    printed_on: date
    source: str


#: An invented agency that never publishes; only false friends stand in its list.
_SILENT = Portal(
    "shili",
    "示例市示例局",
    "",
    "gkmlpt",
    "annualreport",
    (Agency("示例市示例局", "department", since=2020),),
    Traits(page_size=100, variant=frozenset({"honest-count"})),
)

_PLACES = (
    _Place(
        "ouhai-2020",
        Portal(
            "ouhai",
            "温州市瓯海区人民政府",
            "330304",
            "jcms",
            "1229179101",
            (Agency("温州市瓯海区人民政府", "government", since=2020, aliases=("瓯海区人民政府", "瓯海区政府")),),
        ),
        Carrier.PAGE,
        "瓯海区人民政府2020年度政府信息公开工作年度报告",
        4067601,
        date(2021, 2, 20),
        "瓯海区",
    ),
    _Place(
        "keqiao-2020",
        Portal(
            "keqiao",
            "绍兴市柯桥区人民政府",
            "330603",
            "jpaas",
            "1229432100",
            (Agency("绍兴市柯桥区人民政府", "government", since=2020, aliases=("柯桥区人民政府", "柯桥区")),),
        ),
        Carrier.WORD,
        "2020柯桥区政府信息公开年度报告",
        3882160,
        date(2021, 2, 8),
        "柯桥区政府办公室",
    ),
    _Place(
        "haishu-office-2020",
        Portal(
            "haishu",
            "宁波市海曙区人民政府",
            "330203",
            "vsb",
            "zfxxgknb",
            (Agency("宁波市海曙区人民政府办公室", "department", since=2020, aliases=("海曙区政府办公室",)),),
        ),
        Carrier.PDF,
        "宁波市海曙区人民政府办公室2020年政府信息公开工作年度报告",
        3721455,
        date(2021, 3, 8),
        "海曙区府办",
    ),
    _Place(
        "yuyao-2019",
        Portal(
            "yuyao",
            "余姚市人民政府",
            "330281",
            "ucap",
            "c1229137",
            (Agency("余姚市人民政府", "government", since=2019, until=2019),),
        ),
        Carrier.DOCX,
        "余姚市人民政府2019年政府信息公开工作年度报告",
        5180442,
        date(2020, 3, 27),
        "余姚市府办",
    ),
    _Place(
        "ningbo-hightech-2019",
        Portal(
            "nbhtz",
            "宁波国家高新技术产业开发区",
            "330200",
            "trs",
            "xxgknb",
            (
                Agency(
                    "宁波国家高新区(新材料科技城)管委会办公室",
                    "department",
                    since=2019,
                    until=2019,
                    aliases=("宁波国家高新区管委会办公室",),
                ),
            ),
            Traits(etag=True),
        ),
        Carrier.TABLE,
        "宁波国家高新区（新材料科技城）管委会办公室2019年政府信息公开工作年度报告",
        6041233,
        date(2020, 1, 20),
        "管委会办公室",
    ),
)


def demo_season() -> World:
    """The world of the demo: five portals, five reports, decoys, and the events between its three days."""
    start = DAYS[0] - timedelta(days=10)
    overnight = DAYS[1] - timedelta(days=1)
    events: list[Event] = []
    for place in _PLACES:
        portal = place.portal.id
        report = load(place.slug)
        publication = Publication(
            key=place.slug,
            title=place.title,
            carrier=place.carrier,
            serial=place.serial,
            printed_on=place.printed_on,
            source=place.source,
            report=report,
            agency=report.agency,
        )
        late = place.slug == "haishu-office-2020"
        events.append(Event(overnight if late else start, EventKind.PUBLISH, portal, place.slug, publication))
        unit = place.portal.name
        events += [
            Event(start, EventKind.PUBLISH, portal, decoy.key, decoy)
            for decoy in decoys(unit, report.year - 1, place.serial + 20)
        ]
        events.append(Event(overnight, EventKind.NOISE, portal))
        if place.slug == "ouhai-2020":
            edited = report.with_figure(EDITED_CELL, EDITED_VALUES[1])
            events.append(Event(overnight, EventKind.EDIT, portal, place.slug, report=edited))
        if place.slug == "keqiao-2020":
            edited = report.with_text(*EDITED_SENTENCE)
            events.append(Event(overnight, EventKind.EDIT, portal, place.slug, report=edited))
        if place.slug == "yuyao-2019":
            events.append(Event(overnight, EventKind.WITHDRAW, portal, place.slug, detail="soft-404"))
    events += [
        Event(start, EventKind.PUBLISH, _SILENT.id, decoy.key, decoy)
        for decoy in decoys(_SILENT.name, 2020, 4455600, 2, agency=_SILENT.name)
    ]
    events.append(Event(overnight, EventKind.NOISE, _SILENT.id))
    return World((*(place.portal for place in _PLACES), _SILENT), tuple(events))


def six_families() -> World:
    """Invented agencies on six portals of six families that live through the demo's season: `ogi demo --families`.

    Their report year is 2020, so that the season's days fall between their due dates.
    """
    plan = Plan(agencies=18, families=SIX, years=(2019,), season=2020, blocks=1, has_redesign=False)
    return make_world(2021, plan)

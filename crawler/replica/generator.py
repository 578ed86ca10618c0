"""Invented worlds: agencies spread over portals of many families, a year of events, all decided by a seed.

Names are invented (示例市, 甲区, …); the reports are invented too, with figures that keep the form's identities. What happens is drawn from what portals
do: late and backdated reports, blocks of weeks, edits in place, files replaced, withdrawals, a merger, an agency that ends, and a
redesign that moves a column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random

from archive.clock import SHANGHAI
from crawler.replica.decoys import decoys
from crawler.replica.documents.invent import invent
from crawler.replica.documents.model import Report
from crawler.replica.world import Agency, Carrier, Event, EventKind, Portal, Publication, Traits, World

#: The six families that a first version of any harvester needs, and the two cheap ones.
SIX = ("jcms", "trs", "jpaas", "gkmlpt", "ucap", "lonsun")
EIGHT = (*SIX, "vsb", "static")

_CITIES = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸")
_BUREAUS = (
    "发展和改革局",
    "教育局",
    "科学技术局",
    "公安局",
    "民政局",
    "司法局",
    "财政局",
    "人力资源和社会保障局",
    "自然资源和规划局",
    "住房和城乡建设局",
    "交通运输局",
    "水利局",
    "农业农村局",
    "商务局",
    "文化和旅游局",
    "卫生健康局",
    "应急管理局",
    "审计局",
    "市场监督管理局",
    "统计局",
)
_COLUMNS = {
    "jcms": "1229700",
    "jpaas": "1487",
    "ucap": "c1122",
    "gkmlpt": "annualreport",
    "lonsun": "public",
    "trs": "zfxxgknb",
    "vsb": "zfxxgknb",
    "static": "xxgknb",
}
#: Region codes of counties that exist, so that the register can place the invented names; shown nowhere as theirs.
_REGIONS = {
    "jcms": "330106",
    "trs": "410105",
    "jpaas": "370102",
    "gkmlpt": "440104",
    "ucap": "230103",
    "lonsun": "340104",
    "vsb": "620102",
    "static": "530102",
}
#: Families whose report column has an address of its own.
_MOVABLE = ("trs", "jcms", "jpaas", "ucap", "vsb", "static")
_FAULTS = ("jsl-521", "ruishu-412", "waf-403", "captcha-200", "server-error", "reset", "waf-200", "jsl-200")
_CARRIERS = (Carrier.TABLE, Carrier.PAGE, Carrier.WORD, Carrier.PDF, Carrier.DOCX, Carrier.BOTH)
_VARIANTS: dict[str, tuple[str, ...]] = {
    "trs": ("", "records-first", "no-script"),
    "jcms": ("", "two-stores", "table-rows"),
    "jpaas": ("", "pinyin"),
    "gkmlpt": ("", "script-body"),
    "ucap": ("", "static", "host-links", "capped"),
    "lonsun": ("", "old-theme", "under-path"),
    "vsb": ("", "dynamic"),
    "static": ("hexmon", "content", "numeric-dir"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a world shall hold.

    Attributes:
        agencies: In all, spread evenly over the families' portals; the first of each portal is its government.
        families: One portal each; a family named twice gets two portals.
        years: Report years that are published before the season begins (history), oldest first.
        season: The report year whose publication the season shows; the season is the calendar year after it.
        late, missing, backdated: Shares of agencies that publish after the due date, never, or with a printed date long before.
        edited, replaced, withdrawn: Shares of published reports that this happens to.
        corrected: Share of reports of which a second version （更正） appears beside the first.
        pictured: Share of reports that are retold as a picture （图解） on a page of their own, on the same day.
        twins: Share of reports that stand in the list twice, under two numbers.
        blocks: Portals that are blocked for some weeks.
        has_merger, has_closure: Whether, early in the season and before anything is due, a department is merged into its
            neighbour and another one ends; neither publishes after that.
        has_redesign: Whether a column moves in June.
    """

    agencies: int = 40
    families: tuple[str, ...] = SIX
    years: tuple[int, ...] = (2019, 2020)
    season: int = 2021
    late: float = 0.1
    missing: float = 0.08
    backdated: float = 0.05
    edited: float = 0.08
    replaced: float = 0.04
    withdrawn: float = 0.05
    corrected: float = 0.0
    pictured: float = 0.0
    twins: float = 0.0
    blocks: int = 2
    has_merger: bool = True
    has_closure: bool = True
    has_redesign: bool = True


@dataclass(slots=True)
class _Drawer:
    """Draws one world; holds the dice and what was drawn so far."""

    plan: Plan
    random: Random
    events: list[Event] = field(default_factory=list)
    serial: int = 3_100_000

    def next_serial(self) -> int:
        self.serial += self.random.randint(1, 40)
        return self.serial


def due(kind: str, report_year: int) -> date:
    """Last day to publish: governments 31 March, all others 31 January of the next year (art. 49)."""
    return date(report_year + 1, 3, 31) if kind == "government" else date(report_year + 1, 1, 31)


def make_world(seed: int, plan: Plan | None = None) -> World:
    """A world by its seed: equal seeds and plans give equal worlds.

    The season runs from 1 January to 31 December of the year after `plan.season`, Asia/Shanghai; history is published before it.
    """
    plan = plan or Plan()
    drawer = _Drawer(plan, Random(seed))
    portals = _portals(drawer)
    fates = _fates(drawer, portals)
    for portal in portals:
        for agency in portal.agencies:
            latest = _history(drawer, portal, agency)
            _season(drawer, portal, agency, fates.get(agency.name, ""), latest)
        _surroundings(drawer, portal)
    _accidents(drawer, portals)
    return World(tuple(portals), tuple(drawer.events))


def _at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def _portals(drawer: _Drawer) -> list[Portal]:
    plan, random = drawer.plan, drawer.random
    count = len(plan.families)
    portals = []
    for index, family in enumerate(plan.families):
        city = f"示例市{_CITIES[index % len(_CITIES)]}区" if index < len(_CITIES) else f"示例市第{index}区"
        size = plan.agencies // count + (1 if index < plan.agencies % count else 0)
        since = plan.years[0] if plan.years else plan.season
        agencies = [Agency(f"{city}人民政府", "government", since=since, aliases=(f"{city}政府",))]
        for step, bureau in enumerate(_bureaus(size - 1)):
            agencies.append(Agency(f"{city}{bureau}", "department", since=since, path=f"dw{step:02d}"))
        column = _COLUMNS.get(family, "zfxxgknb")
        variant = random.choice(_VARIANTS.get(family, ("",)))
        portals.append(
            Portal(
                f"{family}-{index}" if plan.families.count(family) > 1 else family,
                f"{city}人民政府",
                _REGIONS.get(family, ""),
                family,
                f"{column}{index:03d}" if column[-1].isdigit() else column,
                tuple(agencies),
                Traits(
                    page_size=100 if family == "gkmlpt" else random.choice((5, 10, 15)),
                    etag=random.random() < 0.5,
                    encoding="gb18030" if family == "static" and random.random() < 0.5 else "utf-8",
                    soft_404=random.random() < 0.3,
                    variant=frozenset({variant, "honest-count" if family == "gkmlpt" else ""} - {""}),
                ),
            )
        )
    return portals


def _bureaus(count: int) -> list[str]:
    named = list(_BUREAUS[:count])
    return named + [f"第{number}管理局" for number in range(1, count - len(named) + 1)]


def _fates(drawer: _Drawer, portals: Sequence[Portal]) -> dict[str, str]:
    """Which agencies are late, missing or backdate, and which are merged or closed before the season's report."""
    plan, random = drawer.plan, drawer.random
    places = [(portal, agency) for portal in portals for agency in portal.agencies]
    random.shuffle(places)
    fates: dict[str, str] = {}
    departments = [(portal, agency) for portal, agency in places if agency.kind != "government"]
    first = date(plan.season + 1, 1, 1)
    if plan.has_merger and departments:
        portal, gone = departments.pop()
        heir = next(agency for agency in portal.agencies if agency is not gone)
        fates[gone.name] = "merged"
        event = Event(_at(first + timedelta(days=8)), EventKind.MERGE, portal.id, gone.name, detail=heir.name)
        drawer.events.append(event)
    if plan.has_closure and departments:
        portal, gone = departments.pop()
        fates[gone.name] = "closed"
        drawer.events.append(Event(_at(first + timedelta(days=4)), EventKind.CLOSE, portal.id, gone.name))
    names = [agency.name for _, agency in places if agency.name not in fates]
    for fate, share in (("late", plan.late), ("missing", plan.missing), ("backdated", plan.backdated)):
        for _ in range(min(round(share * len(places)), len(names))):
            fates[names.pop()] = fate
    return fates


def _publication(
    drawer: _Drawer, portal: Portal, agency: Agency, report: Report, printed_on: date, *, carrier: Carrier | None = None
) -> Publication:
    random = drawer.random
    choices = [choice for choice in _CARRIERS if portal.family != "vsb" or choice is not Carrier.DOCX]
    return Publication(
        key=f"{agency.name}-{report.year}",
        title=report.title,
        carrier=carrier or random.choice(choices),
        serial=drawer.next_serial(),
        printed_on=printed_on,
        source=agency.name,
        report=report,
        agency=agency.name,
    )


def _history(drawer: _Drawer, portal: Portal, agency: Agency) -> Report | None:
    """Reports of earlier years, there before the season begins; gives the last one."""
    report: Report | None = None
    for year in drawer.plan.years:
        report = invent(agency.name, year, drawer.random.randrange(10**6), scale=_scale(agency), before=report)
        printed = due(agency.kind, year) - timedelta(days=drawer.random.randint(1, 25))
        publication = _publication(drawer, portal, agency, report, printed)
        drawer.events.append(Event(_at(printed), EventKind.PUBLISH, portal.id, publication.key, publication))
    return report


def _scale(agency: Agency) -> int:
    return 300 if agency.kind == "government" else 20


def _season(drawer: _Drawer, portal: Portal, agency: Agency, fate: str, latest: Report | None) -> None:
    """The season's report: in time, late, backdated or never; and what happens to it later."""
    plan, random = drawer.plan, drawer.random
    if fate in ("missing", "merged", "closed"):
        return
    last = due(agency.kind, plan.season)
    appears = last - timedelta(days=random.randint(0, 20))
    printed = appears
    if fate in ("late", "backdated"):
        appears = last + timedelta(days=random.randint(5, 90))
        printed = appears if fate == "late" else last - timedelta(days=random.randint(1, 10))
    report = invent(agency.name, plan.season, random.randrange(10**6), scale=_scale(agency), before=latest)
    publication = _publication(drawer, portal, agency, report, printed)
    moment = _at(appears, random.randint(9, 17), random.randint(0, 59))
    detail = fate if fate == "backdated" else ""
    drawer.events.append(Event(moment, EventKind.PUBLISH, portal.id, publication.key, publication, detail=detail))
    if _shapes(drawer, portal, publication, moment):
        return  # what happens to one of several copies is nobody's ground truth
    later = _at(appears + timedelta(days=random.randint(10, 120)), 11)
    draw = random.random()
    if draw < plan.edited:
        drawer.events.append(_edit(drawer, portal, publication, report, later))
    elif draw < plan.edited + plan.withdrawn:
        how = random.choice(("404", "410", "soft-404", "home", "script-home"))
        drawer.events.append(Event(later, EventKind.WITHDRAW, portal.id, publication.key, detail=how))
        if random.random() < 0.5:
            back = later + timedelta(days=random.randint(40, 80))
            drawer.events.append(Event(back, EventKind.RESTORE, portal.id, publication.key))


def _shapes(drawer: _Drawer, portal: Portal, publication: Publication, moment: datetime) -> bool:
    """The same report once more: as a picture, under another number, corrected. Gives whether there is a second copy of its figures."""
    plan, random = drawer.plan, drawer.random
    # No throw of the dice for a share of nothing: worlds of plans without shapes stay what they were.
    if plan.pictured and random.random() < plan.pictured:
        picture = replace(
            publication,
            key=f"{publication.key}-图解",
            title=f"{publication.title}（图解）",
            carrier=Carrier.PICTURE,
            serial=drawer.next_serial(),
            report=None,
        )
        drawer.events.append(Event(moment, EventKind.PUBLISH, portal.id, picture.key, picture))
    has_copy = False
    if plan.twins and random.random() < plan.twins:
        has_copy = True
        twin = replace(publication, key=f"{publication.key}-twin", serial=drawer.next_serial())
        drawer.events.append(Event(moment, EventKind.PUBLISH, portal.id, twin.key, twin, detail="twin"))
    if plan.corrected and random.random() < plan.corrected and publication.report is not None:
        has_copy = True
        later = moment + timedelta(days=random.randint(5, 40))
        second = replace(
            publication,
            key=f"{publication.key}-更正",
            title=f"{publication.title}（更正）",
            serial=drawer.next_serial(),
            printed_on=later.date(),
            report=_changed_figure(random, publication.report),
        )
        drawer.events.append(Event(later, EventKind.CORRECT, portal.id, second.key, second, detail=publication.key))
    return has_copy


def _changed_figure(random: Random, report: Report) -> Report:
    """One figure outside the identities is printed differently."""
    address = ("disclosure", "normative_documents", "in_force" if report.form == "2021" else "total_public")
    return report.with_figure(address, str(int(report.raws[address]) + random.randint(1, 30)))


def _edit(drawer: _Drawer, portal: Portal, publication: Publication, report: Report, moment: datetime) -> Event:
    """One figure outside the identities, or one sentence."""
    random = drawer.random
    if random.random() < 0.5:
        changed = _changed_figure(random, report)
    else:
        changed = report.with_text("无其他需要报告的事项。", "本年度未收取信息处理费，无其他需要报告的事项。")
    file_only = publication.carrier in (Carrier.PDF, Carrier.DOCX)
    kind = EventKind.REPLACE if file_only else EventKind.EDIT
    return Event(moment, kind, portal.id, publication.key, report=changed)


def _surroundings(drawer: _Drawer, portal: Portal) -> None:
    """False friends each year, and noise every few weeks."""
    plan = drawer.plan
    for year in (*plan.years, plan.season):
        for decoy in decoys(portal.agencies[0].name, year, drawer.next_serial(), 5, agency=portal.agencies[0].name):
            drawer.events.append(Event(_at(decoy.printed_on, 8), EventKind.PUBLISH, portal.id, decoy.key, decoy))
        drawer.serial += 20
    moment = _at(date(plan.season + 1, 1, 3), 7)
    while moment.year == plan.season + 1:
        drawer.events.append(Event(moment, EventKind.NOISE, portal.id))
        moment += timedelta(days=drawer.random.randint(7, 40))


def _accidents(drawer: _Drawer, portals: Sequence[Portal]) -> None:
    """Blocks of weeks, and the redesign."""
    plan, random = drawer.plan, drawer.random
    shuffled = list(portals)
    random.shuffle(shuffled)
    first = date(plan.season + 1, 1, 1)
    for portal in shuffled[: plan.blocks]:
        begin = first + timedelta(days=random.randint(20, 90))
        end = begin + timedelta(days=random.randint(14, 40))
        fault = random.choice(_FAULTS)
        drawer.events.append(Event(_at(begin, 3), EventKind.BLOCK, portal.id, detail=fault))
        drawer.events.append(Event(_at(end, 3), EventKind.UNBLOCK, portal.id, detail=fault))
    if plan.has_redesign:
        movable = [portal for portal in shuffled[plan.blocks :] if portal.family in _MOVABLE]
        for portal in movable[:1]:
            suffix = f"_{random.randint(1000, 9999)}"
            if portal.family in ("jcms", "jpaas"):  # there the whole number is another one
                suffix = f"{portal.column[:-1]}{(int(portal.column[-1]) + 5) % 10}"
            drawer.events.append(Event(_at(first + timedelta(days=160), 4), EventKind.MOVE, portal.id, detail=suffix))


def join(*worlds: World) -> World:
    """Several worlds as one. Raises `ValueError` if two portals share an id."""
    portals = tuple(portal for world in worlds for portal in world.portals)
    ids = [portal.id for portal in portals]
    if len(set(ids)) != len(ids):
        raise ValueError(f"portals share an id: {sorted(ids)}")
    return World(portals, tuple(event for world in worlds for event in world.events))


def with_traits(world: World, **changes: object) -> World:
    """The same world with some switches of all portals set otherwise."""
    portals = tuple(replace(portal, traits=replace(portal.traits, **changes)) for portal in world.portals)  # type: ignore[arg-type]
    return World(portals, world.events)

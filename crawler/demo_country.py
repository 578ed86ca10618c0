"""`ogi demo --country`: an archive with some thousand invented reports of all provinces and eight years, to try statistics, places, search
and bulk files on.

The reports are invented, their places are real; the site says so on every page (`serve.notice`), and every report in its text. They go the way
of all reports: segments as a harvest leaves them, sealed, read and folded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from archive.clock import run_name, utc_text
from archive.files.folder import SETTINGS_NAME, Archive
from archive.history.ingest import IngestSummary, ingest_sealed
from archive.warc.closing import seal
from archive.warc.context import Context, Entry, Role
from archive.warc.records import Exchange, digest_of
from archive.warc.segments import SegmentWriter, WarcInfo
from crawler.replica.documents.html import page_html
from crawler.replica.documents.invent import invent
from crawler.replica.documents.model import Report
from extract.errors import OgiError
from extract.lexicon.regions import Region, packaged_regions

NOTICE = "演示：本站全部年报、数字与结论均为虚构 · Demo: every report, figure and claim on this site is invented"
YEARS = tuple(range(2018, 2026))
#: Of each province: so many cities and counties, and so many bureaus.
CITIES, COUNTIES, BUREAUS = 2, 7, 4
#: The nation's reports of a year are looked at some weeks after the last due date; later a second look finds what was changed since.
FIRST, SECOND = datetime(2026, 4, 20, 2, 0, tzinfo=UTC), datetime(2026, 5, 25, 2, 0, tzinfo=UTC)
_BUREAU_NAMES = (
    "财政局",
    "教育局",
    "公安局",
    "自然资源和规划局",
    "生态环境局",
    "市场监督管理局",
    "住房和城乡建设局",
    "卫生健康局",
)
#: Hong Kong, Macao and Taiwan are outside the regulation.
_OUTSIDE = ("71", "81", "82")
_BLOCKED = "540000"
_SETTINGS = {
    "operator.name": "ogi demo",
    "operator.contact": "demo@localhost",
    "serve.title": "OGI archive: invented country",
    "serve.notice": NOTICE,
}


class CountryError(OgiError):
    """Raised by `make_country` when the folder holds an archive already."""


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency that never was: its name, kind, region, and how many requests it gets."""

    name: str
    kind: str
    region: str
    scale: int


@dataclass(frozen=True, slots=True)
class _Page:
    url: str
    body: bytes
    title: str
    day: date


def _is_no_place(region: Region) -> bool:
    """Whether a row of the register groups others under no name of a place."""
    return region.name in ("市辖区", "县") or region.name.endswith("直辖县级行政区划")


def provinces() -> list[Region]:
    """The provinces that have reports."""
    return [
        region
        for region in packaged_regions().values()
        if region.level == "province" and not region.code.startswith(_OUTSIDE)
    ]


def agencies_of(province: Region, size: float = 1.0) -> list[Agency]:
    """The agencies of a province: governments of all levels, and bureaus."""
    known = list(packaged_regions().values())
    random = Random(province.code)
    inside = [region for region in known if region.code.startswith(province.code[:2]) and not _is_no_place(region)]
    cities = [region for region in inside if region.level == "city"]
    counties = [region for region in inside if region.level == "county"]
    chosen = random.sample(cities, min(len(cities), max(1, round(CITIES * size))))
    chosen += random.sample(counties, min(len(counties), max(2, round(COUNTIES * size))))
    names = packaged_regions()
    found = [Agency(f"{province.name}人民政府", "government", province.code, 90)]
    for region in chosen:
        city = names.get(region.parent)
        place = region.name if region.level == "city" or city is None or _is_no_place(city) else city.name + region.name
        found.append(Agency(f"{place}人民政府", "government", region.code, 45 if region.level == "city" else 20))
    for bureau in random.sample(_BUREAU_NAMES, max(1, round(BUREAUS * size))):
        home = random.choice(chosen)
        found.append(Agency(f"{home.name}{bureau}", "department", home.code, 12))
    return list({agency.name: agency for agency in found}.values())


def _page(agency: Agency, report: Report, day: date) -> bytes:
    body = page_html(report, title=False)
    if agency.kind == "government":
        body = body.replace("共收到政府信息公开申请", "全市行政机关共收到政府信息公开申请", 1)
    return (
        f'<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{report.title}</title><meta name="PubDate" content="{day.isoformat()} 10:19">'
        f'</head><body><div class="article"><h1>{report.title}</h1><div class="info">发布时间：{day.isoformat()}</div>'
        f'<div class="article-content" id="zoom">{body}<p>本页为演示而虚构，与任何机关无关。</p></div></div></body></html>'
    ).encode()


def _published(random: Random, agency: Agency, year: int) -> date:
    """Most in the last days before the due date, a few late."""
    due = date(year + 1, 3, 31) if agency.kind == "government" else date(year + 1, 1, 31)
    return (
        due + timedelta(days=random.choice((2, 9, 23)))
        if random.random() < 0.05
        else due - timedelta(days=min(int(random.expovariate(0.12)), 60))
    )


def _reports(base: str, agency: Agency) -> Iterator[tuple[Report, _Page]]:
    """The agency's reports as its portal shows them; a few years are missing, and a few reports contradict themselves."""
    random = Random(agency.name)
    growth, before = random.uniform(0.98, 1.16), None
    for number, year in enumerate(YEARS):
        report = invent(agency.name, year, 7, scale=max(2, round(agency.scale * growth**number)), before=before)
        before = report
        if random.random() < 0.03:
            continue
        shown = report
        if random.random() < 0.02:
            total = int(report.raws["applications", "received", "total"])
            shown = report.with_figure(("applications", "received", "total"), str(total * 100 + 7))
        day = _published(random, agency, year)
        url = f"{base}/art/{year}/{digest_of(agency.name.encode()).partition(':')[2][:10].lower()}.html"
        yield shown, _Page(url, _page(agency, shown, day), report.title, day)


def _definition(province: Region, base: str, agencies: list[Agency]) -> dict[str, Any]:
    return {
        "portal": {
            "id": f"p{province.code[:2]}", "name": f"{province.name}政府信息公开平台（虚构）", "region": province.code, "platform": "static",
            "start": [f"{base}/list.html"], "url": f"{base}/",
        },
        "expect": {},
        "agency": [
            {"name": agency.name, "kind": agency.kind, "region": agency.region, "since": YEARS[0], "aliases": []} for agency in agencies
        ],
    }  # fmt: skip


class _Clock:
    """Stands until told."""

    kind = "simulated"

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@dataclass(frozen=True, slots=True)
class _Pass:
    """A pass over a portal: what its list names, which pages are fetched anew, which are as they were, which are gone."""

    at: datetime
    number: int
    listed: list[_Page]
    fetched: list[_Page]
    same: list[_Page]
    gone: list[_Page]
    reason: str = ""


def _answer(url: str, status: int, body: bytes, at: datetime) -> Exchange:
    return Exchange(
        url=url,
        method="GET",
        request_headers=[],
        request_body=b"",
        status=status,
        reason="",
        response_headers=[("Content-Type", "text/html; charset=utf-8")],
        body=body,
        ip="127.0.0.1",
        at=at,
    )


_GONE = "<html><head><title>404</title></head><body>您访问的页面不存在或已被删除</body></html>".encode()


def _list_page(listed: list[_Page]) -> bytes:
    items = "".join(f'<li><a href="{page.url}">{page.title}</a><span>{page.day}</span></li>' for page in listed)
    return f'<!DOCTYPE html><meta charset="utf-8"><title>政府信息公开年报</title><ul>{items}</ul>'.encode()


def _write_reports(
    writer: SegmentWriter, portal: str, column: str, what: _Pass, clock: _Clock
) -> Iterator[dict[str, Any]]:
    """Write the captures of a pass's reports. Gives a line of the visit log for each, and for each that is as it was."""
    named = {page.url: Entry(page.url, page.title) for page in what.listed}
    for page, status, verdict, body in (
        *((page, 200, "ok", page.body) for page in what.fetched),
        *((page, 404, "gone", _GONE) for page in what.gone),
    ):
        context = Context(portal, Role.REPORT, verdict, named.get(page.url) or Entry(page.url), None, column)
        writer.write_exchange(_answer(page.url, status, body, clock.advance()), context, None)
        yield _visit_line(portal, page.url, clock.now(), status, verdict, body, is_new=True)
    for page in what.same:
        yield _visit_line(portal, page.url, clock.advance(), 200, "ok", page.body, is_new=False)


def _visit_line(
    portal: str, url: str, at: datetime, status: int, verdict: str, body: bytes, *, is_new: bool
) -> dict[str, Any]:
    return {
        "k": "v", "u": url, "t": utc_text(at), "s": status, "v": verdict, "r": Role.REPORT.value, "p": portal,
        "d": digest_of(body), "c": "new" if is_new else "same",
    }  # fmt: skip


def _write_pass(archive: Archive, portal: dict[str, Any], what: _Pass) -> None:
    name = portal["portal"]["id"]
    clock = _Clock(what.at)
    run = run_name(what.at, f"{what.number:04d}")
    writer = SegmentWriter(
        archive.warc_dir, run=run, group=name, info=WarcInfo.of(archive.settings), clock=clock, host="demo"
    )
    about = {
        "run": run,
        "group": name,
        "kind": "harvest",
        "started_at": utc_text(what.at),
        "clock": clock.kind,
        "portals": [portal],
    }
    writer.write_metadata(f"urn:ogi:run:{run}:{name}:start", about)
    column = portal["portal"]["start"][0]
    entries = [Entry(page.url, page.title) for page in what.listed]
    is_ok = not what.reason
    lines: list[dict[str, Any]] = [
        {"k": "l", "p": name, "u": column, "t": utc_text(clock.advance()), "complete": is_ok, "reason": what.reason,
         "entries": [entry.to_json() for entry in entries]}
    ]  # fmt: skip
    if is_ok:
        exchange = _answer(column, 200, _list_page(what.listed), clock.now())
        writer.write_exchange(exchange, Context(name, Role.LIST, "ok", column=column), None)
    lines += _write_reports(writer, name, column, what, clock)
    lines.append(
        {"k": "p", "p": name, "t": utc_text(clock.advance()), "ok": is_ok, "reason": what.reason, "listed": len(entries),
         "expected": None}
    )  # fmt: skip
    body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    writer.write_resource(f"urn:ogi:run:{run}:{name}:visits", "application/x-ndjson", body, clock.now())
    writer.close()
    for path in writer.finished:
        seal(archive, path)


def make_country(
    root: Path, *, size: float = 1.0, only: Collection[str] = (), tell: Callable[[str], None] | None = None
) -> tuple[Archive, IngestSummary]:
    """Fill a new archive.

    Args:
        root: Folder of the archive to be made.
        size: A part of the country's agencies, for tests.
        only: Codes of the provinces to invent; all if empty.
        tell: Called with a line for people.

    Raises:
        CountryError: There is an archive in the folder already.
    """
    if (root / SETTINGS_NAME).exists():
        raise CountryError(f"{root} holds an archive already; give the demo a folder of its own: --archive NEW")
    archive = Archive.create(root, _SETTINGS)
    say = tell or (lambda text: None)
    found = [province for province in provinces() if not only or province.code in only]
    seconds: list[tuple[dict[str, Any], _Pass]] = []
    for number, province in enumerate(found):
        say(f"inventing {province.name} ({number + 1} of {len(found)})")
        base = f"http://p{province.code[:2]}.invented.example"
        agencies = agencies_of(province, size)
        portal = _definition(province, base, agencies)
        shown = [pair for agency in agencies for pair in _reports(base, agency)]
        pages = [page for _, page in shown]
        _write_pass(archive, portal, _Pass(FIRST + timedelta(minutes=number), number + 1, pages, pages, [], []))
        seconds.append((portal, _second(province, number, shown)))
    for portal, again in seconds:
        _write_pass(archive, portal, again)
    say("reading and folding the reports")
    return archive, ingest_sealed(archive, progress=tell, clock=_Clock(SECOND + timedelta(days=1)))


def _second(province: Region, number: int, shown: list[tuple[Report, _Page]]) -> _Pass:
    """Weeks later: one report with another figure, one that is gone; one province can't be read at all."""
    at, pages = SECOND + timedelta(minutes=number), [page for _, page in shown]
    if province.code == _BLOCKED:
        return _Pass(
            at,
            500 + number,
            [],
            [],
            [],
            [],
            f"blocked: p{province.code[:2]}.invented.example blocked 3 requests in a row",
        )
    random = Random(f"second/{province.code}")
    (report, page), (_, gone) = random.sample(shown, 2)
    address = ("applications", "granted", "total")
    changed = report.with_figure(address, str(int(report.raws[address]) + random.randint(1, 9)))
    agency = Agency(report.agency, "government" if report.agency.endswith("政府") else "department", province.code, 0)
    new = _Page(page.url, _page(agency, changed, page.day), page.title, page.day)
    rest = [one for one in pages if one.url not in (page.url, gone.url)]
    return _Pass(at, 500 + number, pages, [new], rest, [gone])

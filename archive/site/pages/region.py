"""A place: what its agencies owe and published, what their reports add up to by basis, and the places within it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, TypedDict

from archive.index.codes import DutyStatus
from archive.index.indicators import BY_CODE, INDICATORS
from archive.index.rows import of_type
from archive.publish.spreadsheet import CONTENT_TYPE, attachment, csv_text
from archive.site.errors import not_found
from archive.site.i18n import Translator, language_of
from archive.site.memory import keep, steady
from archive.site.pages.missing import MARKS, matrix_of
from archive.site.pages.stats import GLANCE, about, card
from archive.site.params import year_of
from archive.site.provinces import province_name
from archive.site.state import site_url
from archive.site.stats import drawing, figures
from archive.site.stats.area import COLUMNS, multiples, printed_and_parts, within
from archive.site.stats.coverage import coverage, duties_of
from archive.site.stats.facts import ReportFacts
from archive.site.stats.lines import HEADER, lines, places_of
from archive.site.stats.reading import facts_of
from archive.site.stats.selection import Selection, bases, bases_in, basis_label, choose
from archive.site.stats.totals import by_year, growth, total, total_of
from archive.site.view import render, rows
from extract.lexicon.organs import KINDS
from extract.lexicon.regions import region_stem

SHOWN = ("received", "disposed", "granted_share", "denied_share", "carried_share")
STATUSES = tuple(status for status in DutyStatus if status != DutyStatus.PENDING)
MOST_AGENCIES = 300
#: The page has room for so much of the matrix of duties; the rest is a click away.
MATRIX_AGENCIES, MATRIX_YEARS = 20, 8
COUNTS = """
select o.year, a.kind, a.region, o.status, count(*) as n from obligations o join agencies a on a.id = o.agency
where a.region like :stem group by 1, 2, 3, 4
"""
AGENCIES = """
select a.id, a.name, a.kind, o.status, o.report, (select count(*) from reports r where r.agency = a.id) as reports from agencies a
left join obligations o on o.agency = a.id and o.year = :year where a.region = :code
order by case a.kind when 'government' then 0 when 'department' then 1 else 2 end, a.name limit :most
"""


class PlaceRow(TypedDict):
    """A place and the one that holds it."""

    code: str
    name: str
    parent: str | None
    level: str


class DutyCount(TypedDict):
    """How many agencies of a kind in a place owe a report of a year that is of a status."""

    year: int
    kind: str
    region: str
    status: str
    n: int


async def region(datasette: Any, request: Any) -> Any:
    """The page of a province, city or county."""
    code = request.url_vars["code"].ljust(6, "0")
    known = await _regions(datasette)
    if code not in known:
        return await not_found(datasette, request)
    language = language_of(request)
    counts = await _counts(datasette, code)
    facts = await facts_of(datasette)
    year = _year(counts, facts, code, year_of(request))
    of_year = [row for row in counts if row["year"] == year]
    context = {
        "code": code,
        "name": province_name(code, known[code]["name"], language),
        "chain": [(one, province_name(one, known[one]["name"], language)) for one in reversed(_chain(code, known)[1:])],
        "years": _years(counts, facts, code),
        "year": year,
        "statuses": STATUSES,
        "by_kind": _by_kind(of_year),
        "marks": MARKS,
        "children": _children(code, known, of_year, language),
        "sums": _sums(facts, code, year, Translator(language)),
        "indicators": [BY_CODE[item] for item in SHOWN],
        "matrix": await matrix_of(datasette, code, language, most=MATRIX_AGENCIES, years=MATRIX_YEARS),
        "agencies": await rows(datasette, AGENCIES, {"code": code, "year": year, "most": MOST_AGENCIES}),
        "agencies_total": (
            await steady(datasette, "select count(*) as n from agencies where region = :code", {"code": code})
        )[0]["n"],
        "portals": await rows(
            datasette, "select id, name, state from portals where region = :code order by name", {"code": code}
        ),
        "name_of": lambda item: figures.name_of(item, language),
        "unit_of": figures.unit_of,
        "short": drawing.short,
        **await _statistics(datasette, request, facts, code, known, year),
    }
    return await render(datasette, request, "region.html", context, section="stats")


async def _regions(datasette: Any) -> dict[str, PlaceRow]:
    found = await steady(datasette, "select code, name, parent, level from regions order by code")
    return {row["code"]: row for row in of_type(PlaceRow, found)}


async def _counts(datasette: Any, code: str) -> list[DutyCount]:
    """What is owed in a place, by year, kind, place and status."""
    return of_type(DutyCount, await steady(datasette, COUNTS, {"stem": f"{region_stem(code)}%"}))


async def _statistics(
    datasette: Any, request: Any, facts: ReportFacts, code: str, known: dict[str, PlaceRow], year: int
) -> dict[str, object]:
    """Cards, charts and the values of the places within, in the basis that the address names, or the one with most reports here."""
    offered = bases_in(facts, code)
    chosen = choose(facts, offered, code, request.args.get("basis") or "", year)
    if chosen is None:
        return {"chosen": None}
    translate = Translator(language_of(request))
    below = [row["code"] for row in known.values() if row["parent"] == code]

    async def compute() -> dict[str, object]:
        return _shown(facts, chosen, known[code]["level"], below, translate)

    return {
        **await keep(datasette, ("region", chosen, translate.language), compute, shelf="stats"),
        **await about(datasette, request, facts, chosen),
        "bases": [(basis, basis_label(basis, translate), number) for basis, number in offered],
        "columns": [BY_CODE[item] for item in COLUMNS],
    }


def _shown(
    facts: ReportFacts, chosen: Selection, level: str, below: list[str], translate: Translator
) -> dict[str, object]:
    """What a place's page shows of the statistics, with the places below it."""
    duties, received = duties_of(facts), BY_CODE["received"]
    now = total_of(facts, received, chosen.basis, chosen.area, chosen.year)
    return {
        "cards": [card(facts, BY_CODE[item], chosen) for item in GLANCE],
        "coverage": coverage(duties, now, chosen.basis, chosen.area),
        "growth": growth(facts, received, chosen.basis, chosen.area, chosen.year),
        "sides": [
            (basis_label(side.basis, translate), side)
            for side in printed_and_parts(facts, duties, chosen.area, level, chosen.year) or ()
        ],
        "multiples": multiples(facts, chosen, translate.language),
        "within": within(facts, duties, chosen, below),
    }


async def data(datasette: Any, request: Any) -> Any:
    """A place as data: all totals of all bases and years, and as JSON its places and what is owed in it by year, kind and status."""
    from datasette import Response

    code, known = request.url_vars["code"].ljust(6, "0"), await _regions(datasette)
    if code not in known:
        return await not_found(datasette, request)
    facts = await facts_of(datasette)
    places = [place for place in places_of(facts) if place[1] == code]
    names = {code: known[code]["name"]}
    found = [row for item in INDICATORS for row in lines(facts, duties_of(facts), item, places, names)]
    if request.url_vars["format"] == "csv":
        headers = {"content-disposition": attachment(f"region-{code}.csv"), "x-ogi-rows": str(len(found))}
        return Response(csv_text(HEADER, found), content_type=CONTENT_TYPE, headers=headers)
    content = {
        **{key: known[code][key] for key in ("code", "name", "level", "parent")},
        "page": f"{site_url(datasette)}/region/{code}",
        "children": [{"code": row["code"], "name": row["name"]} for row in known.values() if row["parent"] == code],
        "obligations": _owed(await _counts(datasette, code)),
        "total": len(found),
        "returned": len(found),
        "next": None,
        "rows": [dict(zip(HEADER, row, strict=True)) for row in found],
    }
    return Response(json.dumps(content, ensure_ascii=False), content_type="application/json; charset=utf-8")


def _owed(counts: list[DutyCount]) -> list[dict[str, str | int]]:
    """How many reports are owed by year, kind and status."""
    owed: Counter[tuple[int, str, str]] = Counter()
    for row in counts:
        owed[row["year"], row["kind"], row["status"]] += row["n"]
    return [{"year": year, "kind": kind, "status": status, "n": n} for (year, kind, status), n in sorted(owed.items())]


def _year(counts: list[DutyCount], facts: ReportFacts, code: str, asked: int | None) -> int:
    """The year that is asked for if there is anything of it, else the last of which something is due already."""
    years = _years(counts, facts, code)
    return asked if asked in years else _last_settled(counts, years)


def _years(counts: list[DutyCount], facts: ReportFacts, code: str) -> list[int]:
    """The years of which anything is owed or added up, the oldest first."""
    return sorted(
        {row["year"] for row in counts} | {one for basis, _ in bases(facts) for one in facts.by_year(basis, code)}
    )


def _by_kind(counts: list[DutyCount]) -> dict[str, Counter[str]]:
    """How many reports are of which status, by the kind of agency; kinds that owe nothing are left out."""
    matrix: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for row in counts:
        matrix[row["kind"]][row["status"]] += row["n"]
    return {kind: found for kind, found in matrix.items() if found}


def _children(
    code: str, known: dict[str, PlaceRow], counts: list[DutyCount], language: str
) -> list[tuple[str, str, Counter[str]]]:
    """The places within a region: code, name, and how many reports of agencies in them are of which status."""
    below: dict[str, Counter[str]] = {}
    for row in counts:
        child = next((one for one in _chain(row["region"], known) if known[one]["parent"] == code), None)
        if child is not None:
            below.setdefault(child, Counter())[row["status"]] += row["n"]
    return [
        (row["code"], province_name(row["code"], row["name"], language), below.get(row["code"], Counter()))
        for row in known.values()
        if row["parent"] == code and not row["name"].endswith("直辖县级行政区划")
    ]


def _last_settled(counts: list[DutyCount], years: list[int]) -> int:
    """The last year of which something is due already; 0 without any."""
    settled = {row["year"] for row in counts if row["status"] != DutyStatus.PENDING}
    return max(settled, default=years[-1] if years else 0)


def _chain(code: str, known: dict[str, PlaceRow]) -> list[str]:
    """A region and those that hold it, from the inside."""
    found = []
    while code in known and code not in found:
        found.append(code)
        code = known[code]["parent"] or ""
    return found


def _sums(facts: ReportFacts, code: str, year: int, translate: Translator) -> list[dict[str, object]]:
    """What the reports of each basis add up to; never added to each other."""
    duties = duties_of(facts)
    found = []
    for basis, _ in bases(facts):
        reports = by_year(facts, basis, code).get(year, [])
        if not reports:
            continue
        values = {item: total(facts, BY_CODE[item], reports, year) for item in SHOWN}
        found.append(
            {
                "basis": basis,
                "label": basis_label(basis, translate),
                "values": values,
                "coverage": coverage(duties, values["received"], basis, code),
            }
        )
    return found


ROUTES = (
    (r"^/region/(?P<code>[0-9]{2}(?:[0-9]{2}){0,2})$", region),
    (r"^/region/(?P<code>[0-9]{2}(?:[0-9]{2}){0,2})\.(?P<format>csv|json)$", data),
)

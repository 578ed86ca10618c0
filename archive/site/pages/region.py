"""A place: what its agencies owe and published, what their reports add up to by basis, and the places within it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from archive.index.codes import DutyStatus
from archive.index.indicators import BY_CODE
from archive.site.errors import not_found
from archive.site.i18n import Translator, language_of
from archive.site.memory import steady
from archive.site.pages.missing import MARKS
from archive.site.params import year_of
from archive.site.provinces import province_name
from archive.site.stats import drawing, figures
from archive.site.stats.coverage import coverage, duties_of
from archive.site.stats.facts import Facts
from archive.site.stats.reading import facts_of
from archive.site.stats.selection import bases, basis_label
from archive.site.stats.totals import by_year, total
from archive.site.view import render, rows
from extract.lexicon.organs import KINDS
from extract.lexicon.regions import region_stem

SHOWN = ("received", "disposed", "granted_share", "denied_share", "carried_share")
STATUSES = tuple(status for status in DutyStatus if status != DutyStatus.PENDING)
MOST_AGENCIES = 300
COUNTS = """
select o.year, a.kind, a.region, o.status, count(*) as n from obligations o join agencies a on a.id = o.agency
where a.region like :stem group by 1, 2, 3, 4
"""
AGENCIES = """
select a.id, a.name, a.kind, o.status, o.report, (select count(*) from reports r where r.agency = a.id) as reports from agencies a
left join obligations o on o.agency = a.id and o.year = :year where a.region = :code
order by case a.kind when 'government' then 0 when 'department' then 1 else 2 end, a.name limit :most
"""


async def region(datasette: Any, request: Any) -> Any:
    """The page of a province, city or county."""
    code = request.url_vars["code"].ljust(6, "0")
    known = {
        row["code"]: row
        for row in await steady(datasette, "select code, name, parent, level from regions order by code")
    }
    if code not in known:
        return await not_found(datasette, request)
    language = language_of(request)
    counts = await steady(datasette, COUNTS, {"stem": f"{region_stem(code)}%"})
    facts = await facts_of(datasette)
    years = _years(counts, facts, code)
    asked = year_of(request)
    year = asked if asked in years else _last_settled(counts, years)
    of_year = [row for row in counts if row["year"] == year]
    context = {
        "code": code,
        "name": province_name(code, known[code]["name"], language),
        "chain": [(one, province_name(one, known[one]["name"], language)) for one in reversed(_chain(code, known)[1:])],
        "years": years,
        "year": year,
        "statuses": STATUSES,
        "matrix": _by_kind(of_year),
        "marks": MARKS,
        "children": _children(code, known, of_year, language),
        "sums": await _sums(datasette, facts, code, year, Translator(language)),
        "indicators": [BY_CODE[item] for item in SHOWN],
        "name_of": lambda item: figures.name_of(item, language),
        "unit_of": figures.unit_of,
        "short": drawing.short,
        "agencies": await rows(datasette, AGENCIES, {"code": code, "year": year, "most": MOST_AGENCIES}),
        "agencies_total": (
            await steady(datasette, "select count(*) as n from agencies where region = :code", {"code": code})
        )[0]["n"],
        "portals": await rows(
            datasette, "select id, name, state from portals where region = :code order by name", {"code": code}
        ),
    }
    return await render(datasette, request, "region.html", context, section="stats")


def _years(counts: list[dict[str, Any]], facts: Facts, code: str) -> list[int]:
    """The years of which anything is owed or added up, the oldest first."""
    return sorted(
        {row["year"] for row in counts} | {one for basis, _ in bases(facts) for one in facts.by_year(basis, code)}
    )


def _by_kind(counts: list[dict[str, Any]]) -> dict[str, Counter[str]]:
    """How many reports are of which status, by the kind of agency; kinds that owe nothing are left out."""
    matrix: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for row in counts:
        matrix[row["kind"]][row["status"]] += row["n"]
    return {kind: found for kind, found in matrix.items() if found}


def _children(
    code: str, known: dict[str, dict[str, Any]], counts: list[dict[str, Any]], language: str
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


def _last_settled(counts: list[dict[str, Any]], years: list[int]) -> int:
    """The last year of which something is due already; 0 without any."""
    settled = {row["year"] for row in counts if row["status"] != DutyStatus.PENDING}
    return max(settled, default=years[-1] if years else 0)


def _chain(code: str, known: dict[str, dict[str, Any]]) -> list[str]:
    """A region and those that hold it, from the inside."""
    found = []
    while code in known and code not in found:
        found.append(code)
        code = known[code]["parent"] or ""
    return found


async def _sums(datasette: Any, facts: Facts, code: str, year: int, translate: Translator) -> list[dict[str, Any]]:
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


ROUTES = ((r"^/region/(?P<code>[0-9]{2}(?:[0-9]{2}){0,2})$", region),)

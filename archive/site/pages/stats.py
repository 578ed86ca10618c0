"""Statistics: the nation or a place at a glance, and one indicator with its trend, distribution, places and rows."""

from __future__ import annotations

from typing import Any, TypedDict

from archive.index.indicators import BREAK_YEAR, BY_CODE, OFFERED, Indicator
from archive.site.errors import not_found
from archive.site.i18n import Translator, language_of
from archive.site.memory import keep, steady
from archive.site.provinces import province_name, provinces
from archive.site.raster import why_not
from archive.site.stats import drawing, figures
from archive.site.stats.basis import NATION
from archive.site.stats.coverage import Coverage, Duties, coverage, duties_of
from archive.site.stats.facts import ReportFacts
from archive.site.stats.reading import facts_of
from archive.site.stats.selection import Selection, bases, basis_label, selection
from archive.site.stats.standing import value_in
from archive.site.stats.totals import Total, growth, total_of, totals
from archive.site.view import render

CARDS = (
    "received", "granted_share", "denied_share", "carried_share", "recon_corrected_share", "court_corrected_share", "on_time_share", "missing_share",
    "contradictory_share",
)  # fmt: skip
#: Of the front page.
GLANCE = ("received", "granted_share", "on_time_share")
SHADES = 5


async def overview(datasette: Any, request: Any) -> Any:
    """The page of all statistics."""
    facts = await facts_of(datasette)
    chosen = selection(facts, request)
    if chosen is None or not chosen.years:
        return await render(
            datasette, request, "stats.html", await _nothing(datasette, request, facts, chosen), section="stats"
        )
    duties = duties_of(facts)
    translate = Translator(language_of(request))

    async def compute() -> dict[str, object]:
        now = {item.code: total_of(facts, item, chosen.basis, chosen.area, chosen.year) for item in OFFERED}
        return {
            "cards": [card(facts, BY_CODE[code], chosen) for code in CARDS],
            "totals": now,
            "outcomes": drawing.both(lambda width: figures.composition(facts, "outcomes", chosen, translate, width)),
            "askers": drawing.both(lambda width: figures.composition(facts, "askers", chosen, translate, width)),
            "grounds": figures.small_multiples(facts, "grounds", chosen, translate.language),
            "tiles": tiles(facts, duties, BY_CODE["granted_share"], chosen),
            "days": drawing.both(
                lambda width: figures.spread(facts, BY_CODE["publication_day"], chosen, translate, width), drawing.WHOLE
            ),
            "days_coverage": coverage(duties, now["publication_day"], chosen.basis, chosen.area),
            "coverage": coverage(duties, now["received"], chosen.basis, chosen.area),
            "growth": growth(facts, BY_CODE["received"], chosen.basis, chosen.area, chosen.year),
        }

    found = await keep(datasette, ("stats", chosen, translate.language), compute, shelf="stats")
    context = {
        **found,
        **await about(datasette, request, facts, chosen),
        "indicators": OFFERED,
        "names": {
            key: [figures.part_name(code, translate.language) for code in codes]
            for key, codes in figures.COMPOSITIONS.items()
        },
        "places": await children(datasette, facts, duties, BY_CODE["received"], chosen, translate.language),
    }
    return await render(datasette, request, "stats.html", context, section="stats")


async def glance(datasette: Any, request: Any) -> dict[str, object] | None:
    """What the front page shows of the statistics: three cards of the basis with most reports; `None` where nothing counts."""
    facts = await facts_of(datasette)
    chosen = selection(facts, request)
    if chosen is None or not chosen.years:
        return None
    duties, translate = duties_of(facts), Translator(language_of(request))

    async def compute() -> dict[str, object]:
        now = total_of(facts, BY_CODE["received"], chosen.basis, chosen.area, chosen.year)
        return {
            "cards": [card(facts, BY_CODE[code], chosen) for code in GLANCE],
            "coverage": coverage(duties, now, chosen.basis, chosen.area),
            "growth": growth(facts, BY_CODE["received"], chosen.basis, chosen.area, chosen.year),
        }

    found = await keep(datasette, ("glance", chosen, translate.language), compute, shelf="stats")
    return {**found, **await about(datasette, request, facts, chosen)}


async def one_indicator(datasette: Any, request: Any) -> Any:
    """The page of an indicator."""
    indicator = BY_CODE.get(request.url_vars["code"])
    if indicator is None:
        return await not_found(datasette, request)
    facts = await facts_of(datasette)
    chosen = selection(facts, request)
    if chosen is None or not chosen.years:
        return await render(
            datasette, request, "stats.html", await _nothing(datasette, request, facts, chosen), section="stats"
        )
    duties = duties_of(facts)
    translate = Translator(language_of(request))

    agency = request.args.get("agency") or ""
    own = value_in(facts, indicator, agency, chosen.basis, chosen.year) if agency in facts.names else None
    mine = (own, facts.names[agency]) if own is not None else None

    async def compute() -> dict[str, Any]:
        years = totals(facts, indicator, chosen.basis, chosen.area)
        now = total_of(facts, indicator, chosen.basis, chosen.area, chosen.year)
        return {
            "years": years,
            "total": now,
            "covers": {one.year: coverage(duties, one, chosen.basis, chosen.area, indicator) for one in (*years, now)},
            "trend": drawing.both(lambda width: figures.trend_of(years, indicator, translate, width), drawing.WHOLE),
            "spread": drawing.both(lambda width: figures.spread(facts, indicator, chosen, translate, width, mine)),
            "tiles": tiles(facts, duties, indicator, chosen),
            "growth": None
            if indicator.whole or indicator.minus or indicator.counts
            else growth(facts, indicator, chosen.basis, chosen.area, chosen.year),
        }

    key = ("indicator", indicator.code, chosen, translate.language, mine and agency)
    found = await keep(datasette, key, compute, shelf="stats")
    context = {
        **found,
        **await about(datasette, request, facts, chosen),
        "indicator": indicator,
        "name": figures.name_of(indicator, translate.language),
        "unit": figures.unit_of(indicator),
        "coverage": found["covers"][chosen.year],
        "indicators": OFFERED,
        "break_year": BREAK_YEAR,
        "places": await children(datasette, facts, duties, indicator, chosen, translate.language),
    }
    return await render(datasette, request, "indicator.html", context, section="stats")


async def about(datasette: Any, request: Any, facts: ReportFacts, chosen: Selection) -> dict[str, object]:
    """What the head of a statistics page needs: the choices and the place's name."""
    translate = Translator(language_of(request))
    return {
        "chosen": chosen,
        "bases": [(basis, basis_label(basis, translate), number) for basis, number in bases(facts)],
        "basis_name": basis_label(chosen.basis, translate),
        "place": await place_name(datasette, chosen.area, translate),
        "name_of": lambda item: figures.name_of(item, translate.language),
        "unit_of": figures.unit_of,
        "short": drawing.short,
        "has_png": why_not() is None,
    }


async def _nothing(datasette: Any, request: Any, facts: ReportFacts, chosen: Selection | None) -> dict[str, object]:
    found = await about(datasette, request, facts, chosen) if chosen is not None else {"chosen": None, "bases": []}
    return {**found, "is_empty": True}


async def place_name(datasette: Any, area: str, translate: Translator) -> str:
    """The name of an area, `全国` for the nation; the code of one that nobody knows."""
    if area == NATION:
        return translate("stats.nation")
    names = await region_names(datasette)
    return province_name(area, names.get(area, area), translate.language)


async def region_names(datasette: Any) -> dict[str, str]:
    """Names by code."""
    return {row["code"]: row["name"] for row in await steady(datasette, "select code, name from regions")}


def card(facts: ReportFacts, indicator: Indicator, chosen: Selection) -> dict[str, object]:
    """An indicator as a card: its total of the year, and a small line over the years."""
    years = totals(facts, indicator, chosen.basis, chosen.area)
    values = [(one.year, one.value) for one in years if one.value is not None]
    return {
        "indicator": indicator,
        "total": total_of(facts, indicator, chosen.basis, chosen.area, chosen.year),
        "spark": drawing.spark(values, break_year=BREAK_YEAR if indicator.breaks else None),
    }


def shade(value: float, values: list[float]) -> int:
    """The fifth in which a value lies among all of them, from 0."""
    return min(SHADES - 1, SHADES * sum(other < value for other in values) // len(values))


def tiles(facts: ReportFacts, duties: Duties, indicator: Indicator, chosen: Selection) -> list[dict[str, object]]:
    """A tile for each province: its total of the year, how much of it is known, and a shade by fifths of those that have a value."""
    found: list[dict[str, Any]] = []
    for code, place in provinces().items():
        one = total_of(facts, indicator, chosen.basis, code, chosen.year)
        cover = coverage(duties, one, chosen.basis, code, indicator)
        value = None if cover.is_thin else one.value
        found.append(
            {
                "code": code,
                "place": place,
                "total": one,
                "coverage": cover,
                "value": value,
                "is_there": bool(one.seen or cover.due),
            }
        )
    values = [tile["value"] for tile in found if tile["value"] is not None]
    return [{**tile, "shade": shade(tile["value"], values) if tile["value"] is not None else None} for tile in found]


class AreaTotal(TypedDict):
    """An area with its total of the year; `value` is `None` where too few reports are behind it."""

    code: str
    name: str
    total: Total
    coverage: Coverage
    value: float | None


async def children(
    datasette: Any, facts: ReportFacts, duties: Duties, indicator: Indicator, chosen: Selection, language: str
) -> list[AreaTotal]:
    """The areas below the chosen one that have a report or owe one, in the order of their codes."""
    parent = chosen.area
    regions = await steady(datasette, "select code, name, parent, level from regions order by code")
    found: list[AreaTotal] = []
    for row in regions:
        if (row["parent"] or "") != parent or row["name"].endswith("直辖县级行政区划"):
            continue
        one = total_of(facts, indicator, chosen.basis, row["code"], chosen.year)
        cover = coverage(duties, one, chosen.basis, row["code"], indicator)
        if not one.seen and not cover.due:
            continue
        name = province_name(row["code"], row["name"], language)
        found.append(
            {
                "code": row["code"],
                "name": name,
                "total": one,
                "coverage": cover,
                "value": None if cover.is_thin else one.value,
            }
        )
    return found


ROUTES = (
    (r"^/stats$", overview),
    (r"^/stats/(?P<code>[a-z_]+)$", one_indicator),
)

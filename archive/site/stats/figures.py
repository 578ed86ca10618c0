"""Pictures of statistics: an indicator's trend and distribution, and compositions, from the facts to an SVG. Used by pages, files and embeds."""

from __future__ import annotations

import math

from archive.index.indicators import BREAK_YEAR, BY_CODE, Indicator
from archive.site.i18n import Translator
from archive.site.stats import drawing
from archive.site.stats.facts import ReportFacts
from archive.site.stats.selection import Selection
from archive.site.stats.totals import Total, by_year, distribution, total, totals

#: Shares that make a whole, in the order of the form.
COMPOSITIONS: dict[str, tuple[str, ...]] = {
    "outcomes": ("granted_full_share", "partly_share", "denied_share", "unable_share", "unprocessed_share", "other_share"),
    "askers": ("natural_share", "business_share", "research_share", "welfare_share", "legal_service_share", "other_org_share"),
    "grounds": (
        "ground_state_secret", "ground_prohibited_by_law", "ground_security_stability", "ground_third_party", "ground_internal_affairs",
        "ground_process", "ground_enforcement_files", "ground_administrative_query",
    ),
}  # fmt: skip
FIGURES = ("trend", "distribution")
BINS = 40
#: A composition of fewer cases has no value.
LEAST_CASES = 10


def name_of(indicator: Indicator, language: str) -> str:
    """The indicator's name, as a heading."""
    return indicator.zh if language == "zh" else indicator.en[:1].upper() + indicator.en[1:]


def unit_of(indicator: Indicator) -> str:
    """The sign behind its numbers."""
    return "%" if indicator.is_share else ""


def trend(facts: ReportFacts, indicator: Indicator, chosen: Selection, translate: Translator, width: int) -> str:
    """The totals over the years, for a share with the distribution behind them."""
    found = totals(facts, indicator, chosen.basis, chosen.area)
    return trend_of(found, indicator, translate, width)


def trend_of(found: list[Total], indicator: Indicator, translate: Translator, width: int) -> str:
    """The same of totals that are there already."""
    unit = unit_of(indicator)
    said = ", ".join(f"{one.year} {drawing.short(one.value)}{unit}" for one in found if one.value is not None)
    words = drawing.ChartWords(
        f"{name_of(indicator, translate.language)}: {said}",
        total=translate("stats.line_total"),
        median=translate("stats.line_median"),
        half=translate("stats.line_half"),
        most=translate("stats.line_most"),
        new_form=translate("compare.break"),
        unit=unit,
    )
    points = [drawing.Point(one.year, one.value, one.quantiles, one.disputed > 0) for one in found]
    return drawing.trend(
        points,
        words,
        break_year=BREAK_YEAR if indicator.breaks else None,
        width=width,
        bands=indicator.is_ratio or indicator.is_typical,
    )


def spread(
    facts: ReportFacts,
    indicator: Indicator,
    chosen: Selection,
    translate: Translator,
    width: int,
    mine: tuple[float, str] | None = None,
) -> str:
    """How the reports of the year lie; `mine` is one of them, with its name. Values beyond the 99th part stand in the last bar."""
    values = distribution(facts, indicator, by_year(facts, chosen.basis, chosen.area, indicator).get(chosen.year, ()))
    if len(values) < 2:
        return ""
    if indicator.is_typical:
        return _days(values, indicator, chosen, translate, width)
    low = min(0.0, values[0])
    high = 100.0 if indicator.is_share else max(values[int(0.99 * (len(values) - 1))], low + 1)
    step = (high - low) / BINS
    bins = [0] * BINS
    for value in values:
        bins[min(BINS - 1, max(0, int((value - low) / step)))] += 1
    unit = unit_of(indicator)
    middle = (
        values[len(values) // 2] if len(values) % 2 else (values[len(values) // 2 - 1] + values[len(values) // 2]) / 2
    )
    marks = [(middle, f"{translate('stats.line_median')} {drawing.short(round(middle, 1))}{unit}", "tick")]
    if mine is not None:
        marks.append((min(mine[0], high), mine[1], "me"))
    ticks = [
        (low + (high - low) * part / 4, f"{drawing.short(round(low + (high - low) * part / 4, 1))}{unit}")
        for part in range(5)
    ]
    says = translate("stats.spread_says", name=name_of(indicator, translate.language), n=len(values), year=chosen.year)
    return drawing.histogram(bins, says, start=low, step=step, unit=unit, width=width, ticks=ticks, marks=marks)


def _days(values: list[float], indicator: Indicator, chosen: Selection, translate: Translator, width: int) -> str:
    """Days from the due date in bars of whole days, those after it in their own colour; what lies beyond a hundredth stands in the last bars."""
    first, last = (values[int(part * (len(values) - 1))] for part in (0.01, 0.99))
    step = max(1, math.ceil((last - first + 1) / BINS))
    low = 1 - step * math.ceil((1 - first) / step)  # a bar begins with the first late day
    bins = [0] * max(1, math.ceil((max(last, 1) - low + 1) / step))
    for value in values:
        bins[min(len(bins) - 1, max(0, int((value - low) // step)))] += 1
    end = low + step * len(bins)
    ticks = [(float(day), f"{day:+d}" if day else "0") for day in range(low, end, max(1, (end - low) // 6))]
    says = translate("stats.spread_says", name=name_of(indicator, translate.language), n=len(values), year=chosen.year)
    marks = [(1.0, translate("agency.due"), "due")]
    return drawing.histogram(
        bins, says, start=low, step=step, unit="", width=width, ticks=ticks, marks=marks, late_from=1
    )


def composition_rows(facts: ReportFacts, code: str, chosen: Selection) -> list[tuple[int, list[Total]]]:
    """For each year the totals of the parts; years with fewer than `LEAST_CASES` are left out."""
    found = []
    for year, reports in by_year(facts, chosen.basis, chosen.area).items():
        parts = [total(facts, BY_CODE[part], reports, year) for part in COMPOSITIONS[code]]
        if parts[0].denominator >= LEAST_CASES:
            found.append((year, parts))
    return found


def composition(facts: ReportFacts, code: str, chosen: Selection, translate: Translator, width: int) -> str:
    """Bars of 100 %, one a year."""
    rows = composition_rows(facts, code, chosen)
    names = [part_name(part, translate.language) for part in COMPOSITIONS[code]]
    shares = [(year, [one.value or 0.0 for one in parts]) for year, parts in rows]
    breaks = any(BY_CODE[part].breaks for part in COMPOSITIONS[code])
    place = next((number for number, (year, _) in enumerate(shares) if year >= BREAK_YEAR), None) if breaks else None
    last = shares[-1] if shares else (0, [])
    said = ", ".join(f"{name} {share:.0f}%" for name, share in zip(names, last[1], strict=False))
    says = f"{translate(f'stats.{code}')} {last[0]}: {said}"
    return drawing.stacked(shares, names, says, break_at=place, width=width)


def part_name(code: str, language: str) -> str:
    """What a part of a composition is called: without the word of the share."""
    name = name_of(BY_CODE[code], language)
    return (
        {"granted_full_share": "予以公开"}.get(code, name.removesuffix("占比").removesuffix("率"))
        if language == "zh"
        else name
    )


def small_multiples(facts: ReportFacts, code: str, chosen: Selection, language: str) -> list[tuple[str, str]]:
    """A small chart for each part, all on one scale."""
    rows = composition_rows(facts, code, chosen)
    top = max((one.value or 0.0 for _, parts in rows for one in parts), default=0.0) * 1.1
    found = []
    for place, part in enumerate(COMPOSITIONS[code]):
        values = [(year, parts[place].value or 0.0) for year, parts in rows if parts[place].value is not None]
        name = part_name(part, language)
        found.append((name, drawing.small(values, name, top=top, unit="%", break_year=None)))
    return [(name, svg) for name, svg in found if svg]

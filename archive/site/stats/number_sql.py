"""The SQL of a number: what a visitor can run on the published tables, and change, to get the number that the page shows."""

from __future__ import annotations

from archive.index.indicators import Indicator
from archive.site.indicator_sql import number_sql, standing_sql, sum_sql
from archive.site.stats.basis import OWN_ENDS, ZONE, unit_of_basis
from archive.site.stats.selection import Selection

_OWN = " or ".join(
    f"substr(x.name, -length(g.name || '{end}')) = g.name || '{end}'" for end in OWN_ENDS
)  # the government whose region it is
_FROM = "join agencies a on a.id = {of}.agency join regions g on g.code = a.region"
_EXISTS = "(a.since is null or a.since <= {of}.year) and (a.until is null or {of}.year <= a.until)"
_REVISED = (
    "exists (select 1 from changes c join figure_changes k on k.change = c.id where c.report = r.id and c.kind = 'revised' "
    "and c.is_false_alarm = 0)"
)
_CONTRADICTORY = "exists (select 1 from findings f where f.report = r.id and f.version = r.version and f.severity = 'error' and f.status <> 'dismissed')"
_READ_WHOLE = "r.form is not null and v.coverage <> '{}' and not exists (select 1 from json_each(v.coverage) t where t.value ->> 0 < t.value ->> 1)"
#: Of obligations: which count, by `Indicator.counts`.
_DUTIES = {"on_time": "o.status = 'published'", "missing": "o.status in ('missing', 'vanished')"}


def query_of(indicator: Indicator, chosen: Selection) -> str | None:
    """SQL that gives N, numerator, denominator and value of an indicator in a basis, place and year; `None` for a median over days."""
    if indicator.is_typical:
        return None
    if indicator.is_of_duties:
        return (
            f"select count(*) as n_used, sum({_DUTIES[indicator.counts]}) as numerator, count(*) as denominator,\n"
            f"  100.0 * sum({_DUTIES[indicator.counts]}) / count(*) as value\n"
            f"from obligations o {_FROM.format(of='o')}\n"
            f"where o.status not in ('unknown', 'pending') and o.year = {chosen.year}\n{_within(chosen)}"
        )
    scope = chosen.basis.rpartition(".")[2]
    value = f"{indicator.scale}.0 * sum(numerator) / sum(denominator)" if indicator.is_ratio else "sum(numerator)"
    return (
        f"with values_of_reports as (\n  select r.id, {_terms(indicator)}\n"
        f"  from reports r join versions v on v.report = r.id and v.version = r.version {_FROM.format(of='r')}\n"
        f"  where r.version > 0 and r.year = {chosen.year} and r.scope = '{scope}' and {_EXISTS.format(of='r')}\n{_within(chosen)}\n)\n"
        f"select count(*) as n_used, sum(numerator) as numerator, sum(denominator) as denominator, {value} as value\nfrom values_of_reports\n"
        "where numerator is not null and denominator is not null and not unsure and not disputed"
    )


def _terms(indicator: Indicator) -> str:
    """Numerator, denominator and what speaks against them, of one report."""
    if indicator.counts == "revised":
        return f"{_REVISED} as numerator, iif(r.last_seen > r.first_seen, 1, null) as denominator, 0 as unsure, 0 as disputed"
    if indicator.counts == "contradictory":
        return f"{_CONTRADICTORY} as numerator, iif({_READ_WHOLE}, 1, null) as denominator, 0 as unsure, 0 as disputed"
    numerator = number_sql(indicator, "r.id", "r.version")
    whole = sum_sql(indicator.whole, "r.id", "r.version") if indicator.whole else "1"
    unsure, disputed, _ = standing_sql(indicator, "r.id", "r.version", "r.form")
    return (
        f"{f'{numerator} = 0' if indicator.counts == 'zero' else numerator} as numerator,\n    {whole} as denominator,\n"
        f"    {unsure} as unsure,\n    {disputed} as disputed"
    )


def _within(chosen: Selection) -> str:
    """Conditions on agency and region: the unit of the basis, and the area."""
    level, _, kind = unit_of_basis(chosen.basis).partition(".")
    own = f"exists (select 1 from (select a.name as name union all select value from json_each(a.aliases)) x where {_OWN})"
    conditions = ["a.kind = 'township'"] if kind == "township" else [f"g.level = '{level}'"]
    if kind in ("government", ZONE):
        conditions += ["a.kind = 'government'", own if kind != ZONE else f"not {own}"]
    elif kind != "township":
        conditions.append(f"a.kind = '{kind}'")
    if chosen.area:
        stem = (
            chosen.area[:2]
            if chosen.area[2:] == "0000"
            else chosen.area[:4]
            if chosen.area[4:] == "00"
            else chosen.area
        )
        conditions.append(f"substr(g.code, 1, {len(stem)}) = '{stem}'")
    return "  and " + "\n  and ".join(conditions)

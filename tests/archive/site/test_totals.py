"""Totals against the plain way of adding one report after the other."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from archive.index.facts import DISPUTED, NONE, UNSURE, USED, IndicatorColumn
from archive.index.indicators import INDICATORS, Indicator
from archive.site.stats.facts import ReportFacts
from archive.site.stats.totals import LEAST_DENOMINATOR, distribution, own_value, quantile, ratio, total

REPORT = st.tuples(st.integers(0, 400), st.integers(0, 40), st.sampled_from((USED, NONE, UNSURE, DISPUTED)))


@given(st.lists(REPORT, max_size=30), st.sampled_from(INDICATORS), st.data())
def test_totals_add_what_counts(rows: list[tuple[int, int, int]], indicator: Indicator, data: st.DataObject) -> None:
    facts = ReportFacts()
    facts.columns[indicator.code] = IndicatorColumn(
        array("d", [float(row[0]) for row in rows]),
        array("d", [float(row[1]) for row in rows]),
        bytearray(row[2] for row in rows),
    )
    chosen = data.draw(st.lists(st.sampled_from(range(len(rows))), unique=True)) if rows else []
    found = total(facts, indicator, chosen, 2024)
    sound = [rows[number] for number in chosen if rows[number][2] == USED]
    against = [rows[number] for number in chosen if rows[number][2] == DISPUTED]
    states = [rows[number][2] for number in chosen]
    assert (found.used, found.disputed, found.unsure, found.blank) == (
        len(sound), len(against), states.count(UNSURE), states.count(NONE)
    )  # fmt: skip
    assert found.seen == len(chosen)
    numerator, denominator = sum(row[0] for row in sound), sum(row[1] for row in sound)
    assert found.numerator == numerator
    own = sorted(value for row in sound if (value := own_value(indicator, row[0], row[1])) is not None)
    assert distribution(facts, indicator, chosen) == own
    assert found.quantiles == (tuple(quantile(own, part) for part in (0.1, 0.25, 0.5, 0.75, 0.9)) if own else ())
    assert not indicator.is_ratio or len(own) == sum(row[1] >= LEAST_DENOMINATOR for row in sound)
    if indicator.is_typical:
        assert found.value == (found.quantiles[2] if own else None)
        return
    assert found.denominator == (denominator if indicator.is_ratio else 0)
    assert found.value == (ratio(indicator, numerator, denominator) if sound else None)
    both = (numerator + sum(row[0] for row in against), denominator + sum(row[1] for row in against))
    assert found.value_with == (ratio(indicator, *both) if sound or against else None)

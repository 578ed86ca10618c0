"""Checks between the reports of one agency: what was carried over, stocks, amounts in the wrong unit, year-on-year claims."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from decimal import Decimal

from extract.audit.figures import COLUMNS, FigureBook
from extract.audit.names import column_name, name_of, row_name
from extract.audit.narrative import check_growth
from extract.model import Extraction, Finding, State

#: Amounts whose unit (元 or 万元) is often confused.
AMOUNTS = ("disclosure.procurement.amount", "disclosure.fees.amount")
#: A slip between 元 and 万元 is a factor of 10,000; a real change is not within a factor of five of that.
SLIP_LOW, SLIP_HIGH = Decimal(2000), Decimal(50000)


def across_years(
    previous: Extraction | None, current: Extraction, others: Sequence[Extraction] = ()
) -> tuple[Finding, ...]:
    """Findings about `current` that need the agency's other reports.

    Args:
        previous: The report of the year before, if it is archived.
        current: The report that is judged.
        others: All other archived reports of the agency, for the plausibility of amounts.
    """
    findings: list[Finding] = []
    if previous is not None and _comparable(previous, current):
        before, now = FigureBook.of(previous), FigureBook.of(current)
        findings += [*_carry_over(before, now), *_stock(before, now), *check_growth(previous, current)]
    findings += _unit(current, others)
    return tuple(findings)


def _comparable(previous: Extraction, current: Extraction) -> bool:
    """Reports of different scope (own office, whole area) can't be chained."""
    if previous.year is None or current.year is None or previous.year + 1 != current.year:
        return False
    return previous.scope is None or current.scope is None or previous.scope == current.scope


def _carry_over(before: FigureBook, now: FigureBook) -> Iterator[Finding]:
    for column in COLUMNS:
        left, arrived = f"applications.carried_out.{column}", f"applications.carried_in.{column}"
        expected, actual = before.measured(left), now.measured(arrived)
        if expected is None or actual is None or expected == actual:
            continue
        yield Finding(
            check="carry_over",
            severity="error" if column == "total" else "warning",
            where=arrived,
            message=f"「{column_name('applications', column)}」一列：上年报告结转下年度 {expected} 件，本年报告的上年结转为 {actual} 件",
            expected=expected,
            actual=actual,
            figures=(f"previous:{left}", arrived),
        )


def _stock(before: FigureBook, now: FigureBook) -> Iterator[Finding]:
    for row in ("rules", "normative_documents"):
        parts = [f"disclosure.{row}.made", f"disclosure.{row}.repealed"]
        stock = f"disclosure.{row}.in_force"
        prior, made, repealed, actual = (
            before.amount(stock),
            now.amount(parts[0]),
            now.amount(parts[1]),
            now.amount(stock),
        )
        if prior is None or made is None or repealed is None or actual is None:
            continue
        if not (before.is_filled(stock) and now.is_filled(stock)):
            continue
        expected = prior + made - repealed
        if expected != actual:
            yield Finding(
                check="stock",
                severity="warning",
                where=stock,
                message=f"「{row_name('disclosure', row)}」：上年报告现行有效 {prior} + 本年制发 {made} − 本年废止 {repealed} = {expected}，本年报告现行有效为 {actual}",
                expected=expected,
                actual=actual,
                figures=(f"previous:{stock}", *parts, stock),
            )
    for row in ("licensing", "other_services", "penalties", "coercion", "fees"):
        prior_code, change_code = f"disclosure.{row}.prior_items", f"disclosure.{row}.items_change"
        if not (before.is_filled(prior_code) and now.is_filled(prior_code)):
            continue
        expected_items, actual_items = before.sum([prior_code, change_code]), now.amount(prior_code)
        if expected_items is None or actual_items is None or expected_items == actual_items:
            continue
        yield Finding(
            check="stock",
            severity="warning",
            where=prior_code,
            message=f"「{row_name('disclosure', row)}」：上年报告的项目数量加增/减为 {expected_items}，本年报告的上一年项目数量为 {actual_items}",
            expected=expected_items,
            actual=actual_items,
            figures=(f"previous:{prior_code}", f"previous:{change_code}", prior_code),
        )


def _unit(current: Extraction, others: Sequence[Extraction]) -> Iterator[Finding]:
    book = FigureBook.of(current)
    for address in AMOUNTS:
        figure = book.get(address)
        # A doubtful amount too: a unit that may be the wrong one is why it is doubted, and the other years can say so.
        amount = figure.value if figure is not None and figure.state is not State.UNREAD else None
        known = {other.year: FigureBook.of(other).amount(address) for other in others if other.scope == current.scope}
        elsewhere = {year: value for year, value in known.items() if value}
        if not amount:
            continue
        slips = {year: value for year, value in elsewhere.items() if _is_slip(amount / value)}
        if len(slips) * 2 > len(
            elsewhere
        ):  # most other years, so that the one wrong year is named and not all its neighbours
            usual = statistics.median(slips.values())
            yield Finding(
                check="unit",
                severity="warning",
                where=address,
                message=f"「{name_of(address)}」{amount} 元与该机关其他年度的 {usual} 元相差约一万倍，可能误用了单位（元／万元）",
                expected=usual,
                actual=amount,
                figures=(address, *(f"{year}:{address}" for year in slips)),
            )


def _is_slip(ratio: Decimal) -> bool:
    return SLIP_LOW <= ratio <= SLIP_HIGH or SLIP_LOW <= 1 / ratio <= SLIP_HIGH

"""The arithmetic of the official tables: 勾稽关系 of the applications table, totals of both tables, stocks within one year.

Source of the rules: the printed note of the applications table in both forms (国办公开办函〔2019〕60号, 〔2021〕30号): 第一项加第二项之和，等于第三项加第四项之和.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from extract.audit.figures import APPLICANTS, COLUMNS, OUTCOMES, ROUTES, FigureBook
from extract.audit.names import column_name, name_of, row_name
from extract.model import Extraction, Finding


def check_identities(extraction: Extraction, book: FigureBook | None = None) -> tuple[Finding, ...]:
    """Findings of balance, row_total, column_total, challenge_total and the one-year part of stock."""
    book = book or FigureBook.of(extraction)
    return (*balance(book), *row_totals(book), *column_totals(book), *challenge_totals(book), *stocks(book))


def balance(book: FigureBook) -> Iterator[Finding]:
    """本年新收 + 上年结转 = 总计 + 结转下年度, in each column."""
    for column in COLUMNS:
        arrived = [f"applications.received.{column}", f"applications.carried_in.{column}"]
        left = [f"applications.disposed_total.{column}", f"applications.carried_out.{column}"]
        expected, actual = book.sum(arrived), book.sum(left)
        if expected is None or actual is None or expected == actual:
            continue
        is_omission = book.measured_sum(arrived) == book.measured_sum(left)
        yield Finding(
            check="balance",
            severity="warning" if is_omission else "error",
            where=f"applications.*.{column}",
            message=f"「{column_name('applications', column)}」一列：本年新收 {book.shown(arrived[0])} + 上年结转 {book.shown(arrived[1])} = {expected}，"
            f"而（七）总计 {book.shown(left[0])} + 结转下年度 {book.shown(left[1])} = {actual}",
            expected=expected,
            actual=actual,
            figures=(*arrived, *left),
        )


def row_totals(book: FigureBook) -> Iterator[Finding]:
    """The six kinds of applicant add up to the row's total."""
    for row in book.rows("applications"):
        yield from _total(
            book,
            check="row_total",
            parts=[f"applications.{row}.{column}" for column in APPLICANTS],
            total=f"applications.{row}.total",
            what="六类申请人之和",
        )


def column_totals(book: FigureBook) -> Iterator[Finding]:
    """The dispositions add up to （七）总计 in each column."""
    rows = book.disposition_rows()
    if not rows:
        return
    for column in COLUMNS:
        yield from _total(
            book,
            check="column_total",
            parts=[f"applications.{row}.{column}" for row in rows],
            total=f"applications.disposed_total.{column}",
            what="各项办理结果之和",
        )


def challenge_totals(book: FigureBook) -> Iterator[Finding]:
    """The four outcomes add up to the total of each route."""
    for route in ROUTES:
        yield from _total(
            book,
            check="challenge_total",
            parts=[f"challenges.{route}.{outcome}" for outcome in OUTCOMES],
            total=f"challenges.{route}.total",
            what="四种结果之和",
        )


def _total(book: FigureBook, *, check: str, parts: list[str], total: str, what: str) -> Iterator[Finding]:
    expected, actual = book.sum(parts), book.amount(total)
    if expected is None or actual is None or expected == actual:
        return
    # Cells left blank are an omission if what is printed elsewhere fills them; printed figures that disagree are an error.
    is_omission = (
        not book.is_filled(total)
        or not any(book.is_filled(part) for part in parts)
        or book.measured_sum(parts) == book.measured(total)
    )
    yield Finding(
        check=check,
        severity="warning" if is_omission else "error",
        where=total,
        message=f"「{name_of(total)}」为{book.shown(total, ' ')}，{what}为 {expected}（{_addends(book, parts)}）",
        expected=expected,
        actual=actual if book.is_filled(total) else None,
        figures=(*parts, total),
    )


def _addends(book: FigureBook, parts: list[str]) -> str:
    """The parts that are no 0, as a sum; how many cells there are if all are 0 or blank."""
    addends = [str(amount) for part in parts if (amount := book.amount(part))]
    return " + ".join(addends) if addends else f"{len(parts)} 格均为空白或 0"


def stocks(book: FigureBook) -> Iterator[Finding]:
    """What one report alone says of stocks: the number of items cannot fall below zero."""
    for row in ("licensing", "other_services", "penalties", "coercion", "fees"):
        prior, change = f"disclosure.{row}.prior_items", f"disclosure.{row}.items_change"
        left = book.sum([prior, change])
        if left is not None and left < 0:
            yield Finding(
                check="stock",
                severity="warning",
                where=change,
                message=f"「{row_name('disclosure', row)}」：上一年项目数量 {book.shown(prior)}，本年增/减 {book.shown(change)}，合计 {left}，项目数量不可能小于 0",
                expected=Decimal(0),
                actual=left,
                figures=(prior, change),
            )

"""Text against table: claims of the running text that differ from the figures they restate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from extract.audit.claims import Claim, read_claims
from extract.audit.figures import APPLICANTS, FigureBook
from extract.audit.names import column_name, row_name
from extract.audit.sentences import fold
from extract.model import Extraction, Finding

HUNDRED = Decimal(100)
#: A difference of two rounded shares may be off by one in the last printed place.
_LAST_PLACE = Decimal("1.1")
_MOST_ADDENDS = 8
_LONGEST_QUOTE = 120


def check_narrative(extraction: Extraction, book: FigureBook | None = None) -> tuple[Finding, ...]:
    """Findings of the check `narrative` that need no other report; each names the figures, the words and both numbers."""
    book = book or FigureBook.of(extraction)
    findings: dict[tuple[str, str, Decimal | None], Finding] = {}
    for claim in read_claims(extraction, book):
        finding = _judge(claim, book)
        if finding is not None:
            findings.setdefault((finding.message, finding.where, finding.actual), finding)
    for finding in _indicator_findings(extraction, book):
        findings.setdefault((finding.message, finding.where, finding.actual), finding)
    return tuple(findings.values())


def check_growth(previous: Extraction, current: Extraction) -> tuple[Finding, ...]:
    """Year-on-year claims (较上年增长 12.1%) of `current` against the figures of both reports."""
    before, now = FigureBook.of(previous), FigureBook.of(current)
    found = []
    for claim in read_claims(current):
        finding = _judge_growth(claim, before, now)
        if finding is not None:
            found.append(finding)
    return tuple(found)


def _judge_growth(claim: Claim, before: FigureBook, now: FigureBook) -> Finding | None:
    """A claim about two years; silent where one year's figure is missing or nothing can be divided by it."""
    claimed = -claim.number if claim.is_down else claim.number
    if claim.kind == "share_change":
        return _judge_share_change(claim, claimed, before, now)
    if claim.kind not in ("growth", "change"):
        return None
    found: list[tuple[Decimal, Decimal, Decimal]] = []
    for reading in claim.readings:
        old, new = before.measured_sum(reading), now.measured_sum(reading)
        if old is None or new is None or (claim.kind == "growth" and old == 0):
            return None
        found.append((new - old if claim.kind == "change" else (new - old) / old * HUNDRED, old, new))
    agrees = (
        claimed in [rate for rate, _, _ in found]
        if claim.kind == "change"
        else any(_rounds_to(rate, claimed) for rate, _, _ in found)
    )
    if not found or agrees:
        return None
    rate, old, new = found[0]
    direction = "减少" if claim.is_down else "增加"
    if claim.kind == "change":
        stated, real, expected = f"{direction} {claim.number} 件", f"变化 {rate:+f} 件", rate
    else:
        expected = rate.quantize(Decimal("0.01"))
        stated, real = f"{direction} {claim.number}%", f"变化 {expected:+f}%"
    return _finding(
        claim,
        now,
        expected=expected,
        actual=claimed,
        message=f"正文称「{claim.label}」较上年{stated}，按上年报告（{old}）和本年报告（{new}）的表格为{real}",
        others=tuple(f"previous:{address}" for address in claim.readings[0]),
    )


def _judge_share_change(claim: Claim, claimed: Decimal, before: FigureBook, now: FigureBook) -> Finding | None:
    """A change of a share may be meant in points or in percent of last year's share; it is wrong if it is neither."""
    points: list[Decimal] = []
    for reading in claim.readings:
        for whole in claim.denominators:
            shares = []
            for book in (before, now):
                part, total = book.measured_sum(reading), book.measured_sum(whole)
                if part is None or total is None:
                    return None
                if not total:
                    break
                shares.append(part / total * HUNDRED)
            if len(shares) < 2:
                continue
            difference = shares[1] - shares[0]
            points.append(difference)
            step = Decimal(1).scaleb(_exponent(claim.number))
            if abs(difference - claimed) < step * _LAST_PLACE:
                return None
            if shares[0] and _rounds_to(difference / shares[0] * HUNDRED, claimed):
                return None
    if not points:
        return None
    expected = points[0].quantize(Decimal("0.01"))
    return _finding(
        claim,
        now,
        expected=expected,
        actual=claimed,
        message=f"正文称「{claim.label}」的占比较上年变化 {claimed:+f}，按两年报告的表格为 {expected:+f} 个百分点",
        others=tuple(f"previous:{address}" for address in claim.readings[0]),
    )


def _judge(claim: Claim, book: FigureBook) -> Finding | None:
    """A claim about this report alone; silent where the report has no figures for it."""
    judge = _JUDGES.get(claim.kind)
    values = [book.measured_sum(reading) for reading in claim.readings]
    known = [value for value in values if value is not None]
    if judge is None or not known or len(known) < len(values):
        return None
    return judge(claim, book, known)


def _judge_amount(claim: Claim, book: FigureBook, known: list[Decimal]) -> Finding | None:
    """A number that restates one of the sums."""
    is_money = claim.kind == "money"
    if any(_rounds_to(value / claim.unit_size, claim.number) if is_money else value == claim.number for value in known):
        return None
    unit = " 元" if is_money else ""
    return _finding(
        claim,
        book,
        expected=known[0],
        actual=claim.number * claim.unit_size,
        message=f"正文称「{claim.label}」为 {_plain(claim.number * claim.unit_size)}{unit}，表格为 {_plain(known[0])}{unit}"
        f"{_sum_of(claim.readings[0], book)}{_another_column(claim, book)}",
    )


def _judge_equal(claim: Claim, book: FigureBook, known: list[Decimal]) -> Finding | None:
    """That all cases had one outcome."""
    total = _totals(claim, book)[:1]
    if not total or known[0] == total[0]:
        return None
    return _finding(
        claim,
        book,
        expected=known[0],
        actual=total[0],
        message=f"正文称 {total[0]} 件全部维持，表格中「结果维持」共 {known[0]} 件",
        others=claim.denominators[0],
    )


def _judge_share(claim: Claim, book: FigureBook, known: list[Decimal]) -> Finding | None:
    """A percentage of one of the totals."""
    pairs = [(value, total) for value in known for total in _totals(claim, book) if total]
    if not pairs or any(_rounds_to(value / total * HUNDRED, claim.number) for value, total in pairs):
        return None
    value, total = pairs[0]
    expected = (value / total * HUNDRED).quantize(Decimal("0.0001"))
    return _finding(
        claim,
        book,
        expected=expected,
        actual=claim.number,
        message=f"正文称「{claim.label}」占 {claim.number}%，按表格为 {expected:.2f}%（{_plain(value)} ÷ {_plain(total)}）",
        others=claim.denominators[0],
    )


#: How each kind of claim about one year is judged (`Claim.kind`).
_JUDGES = {"count": _judge_amount, "money": _judge_amount, "equal": _judge_equal, "percent": _judge_share}


def _totals(claim: Claim, book: FigureBook) -> list[Decimal]:
    """The sums that a claim compares with; none if one of them is unknown."""
    totals = [book.measured_sum(reading) for reading in claim.denominators]
    return [total for total in totals if total is not None] if None not in totals else []


def _rounds_to(value: Decimal, printed: Decimal) -> bool:
    """Whether the value, rounded or cut to the printed decimals, is the printed number."""
    step = Decimal(1).scaleb(_exponent(printed))
    return printed in (value.quantize(step, ROUND_HALF_UP), value.quantize(step, ROUND_DOWN))


def _exponent(printed: Decimal) -> int:
    """The place of the last printed decimal: 0 for a whole number, -1 for one decimal."""
    exponent = printed.as_tuple().exponent
    return exponent if isinstance(exponent, int) and exponent < 0 else 0


def _plain(number: Decimal) -> str:
    """A number without an exponent and without decimals that say nothing."""
    return f"{number.normalize():f}"


def _sum_of(reading: tuple[str, ...], book: FigureBook) -> str:
    """How a sum is made up, if it is one and short enough to print."""
    addends = [amount for address in _used(reading, book) if (amount := book.amount(address))]
    if len(addends) < 2:
        return ""
    shown = "（" + " + ".join(map(_plain, addends)) + "）"
    return shown if len(addends) <= _MOST_ADDENDS else f"（{len(addends)} 项之和）"


def _another_column(claim: Claim, book: FigureBook) -> str:
    """A hint if the number stands in another column of the same row: the sentence may have taken it from there."""
    for reading in claim.readings:
        table, row, _ = reading[0].rsplit(".", 2)
        if len(reading) == 1 and table == "applications" and claim.number:
            for column in APPLICANTS:
                if book.amount(f"{table}.{row}.{column}") == claim.number:
                    return f"；{claim.number} 是「{row_name(table, row)}」中「{column_name(table, column)}」一列的数"
    return ""


def _used(reading: tuple[str, ...], book: FigureBook) -> tuple[str, ...]:
    return tuple(part for address in reading for part in book.addends(address))


def _where(reading: tuple[str, ...], book: FigureBook) -> str:
    """The place of a sum: its addresses, or a whole group of rows by its common beginning."""
    for group in ("denied_", "unable_", "unprocessed_", "other_"):
        if len(reading) > 1 and reading == tuple(f"applications.{row}.total" for row in book.disposition_rows(group)):
            return f"applications.{group}*.total"
    return "+".join(reading)


def _finding(
    claim: Claim, book: FigureBook, *, expected: Decimal, actual: Decimal, message: str, others: tuple[str, ...] = ()
) -> Finding:
    words = claim.quote if len(claim.quote) <= _LONGEST_QUOTE else claim.quote[: _LONGEST_QUOTE - 1] + "…"
    return Finding(
        check="narrative",
        severity="error",
        where=_where(claim.readings[0], book),
        message=f"{message}：「{words}」",
        expected=expected,
        actual=actual,
        figures=(*_used(claim.readings[0], book), *others),
        quote=claim.quote,
    )


_GROUP = re.compile(r"^[（(][一二三四五六七八九十]+[）)]")
_ITEM = re.compile(r"^\d+[.．、]")
_FILLER = re.compile(r"共计|总计|累计|共|总|各类|的情况|情况|数$")
_CHANNEL = re.compile(r"平台|网站|微博|微信|公报|客户端|公众号|专栏")


def _indicator_findings(extraction: Extraction, book: FigureBook) -> Iterator[Finding]:
    """The 统计表: the parts of a group without a total of its own, against the sentence that gives their sum."""
    labels = book.rows("indicators")
    if not labels:
        return
    text = "\n".join(fold(section.text) for section in extraction.sections)
    for position, label in enumerate(labels):
        if not _GROUP.match(label) or book.is_filled(f"indicators.{label}.value"):
            continue
        parts: list[str] = []
        for other in labels[position + 1 :]:
            if _GROUP.match(other):
                break
            if _ITEM.match(other):
                parts.append(f"indicators.{other}.value")
        total = book.sum(parts)
        key = _FILLER.sub("", fold(_GROUP.sub("", label)))
        if not parts or total is None or len(key) < 6:
            continue
        for sentence in re.split(r"[。！？\n]", text):
            for match in re.finditer(r"([^，,；;。0-9]{4,40}?)(\d+)(余|多|万)?(条|次|件|篇)", sentence):
                if match[3] or key not in _FILLER.sub("", match[1]) or _CHANNEL.search(match[1]):
                    continue
                claimed = Decimal(match[2])
                if claimed != total:
                    yield Finding(
                        check="narrative",
                        severity="error",
                        where=f"indicators.{label}.value",
                        message=f"正文称 {claimed}，表格各项之和为 {total}：「{sentence}」",
                        expected=total,
                        actual=claimed,
                        figures=tuple(parts),
                        quote=sentence,
                    )

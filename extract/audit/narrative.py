"""Text against table: claims of the running text that differ from the figures they restate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from extract.audit.claims import Claim, fold, read_claims
from extract.audit.figures import APPLICANTS, FigureBook
from extract.model import Extraction, Finding

HUNDRED = Decimal(100)


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
        if claim.kind != "growth":
            continue
        rates = []
        for reading in claim.readings:
            old, new = before.measured_sum(reading), now.measured_sum(reading)
            if old is None or new is None or old == 0:
                break
            rates.append((new - old) / old * HUNDRED)
        else:
            claimed = -claim.number if claim.down else claim.number
            if rates and not any(_rounds_to(rate, claimed) for rate in rates):
                found.append(
                    _finding(
                        claim,
                        expected=rates[0].quantize(Decimal("0.01")),
                        actual=claimed,
                        what="按两年表格计算的变化率（%）",
                    )
                )
    return tuple(found)


def _judge(claim: Claim, book: FigureBook) -> Finding | None:
    if claim.kind == "growth":
        return None
    values = [book.measured_sum(reading) for reading in claim.readings]
    if not values or any(value is None for value in values):
        return None
    known = [value for value in values if value is not None]
    if claim.kind == "count":
        if claim.number in known:
            return None
        return _finding(
            claim, expected=known[0], actual=claim.number, what="表格", doubtful=_another_column(claim, book)
        )
    if claim.kind == "money":
        if any(_rounds_to(value / claim.unit_size, claim.number) for value in known):
            return None
        return _finding(claim, expected=known[0], actual=claim.number * claim.unit_size, what="表格")
    totals = [book.measured_sum(reading) for reading in claim.denominators]
    if not totals or any(total is None for total in totals):
        return None
    if claim.kind == "equal":
        if known[0] == totals[0]:
            return None
        return _finding(claim, expected=known[0], actual=totals[0], what="表格中结果维持")
    shares = [value / total * HUNDRED for value in known for total in totals if total]
    if not shares or any(_rounds_to(share, claim.number) for share in shares):
        return None
    return _finding(
        claim, expected=shares[0].quantize(Decimal("0.0001")), actual=claim.number, what="按表格计算的比例（%）"
    )


def _rounds_to(value: Decimal, printed: Decimal) -> bool:
    """Whether the value, rounded or cut to the printed decimals, is the printed number."""
    exponent = printed.as_tuple().exponent
    step = Decimal(1).scaleb(exponent) if isinstance(exponent, int) and exponent < 0 else Decimal(1)
    return printed in (value.quantize(step, ROUND_HALF_UP), value.quantize(step, ROUND_DOWN))


def _another_column(claim: Claim, book: FigureBook) -> bool:
    """Whether the number stands in another column of the same row: then the sentence may mean that column."""
    for reading in claim.readings:
        if len(reading) != 1:
            continue
        table, row, _ = reading[0].rsplit(".", 2)
        if table == "applications" and any(
            book.amount(f"{table}.{row}.{column}") == claim.number for column in APPLICANTS
        ):
            return claim.number != 0
    return False


def _finding(
    claim: Claim, *, expected: Decimal | None, actual: Decimal | None, what: str, doubtful: bool = False
) -> Finding:
    addresses = claim.readings[0] + (claim.denominators[0] if claim.denominators else ())
    words = claim.quote if len(claim.quote) <= 120 else claim.quote[:119] + "…"
    stated = (
        f"全部维持，共 {actual}"
        if claim.kind == "equal"
        else f"{actual}{'%' if claim.kind in ('percent', 'growth') else ''}"
    )
    return Finding(
        check="narrative",
        severity="warning" if doubtful else "error",
        where=claim.readings[0][0] if len(claim.readings[0]) == 1 else f"sum of {len(claim.readings[0])} figures",
        message=f"正文称 {stated}，{what}为 {expected}：「{words}」",
        expected=expected,
        actual=actual,
        figures=addresses,
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

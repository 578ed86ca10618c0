"""What a cell of an official table prints: a number with its unit, a zero, a blank, a dash, or something unread."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from extract.model import State

# Units that a portal prints behind a figure, with the factor to the plain count or to yuan.
_COUNT_UNITS = (
    "件次|件|条|次|项|个|篇|份|宗|例|起|人次|人|场|期|部|家|户|笔|张|处|类|批|万件|万条|万次|万项|万份|万人次|万人"
)
_AMOUNT_UNITS = {
    "元": 1,
    "人民币元": 1,
    "万元": 10**4,
    "万元人民币": 10**4,
    "万": 10**4,
    "千元": 10**3,
    "百万元": 10**6,
    "亿元": 10**8,
    "亿": 10**8,
}
_AMOUNT_PATTERN = "|".join(sorted(_AMOUNT_UNITS, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?:人民币|[¥￥])?\s?([+-]?)\s?(\d{{1,3}}(?:,\d{{3}})+|\d+)(\.\d+)?\s?(?:({_AMOUNT_PATTERN})|({_COUNT_UNITS}))?(?:整)?",
    re.ASCII,
)
_HEADER_UNIT = re.compile(rf"(?:单位|计量单位)?[:(\[]?({_AMOUNT_PATTERN})[)\]]?")
_HEADER_UNIT_MARKED = re.compile(rf"(?:单位[为是]?[:,]?|[(\[【])(?:人民币[:,]?)?({_AMOUNT_PATTERN})")
# Anywhere in the header of a column of money; what stands right before it may make it another unit (10000元, W元, 十万元, 美元, 港币万元).
_MONEY_IN_HEADER = re.compile(r"(.{0,3}?)(百万元|千元|万元|亿元|元|[万亿](?=[)\]】]|$))")
_BEFORE_MONEY = re.compile(r"(?:|.*[^0-9A-Za-z\u3007\u4e00-\u9fff]|.*(?:人民币|[位为是额费计以]))")
# Above a table, for all of it: 单位：件、万元.
_TABLE_UNIT = re.compile(
    r"[(\[【]?(?:金额|计量|数量|货币)?单位(?:[为是]?|[为是]?[:,]?[^。;]{0,12}?(?:人民币|[:,、/为是;]))(百万元|千元|万元|亿元|元)[)\]】]?"
)
_LARGE_UNIT = re.compile(r"单位[^。;]{0,12}?[百千万亿]元")

# Minus signs, and hyphens used as such, that Word and the portals' editors put before a figure.
_MINUS = str.maketrans({"−": "-", "‐": "-", "‑": "-", "‒": "-", "﹣": "-", "－": "-", "﹢": "+", "，": ",", "﹐": ","})
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_DASHES = frozenset("-—–―─━‐‑‒−－﹣﹘_＿~～/／\\＼")
_NOTHING_WORDS = frozenset({"无", "没有", "无。", "(无)"})
_ZERO_WORDS = frozenset({"零"})
# A number that was wrapped inside its cell: only behind its point or comma is that certain.
_BROKEN = re.compile(r"(?<=\d[.,])\s+(?=\d)")
# 本年增/减 in words: 增3, 减少2项.
_SIGN_WORD = re.compile(r"^(增|减)(?:加|少)?(?:了)?(?=\d)")
# A number with a note that says of itself that it is a part: 58（其中修订16件）, 58件，其中修订16件.
_OF_WHICH = re.compile(
    r"(?P<whole>[^()\[\]【】;:\s]+?)\s*+(?:[(\[【](?P<inside>[^()\[\]【】]+)[)\]】]|(?:[,;]\s*+)?(?P<behind>其中.+))"
)
_OF_WHICH_BEGINS = re.compile(r"其中|含|包括|包含|内含")
_NUMBERS = re.compile(r"\d+(?:\.\d+)?")
_BOOKMARK = re.compile(r"\[bookmark:[^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class Printed:
    """A cell's content, read.

    `value` is the printed number times `factor` only when the unit counts things; the factor of an amount stays apart,
    because the header may say it instead. `amount_factor` is yuan for one unit as printed in the cell, `None` if the
    cell prints no unit of money. `is_plain` is false for numbers that look damaged (leading zeros). `is_change` tells that the
    cell itself calls its number a change (增3, +3).
    """

    value: Decimal | None
    state: State
    amount_factor: Decimal | None = None
    is_plain: bool = True
    is_change: bool = False


_BLANK = Printed(None, State.BLANK)
_DASH = Printed(None, State.DASH)
_UNREAD = Printed(None, State.UNREAD)


def normalise(text: str) -> str:
    """Full-width forms as half-width, one kind of minus, no invisible characters, no Word bookmarks, trimmed."""
    if text.isascii() and "[" not in text:
        return text.strip()
    folded = unicodedata.normalize("NFKC", _BOOKMARK.sub("", text).translate(_MINUS)).translate(_MINUS)
    return _INVISIBLE.sub("", folded).strip()


def _sign(word: re.Match[str]) -> str:
    return "+" if word[1] == "增" else "-"


def parse_cell(text: str) -> tuple[Decimal | None, State]:
    """The number that a cell prints and the cell's state; an amount's own unit is applied (`1.5万元` is 15000).

    Blank: nothing but white space. Dash: strokes, slashes and 无. Unread: anything else that is no number; its value is
    `None`, never 0.
    """
    printed = parse_printed(text)
    if printed.value is not None and printed.amount_factor is not None:
        return printed.value * printed.amount_factor, printed.state
    return printed.value, printed.state


def parse_printed(text: str) -> Printed:
    """Like `parse_cell`, with the unit of money kept apart."""
    plain = normalise(text)
    wordless = _without_number(text, plain)
    if wordless is not None:
        return wordless
    found = _NUMBER.fullmatch(_BROKEN.sub("", _SIGN_WORD.sub(_sign, plain)))
    if found is None:
        return _whole_of_note(plain)
    sign, whole, fraction, amount_unit, count_unit = found.groups()
    value = Decimal(f"{sign}{whole.replace(',', '')}{fraction or ''}")
    if count_unit is not None and count_unit.startswith("万"):
        value *= 10**4
    if value == 0:
        value = Decimal(0)
    return Printed(
        value=value,
        state=State.ZERO if value == 0 else State.VALUE,
        amount_factor=None if amount_unit is None else Decimal(_AMOUNT_UNITS[amount_unit]),
        is_plain=not (len(whole) > 1 and whole.startswith("0")),
        is_change=bool(sign),
    )


def _without_number(text: str, plain: str) -> Printed | None:
    """What a cell says without digits, or in digits that are none of its figure; `None` where a number may stand."""
    if not plain:
        return _BLANK
    if not text.isascii() and any(unicodedata.category(char) == "No" for char in text):
        return _UNREAD  # 12², 12①: the mark of a note is no digit of the figure
    if plain in _NOTHING_WORDS or (len(plain) <= 8 and all(char in _DASHES or char.isspace() for char in plain)):
        return _DASH
    return Printed(Decimal(0), State.ZERO) if plain in _ZERO_WORDS else None


def _whole_of_note(plain: str) -> Printed:
    """The number before a note that names parts of it, none of them larger: `58（其中修订16件）` is 58."""
    noted = _OF_WHICH.fullmatch(plain)
    if noted is None:
        return _UNREAD
    note = noted["inside"] or noted["behind"]
    if _OF_WHICH_BEGINS.match(note) is None:
        return _UNREAD
    whole = parse_printed(noted["whole"])
    if whole.value is None or any(Decimal(part) > whole.value for part in _NUMBERS.findall(note)):
        return _UNREAD
    return whole


def amount_factor(header: str) -> Decimal | None:
    """Yuan for one unit of the column, as a header says it: `采购总金额（单位：万元）` gives 10000; `None` if it says none."""
    if "元" not in header:
        return None
    plain = normalise(header).replace(" ", "")
    found = _HEADER_UNIT_MARKED.search(plain) or _HEADER_UNIT.fullmatch(plain)
    return None if found is None else Decimal(_AMOUNT_UNITS[found.group(1)])


def money_header_factor(header: str) -> tuple[Decimal | None, bool]:
    """Yuan for one unit of a column that is known to hold money, and whether what its header says of a unit is clear."""
    found = _MONEY_IN_HEADER.findall(normalise(header).replace(" ", ""))
    factors = {Decimal(_AMOUNT_UNITS[unit]) for _, unit in found}
    if len(factors) == 1 and all(_BEFORE_MONEY.fullmatch(before) for before, _ in found):
        return factors.pop(), True
    return None, not found


def table_unit(text: str) -> Decimal | None:
    """Yuan for one unit, as a line above a table says it for the whole table: `单位：件、万元` gives 10000."""
    if "单位" not in text or "元" not in text:
        return None
    found = _TABLE_UNIT.fullmatch(normalise(text).replace(" ", ""))
    return None if found is None else Decimal(_AMOUNT_UNITS[found.group(1)])


def names_large_unit(text: str) -> bool:
    """Whether a text says that some amounts are in thousands or more of yuan (注：金额单位为万元)."""
    return "单位" in text and "元" in text and _LARGE_UNIT.search(normalise(text).replace(" ", "")) is not None

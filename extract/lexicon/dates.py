"""Dates as Chinese documents print them, the day of publication and the period of the statistics.

All forms of the field guide: `2021-2-3`, `[2021-02-20]`, `2021/02/20`, `2021.02.20`, `2021年02月20日`, `2021 年 2 月 20 日`,
`二〇二一年二月二十日`. Epochs are shown in UTC+8, as portals do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone

from extract.document.clean import squeeze

CHINA = timezone(timedelta(hours=8))

_DIGITS = {
    **{digit: place for place, digit in enumerate("〇一二三四五六七八九")},
    "零": 0,
    "○": 0,
    "O": 0,
    "o": 0,
    "Ｏ": 0,
    "0": 0,
    "Ο": 0,
    "О": 0,
    "◯": 0,
}
#: A year in digits, as a regular expression: what portals print is of these two centuries.
YEAR = r"(?:19|20)\d\d"
_HAN = "〇零○◯OoＯΟО0一二三四五六七八九十"
_HAN_YEAR = rf"[一二][〇零○◯OoＯΟО0九][{_HAN}]{{2}}"
_DATE = re.compile(
    rf"(?<![\d.])(?P<y>{YEAR})\s*(?P<s>[-/.年－．／])\s*(?P<m>\d{{1,2}})\s*[-/.月－．／]\s*(?P<d>\d{{1,2}})(?!\d)\s*日?"
    rf"|(?P<hy>{_HAN_YEAR})\s*年\s*(?P<hm>[{_HAN}]{{1,3}})\s*月\s*(?P<hd>[{_HAN}]{{1,3}})\s*日"
)
_PERIOD = re.compile(
    rf"(?P<y1>{YEAR})年(?P<m1>\d{{1,2}})月(?P<d1>\d{{1,2}})日(?:起|开始)?[,，]?(?:到|至|—|–|-|~|～)+(?:(?P<y2>{YEAR})年|同年|当年)?(?P<m2>\d{{1,2}})月(?P<d2>\d{{1,2}})日"
)
_DOTTED_PERIOD = re.compile(
    rf"(?P<y1>{YEAR})[-./](?P<m1>\d{{1,2}})[-./](?P<d1>\d{{1,2}})(?:到|至|—|–|-|~|～)+(?P<y2>{YEAR})[-./](?P<m2>\d{{1,2}})[-./](?P<d2>\d{{1,2}})"
)
_YEAR_IN_TEXT = re.compile(rf"(?<!\d){YEAR}(?!\d)")
_UNTIL = re.compile(rf"统计.{{0,12}}?截(?:至|止|止至|至到)(?:时间为)?({YEAR})年12月31日")
_STATISTICS = re.compile(r"统计|期限|时限|数据|报告所列|本年[度]?报告")

_COVER_LINES = 8
#: Labels of the day of publication, best first; never 更新时间, which changes without the report.
PUBLISHED_LABELS = (
    "信息发布日期",
    "信息发布时间",
    "信息时间",
    "信息日期",
    "发布日期",
    "发布时间",
    "公开日期",
    "公开时间",
    "发稿时间",
    "发表时间",
    "日期",
    "时间",
    "发文日期",
)
#: Labels of the day on which the document was finished; used only where nothing says when it was published.
MADE_LABELS = ("成文日期", "生成日期", "生成时间", "制发日期")
#: Labels of any day that a page prints beside its text.
DATE_LABELS = (*PUBLISHED_LABELS, *MADE_LABELS, "更新日期", "更新时间")


def find_dates(text: str) -> Iterator[tuple[int, int, date]]:
    """Every date of a text with its place: start, end, day. Impossible days are passed over."""
    for found in _DATE.finditer(text):
        if found.group("y"):
            year, month, day = int(found.group("y")), int(found.group("m")), int(found.group("d"))
        else:
            year = han_year(found.group("hy")) or 0
            month, day = han_number(found.group("hm")), han_number(found.group("hd"))
        try:
            yield found.start(), found.end(), date(year, month, day)
        except ValueError:
            continue


def parse_date(text: str) -> date | None:
    """The first date of a text; an epoch in seconds or milliseconds counts if it is all there is."""
    for _, _, day in find_dates(text):
        return day
    stripped = text.strip()
    if re.fullmatch(r"\d{10}|\d{13}", stripped):
        return from_epoch(int(stripped))
    if re.fullmatch(r"(?:19|20)\d{6}(?:\d{6})?", stripped):
        try:
            return date(int(stripped[:4]), int(stripped[4:6]), int(stripped[6:8]))
        except ValueError:
            return None
    return None


def from_epoch(value: int) -> date:
    """The day in China of an epoch in seconds, or in milliseconds where it is too large for seconds."""
    seconds = value / 1000 if value > 100_000_000_000 else value
    return datetime.fromtimestamp(seconds, CHINA).date()


def years_in(text: str) -> tuple[int, ...]:
    """The years 1900 to 2099 that stand in a text in digits, in its order; a longer number holds none."""
    return tuple(int(found) for found in _YEAR_IN_TEXT.findall(text))


def han_year(text: str) -> int | None:
    """`二〇二一` → 2021; `None` unless it is four digits."""
    digits = [_DIGITS.get(sign) for sign in text]
    if len(digits) != 4 or None in digits:
        return None
    return int("".join(map(str, digits)))


#: A year in Chinese that no other numeral touches: `二〇二〇`, `一九九八`; what is written for the zero differs from keyboard to keyboard.
_ZERO = "〇零○◯OoＯΟО0"
_LONE_HAN_YEAR = re.compile(
    rf"(?<![{_HAN}百千万])(?:一九|二[{_ZERO}])[{_HAN.replace('十', '')}]{{2}}(?![{_HAN}百千万])"
)


def with_years_in_digits(text: str) -> str:
    """The text with its Chinese years in digits (`二○二○年` → `2020年`), as long as the original."""
    return _LONE_HAN_YEAR.sub(lambda found: str(han_year(found[0])), text)


def han_number(text: str) -> int:
    """1 to 99 in Chinese (`二十一`, `十`, `三`, `二一`); 0 if it is none."""
    tens, ten, ones = text.partition("十")
    if ten:
        return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
    number = 0
    for sign in text:
        number = number * 10 + _DIGITS.get(sign, 0)
    return number


#: In place of a label, for the date at a document's end, and on its cover.
SIGN_OFF, COVER = "sign-off", "cover"


def published_on(metadata: Mapping[str, str], lines: Sequence[str]) -> tuple[date, str] | None:
    """The printed day of publication, and the label that says so.

    In this order (field guide §11.5): `PubDate`, the information table and the line under the title, the date at the
    document's end, the day on which it was finished, the date on its cover.

    Args:
        metadata: Of the page, with the values of its lines of date and source.
        lines: The report's own lines, in order.
    """
    for label in ("PubDate", *PUBLISHED_LABELS):
        day = parse_date(metadata[label]) if label in metadata else None
        if day is not None:
            return day, label
    signed = sign_off_date(lines)
    if signed is not None:
        return signed, SIGN_OFF
    for label in MADE_LABELS:
        day = parse_date(metadata[label]) if label in metadata else None
        if day is not None:
            return day, label
    cover = cover_date(lines)
    return (cover, COVER) if cover is not None else None


def cover_date(lines: Sequence[str]) -> date | None:
    """The date that stands alone on a line of a document's cover."""
    for line in lines[:_COVER_LINES]:
        flat = squeeze(line)
        for start, end, day in find_dates(flat):
            if (start, end) == (0, len(flat)):
                return day
    return None


def sign_off_date(lines: Sequence[str]) -> date | None:
    """The date that stands alone, or after the organ's name, at the end of a document."""
    for line in reversed([line for line in lines if line.strip()][-6:]):
        flat = squeeze(line)
        for start, end, day in find_dates(flat):
            if end == len(flat) and start <= 40 and not re.search(r"[。；;：:]|统计|截至", flat[:start]):
                return day
    return None


def statistics_period(text: str) -> tuple[date, date] | None:
    """The period that the report says its figures cover (`统计期限从…到…`), `None` if it says none.

    Args:
        text: The report's text without white space.
    """
    for found in (*_PERIOD.finditer(text), *_DOTTED_PERIOD.finditer(text)):
        around = text[max(0, found.start() - 40) : found.end() + 12]
        if not _STATISTICS.search(around):
            continue
        first = int(found.group("y1"))
        last = int(found.group("y2") or first)
        try:
            start = date(first, int(found.group("m1")), int(found.group("d1")))
            end = date(last, int(found.group("m2")), int(found.group("d2")))
        except ValueError:
            continue
        if start < end:
            return start, end
    until = _UNTIL.search(text)
    if until is not None:
        year = int(until.group(1))
        return date(year, 1, 1), date(year, 12, 31)
    return None

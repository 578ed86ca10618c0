"""Sentences made ready for reading: what is printed in many ways is written in one, and the printed words are kept for the quote.

Full-width forms are folded, white space and quotation marks left out, titles of documents (《…》) emptied, numerals before a unit of
counting written in digits, and years named by their relation to the report's (`2023年` → 本年, `2022年` → 上年).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from extract.lexicon.dates import YEAR

_END = re.compile(r"[。！？!?\n]+")
_SPACE = re.compile(r"[\s\u200b\ufeff]+")
_QUOTES = re.compile(r"[“”\"‘’'「」『』*]")
_TITLE = re.compile(r"《[^《》]*》|〈[^〈〉]*〉")
#: Lines that end a thought; a line without one of these, and long enough to fill a page's width, goes on in the next.
_LINE_ENDS = ("。", "；", ";", "：", ":", "！", "？", "!", "?", "）", ")", "”")
_FULL_LINE = 12
#: The beginning of a paragraph of its own: `（一）`, `1.`, `一是`, `第一`.
ENUMERATED = re.compile(
    r"^[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．]|^[一二三四五六七八九]是|^第[一二三四五六七八九]"
)

_DIGITS = {sign: place for place, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SIZES = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_NUMERAL = re.compile(
    r"(?<![第数几上成近之分一二三四五六七八九十百千万零〇两\d.])(?P<han>[一二两三四五六七八九十百千万零〇]+)(?P<unit>件次|件|宗|份|起|例|条|项|个)"
    r"(?!事|套|样|人|领域|方面|层面|渠道|平台|步|环节|标准|专)"
)
#: Before these a single numeral counts something; before the others (`三项制度`) it may as well belong to a name.
_COUNTED = ("件", "宗", "份")

_SPAN = re.compile(rf"(?<!\d){YEAR}年?(?:度)?[-—–~至到]+(?P<last>{YEAR})年(?:度)?(?!\d)")
_WHOLE_YEAR = re.compile(
    rf"(?<!\d)(?P<year>{YEAR})年?1月(?:1日)?(?:起|开始)?[-—–~至到]+(?:{YEAR}年|同年|当年)?12月(?:31日)?(?:止|底)?"
)
_UNTIL = re.compile(rf"截[至止]到?(?P<year>{YEAR})年(?:12月31日|12月底|年?底|末)?(?:止)?")
_ONE = re.compile(rf"(?<!\d)(?P<year>{YEAR})年(?P<rest>度|底|末)?")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`quote` is as printed; `text` is what patterns are matched against."""

    quote: str
    text: str


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a section's text; lines that the page's width broke are joined."""
    held = ""
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        if held and (len(held) < _FULL_LINE or held.endswith(_LINE_ENDS) or ENUMERATED.match(line)):
            yield held
            held = line
        else:
            held += line
    if held:
        yield held


def sentences(paragraph: str, year: int | None) -> Iterator[Sentence]:
    """The sentences of a paragraph in order."""
    for printed in _END.split(paragraph):
        quote = printed.strip()
        if quote:
            yield Sentence(quote, fold(quote, year))


def fold(text: str, year: int | None = None) -> str:
    """One sentence as patterns expect it. Without the report's year, years stay as they are."""
    flat = _SPACE.sub("", unicodedata.normalize("NFKC", text))
    flat = _TITLE.sub("《》", _QUOTES.sub("", flat))
    flat = _NUMERAL.sub(_in_digits, flat)
    return flat if year is None else _name_years(flat, year)


def _in_digits(found: re.Match[str]) -> str:
    han, unit = found["han"], found["unit"]
    number = han_number(han)
    if number is None or (
        len(han) == 1 and (unit not in _COUNTED or han in "〇百千万") and not (han == "零" and unit in "起宗例")
    ):
        return found[0]
    return f"{number}{unit}"


def han_number(text: str) -> int | None:
    """`三百七十二` → 372, `二〇三` → 203; `None` if the signs make no number."""
    if not any(sign in _SIZES for sign in text):
        return int("".join(str(_DIGITS[sign]) for sign in text)) if text else None
    total = part = digit = 0
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign == "万":
            total, part, digit = total + (part + digit) * 10_000, 0, 0
        else:
            part += (digit or 1) * _SIZES[sign]
            digit = 0
    return total + part + digit


def _name_years(text: str, year: int) -> str:
    def relation(of: int) -> str:
        return {0: "本年", -1: "上年", 1: "下年"}.get(of - year, "他年")

    text = _SPAN.sub("多年", text)
    text = _WHOLE_YEAR.sub(lambda found: relation(int(found["year"])), text)
    text = _UNTIL.sub(lambda found: f"截至{relation(int(found['year']))}底", text)
    return _ONE.sub(lambda found: relation(int(found["year"])) + (found["rest"] or ""), text)

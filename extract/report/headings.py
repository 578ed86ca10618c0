"""Headings of a report's chapters: `一、总体情况`, and all that they drift to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extract.document.clean import collapse, squeeze

_NUMERALS = {sign: place for place, sign in enumerate("一二三四五六七八九十", start=1)}
_RESIDUE = re.compile(r"\[bookmark:[^\]]*\]|^[#*\s]+|\*+$")
_NUMBERED = re.compile(
    r"^(?:第?(?P<han>十?[一二三四五六七八九十])(?:部分|章|[、.．,，:：]|\s(?=\S))|第(?P<digit>\d{1,2})(?:部分|章)|(?P<arabic>\d{1,2})[、.．](?!\d)|(?P<roman>[IVX]{1,4})[、.．])"
    r"[、.．,，:：\s]*(?P<text>.+)$"
)
#: Chapters numbered like parts of one; only an official heading counts.
_BRACKETED = re.compile(r"^[（(](?P<han>[一二三四五六七八九])[）)]\s*(?P<text>.+)$")
#: Kinds by what the heading is about; the first that fits. 复议 before 申请, because some name both.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("challenges", re.compile(r"行政复议|行政诉讼|复议.{0,4}诉讼")),
    ("problems", re.compile(r"问题|不足|改进|打算|下一步|困难")),
    ("applications", re.compile(r"(?:处理|办理|受理|收到).{0,12}申请|依申请公开|申请.{0,8}(?:情况|办理)")),
    ("disclosure", re.compile(r"主动公开")),
    ("overview", re.compile(r"总体情况|总体概况|概述|基本情况|工作概况|总体工作|工作情况概述|工作总体|概况")),
    ("other", re.compile(r"其[他它].{0,4}(?:报告|说明|事项|情况)|需要(?:报告|说明)")),
)
_OFFICIAL = re.compile(
    r"(?:工作)?总体情况|(?:行政机关)?主动公开政府信息(?:的)?情况|(?:行政机关)?收到和处理政府信息公开申请(?:的)?情况|"
    r"(?:因)?政府信息公开(?:工作)?(?:被申请|引发的?)?(?:提起)?行政复议[、和及]?(?:提起)?行政诉讼(?:的)?情况|"
    r"(?:政府信息公开工作)?存在的?(?:主要)?问题(?:及|和|与)改进(?:情况|措施)?|其[他它]需要?报告的?(?:事项|情况)"
)
#: The official headings and their usual variants, for telling the beginning of one.
_WHOLE = (
    "总体情况", "主动公开政府信息情况", "行政机关主动公开政府信息情况", "收到和处理政府信息公开申请情况",
    "行政机关收到和处理政府信息公开申请情况", "政府信息公开行政复议、行政诉讼情况", "政府信息公开行政复议和行政诉讼情况",
    "因政府信息公开工作被申请行政复议、提起行政诉讼情况", "存在的主要问题及改进情况", "政府信息公开工作存在的主要问题及改进情况",
    "存在的主要问题和改进情况", "其他需要报告的事项",
)  # fmt: skip
#: Rows of the application table that begin with the same numerals.
_ROWS = re.compile(
    r"本年新收|上年结转|上年度结转|本年度?办理结果|结转下年|本年结转|新收政府信息公开申请(?:数量)?$|^信息内容|第二十条|^合计|^总计"
)
_SENTENCE = re.compile(r"[。；;！!？?]|[,，].{12,}")
_LONGEST = 46


@dataclass(frozen=True, slots=True)
class Heading:
    """A chapter's heading. `number` is 0 where none is printed; `rest` is text that runs on behind it on the same line."""

    number: int
    text: str
    kind: str
    official: bool
    rest: str = ""


def kind_of(text: str) -> str:
    """The contract's kind of a chapter by its heading: overview, disclosure, applications, challenges, problems, other."""
    flat = squeeze(text)
    return next((kind for kind, pattern in _KINDS if pattern.search(flat)), "other")


def is_broken_heading(line: str) -> bool:
    """Whether a numbered line is the beginning of an official heading, but not the whole of one."""
    numbered = _NUMBERED.match(collapse(_RESIDUE.sub("", line)))
    if numbered is None:
        return False
    flat = squeeze(numbered.group("text"))
    return _OFFICIAL.match(flat) is None and len(flat) >= 4 and any(whole.startswith(flat) for whole in _WHOLE)


def heading_of(line: str) -> Heading | None:
    """The heading that a line is, or begins with; `None` if it is none.

    A numbered line counts if it is short and no sentence; an official heading counts with a sentence behind it, and without number.
    """
    if "\t" in line.strip() or "|" in line or len(line) > 2000:
        return None
    printed = collapse(_RESIDUE.sub("", line))
    if not len(printed) >= 3:
        return None
    numbered = _NUMBERED.match(printed)
    bracketed = _BRACKETED.match(printed) if numbered is None else None
    body = numbered.group("text") if numbered else bracketed.group("text") if bracketed else printed
    flat = squeeze(body)
    if _ROWS.search(flat[:40]):
        return None
    official = _OFFICIAL.match(flat)
    if numbered is not None:
        number = _number(numbered)
        if len(flat) <= _LONGEST and not _SENTENCE.search(flat.rstrip("。.:：")):
            return Heading(number, printed, kind_of(flat), official is not None or _is_known(flat))
        if official is not None:
            return _split(printed, number, official.group(0))
        return None
    if official is not None and len(flat) - len(official.group(0)) <= 4 and not _SENTENCE.search(flat):
        return Heading(_NUMERALS[bracketed.group("han")] if bracketed else 0, printed, kind_of(flat), True)
    return None


def _is_known(flat: str) -> bool:
    return any(pattern.search(flat) for _, pattern in _KINDS)


def _number(numbered: re.Match[str]) -> int:
    han = numbered.group("han")
    if han:
        return 10 + _NUMERALS[han[1]] if len(han) == 2 else _NUMERALS[han]
    digits = numbered.group("digit") or numbered.group("arabic")
    if digits:
        return int(digits)
    return {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}.get(
        numbered.group("roman"), 0
    )


def _split(printed: str, number: int, official: str) -> Heading | None:
    """A heading with the chapter's first sentence behind it on the same line."""
    seen = 0
    wanted = len(squeeze(printed[: printed.find(official[0])])) + len(official)
    for place, sign in enumerate(printed, start=1):
        seen += len(squeeze(sign))
        if seen == wanted:
            rest = printed[place:]
            if rest[:1] in "。：: .　" or rest.startswith(("\u3000", " ")):
                return Heading(number, printed[:place], kind_of(official), True, rest.lstrip("。：: .　"))
            return None
    return None

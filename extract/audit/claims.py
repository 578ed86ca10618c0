"""Sentences that restate figures: numbers in running text, and what they say of the official tables.

The vocabulary is data (`claims.toml`). Reading is strict: a number counts only if the words right before or behind it name a measure;
approximate numbers (余, 近, 约), other years, parts of the organisation and respective lists (分别) are left alone, because a false alarm costs
more trust than a missed slip.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

from extract.audit.figures import ROUTES, FigureBook
from extract.model import Extraction, Scope

_SENTENCE_END = re.compile(r"[。！？\n]+")
_CLAUSE_END = re.compile(r"[，,；;：:（()）、]")
_YEAR = re.compile(r"(?:19|20)\d{2}(?:[-—~至](?:19|20)\d{2})?年")
_NUMBER = re.compile(
    r"(?<![\d.〔\[A-Za-z+\-])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<myriad>[万亿])?"
    r"(?P<about>余|多|几)?(?P<unit>%|个百分点|件次|件|条|份|宗|起|例|个|次|项|部|元)?"
)
_ABOUT_BEFORE = re.compile(r"(?:近|约|超|超过|逾|不足|大约|将近)$")
_GROWTH = re.compile(
    r"(?P<direction>增长|增加|上升|提高|提升|多|下降|减少|回落|降低|少|下浮|上浮)(?:了|约|幅度为|幅度达)*$"
)
_DOWN = frozenset({"下降", "减少", "回落", "降低", "少", "下浮"})
_SHARE = re.compile(r"(?:占比?|占总数|比例|比重)[^，,；;\d]{0,16}$")
_OTHER_TIME = re.compile(r"去年|上年同期|上年度同期|上一年度?同期|前年|历年|近[两二三五]年|以来")
#: Months of the year only; and matters of reconsideration and court at large, not those about disclosure.
_PART_OF_YEAR = re.compile(r"\d{1,2}月(?:份)?(?:至|到|-|—|~)\d{1,2}月|上半年|下半年|[一二三四1-4]季度|前\d{1,2}个月")
_AT_LARGE = re.compile(r"应诉|出庭|审理|调解|行政争议|法治政府|依法行政")
_ABOUT_DISCLOSURE = re.compile(r"信息公开|政务公开|依申请|公开申请|结果(?:维持|纠正)|尚未审结|被(?:提起|申请)")
_PART = re.compile(r"(?:市|区|县|省|旗)?(?:政府办|府办|级)|办公室|办公厅|部门|街道|乡镇|各镇|镇街")
_NEGATIVE_CHALLENGE = re.compile(
    r"(?:^|[^有])(?:无|没有|未发生|未产生|未出现|未收到|零|不存在)(?:因|由|涉及|关于|有关)?[^，,；;。]{0,22}?(?P<what>(?:行政)?复议[^，,；;。]{0,8}诉讼|(?:行政)?诉讼[^，,；;。]{0,8}复议|(?:行政)?复议|(?:行政)?诉讼)"
    r"(?P<tail>[^，,；;。]{0,8})"
)
_NEGATIVE_APPLICATION = re.compile(
    r"(?:未收到|没有收到|未接到|未受理过?)[^，,；;。]{0,16}?(?:信息公开申请|依申请公开|公开申请)(?P<tail>[^，,；;。]{0,4})"
)
#: No sentence without one of these denies anything.
_NEGATION = re.compile(r"无|没有|未|零|不存在")
_QUALIFIED = re.compile(r"败诉|纠|撤销|后|被确认|责任|结转|案例|问题|维持|投诉|超期|积压")
_ALL_UPHELD = re.compile(r"(?:均|全部)(?:获|被|得到|予以|为)?(?:结果)?维持")


@dataclass(frozen=True, slots=True)
class Measure:
    """One way in which sentences name a figure or a sum of figures (see `claims.toml`)."""

    id: str
    subject: str
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    needs: str | None
    routes: tuple[str, ...]
    readings: tuple[tuple[str, ...], ...]
    money: bool
    disposition: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A number in the text and the sums of figures that it may restate.

    `kind`: count, money, percent (a share of `of` readings), growth (against the year before, in percent; `down` tells the direction).
    `unit_size` is 10,000 for 万, so that the comparison keeps the printed precision.
    """

    kind: str
    number: Decimal
    measure: str
    readings: tuple[tuple[str, ...], ...]
    quote: str
    denominators: tuple[tuple[str, ...], ...] = ()
    unit_size: Decimal = Decimal(1)
    down: bool = False


@cache
def measures() -> tuple[Measure, ...]:
    """The vocabulary, compiled once."""
    text = resources.files("extract.audit").joinpath("claims.toml").read_text(encoding="utf-8")
    found = []
    for item in tomllib.loads(text)["measure"]:
        if item.get("row_labels"):
            found += [_row_measure(item, row, label) for row, label in ROW_WORDS.items()]
        else:
            found.append(_measure(item))
    return tuple(found)


#: Words by which sentences name single dispositions (rows within （三） to （六）).
ROW_WORDS = {
    "denied_state_secret": "国家秘密",
    "denied_prohibited_by_law": "法律、?行政法规禁止(?:公开)?",
    "denied_security_stability": '三安全一稳定[”"]?',
    "denied_third_party": "第三方合法权益",
    "denied_internal_affairs": "内部事务(?:信息)?",
    "denied_process": "过程性信息",
    "denied_enforcement_files": "行政执法案卷",
    "denied_administrative_query": "行政查询事项",
    "unable_not_held": "(?<!因)本机关不掌握(?:相关)?(?:政府)?(?:信息)?",
    "unable_needs_creation": "没有现成信息(?:需要另行制作)?|需要另行制作",
    "unable_unclear": "(?:补正后)?申请内容(?:仍)?不明确",
    "unprocessed_petition": "信访、?举报、?投诉类(?:申请)?",
    "unprocessed_repeat": "(?<!大量)重复申请",
    "unprocessed_publications": "公开出版物",
    "unprocessed_excessive": "大量反复申请",
    "unprocessed_confirmation": "重新出具已获取(?:的)?信息",
}


def _measure(item: Mapping[str, object]) -> Measure:
    def pattern(key: str, end: str = "", begin: str = "") -> re.Pattern[str] | None:
        value = item.get(key)
        return re.compile(f"{begin}(?:{value}){end}") if isinstance(value, str) else None

    readings = item["readings"]
    routes = item.get("routes", [])
    if not isinstance(readings, list) or not isinstance(routes, list):
        raise TypeError("claims.toml: readings and routes are lists")
    return Measure(
        id=str(item["id"]),
        subject=str(item["subject"]),
        before=pattern("before", end="$"),
        after=pattern("after", begin="^"),
        unless=pattern("unless"),
        needs=str(item["needs"]) if "needs" in item else None,
        routes=tuple(routes),
        readings=tuple(tuple(reading) for reading in readings),
        money=item.get("unit") == "money",
        disposition=bool(item.get("disposition", False)),
    )


def _row_measure(item: Mapping[str, object], row: str, words: str) -> Measure:
    return _measure(
        {
            **item,
            "id": row,
            "before": f"(?:{words})(?:的)?(?:情形|情况|申请)?(?:共|共计|合计|为|的)*",
            "unless": "等|不予公开|无法提供|不予处理",
            "readings": [[f"applications.{row}.total"]],
        }
    )


@dataclass(slots=True)
class _Talk:
    """What a sentence has spoken of so far."""

    subjects: set[str]
    routes: tuple[str, ...] = ROUTES
    last: Measure | None = None
    last_readings: tuple[tuple[str, ...], ...] = ()
    is_about_disclosure: bool = False
    mentioned_routes: tuple[str, ...] = ()
    of_a_part: bool = False


def fold(text: str) -> str:
    """The text for reading: full-width forms folded, white space inside lines removed, punctuation kept."""
    lines = (re.sub(r"[\s\u200b\ufeff]+", "", unicodedata.normalize("NFKC", line)) for line in text.splitlines())
    return "\n".join(lines)


def read_claims(extraction: Extraction, book: FigureBook | None = None) -> list[Claim]:
    """All claims of the report's sections, in order."""
    claims: list[Claim] = []
    book = book or FigureBook.of(extraction)
    for section in extraction.sections:
        for paragraph in fold(section.text).split("\n"):
            talk = _Talk(subjects=set(), is_about_disclosure=section.kind == "challenges")
            for sentence in _SENTENCE_END.split(paragraph):
                if sentence:
                    claims += _sentence_claims(sentence, talk, extraction, book)
    return claims


def _sentence_claims(sentence: str, talk: _Talk, extraction: Extraction, book: FigureBook) -> Iterator[Claim]:
    talk.last, talk.last_readings, talk.mentioned_routes = None, (), ()
    if re.search(r"信息公开(?:的)?申请|依申请公开|公开申请", sentence):
        talk.subjects.add("applications")
    talk.is_about_disclosure = talk.is_about_disclosure or _ABOUT_DISCLOSURE.search(sentence) is not None
    is_at_large = not talk.is_about_disclosure or _AT_LARGE.search(sentence) is not None
    years = {match.span(): match.group() for match in _YEAR.finditer(sentence)}
    previous_end = 0
    respective_until = -1
    for match in _NUMBER.finditer(sentence):
        if any(start <= match.start() < end for start, end in years):
            continue
        before, after = _surroundings(sentence, match, previous_end)
        previous_end = match.end()
        if "分别" in before or before.endswith("各"):
            respective_until = _end_of_list(sentence, match.end())
        if match.start() < respective_until or match["about"] or _ABOUT_BEFORE.search(before):
            continue
        if _speaks_of_other_year(sentence, match, years, extraction.year) or _OTHER_TIME.search(before):
            continue
        if _PART_OF_YEAR.search(sentence[: match.start()]):
            continue
        for claim in _number_claims(match, before, after, talk, sentence, extraction, book):
            if not (is_at_large and talk.last is not None and talk.last.subject == "challenges"):
                yield claim
    yield from _negative_claims(sentence, extraction, book)
    if talk.mentioned_routes and _ALL_UPHELD.search(sentence):
        routes = tuple(dict.fromkeys(talk.mentioned_routes))
        yield Claim(
            kind="equal",
            number=Decimal(0),
            measure="all_upheld",
            readings=(tuple(f"challenges.{route}.upheld" for route in routes),),
            denominators=(tuple(f"challenges.{route}.total" for route in routes),),
            quote=sentence,
        )


def _surroundings(sentence: str, match: re.Match[str], previous_end: int) -> tuple[str, str]:
    """The clause up to the number, and the words behind it up to the next punctuation."""
    start = previous_end
    for end in _CLAUSE_END.finditer(sentence, previous_end, match.start()):
        if end.group() == "、" and not re.search(r"\d", sentence[previous_end : end.start()]):
            continue  # 、 inside a measure's own words
        start = end.end()
    before = sentence[start : match.start()]
    stop = _CLAUSE_END.search(sentence, match.end())
    after = sentence[match.end() : stop.start() if stop else len(sentence)]
    digits = re.search(r"\d", after)
    return before, after[: digits.start()] if digits else after


def _end_of_list(sentence: str, position: int) -> int:
    stop = re.compile(r"[，,；;]").search(sentence, position)
    return stop.end() if stop else len(sentence)


def _speaks_of_other_year(
    sentence: str, match: re.Match[str], years: Mapping[tuple[int, int], str], report_year: int | None
) -> bool:
    """Whether the year named last before the number is not the report's."""
    named = [text for (_, end), text in years.items() if end <= match.start()]
    if not named or report_year is None:
        return False
    return str(report_year) not in named[-1] or len(named[-1]) > 5


def _number_claims(
    match: re.Match[str],
    before: str,
    after: str,
    talk: _Talk,
    sentence: str,
    extraction: Extraction,
    book: FigureBook,
) -> Iterator[Claim]:
    number = Decimal(match["number"].replace(",", ""))
    unit = match["unit"]
    if unit in ("%", "个百分点"):
        growth = _GROWTH.search(before)
        if growth and unit == "%" and talk.last is not None and not re.search(r"占比|比重|率", before):
            yield Claim(
                kind="growth",
                number=number,
                measure=talk.last.id,
                readings=talk.last_readings,
                quote=sentence,
                down=growth["direction"] in _DOWN,
            )
        elif unit == "%" and talk.last is not None and _SHARE.search(before) and not growth:
            denominators = _denominators(talk)
            if denominators:
                yield Claim(
                    kind="percent",
                    number=number,
                    measure=talk.last.id,
                    readings=talk.last_readings,
                    denominators=denominators,
                    quote=sentence,
                )
        return
    # A number without a unit is a list number or the remains of a table.
    measure = _find_measure(before, after, talk) if unit is not None else None
    if measure is None or measure.money != (unit == "元"):
        if _CLAUSE_END.search(sentence[max(0, match.start() - len(before) - 1) : match.start()]) and not _GROWTH.search(
            before
        ):
            talk.last = None
        return
    routes = measure.routes or talk.routes
    readings = tuple(_expand(reading, routes, book) for reading in measure.readings)
    readings = tuple(reading for reading in readings if reading)
    talk.subjects.add(measure.subject)
    if measure.disposition:
        talk.subjects.add("dispositions")
    if measure.routes:
        talk.routes = measure.routes
        talk.mentioned_routes += measure.routes
    talk.last, talk.last_readings = measure, readings
    if measure.needs is None:
        # A single organ named with the table's own figure speaks of the whole (市府办新收 224 件, and the table says 224).
        talk.of_a_part = _is_part(before, extraction) and number not in [
            book.measured_sum(reading) for reading in readings
        ]
    if talk.of_a_part:
        talk.last = None
        return
    if readings:
        size = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}.get(match["myriad"] or "", Decimal(1))
        if size != 1 and not measure.money:
            return
        yield Claim(
            kind="money" if measure.money else "count",
            number=number,
            measure=measure.id,
            readings=readings,
            quote=sentence,
            unit_size=size,
        )


def _is_part(before: str, extraction: Extraction) -> bool:
    """In a report on a whole area, numbers of a single organ are no restatement of the tables."""
    return extraction.scope is Scope.REGION and bool(_PART.search(before)) and "各级" not in before


def _find_measure(before: str, after: str, talk: _Talk) -> Measure | None:
    """The measure whose words stand nearest to the number."""
    best: tuple[int, int, Measure] | None = None
    for measure in measures():
        if measure.needs is not None and measure.needs not in talk.subjects:
            continue
        if measure.unless is not None and measure.unless.search(before):
            continue
        front = measure.before.search(before) if measure.before else None
        back = measure.after.search(after) if measure.after else None
        if measure.before and measure.after and measure.id in _BOTH_SIDES:
            if not (front and back):
                continue
        elif not front and not back:
            continue
        start = front.start() if front else len(before)
        length = len(before) - start + (back.end() if back else 0)
        key = (-length, 0)
        if best is None or key < best[:2]:
            best = (*key, measure)
    return best[2] if best else None


#: Measures whose two patterns must both match (收到 N 件申请); for the others one is enough (自然人 N 件, N 件为自然人).
_BOTH_SIDES = frozenset({"received", "disposed_total"})


def _expand(reading: tuple[str, ...], routes: tuple[str, ...], book: FigureBook) -> tuple[str, ...]:
    """Addresses of a reading: wildcards over rows, routes of the sentence; empty if the report lacks one of them."""
    known = book.by_address
    addresses: list[str] = []
    for selector in reading:
        if "{routes}" in selector:
            addresses += [selector.replace("{routes}", route) for route in routes]
        elif "*" in selector:
            pattern = re.compile(re.escape(selector).replace(r"\*", r"[a-z_]*"))
            addresses += [address for address in known if pattern.fullmatch(address)]
        else:
            addresses.append(selector)
    return tuple(sorted(addresses)) if addresses and all(address in known for address in addresses) else ()


def _denominators(talk: _Talk) -> tuple[tuple[str, ...], ...]:
    """What a share may refer to, by the subject of the last measure."""
    if talk.last is None:
        return ()
    disposed, received = "applications.disposed_total.total", "applications.received.total"
    everything = ((disposed,), (received,), (received, "applications.carried_in.total"))
    if talk.last.subject in ("applications", "applicants"):
        return everything if talk.last.disposition or talk.last.subject == "applicants" else ()
    if talk.last.subject == "challenges" and not talk.last.routes:
        return (
            tuple(f"challenges.{route}.total" for route in talk.routes),
            tuple(f"challenges.{route}.total" for route in ROUTES),
        )
    if talk.last.subject == "challenges":
        return (tuple(f"challenges.{route}.total" for route in ROUTES),)
    return ()


def _negative_claims(sentence: str, extraction: Extraction, book: FigureBook) -> Iterator[Claim]:
    if _NEGATION.search(sentence) is None:
        return
    known = book.by_address
    other_year = [text for text in _YEAR.findall(sentence) if extraction.year and str(extraction.year) not in text]
    if other_year or _OTHER_TIME.search(sentence):
        return
    for match in _NEGATIVE_CHALLENGE.finditer(sentence):
        if _QUALIFIED.search(match["tail"]) or _QUALIFIED.search(match.group()[: -len(match["tail"]) or None]):
            continue
        routes: list[str] = []
        if "复议" in match["what"]:
            routes.append("reconsideration")
        if "诉讼" in match["what"] or "诉讼" in match["tail"]:
            routes += ["litigation_direct", "litigation_after_reconsideration"]
        addresses = tuple(f"challenges.{route}.total" for route in routes)
        if all(address in known for address in addresses):
            yield Claim(kind="count", number=Decimal(0), measure="none", readings=(addresses,), quote=sentence)
    for match in _NEGATIVE_APPLICATION.finditer(sentence):
        address = "applications.received.total"
        if address in known and not _QUALIFIED.search(match["tail"]) and not _is_part(match.group(), extraction):
            yield Claim(kind="count", number=Decimal(0), measure="none", readings=((address,),), quote=sentence)

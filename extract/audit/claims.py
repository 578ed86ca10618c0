"""Sentences that restate figures: numbers in running text, and what they say of the official tables.

The vocabulary is data (`claims.toml`). Reading is strict: a number counts only if the words right before or behind it name a measure;
approximate numbers (余, 近, 约), other years, parts of the organisation and of the year are left alone, because a false alarm costs
more trust than a missed slip.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from extract.audit.figures import ROUTES, FigureBook
from extract.audit.sentences import ENUMERATED, Sentence, paragraphs, sentences
from extract.audit.speakers import speakers
from extract.audit.vocabulary import Measure, vocabulary
from extract.model import Extraction, Section

_CLAUSE_END = re.compile(r"[,;()、]")
_ASIDE = re.compile(r"\((?!未经|复议后|经复议)[^()\d]*\)")
_NUMBER = re.compile(
    r"(?<![\d.〔\[A-Za-z+\-第])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<myriad>[万亿])?"
    r"(?P<about>余|多|几)?(?P<unit>%|个百分点|件次|件|条|份|宗|起|例|个(?!工作日|月|自然日|小时)|次|项|部|元|场|篇|期)?"
)
_ABOUT_BEFORE = re.compile(r"(?:近|约|超|超过|逾|不足|大约|将近|至少|接近)$")
_GROWTH = re.compile(
    r"(?P<direction>增长|增加|上升|提高|提升|增幅|多|下降|减少|回落|降低|降幅|少|下浮|上浮)(?:了|约|幅度|为|达|到|率)*$"
)
_DOWN = frozenset({"下降", "减少", "回落", "降低", "少", "下浮", "降幅"})
_SHARE_WORDS = re.compile(r"占比|比重|比例|率")
_SHARE = re.compile(r"(?:占比?|占总数|比例|比重)[^,;\d]{0,16}$")
_BARE_SHARE = re.compile(r"^\(?$")
#: Times named in a sentence; the one named last before a number is its time. A year that is only compared with (较上年) is none.
_TIME = re.compile(
    r"(?P<own>截[至止]到?12月(?:31日|底)|1月(?:1日)?(?:起)?[-—~至到]+12月|1[-—~]12月|本年|今年|全年|年内)"
    r"|(?P<other>(?<![较比与同])上一?年(?!度?结转|度?末?结转)|(?<![较比与同])去年|他年|多年|历年|前年|近[两二三四五几]年|(?<!今年)(?<!本年)以来|上半年|下半年|"
    r"[一二三四1-4]季度|\d{1,2}(?:月份?)?[-—~至到]+\d{1,2}月|\d{1,2}月份|前\d{1,2}个月|\d{1,2}月\d{1,2}日)"
)
_COMPARED = re.compile(r"[较比同与]")
_AT_LARGE = re.compile(r"应诉|出庭|审理|调解|行政争议|法治政府|依法行政")
_ABOUT_DISCLOSURE = re.compile(r"信息公开|政务公开|依申请|公开申请|结果(?:维持|纠正)|尚未审结|被(?:提起|申请)")
#: 申请0件的科室: the number describes something else.
_QUALIFIES = re.compile(r"的(?:科室|单位|部门|机关|[\u4e00-\u9fff]{0,4}局)")
_ROUTE = re.compile(
    r"(?P<all>复议(?:案件)?(?:、|和|及|或|与|以及)(?:被)?(?:提起)?(?:行政)?诉讼)|(?P<direct>直接起诉|未经(?:行政)?复议)|(?P<after>复议后(?:再)?起诉)|(?P<court>诉讼)|(?P<review>(?<!未经)复议)"
)
_NAMED_ROUTES = {"all": ROUTES, "direct": ROUTES[1:2], "after": ROUTES[2:], "court": ROUTES[1:], "review": ROUTES[:1]}
#: The reviewing organ's own work: it decides others' cases.
_REVIEWS = re.compile(r"(?:办理|受理|审结|承办|处理|办结)[^,;]{0,6}复议")
_ALL_UPHELD = re.compile(r"(?:均|全部)(?:获|被|得到|予以|为|结果)*维持")
_CONTINUES = re.compile(r"^(?:其中|予以|部分|不予|已|均|全部|办结|答复)")
_DENIES = re.compile(r"无|没有|未|零|不存在|为0")
#: No sentence without a number or one of these says anything.
_TELLS = re.compile(r"[\d０-９]|无|没有|未|零|不存在|[一二两三四五六七八九十百千](?:件|宗|份|起)")
_UNITS = r"(?:件次|件|宗|份|起|例|个|条|%)"
_NUMBERS = rf"\d+(?:\.\d+)?{_UNITS}?(?:[、,和]\d+(?:\.\d+)?{_UNITS}?)+"
_RESPECTIVELY = re.compile(
    rf"(?:分别|依次)(?P<verb>(?:为|是|有|占|达|共|主动|公开|发布|各类|政府|政务|信息){{0,6}})(?P<numbers>{_NUMBERS})"
)
_EACH = re.compile(r"(?:均|都)(?:为|是)(?P<number>\d+)(?P<unit>件|起|宗|例)")
#: Behind the names of a list (行政复议、行政诉讼案件数量分别为…).
_AFTER_NAMES = re.compile(
    r"(?<!的)(?<!申请)(?<!案件)(?<!数量)(?<!情况)(?<!件数)(?<!情形)(?:的|申请|案件|数量|情况|件数|情形)+$"
)
_CLAUSE = re.compile(r"[^,;:]*$")
_LONGEST_LIST = 160
_LISTED = re.compile(r"、|以及|和(?!解)|及|与")


#: A number, and the words before and behind it.
_Told: TypeAlias = tuple[re.Match[str], str, str]


@dataclass(frozen=True, slots=True)
class Claim:
    """A number in the text and the sums of figures that it may restate.

    `kind`: count, money, percent (a share of one of `denominators`), equal (all of `denominators`), growth (against the year before, in
    percent), change (against the year before, in cases), share_change (of a share); `is_down` tells the direction. `unit_size` is
    10,000 for 万, so that the comparison keeps the printed precision.
    """

    kind: str
    number: Decimal
    label: str
    readings: tuple[tuple[str, ...], ...]
    quote: str
    denominators: tuple[tuple[str, ...], ...] = ()
    unit_size: Decimal = Decimal(1)
    is_down: bool = False


@dataclass(slots=True)
class _Talk:
    """What the text has spoken of so far: `subjects` and `is_part` in this passage, the rest in this sentence;
    speakers before `heard` were found to speak of the whole."""

    extraction: Extraction
    book: FigureBook
    subjects: set[str]
    is_about_disclosure: bool
    named: set[str] = field(default_factory=set)
    routes: tuple[str, ...] = ROUTES
    mentioned_routes: tuple[str, ...] = ()
    last: Measure | None = None
    last_readings: tuple[tuple[str, ...], ...] = ()
    is_part: bool = False
    place: int = 0
    heard: int = 0
    text: str = ""
    _times: list[tuple[int, bool]] | None = None
    _speakers: list[tuple[int, bool]] | None = None
    _matters: list[tuple[int, bool]] | None = None

    def begin(self, text: str) -> None:
        """Begin another sentence."""
        self.text, self.named = text, set()
        self.last, self.last_readings, self.mentioned_routes = None, (), ()
        self.heard = 0
        self._times = self._speakers = self._matters = None

    def is_other_time(self, place: int) -> bool:
        """Whether what stands at a place of the sentence is of another year, or of a part of the year."""
        if self._times is None:
            self._times = [(found.start(), found.lastgroup == "other") for found in _TIME.finditer(self.text)]
        return _last_before(place, self._times) or False

    def listen(self, place: int) -> bool:
        """Notice who speaks at a place of the sentence; whether it is a part, or more than the organ of the tables."""
        if self._speakers is None:
            self._speakers = speakers(self.text, self.extraction)
        speaks = _last_before(place, self._speakers, self.heard)
        if speaks is not None:
            self.is_part = not speaks
        return self.is_part

    def is_other_matter(self, place: int) -> bool:
        """Whether the sentence has turned from requests for information to something else that is counted."""
        if self._matters is None:
            words = vocabulary()
            others = [(found.start(), True) for found in words.other_matters.finditer(self.text)]
            subjects = [(found.start(), False) for found in words.subject.finditer(self.text)] if others else []
            self._matters = sorted(others + subjects)
        return _last_before(place, self._matters) or False


def _last_before(place: int, mentions: Sequence[tuple[int, bool]], begin: int = 0) -> bool | None:
    """What the last of the mentions between two places says; `None` if there is none."""
    return next((says for start, says in reversed(mentions) if begin <= start < place), None)


def read_claims(extraction: Extraction, book: FigureBook | None = None) -> list[Claim]:
    """All claims of the report's sections, in order."""
    claims: list[Claim] = []
    book = book or FigureBook.of(extraction)
    for section in extraction.sections:
        talk = _talk(section, extraction, book)
        for paragraph in paragraphs(section.text):
            if ENUMERATED.match(paragraph):
                talk = _talk(section, extraction, book)
            if _TELLS.search(paragraph) is None:
                _hear(paragraph, talk)
                continue
            for sentence in sentences(paragraph, extraction.year):
                claims += _sentence_claims(sentence, talk)
    return claims


def _talk(section: Section, extraction: Extraction, book: FigureBook) -> _Talk:
    subjects = {"applications"} if section.kind == "applications" else set()
    return _Talk(extraction, book, subjects, is_about_disclosure=section.kind == "challenges")


def _hear(text: str, talk: _Talk) -> None:
    """Notice what a text speaks of."""
    words = vocabulary()
    if words.subject.search(text) or (words.hints.search(text) and not words.other_matters.search(text)):
        talk.subjects.add("applications")
    talk.is_about_disclosure = talk.is_about_disclosure or _ABOUT_DISCLOSURE.search(text) is not None
    if talk.is_about_disclosure and ("复议" in text or "诉讼" in text):
        talk.subjects.add("challenges")


def _sentence_claims(sentence: Sentence, talk: _Talk) -> Iterator[Claim]:
    text = sentence.text
    talk.begin(text)
    _hear(text, talk)
    if _CONTINUES.match(text) is None:
        talk.is_part = False
    is_at_large = not talk.is_about_disclosure or _is_at_large(text)
    for place, pairs in _numbers(text, talk):
        talk.place = place
        for number, before, after in pairs:
            for claim in _number_claims(number, before, after, talk, sentence):
                if not (is_at_large and talk.last is not None and talk.last.subject == "challenges"):
                    yield claim
    if not is_at_large:
        yield from _claims_of_each(sentence, talk)
    yield from _denials(sentence, talk)
    if not is_at_large:
        yield from _all_upheld(sentence, talk)


def _numbers(text: str, talk: _Talk) -> Iterator[tuple[int, list[_Told]]]:
    """The numbers of a sentence that are stated for the year: the place, and each number with the words before and behind it.

    The numbers of a respective list (A、B分别为1件、2件) come together. Approximate ones and lists whose names can't be assigned are left out.
    """
    has_lists = "分别" in text or "依次" in text
    lists = {found.start("numbers"): found for found in _RESPECTIVELY.finditer(text)} if has_lists else {}
    previous_end = respective_until = 0
    for match in _NUMBER.finditer(text):
        if match.start() < respective_until:
            continue
        is_other_time = talk.is_other_time(match.start())
        respective = lists.get(match.start())
        if respective is not None and not is_other_time:
            previous_end = respective_until = respective.end()
            yield match.start(), _pairs(respective)
            continue
        before, after = _surroundings(text, match, previous_end)
        previous_end = match.end()
        if "分别" in before or before.endswith("各"):
            respective_until = _end_of_list(text, match.end())
        elif not (match["about"] or _ABOUT_BEFORE.search(before) or is_other_time):
            yield match.start(), [(match, before, after)]


def _all_upheld(sentence: Sentence, talk: _Talk) -> Iterator[Claim]:
    """That all cases of the routes that a sentence names were upheld."""
    if not talk.mentioned_routes or not _ALL_UPHELD.search(sentence.text):
        return
    routes = tuple(dict.fromkeys(talk.mentioned_routes))
    yield Claim(
        kind="equal",
        number=Decimal(0),
        label="结果维持",
        readings=(tuple(f"challenges.{route}.upheld" for route in routes),),
        denominators=(tuple(f"challenges.{route}.total" for route in routes),),
        quote=sentence.quote,
    )


def _is_at_large(text: str) -> bool:
    """Whether a sentence speaks of reconsideration and court in general, and not of those about disclosure."""
    return _AT_LARGE.search(text) is not None and "信息公开" not in text


def _claims_of_each(sentence: Sentence, talk: _Talk) -> Iterator[Claim]:
    """Claims of one number for several names (行政复议、行政诉讼均为0件)."""
    if "均" not in sentence.text and "都" not in sentence.text:
        return
    for each in _EACH.finditer(sentence.text):
        number = _NUMBER.match(each["number"] + each["unit"])
        talk.place = each.start("number")
        for name in _names_before(each):
            if number is not None:
                yield from _number_claims(number, name, "", talk, sentence)


def _names_before(found: re.Match[str]) -> list[str]:
    """The names that a clause lists in front of 分别 or 均; none if it lists no two."""
    before = found.string[max(0, found.start() - _LONGEST_LIST) : found.start()]
    clause = _CLAUSE.search(before)
    names = [name for name in _LISTED.split(_AFTER_NAMES.sub("", clause.group() if clause else "")) if name]
    return names if len(names) > 1 else []


def _pairs(found: re.Match[str]) -> list[_Told]:
    """The numbers of a respective list (A、B、C分别为1件、2件、3件) with the names that they belong to; none if their counts differ."""
    names = _names_before(found)
    numbers = list(_NUMBER.finditer(found["numbers"]))
    if len(names) < len(numbers):
        return []
    unit = next((number["unit"] for number in reversed(numbers) if number["unit"]), None)
    verb = found["verb"] or "为"
    pairs = []
    for name, number in zip(names[-len(numbers) :], numbers, strict=True):
        whole = number if number["unit"] else _NUMBER.match(number["number"] + (unit or ""))
        if whole is not None:
            pairs.append((whole, name + verb, ""))
    return pairs


def _surroundings(text: str, match: re.Match[str], previous_end: int) -> tuple[str, str]:
    """The clause up to the number, and the words behind it up to the next punctuation or number."""
    flat = _ASIDE.sub("", text[previous_end : match.start()])
    start = 0
    for end in _CLAUSE_END.finditer(flat):
        is_before_the_number = end.group() == "(" and end.end() == len(flat)
        if end.group() != "、" and not is_before_the_number:
            start = end.end()
    before = flat[start:]
    if start and flat[start - 1] in ",;":
        before = flat[start - 1 :]  # a measure may ask for the beginning of a clause
    stop = _CLAUSE_END.search(text, match.end())
    after = text[match.end() : stop.start() if stop else len(text)]
    digits = re.search(r"\d", after)
    return before, after[: digits.start()] if digits else after


def _end_of_list(text: str, position: int) -> int:
    stop = re.compile(r"[,;]").search(text, position)
    return stop.end() if stop else len(text)


def _number_claims(match: re.Match[str], before: str, after: str, talk: _Talk, sentence: Sentence) -> Iterator[Claim]:
    number = Decimal(match["number"].replace(",", ""))
    unit = match["unit"]
    growth = _GROWTH.search(before)
    claim: Claim | None = None
    if unit in ("%", "个百分点"):
        claim = _rate(number, unit, before, talk, sentence)
    elif growth is not None:
        # A number without a unit is a list number or the remains of a table.
        if unit is not None and talk.last is not None and _COMPARED.search(before):
            claim = _claim("change", number, talk, sentence, is_down=growth["direction"] in _DOWN)
    else:
        measure = _find_measure(before, after, unit, talk) if unit is not None else None
        if measure is not None:
            yield from _amounts(measure, number, match["myriad"], talk, sentence)
        elif (before[:1] in (",", ";", "") or _CLAUSE_END.search(before)) and not _COMPARED.search(before):
            talk.last = None
        return
    if claim is not None and not talk.listen(talk.place):
        yield claim


def _amounts(measure: Measure, number: Decimal, myriad: str | None, talk: _Talk, sentence: Sentence) -> Iterator[Claim]:
    """The claim that a number is what a measure counts; none where a part of the organ is spoken of, or no figures are known."""
    readings = _readings(measure, talk)
    _remember(measure, readings, talk)
    if (
        talk.listen(talk.place)
        and not measure.needs
        and number in [talk.book.measured_sum(reading) for reading in readings]
    ):
        # A single organ named with the table's own figure speaks of the whole (市府办新收 224 件, and the table says 224).
        talk.is_part, talk.heard = False, talk.place
    if talk.is_part:
        talk.last = None
        return
    size = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}.get(myriad or "", Decimal(1))
    if readings and (size == 1 or measure.is_money):
        yield Claim(
            kind="money" if measure.is_money else "count",
            number=number,
            label=measure.label,
            readings=readings,
            quote=sentence.quote,
            unit_size=size,
        )


def _remember(measure: Measure, readings: tuple[tuple[str, ...], ...], talk: _Talk) -> None:
    """Keep what a number was found to count, for the numbers behind it."""
    talk.named.add(measure.id)
    talk.subjects.add(measure.subject)
    if measure.subject in ("dispositions", "applicants"):
        talk.subjects.add("applications")
    if measure.routes:
        talk.routes = measure.routes
        talk.mentioned_routes += measure.routes
    talk.last, talk.last_readings = measure, readings


def _claim(kind: str, number: Decimal, talk: _Talk, sentence: Sentence, *, is_down: bool = False) -> Claim:
    """A claim about what was counted last."""
    assert talk.last is not None
    return Claim(
        kind,
        number,
        talk.last.label,
        talk.last_readings,
        sentence.quote,
        _denominators(talk.last, talk),
        is_down=is_down,
    )


def _rate(number: Decimal, unit: str, before: str, talk: _Talk, sentence: Sentence) -> Claim | None:
    growth = _GROWTH.search(before)
    if growth is not None:
        if talk.last is None:
            return None
        is_of_share = unit != "%" or _SHARE_WORDS.search(before) is not None
        if is_of_share and not _denominators(talk.last, talk):
            return None
        return _claim(
            "share_change" if is_of_share else "growth", number, talk, sentence, is_down=growth["direction"] in _DOWN
        )
    if unit != "%":
        return None
    measure = _find_share(before, talk)
    if measure is not None:
        talk.last, talk.last_readings = measure, _readings(measure, talk)
    elif not (
        _SHARE.search(before)
        or (_BARE_SHARE.match(before) and talk.last is not None and talk.last.subject != "challenges")
    ):
        return None
    if talk.last is None or not _denominators(talk.last, talk):
        return None
    return _claim("percent", number, talk, sentence)


def _is_meant(measure: Measure, before: str, talk: _Talk) -> bool:
    if not measure.needs <= talk.subjects | talk.named:
        return False
    if measure.follows is not None and (talk.last is None or talk.last.subject != measure.follows):
        return False
    if measure.only_with is not None and measure.only_with not in talk.book.by_address:
        return False
    if (
        measure.minds_matter
        and talk.is_other_matter(talk.place)
        and measure.subject in ("applications", "dispositions", "applicants")
    ):
        return False
    if "reconsideration" in measure.routes and _REVIEWS.search(before) and "信息公开" not in before:
        return False
    return measure.unless is None or measure.unless.search(before) is None


#: What ends the reach of a verb: a comma, a conjunction, another verb that has the object for itself.
_OTHER_ACT = re.compile(r"[,;:、]|并|后|期间|过程中|且|同时|集中|公布|公开|保留|确认|发布|继续|截至|目前")


def _is_acted_on(measure: Measure, lead: str) -> bool:
    """Whether a verb before the measure's words takes what they count as its object; another act between them ends its reach."""
    if measure.unless_acted is None:
        return False
    return any(not _OTHER_ACT.search(lead, found.end()) for found in measure.unless_acted.finditer(lead))


#: What may stand before a number without saying what is counted.
_ALONE = re.compile(r"[,;、:]?(?:其中|除|对|将|有|共有|共|另有|另|其余|剩余|余下|尚有|其|即|含|包括|并|:|\()*")


def _find_measure(before: str, after: str, unit: str, talk: _Talk) -> Measure | None:
    """The measure whose words reach furthest from the number; none if several rows of the table are counted together."""
    if _QUALIFIES.match(after):
        return None
    best: tuple[int, Measure] | None = None
    is_alone = _ALONE.fullmatch(before) is not None
    for measure in vocabulary().candidates(before + after):
        if unit not in measure.units or not _is_meant(measure, before, talk):
            continue
        length = _reach(measure, before, after, is_alone=is_alone)
        if length is not None and (best is None or length > best[0]):
            best = (length, measure)
    if best is None or (best[1].is_row and _counts_rows_together(before)):
        return None
    return best[1]


def _reach(measure: Measure, before: str, after: str, *, is_alone: bool) -> int | None:
    """How far from the number the words of a measure begin and end; `None` if they don't stand there.

    Args:
        is_alone: Nothing before the number says what is counted, so that the words behind it may.
    """
    front = measure.before.search(before) if measure.before else None
    back = measure.after.search(after) if measure.after and (is_alone or measure.is_both) else None
    if not (front or back) or (measure.is_both and not (front and back)):
        return None
    if _is_acted_on(measure, before[: front.start() if front else len(before)]):
        return None
    return (len(before) - front.start() if front else 0) + (back.end() if back else 0)


def _find_share(before: str, talk: _Talk) -> Measure | None:
    best: tuple[int, Measure] | None = None
    for measure in vocabulary().candidates(before):
        if measure.share is None or not _is_meant(measure, before, talk):
            continue
        found = measure.share.search(before)
        if found is not None and (best is None or len(before) - found.start() > best[0]):
            best = (len(before) - found.start(), measure)
    return best[1] if best and not (best[1].is_row and _counts_rows_together(before)) else None


def _counts_rows_together(before: str) -> bool:
    """Whether words name several rows for one number (属于国家秘密、行政查询事项的共6件)."""
    named = {
        measure.id
        for measure in vocabulary().candidates(before)
        if measure.is_row and measure.before and re.search(measure.before.pattern[:-1], before)
    }
    return len(named) > 1


def _readings(measure: Measure, talk: _Talk) -> tuple[tuple[str, ...], ...]:
    """The sums that a measure may mean here; without those that the report has no figures for."""
    if measure.routes:
        routes = [measure.routes]
    else:
        named = _routes_named(talk.text[: talk.place])
        mentioned = tuple(route for route in ROUTES if route in talk.mentioned_routes)
        # 复议34件，诉讼21件，其中维持35件: of both, or of the one named last. Where nothing says of which, of any.
        routes = [group for group in (named, talk.routes, mentioned) if group]
        if not named and not mentioned:
            routes += [ROUTES[:1], ROUTES[1:], ROUTES[1:2], ROUTES[2:]]
    found = [_expand(reading, group, talk.book) for reading in measure.readings for group in routes]
    return tuple(dict.fromkeys(reading for reading in found if reading))


def _routes_named(text: str) -> tuple[str, ...]:
    """The routes of challenge that a text names last."""
    named = [str(found.lastgroup) for found in _ROUTE.finditer(text)]
    return _NAMED_ROUTES[named[-1]] if named else ()


def _expand(reading: tuple[str, ...], routes: tuple[str, ...], book: FigureBook) -> tuple[str, ...]:
    """Addresses of a reading: wildcards over rows, routes of the sentence; empty if the report lacks one of them."""
    known = book.by_address
    addresses: list[str] = []
    for selector in reading:
        if "{routes}" in selector:
            addresses += [selector.replace("{routes}", route) for route in routes]
        elif selector.startswith("indicators:"):
            label = re.compile(selector.removeprefix("indicators:"))
            rows = [row for row in book.rows("indicators") if label.search(row)]
            addresses += [f"indicators.{rows[0]}.value"] if len(rows) == 1 else [selector]
        elif "*" in selector:
            table, rows_of, column = selector.split(".")
            found = [f"{table}.{row}.{column}" for row in book.disposition_rows(rows_of.rstrip("*"))]
            addresses += found or [selector]  # a group that lacks a row has no sum
        else:
            addresses.append(selector)
    return tuple(addresses) if addresses and all(address in known for address in addresses) else ()


def _denominators(measure: Measure, talk: _Talk) -> tuple[tuple[str, ...], ...]:
    """What a share may refer to, by what is shared."""
    if measure.subject in ("dispositions", "applicants"):
        disposed, received = "applications.disposed_total.total", "applications.received.total"
        wholes: list[tuple[str, ...]] = [(disposed,), (received,), (received, "applications.carried_in.total")]
        if measure.subject == "applicants":
            kinds = ("business", "research", "welfare", "legal_service", "other_org")
            wholes.append(tuple(f"applications.received.{kind}" for kind in kinds))
        elif measure.is_row:
            group = measure.readings[0][0].split("_")[0]
            wholes.append(_expand((f"{group}_*.total",), ROUTES, talk.book))
    elif measure.subject == "challenges":
        groups = [ROUTES] if measure.routes else [talk.routes, talk.mentioned_routes or ROUTES, ROUTES]
        wholes = [tuple(f"challenges.{route}.total" for route in ROUTES if route in group) for group in groups]
    else:
        return ()
    known = talk.book.by_address
    return tuple(dict.fromkeys(whole for whole in wholes if whole and all(address in known for address in whole)))


def _denials(sentence: Sentence, talk: _Talk) -> Iterator[Claim]:
    text = sentence.text
    if _DENIES.search(text) is None or _is_at_large(text):
        return
    seen: set[str] = set()
    for denial in vocabulary().denials:
        for match in denial.pattern.finditer(text):
            start = max(text.rfind(",", 0, match.start()), text.rfind(";", 0, match.start())) + 1
            stop = re.compile(r"[,;]").search(text, match.end())
            clause = text[start : stop.start() if stop else len(text)]
            if denial.unless is not None and denial.unless.search(clause):
                continue
            if talk.is_other_time(match.start()):
                continue
            if talk.listen(match.end()):
                continue
            readings = tuple(filter(None, (_expand(reading, ROUTES, talk.book) for reading in denial.readings)))
            if readings and not seen.issuperset(readings[0]):
                seen.update(readings[0])
                yield Claim("count", Decimal(0), denial.label, readings, sentence.quote)

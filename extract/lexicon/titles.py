"""What a title says: an annual report or not, of which year, by whom, in which shape.

Lists of annual reports (政府信息公开工作年度报告) stand beside lists of other yearly reports, and mix with them. A title that
names another kind of report is rejected; one that names this kind is accepted; whatever else stands in a proven column of
reports is unsure, and the body of the page decides. The words are data (`titles.toml`).
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from extract.document.radicals import without_radicals
from extract.lexicon.dates import YEAR
from extract.lexicon.organs import is_area, is_organ, is_town, speaks_of_itself
from extract.lexicon.regions import leading_region
from extract.lexicon.toml_data import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.lexicon.toml_data import TomlTable


class Judgement(StrEnum):
    """Whether a title names an annual report."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNSURE = "unsure"


class Shape(StrEnum):
    """In which of its several shapes a report is offered."""

    TEXT = "text"
    INFOGRAPHIC = "infographic"  # 图解
    IMAGE = "image"  # 图片版
    LINKED = "linked"  # 超链版
    FILE = "file"  # PDF版, Word版
    CORRECTION = "correction"  # 更正
    INTERPRETATION = "interpretation"  # 解读


class Genre(StrEnum):
    """What a paper is by its title alone: the last word of a Chinese title names its kind."""

    REPORT = "report"
    CARRIER = "carrier"  # 关于公布…年度报告的公告: the report may follow
    ABOUT = "about"  # names the report and goes on in other words
    OTHER = "other"  # 解读, 函, 通报, 自查报告: none, whatever it quotes
    UNNAMED = "unnamed"


#: Shapes that are about a report, or a picture of it, and not its text.
NOT_PLAIN = frozenset({Shape.INFOGRAPHIC, Shape.IMAGE, Shape.INTERPRETATION})
#: Those of another paper, which may quote the report's chapters; a picture of the report is the report.
ABOUT_A_REPORT = NOT_PLAIN - {Shape.IMAGE}


@dataclass(frozen=True, slots=True)
class Title:
    """What one title says.

    Attributes:
        judgement: Accept, reject or unsure.
        reason: Why, in a few words.
        year: The report year, `None` if the title gives none or several.
        years: All years that it names, in order; the first ones of ranges, too.
        agency: The part that names the organ, as printed, `None` if there is none.
        shape: 正文, 图解, 更正 …; the first of `shapes`.
        shapes: All shapes that it names.
        is_bare: Unsure, but of the form "unit, year": likely in a column of reports.
        is_cut: The list printed only the title's beginning.
        is_agency_behind: The organ is named behind the report's name, as a page's title names its site: 2020年信息公开年报（财政局）.
    """

    judgement: Judgement
    reason: str
    year: int | None
    years: tuple[int, ...]
    agency: str | None
    shapes: tuple[Shape, ...] = ()
    is_bare: bool = False
    is_cut: bool = False
    is_agency_behind: bool = False

    @property
    def shape(self) -> Shape:
        """The shape that says most."""
        return self.shapes[0] if self.shapes else Shape.TEXT


_TAGS = re.compile(r"</?[A-Za-z][^>]*>")
_SPACES = re.compile(r"[\s\u00a0\u3000\u200b-\u200f\ufeff]+")
_CUT = re.compile(r"(?:(?<!\.)\.{2,}+|(?<!…)…++|(?<!。)。{2,}+|(?<!⋯)⋯++)\Z")
_BULLET = re.compile(r"\A[·•●○◆■►▶▲★☆※◎>»\-—*\s]+")
_ORDINAL = re.compile(
    r"\A(?:(?:\d{1,2}|[一二三四五六七八九十]{1,3})[、.．]\s*(?!\d)|0\d(?!\d)|\d{1,2}(?=[\u4e00-\u9fff]{2,8}[省市区县]))"
)
#: A period that is a year: 2022年1月1日至12月31日.
_WHOLE_YEAR = re.compile(rf"({YEAR})年0?1月0?1日(?:至|到|[-—~])(?:\1年)?12月31日")
#: A day in front of a title, and a name in brackets of its own.
_DAY_BEFORE = re.compile(rf"\A[(（【\[]?{YEAR}[-./年]\d{{1,2}}[-./月]\d{{1,2}}日?[)）】\]]?")
_IN_BRACKETS = re.compile(r"\A[(（【\[]([^()（）【】\[\]]+)[)）】\]]\Z")
#: A notice with a report: 关于印发《…年度报告》的通知.
_CARRIES = re.compile(r"(?:印发|公布|发布|公开)《[^《》]{4,60}(?:报告|年报)》的?(?:通知|公告|通告)\Z")
#: The number of an official paper in front of its title: 松财〔2024〕1号.
_PAPER_NUMBER = re.compile(rf"\A[\u4e00-\u9fff]{{1,8}}[〔\[【(（]{YEAR}[〕\]】)）]\d{{1,4}}号")
_BRACKETED = re.compile(r"\A(?:\[[^\]]{0,12}\]|【[^】]{0,12}】|[(（][^()（）]{0,12}[)）])")
_YEAR = re.compile(rf"(?<!\d)({YEAR})(?!\d)(?:\s*年)?(?:度)?")
_ANY_YEAR = re.compile(YEAR)
#: What stands before the year is taken for a name if it has so many signs, whatever its end.
_SOME_NAME = re.compile(r"[\u4e00-\u9fff]{3}")
#: The Han characters that a text ends with; bounded, for titles are short.
_HAN_RUN = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{1,60}\Z")
_SHORTEST_ORGAN = 3
#: Two signs behind an area are a verb rather than an organ.
_VERB = 2
_EDGE = " 　-—_|·:：,，、。.《》〈〉“”\"'的之"
_MARKS_BETWEEN = re.compile(r"[:：|]")
_DASH = re.compile(r"[-—–]+")
_LONGEST_HEADING = 90
_LONGEST_TEMPLATE = 70
_LONGEST_COLUMN = 10
#: A title that is a year and hardly more.
_LONGEST_YEAR_ONLY = 8


@dataclass(frozen=True, slots=True)
class _Rejected:
    pattern: re.Pattern[str]
    reason: str
    is_outranked: bool


@dataclass(frozen=True, slots=True)
class _GenreWords:
    """What `titles.toml` says of kinds of papers."""

    filler: re.Pattern[str]
    tail: re.Pattern[str]
    joined: re.Pattern[str]
    carrier_lead: re.Pattern[str]
    carrier_tail: re.Pattern[str]
    other: re.Pattern[str]
    template: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Words:
    """What `titles.toml` says."""

    strong: re.Pattern[str]
    year_first: re.Pattern[str]
    weak: re.Pattern[str]
    heading: re.Pattern[str]
    genre: _GenreWords
    cut: re.Pattern[str]
    in_lists: tuple[_Rejected, ...]
    in_headings: tuple[_Rejected, ...]
    shapes: tuple[tuple[re.Pattern[str], Shape], ...]
    label_strong: re.Pattern[str]
    label_weak: re.Pattern[str]
    label_year: re.Pattern[str]
    label_false: re.Pattern[str]
    lead: re.Pattern[str]
    behind: re.Pattern[str]
    digits: dict[str, str]
    han_year: re.Pattern[str]
    no_year: tuple[re.Pattern[str], ...]
    range: re.Pattern[str]
    day_behind: re.Pattern[str]


def normalise(title: str) -> str:
    """A title with entities, tags, full-width digits and white space undone, Chinese years as digits."""
    words = _words()
    text = html.unescape(_TAGS.sub("", html.unescape(title)))
    # NFKC would also turn full-width brackets and colons; that is wanted: titles mix both.
    text = _SPACES.sub("", unicodedata.normalize("NFKC", without_radicals(text)))
    text = _BULLET.sub("", text)
    return words.han_year.sub(lambda found: "".join(words.digits.get(c, c) for c in found.group()), text)


@lru_cache(maxsize=4096)
def judge_title(title: str) -> Title:
    """Judge one title of a list, best its `title` attribute, because lists cut the visible text."""
    words = _words()
    text = _WHOLE_YEAR.sub(r"\1年度", normalise(title))
    is_cut = bool(_CUT.search(text))
    text = _CUT.sub("", text)
    core = _core_of(text)
    years = _years(text)
    year = _report_year(years, core)
    if not text or text.lower() in ("null", "undefined"):
        return Title(Judgement.UNSURE, "no title", None, (), None, is_cut=is_cut)
    judgement, reason, is_bare = _judge(text, core, year, is_cut)
    agency, is_agency_behind = _agency_of(text, core, years)
    return Title(
        judgement,
        reason,
        year,
        tuple(item.value for item in years),
        agency,
        tuple(dict.fromkeys(shape for pattern, shape in words.shapes if pattern.search(text))),
        is_bare=is_bare,
        is_cut=is_cut,
        is_agency_behind=is_agency_behind,
    )


def _judge(text: str, core: tuple[int, int] | None, year: int | None, is_cut: bool) -> tuple[Judgement, str, bool]:
    """Judgement, reason and whether the title is bare."""
    words = _words()
    names_report = core is not None and year is not None
    if names_report and _CARRIES.search(text):
        return Judgement.UNSURE, "a notice that carries the report", True
    if (reason := _why_rejected(text, names_report=names_report)) is not None:
        return Judgement.REJECT, reason, False
    if core is not None:
        return _judge_named(text, year)
    if is_cut and year is not None and words.cut.search(text):
        return Judgement.UNSURE, "cut before it could name the report", True
    if words.weak.search(text):
        return Judgement.UNSURE, "may name the report", year is not None
    has_unit = _agency_of(text, core, _years(text))[0] is not None
    if year is not None and (has_unit or len(text) <= _LONGEST_YEAR_ONLY):
        return Judgement.UNSURE, "unit and year only", True
    return Judgement.UNSURE, "says nothing of reports", False


def _why_rejected(text: str, *, names_report: bool) -> str | None:
    """Why a title is that of another paper, if it is."""
    for rejected in _words().in_lists:
        if rejected.pattern.search(text) and not (names_report and rejected.is_outranked):
            return rejected.reason
    return None


def _is_of_another_subject(text: str, start: int) -> bool:
    """Whether the words before 信息公开 say that it is not that of government: 政府采购信息公开, 双随机信息公开. A name or a year does not."""
    if not text.startswith("信息", start):
        return False
    run = _HAN_RUN.search(text, 0, start)
    words = re.sub(r"\A(?:学?年度?|度)", "", run.group()) if run is not None else ""
    name = without_lead(words)
    if not name or _words().genre.filler.fullmatch(name) or speaks_of_itself(name):
        return False
    return not (is_organ(name) or is_area(name) or is_town(name) or leading_region(name) == name)


def _judge_named(text: str, year: int | None) -> tuple[Judgement, str, bool]:
    """As `_judge`, for a title with the words that name the report."""
    if any(pattern.search(text) for pattern, shape in _words().shapes if shape is Shape.INTERPRETATION):
        return Judgement.UNSURE, "explains a report", False
    core = _core_of(text)
    if core is not None and _is_of_another_subject(text, core[0]):
        return Judgement.UNSURE, "names the disclosure of something else", True
    if year is None and _rank(text) is not None:
        return Judgement.UNSURE, "names the kind of report, no year", True
    return Judgement.ACCEPT, "names the report", False


def is_report_title(title: str) -> bool:
    """Whether a heading, or a part of a page's title (white space removed), is an annual report's title.

    More forms count than in a list, because the chapters and tables behind a heading decide.
    """
    text = unicodedata.normalize("NFKC", title)
    return (
        len(title) <= _LONGEST_HEADING
        and "。" not in title
        and _words().heading.search(text) is not None
        and not is_other_title(title)
        and genre_of(title) is not Genre.OTHER
    )


def mentions_report(title: str) -> bool:
    """Whether a heading (white space removed) has the words of a report's title, whatever else it says."""
    return _words().heading.search(unicodedata.normalize("NFKC", title)) is not None


def mentions_disclosure(title: str) -> bool:
    """Whether a heading (white space removed) is one on disclosure, and more than the name of a column (政府信息公开专栏)."""
    return len(title) > _LONGEST_COLUMN and ("信息公开" in title or "政务公开" in title)


def is_other_title(title: str) -> bool:
    """Whether a heading (white space removed) is that of another kind of paper: a notice, a guide, a list of names."""
    text = unicodedata.normalize("NFKC", title)
    return any(rejected.pattern.search(text) for rejected in _words().in_headings)


def is_template(title: str) -> bool:
    """Whether a heading (white space removed) is that of an empty form to be filled in, which has all of a report but its figures."""
    return len(title) <= _LONGEST_TEMPLATE and _words().genre.template.search(title) is not None


#: What ends a title, read from its end: marks, and words in brackets. Searched from its beginning, a run of marks would be tried at each of them.
_LAST_MARKS_TURNED = re.compile(
    r"(?:[)）】\]][^()（）【】\[\]]{0,14}[(（【\[]|[)(（）《》〈〉“”\"'\[\]【】.。,，:：;；\s])++"
)

_SAYS_NOTHING = 2
_WITH = ("附", "含", "及", "和", "与", "暨")
_PARTED = re.compile(r"[()（）\[\]【】_|—-]+")
_BEFORE_COLUMN = re.compile(r"(?<=[\u4e00-\u9fff》）)])[-—–_|>]+(?=\S)")


def _without_last_marks(text: str) -> str:
    found = _LAST_MARKS_TURNED.match(text[::-1])
    return text[: len(text) - found.end()] if found is not None else text


def genre_of(title: str) -> Genre:
    """What kind of paper a title is that of, by its words and their order, not by what stands behind it."""
    text = normalise(title)
    bare = _without_last_marks(text)
    words = _words().genre
    first = _BEFORE_COLUMN.split(text, maxsplit=1)[0]
    if first != text and genre_of(first) is Genre.OTHER:
        return Genre.OTHER  # what follows is the name of its column
    core = _last_core(text)
    if core is None:
        return Genre.OTHER if "公开" in text and words.other.search(bare) else Genre.UNNAMED
    filler, tail = core
    if (named := _core_of(text)) is not None and _is_of_another_subject(text, named[0]):
        return Genre.ABOUT
    if not words.filler.fullmatch(filler):
        return Genre.OTHER if words.other.search(filler) or words.other.search(bare) else Genre.ABOUT
    return Genre.REPORT if _ends_there(tail) else _genre_by_tail(text, bare, tail)


def _genre_by_tail(text: str, bare: str, tail: str) -> Genre:
    """What kind of paper a title is that goes on behind a report's name; `bare` is without its last marks and brackets."""
    words = _words().genre
    if words.joined.match(tail):
        return Genre.ABOUT
    if words.other.search(bare) or any(map(_is_other_kind, _PARTED.split(tail))):
        return Genre.OTHER
    if words.carrier_tail.search(bare) and words.carrier_lead.search(text):
        return Genre.CARRIER
    return Genre.ABOUT


def _last_core(text: str) -> tuple[str, str] | None:
    """The words inside the report's name, in its last form in the text, and what stands behind it."""
    words = _words()
    found = [*words.strong.finditer(text), *words.year_first.finditer(text)]
    if found:
        return "", text[max(one.end() for one in found) :]
    loose = [*words.heading.finditer(text)]
    if not loose:
        return None
    inside = re.sub(r"\A(?:信息|政[务府])公开|(?:报告|年报|总结)\Z", "", loose[-1].group())
    return inside, text[loose[-1].end() :]


def _ends_there(tail: str) -> bool:
    """Whether nothing but the report's shape and its organ's name stand behind the report's name, in whatever order and brackets."""
    return all(_is_shape_or_name(part) for part in _PARTED.split(tail) if part)


def _is_other_kind(part: str) -> bool:
    """Whether a part of a title, in brackets or behind a dash, names another kind of paper: （解读）; （附编制说明） only says what comes with it."""
    return _words().genre.other.search(part) is not None and not part.startswith(_WITH)


def _is_shape_or_name(part: str) -> bool:
    words = _words().genre
    if words.tail.fullmatch(part) is not None:
        return True
    name = part.strip(_EDGE)
    return (is_organ(name) or leading_region(name) == name) and words.other.search(part) is None


def without_day(title: str) -> str:
    """A title as printed, without the day of publication behind it."""
    return _words().day_behind.sub("", title)


def file_rank(path: str) -> int:
    """How surely a file is the report among those that came together, by its name, or its folder's where that says nothing: 0 surest.

    0 is the title of a report, 1 speaks of one or of disclosure, 2 says neither, 3 is the title of another paper.
    """
    *folders, name = path.split("/")
    own = name.rpartition(".")[0] or name
    return next((rank for rank in map(_file_rank, (own, *reversed(folders))) if rank != _SAYS_NOTHING), _SAYS_NOTHING)


def _file_rank(name: str) -> int:
    title, genre, text = judge_title(name), genre_of(name), normalise(name)
    if title.judgement is Judgement.REJECT or genre is Genre.OTHER:
        return 3
    if title.judgement is Judgement.ACCEPT and genre is Genre.REPORT and not NOT_PLAIN.intersection(title.shapes):
        return 0
    return 1 if _words().weak.search(text) or "公开" in text else _SAYS_NOTHING


def label_rank(label: str) -> int | None:
    """How surely a menu label or column name means the annual reports: 0 surest, `None` not at all.

    0 names disclosure and year (政府信息公开年报), 1 names disclosure reports without a year, 2 says only 年报 or 年度报告
    and counts where the menu around it is about government information.
    """
    return _rank(re.sub(r"[(（]\d+[)）]\Z|[>»›]+\Z", "", normalise(label)).strip(_EDGE))


def is_year_label(label: str) -> bool:
    """Whether a label (in normal form) means the list of one year: 2020年, 2020年度报告列表."""
    return _words().label_year.match(label) is not None


def _rank(text: str) -> int | None:
    words = _words()
    if words.label_false.search(text):
        return None
    if words.label_strong.match(text):
        return 0 if "年" in text else 1
    return 2 if words.label_weak.match(text) else None


def _core_of(text: str) -> tuple[int, int] | None:
    """Where the words that name the report stand."""
    words = _words()
    found = words.strong.search(text) or words.year_first.search(text)
    if found is None:
        return None
    start = found.start() + (found.group().startswith("年") and (2 if found.group().startswith("年度") else 1))
    return start, found.end()


@dataclass(frozen=True, slots=True)
class _Year:
    """A year in a title; `is_marked`: written with 年."""

    start: int
    end: int
    value: int
    is_marked: bool
    is_range: bool = False


def _years(text: str) -> list[_Year]:
    """All years that are no part of a date or a document number, in order; of a range its first."""
    words = _words()
    blanked = text
    for pattern in words.no_year:
        blanked = pattern.sub(lambda found: "\0" * len(found.group()), blanked)
    ranges = [
        _Year(found.start(), found.end(), int(found.group()[:4]), True, is_range=True)
        for found in words.range.finditer(blanked)
    ]
    blanked = words.range.sub(lambda found: "\0" * len(found.group()), blanked)
    plain = [
        _Year(found.start(), found.end(), int(found.group(1)), "年" in found.group())
        for found in _YEAR.finditer(blanked)
    ]
    return sorted((*ranges, *plain), key=lambda item: item.start)


def _report_year(years: list[_Year], core: tuple[int, int] | None) -> int | None:
    """The report year: the last one before the end of the report's name, else the only one."""
    single = [item for item in years if not item.is_range]
    if core is not None:
        before = [item for item in single if item.start < core[1]]
        marked = [item for item in before if item.is_marked] or before
        if marked:
            return marked[-1].value
    return single[0].value if len({item.value for item in single}) == 1 else None


def _agency_of(text: str, core: tuple[int, int] | None, years: list[_Year]) -> tuple[str | None, bool]:
    """The part of a title that names the organ, and whether it stands behind the report's name (in brackets, or after a dash)."""
    for place in _places_of_agency(text, core, years):
        name = _bare_name(place.text)
        if place.ends_at_core and core is not None and name.endswith("人民") and text[core[0] :].startswith("政府"):
            name += "政府"
        if _may_be_named(name, place):
            return name, place.is_behind
    return None, False


def _may_be_named(name: str, place: _Place) -> bool:
    """Whether a text in a title may be the organ's name, at this place of it."""
    if speaks_of_itself(name) or (place.is_behind and _words().genre.other.search(name)):
        return False
    return is_organ(name) or (place.takes_any_name and _SOME_NAME.search(name) is not None and not _is_clause(name))


def _is_clause(name: str) -> bool:
    """Whether a text goes on behind an organ's or an area's name and is none itself: 县司法局扎实开展, 青川县完成."""
    if is_area(name) or is_town(name):
        return False
    for end in range(_SHORTEST_ORGAN, len(name)):
        if is_area(name[:end]) or is_town(name[:end]):
            if end >= len(name) - _VERB:
                return True
        elif is_organ(name[:end]):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Place:
    """A part of a title in which the organ may stand."""

    text: str
    takes_any_name: bool = False
    ends_at_core: bool = False
    is_behind: bool = False


def _places_of_agency(text: str, core: tuple[int, int] | None, years: list[_Year]) -> Iterator[_Place]:
    """Where the organ may stand, best first: before the year, between the year and the report's name, behind that name."""
    head_end = core[0] if core is not None else len(text)
    first_year = next((item for item in years if item.start <= head_end), None)
    if first_year is not None:
        yield _Place(text[: first_year.start], takes_any_name=True, ends_at_core=first_year.start == head_end)
        yield _Place(text[first_year.end : head_end], ends_at_core=True)
    elif core is not None:
        yield _Place(text[:head_end], takes_any_name=True, ends_at_core=True)
    if core is not None:
        for part in re.split(r"[()（）—_|:\-]+", text[core[1] :]):
            yield _Place(part, is_behind=True)


def without_lead(text: str) -> str:
    """A title without the marks of a list, ordinals, brackets and words such as 附件： and 关于发布 at its head."""
    words = _words()
    name, before = _PAPER_NUMBER.sub("", text.strip(_EDGE)), ""
    while name != before:
        before = name
        name = _BRACKETED.sub("", _ORDINAL.sub("", name)).strip(_EDGE)
        if leading_region(name) is None:  # a word that begins the name of a place is a part of it (公安县)
            name = words.lead.sub("", name).strip(_EDGE)
    return name


def _bare_name(candidate: str) -> str:
    """A candidate without what may stand before and behind an organ's name."""
    words = _words()
    candidate = _DAY_BEFORE.sub("", candidate.strip(_EDGE))
    bracketed = _IN_BRACKETS.match(candidate)
    if bracketed is not None and is_organ(bracketed[1]):
        return bracketed[1]
    name = without_lead(_ANY_YEAR.split(_PAPER_NUMBER.sub("", candidate.strip(_EDGE)))[0])
    last = _MARKS_BETWEEN.split(name)[-1].strip(_EDGE)
    if last != name and is_organ(last):
        name = last
    name = _behind_its_group(name)
    shorter = words.behind.sub("", name).strip(_EDGE)
    if "关于" in name[len(shorter) :] or is_organ(shorter):
        name = shorter
    name = re.sub(r"\A(?:年度?|度)", "", name).strip(_EDGE)
    return name.lstrip(")]）】").rstrip("([（【").strip(_EDGE)  # of brackets around the year


def _behind_its_group(name: str) -> str:
    """An organ's name without the group in front of it, which is no place and no organ (区直部门-白泉区教育局)."""
    group, *rest = (part.strip(_EDGE) for part in _DASH.split(name, maxsplit=1))
    if (
        not rest
        or not is_organ(rest[0])
        or any(is_name(group) for is_name in (is_organ, is_area, is_town, leading_region))
    ):
        return name
    return rest[0]


@cache
def _words() -> _Words:
    return parse_titles(read_toml("titles.toml"))


def parse_titles(data: TomlTable) -> _Words:
    """The words of a file in the shape of `titles.toml`.

    Raises:
        LexiconError: A key is unknown, missing or mistyped.
    """
    core, label, lead, year, genre = (data.record(key) for key in ("core", "label", "lead", "year", "genre"))
    rejected = [_rejected(record) for record in data.records("rejected")]
    digits = year.words("han_digits")
    if len(digits) != 10:
        raise year.error("han_digits", "must have an entry for each digit from 0 to 9")
    lead_words = "|".join(
        re.escape(word.removesuffix(":")) + (r"(?=\d{0,2}[:：])" if word.endswith(":") else "")
        for word in sorted(lead.words("words"), key=len, reverse=True)
    )
    behind = [re.escape(word) for word in lead.words("behind")]
    in_a_run = "".join(f"(?<!{word})" for word in behind)  # a run of them is looked at once, from its beginning
    words = _Words(
        strong=core.pattern("strong"),
        year_first=core.pattern("year_first"),
        weak=core.pattern("weak"),
        heading=core.pattern("heading"),
        genre=_GenreWords(*(genre.pattern(field.name) for field in fields(_GenreWords))),
        cut=core.pattern("cut"),
        in_lists=tuple(entry for where, entry in rejected if "list" in where),
        in_headings=tuple(entry for where, entry in rejected if "heading" in where),
        shapes=tuple(_shape(record) for record in data.records("shape")),
        label_strong=label.pattern("strong"),
        label_weak=label.pattern("weak"),
        label_year=label.pattern("year"),
        label_false=label.pattern("false"),
        lead=re.compile(rf"\A(?:(?:{lead_words})\d{{0,2}}[:：.、|]*)+"),
        behind=re.compile(rf"{in_a_run}(?:{'|'.join(behind)})++\Z"),
        digits={sign: str(value) for value, signs in enumerate(digits) for sign in signs},
        han_year=_han_year(digits),
        no_year=(year.pattern("date"), year.pattern("document_number")),
        range=year.pattern("range"),
        day_behind=year.pattern("behind"),
    )
    for record in (core, label, lead, year, genre, data):
        record.done()
    return words


def _han_year(digits: tuple[str, ...]) -> re.Pattern[str]:
    zero, all_digits = re.escape(digits[0]), re.escape("".join(digits))
    nought = "0" if "0" not in digits[0] else ""
    return re.compile(rf"(?:二[{zero}{nought}]|一九)[{all_digits}]{{2}}(?=年|度|[^{all_digits}十])")


def _rejected(record: TomlTable) -> tuple[tuple[str, ...], _Rejected]:
    where = record.words("where")
    if not where or not {"list", "heading"}.issuperset(where):
        raise record.error("where", "must hold list, heading or both")
    entry = _Rejected(record.pattern("pattern"), record.text("reason"), record.flag("outranked"))
    record.done()
    return where, entry


def _shape(record: TomlTable) -> tuple[re.Pattern[str], Shape]:
    code = record.text("shape")
    if code not in set(Shape):
        raise record.error("shape", f"{code!r} is none of {', '.join(Shape)}")
    found = record.pattern("pattern"), Shape(code)
    record.done()
    return found

"""Names of administrative organs: their normal form, the kind of organ that they mean, and when its report is due.

The words are data (`organs.toml`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Literal

from extract.document.radicals import without_radicals
from extract.lexicon.regions import leading_region
from extract.lexicon.toml_data import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from extract.lexicon.toml_data import TomlTable


class AgencyKind(StrEnum):
    """Kinds of agencies, by what the law asks of them."""

    GOVERNMENT = "government"
    DEPARTMENT = "department"
    TOWNSHIP = "township"


#: The kinds in the contract's order.
KINDS: tuple[AgencyKind, ...] = tuple(AgencyKind)
#: First report year under the regulation as revised in 2019.
REVISED_FROM = 2019

#: Where a name can stand.
Place = Literal["title", "menu", "row", "sentence"]
_PLACES: tuple[Place, ...] = ("title", "menu", "row", "sentence")
_NAME = re.compile(r"[\u4e00-\u9fff·()（）“”\"A-Za-z0-9]{2,60}")
_AREA_NAME = re.compile(r"[\u4e00-\u9fff]{2,15}")
_TOWN_NAME = re.compile(r"[\u4e00-\u9fff]{2,21}")
#: A shorter name may stand for anybody.
_SHORTEST = 3
_LAST_BRACKETS = re.compile(r"[(（][\u4e00-\u9fff、]{2,20}[)）]\Z")
#: So many signs must stand before the ending: a menu has entries such as 办公室 that are nobody's name.
_FEWEST_BEFORE: Mapping[Place, int] = {"title": 1, "menu": 2, "row": 0, "sentence": 2}
_BRACKETS = re.compile(r"[(\[【〔<《][^)\]】〕>》]{0,200}+[)\]】〕>》]")
_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
#: Bodies that govern an area; the last is that of an area of the state's own division.
_BODIES = ("管委会", "管理委员会", "行政公署", "人民政府")
_BODY = re.compile(r"(?:政府|管委会|管理委员会|行政公署|行署)\Z")
_OFFICE_OF = re.compile(r"(政府|管委会)(?:办公室|办公厅|办)\Z")
#: What also stands in front of an organ's name.
WHOLE_STATE = ("国家税务总局", "中华人民共和国")


@dataclass(frozen=True, slots=True)
class _KindRule:
    """How names of one kind end, and the months and days on which its reports are due."""

    code: AgencyKind
    endings: tuple[str, ...]
    exceptions: tuple[str, ...]
    due: tuple[int, int]
    due_before_2019: tuple[int, int]

    def fits(self, name: str) -> bool:
        return name.endswith(self.endings) and not name.endswith(self.exceptions or ("\0",))


@dataclass(frozen=True, slots=True)
class Dissolved:
    """Organs that a reform dissolved: the last report year that one can have owed, and the paper that says so."""

    endings: tuple[str, ...]
    last_year: int
    source: str


@dataclass(frozen=True, slots=True)
class Organs:
    """What `organs.toml` says; `endings` by where a name stands."""

    kinds: tuple[_KindRule, ...]
    endings: Mapping[Place, tuple[str, ...]]
    label_tails: tuple[str, ...]
    areas: tuple[str, ...]
    towns: tuple[str, ...]
    full_forms: tuple[tuple[str, str], ...]
    speaks_of_itself: re.Pattern[str]
    inner: re.Pattern[str]
    unit_class: re.Pattern[str]
    unit_class_label: re.Pattern[str]
    dissolved: tuple[Dissolved, ...]


def normalise_name(name: str) -> str:
    """The form in which names are compared: 人民政府 and 政府 are one, brackets and blanks don't count."""
    text = _BLANKS.sub("", unicodedata.normalize("NFKC", without_radicals(name)))
    text = _BRACKETS.sub("", text) or text
    return text.replace("人民政府", "政府").replace("街道办事处", "街道")


def reduced(name: str) -> str:
    """A normalised name without the regions above the last one: 浙江省温州市瓯海区政府 → 瓯海区政府."""
    while True:
        first = leading_region(name)
        if first is None or leading_region(name[len(first) :]) is None:
            return name
        name = name[len(first) :]


def may_be_short_for(short: str, name: str) -> bool:
    """Whether one name may be a short form of another: its characters in order, the same end; regions in front don't count.

    发改局 may be 宁远县发展和改革局. Only a sign that two names may mean one organ, never a proof.
    """
    own, other = _without_regions(short), _without_regions(name)
    if len(own) < _SHORTEST or len(own) >= len(other) or own[-1] != other[-1]:
        return False
    rest = iter(other)
    return all(character in rest for character in own)


def _without_regions(name: str) -> str:
    text = normalise_name(name).replace("委员会", "委")
    while (first := leading_region(text)) is not None and len(text) > len(first):
        text = text[len(first) :]
    return text


def is_organ(text: str, as_: Place = "title") -> bool:
    """Whether a text (without white space) reads as the name of an organ, by its signs and its end.

    Args:
        text: The name; one more name in brackets at its end doesn't count.
        as_: Where it stands: in a `title` or a labelled line, as a `menu` entry, as the label of a `row` among lists of units, in a
            `sentence`. Behind a menu's or a row's label, words such as 信息公开年报 may follow.
    """
    organs = _organs()
    tails = organs.label_tails if as_ in ("menu", "row") else ()
    return any(_reads_as_organ(text.removesuffix(tail), as_, organs) for tail in ("", *tails) if text.endswith(tail))


def _reads_as_organ(text: str, place: Place, organs: Organs) -> bool:
    name = _LAST_BRACKETS.sub("", text)
    if _NAME.fullmatch(name) is None:
        return False
    fewest = _FEWEST_BEFORE[place]
    return any(name.endswith(ending) and len(name) - len(ending) >= fewest for ending in organs.endings[place])


def names_unit_class(text: str) -> bool:
    """Whether a text speaks of a class of organs: 市直部门, 派出机构, 2021年以前各乡镇."""
    return _organs().unit_class.search(text) is not None


def is_unit_class_label(text: str) -> bool:
    """Whether a menu's entry leads to a class of organs: 区直部门信息公开, 派出机构, but not 部门动态."""
    return _organs().unit_class_label.search(text) is not None


def organ_ends() -> str:
    """The ends of names in running text, as a regular expression's alternatives; the longest first."""
    return "|".join(sorted(map(re.escape, _organs().endings["sentence"]), key=len, reverse=True))


def is_area(name: str) -> bool:
    """Whether a name is that of an area, not of an organ: 瓯海区, 鄂温克族自治旗."""
    return _AREA_NAME.fullmatch(name) is not None and name.endswith(_organs().areas)


def is_town(name: str) -> bool:
    """Whether a name is that of a township, not of its government: 高岭镇."""
    return _TOWN_NAME.fullmatch(name) is not None and name.endswith(_organs().towns)


def full_forms(name: str) -> list[str]:
    """The forms that documents may print for a name, the fullest last: 柯桥区 → 柯桥区, 柯桥区管委会, …, 柯桥区人民政府.

    A form is a question to a document, never an answer: many an area has no government (开发区), and none is named by its area alone.
    """
    if name.endswith("人民政府"):
        return [name]
    if is_area(name) or is_town(name):
        return [name, *(name + body for body in _BODIES)]
    for end, becomes in _organs().full_forms:
        if name.endswith(end):
            return [name, name.removesuffix(end) + becomes]
    if "政府" in name and "人民政府" not in name:
        return [name, name.replace("政府", "人民政府", 1)]
    return [name]


def speaks_of_itself(name: str) -> bool:
    """Whether words in the place of a name speak of the speaker or of all, and so name nobody: 全区政府, 我局, 本机关."""
    return _organs().speaks_of_itself.match(name) is not None and leading_region(name) is None


def house_of(name: str) -> str:
    """The organ whose inner office a name is (水务局办公室 → 水务局); other names as they are."""
    found = _organs().inner.fullmatch(name)
    return found[1] if found is not None and (is_organ(found[1]) or is_town(found[1])) else name


def same_organ(one: str, other: str) -> bool:
    """Whether two printed names are one organ's: the same, with its region or without, an area for the body that governs it."""
    forms = [{form, _without_body(form)} for form in map(_plain_form, (one, other))]
    return any(_ends_alike(a, b) for a in forms[0] for b in forms[1])


def other_forms(name: str) -> list[str]:
    """Further normal forms under which a register may have an organ: its short or full form, an area for the body that governs it, and the other way round."""
    plain = normalise_name(name)
    area = _BODY.sub("", plain)
    forms = list(_short_and_full(plain))
    if is_area(area) or is_town(area):
        forms += [area, *(area + normalise_name(body) for body in reversed(_BODIES))]
    return [form for form in dict.fromkeys(forms) if form != plain]


def _short_and_full(plain: str) -> Iterator[str]:
    """A name in normal form with the other of each two ends that mean the same: 街道办 for 街道, 政府办 for 政府办公室."""
    for ends in _same_ends():
        for end, other in (ends, ends[::-1]):
            if plain.endswith(end):
                yield plain.removesuffix(end) + other
    yield plain.replace("管理委员会", "管委会")
    yield plain.replace("管委会", "管理委员会")


@cache
def _same_ends() -> tuple[tuple[str, str], ...]:
    """Short and full ends of names in normal form, as far as that doesn't make them one."""
    pairs = ((normalise_name(end), normalise_name(becomes)) for end, becomes in _organs().full_forms)
    return tuple(dict.fromkeys((end, becomes) for end, becomes in pairs if end != becomes))


def same_house(one: str, other: str) -> bool:
    """As `same_organ`, with a government and its office for one: either signs for the other."""
    return same_organ(*(_OFFICE_OF.sub(r"\1", _plain_form(name)) for name in (one, other)))


def _plain_form(name: str) -> str:
    """The normal form with one of the forms of its end: 街道办 = 街道, 政府办 = 政府办公室, 管理委员会 = 管委会 wherever it stands."""
    plain = normalise_name(name)
    for end, becomes in _same_ends():
        if plain.endswith(end):
            plain = plain.removesuffix(end) + becomes
    return plain.replace("管理委员会", "管委会")


def _without_body(name: str) -> str:
    """The area of a government or committee: 瓯海区政府 → 瓯海区; other names as they are."""
    area = _BODY.sub("", name)
    return area if is_area(area) or is_town(area) else name


def _ends_alike(one: str, other: str) -> bool:
    """Whether the shorter name is the longer one without regions in front; 区财政局 ends 瓯海区财政局, too."""
    short, long = sorted((one, other), key=len)
    if not long.endswith(short):
        return False
    before = long.removesuffix(short)
    return not before or is_area(before) or before in WHOLE_STATE or (is_area(before + short[0]) and len(short) > 2)


def kind_of(name: str) -> AgencyKind:
    """The kind of an agency that nobody described, from the end of its name."""
    text = _plain_form(name)
    return next(rule.code for rule in _organs().kinds if rule.fits(text))


def dissolved(name: str) -> Dissolved | None:
    """The reform that dissolved organs of such a name, `None` if none did.

    The name must be all that is called so in its area: 文化和旅游局 is no 旅游局, and was founded by the reform that ended that one.
    """
    text = normalise_name(name)
    return next((reform for reform in _organs().dissolved if _bears(text, reform)), None)


def _bears(name: str, reform: Dissolved) -> bool:
    """Whether a name is one of a reform's, behind nothing but an area's."""
    heads = (name[: -len(ending)].removeprefix("原") for ending in reform.endings if name.endswith(ending))
    return any(not head or head.endswith((*_organs().areas, "政府")) for head in heads)


def due_date(kind: str, year: int) -> date:
    """When the report for a year is due (a day of the year after it), by the kind of agency.

    Raises:
        ValueError: The kind is none of `KINDS`.
    """
    rule = _rules()[AgencyKind(kind)]
    return date(year + 1, *(rule.due if year >= REVISED_FROM else rule.due_before_2019))


@cache
def _rules() -> Mapping[AgencyKind, _KindRule]:
    return {rule.code: rule for rule in _organs().kinds}


@cache
def _organs() -> Organs:
    return parse_organs(read_toml("organs.toml"))


def parse_organs(data: TomlTable) -> Organs:
    """The rules of a file in the shape of `organs.toml`.

    Raises:
        LexiconError: A key is unknown, missing or mistyped, or a kind stands twice or not at all.
    """
    kinds = tuple(_kind(record) for record in data.records("kind"))
    if sorted(rule.code for rule in kinds) != sorted(KINDS):
        raise data.error("kind", f"must have each of {', '.join(KINDS)} once")
    if "" not in kinds[-1].endings or kinds[-1].exceptions:
        raise data.error("kind", "the last one must take every name")
    endings = [
        (record.text("text"), [place for place in _PLACES if record.flag(place)], record)
        for record in data.records("endings")
    ]
    for _, _, record in endings:
        record.done()
    by_place = {place: tuple(text for text, places, _ in endings if place in places) for place in _PLACES}
    forms = tuple(_full_form(record) for record in data.records("full_form"))
    itself = data.record("self")
    first, then, levels = ("|".join(map(re.escape, itself.words(key))) for key in ("first", "then", "levels"))
    itself.done()
    classes = data.record("unit_class")
    names, behind = "|".join(classes.words("names")), classes.text("behind")
    unit_class = classes.compiled("names", names), classes.compiled("behind", rf"(?:{names})(?:{behind})\Z")
    classes.done()
    areas, towns = data.words("areas"), data.words("towns")
    organs = Organs(
        kinds,
        by_place,
        data.words("label_tails"),
        areas,
        towns,
        forms,
        re.compile(rf"(?:{first})(?:{then})|(?:{levels})(?:{then})\Z"),
        _inner(data.record("inner")),
        *unit_class,
        tuple(map(_dissolved, data.records("dissolved"))),
    )
    data.done()
    return organs


def _inner(record: TomlTable) -> re.Pattern[str]:
    """The names of offices within organs, the organ as the first group."""
    of, units, matters = ("|".join(map(re.escape, record.words(key))) for key in ("of", "units", "matters"))
    record.done()
    return re.compile(rf"(.+(?:{of}))(?:{matters})*(?:{units})")


def _kind(record: TomlTable) -> _KindRule:
    code = record.text("code")
    if code not in KINDS:
        raise record.error("code", f"{code!r} is none of {', '.join(KINDS)}")
    rule = _KindRule(
        AgencyKind(code),
        record.words("endings"),
        record.words("except"),
        _month_and_day(record, "due"),
        _month_and_day(record, "due_before_2019"),
    )
    record.done()
    return rule


def _dissolved(record: TomlTable) -> Dissolved:
    reform = Dissolved(record.words("endings"), record.number("last_year"), record.text("source"))
    record.done()
    return reform


def _full_form(record: TomlTable) -> tuple[str, str]:
    form = record.text("end"), record.text("becomes")
    record.done()
    return form


def _month_and_day(record: TomlTable, key: str) -> tuple[int, int]:
    text = record.text(key)
    try:
        day = date.fromisoformat(f"2000-{text}")
    except ValueError:
        raise record.error(key, f"{text!r} is no month and day such as 03-31") from None
    return day.month, day.day

"""Whose report a document is, by evidence: which organ each place of the document names, and what all of them say together.

A name is a string of the document, or the one name of a register that such a string stands for. It is never put together: an area in a
title (柯桥区) becomes its government only where the document prints that form, or where the register of regions has that area.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import pairwise

from extract.document.clean import squeeze
from extract.lexicon.dates import YEAR, find_dates
from extract.lexicon.furniture import ISSUER_LABELS
from extract.lexicon.organs import (
    WHOLE_STATE,
    full_forms,
    house_of,
    is_area,
    is_organ,
    is_town,
    organ_ends,
    same_house,
    same_organ,
    speaks_of_itself,
)
from extract.lexicon.regions import has_government, leading_region, printed_regions
from extract.lexicon.titles import judge_title
from extract.messages import localizable
from extract.model import RELIABLE, Candidate, Statement

_ORGAN_END = rf"(?:{organ_ends()})"
_ORGAN = re.compile(rf"[\u4e00-\u9fff（()）·\d]{{2,44}}{_ORGAN_END}(?:[（(][\u4e00-\u9fff、]{{2,20}}[)）])?")
_SUBJECT = re.compile(
    rf"(?:^|[。；;,，]){YEAR}年度?[,，]?((?:(?![,，。；;的在以按把将坚认深]|报告).){{2,40}}?{_ORGAN_END})"
)
_ASIDE = re.compile(r"[(（].*?[)）]")
_COMPILED_BY = re.compile(
    rf"(?:(?:^|[,，。])|本(?:年度)?(?:年)?报告?)由((?:(?![,，。；;]).){{2,40}}?{_ORGAN_END})(?:负责)?(?:(?:根据|按照|依据|结合)[^。]{{2,80}}?)?(?:编制|综合|起草|汇总|发布)"
)
_AND_COMPILED_BY = re.compile(
    rf"[^。,，]{{0,12}}[,，](?:并?由)?((?:(?![,，。；;由]).){{2,40}}?{_ORGAN_END})(?:负责)?(?:编制|起草|编写)"
)
_AREA_SIGNS = "省市区县旗州盟镇乡"
#: Labels of who issued a document, and of whom a page's system has it from: the latter is often the site's own office.
_ISSUERS = (*ISSUER_LABELS, "编制单位", "编制机关")
_SOURCES = ("ContentSource", "信息来源", "文章来源", "来源", "稿源", "信息提供单位", "供稿单位", "Author", "作者")
_SITE_TAIL = re.compile(r"(?:门户)?(?:网站|官网|网)\Z")
#: A region that is in no list, after a word that ends what stands before it (请与平川县水务局联系).
_BOUNDED_REGION = re.compile(
    r"(?:^|[与由向到和、,，。:：;；(（《“])((?:[^\W\d与由请向对为是及的各全本我该其]{1,6}?(?:省|市|区|县|旗|自治州|盟)){1,3})$"
)
#: A name with an odd end (青松县第一中学) is one by the area in front of it.
_AREA_IN_FRONT = re.compile(r"[\u4e00-\u9fff]{2,8}[省市县区旗州盟镇乡]")
_TWO_OF_ONE_AREA = re.compile(
    r"(中共)?([\u4e00-\u9fff]{1,7}?[省市区县旗州盟镇乡])([\u4e00-\u9fff]{1,30}?)\2([\u4e00-\u9fff]{1,30})"
)
_LONGEST_NAME = 46
_FIRST_LINES = 80


class WitnessPlace(Enum):
    """Where a document names an organ: how it is called, how much it counts, and whether the author speaks there.

    Titles and signatures say whose a report is; a label or the preamble says who issued or compiled it; what a system calls the source
    may be the office that runs the site; a sentence may be about anybody. The site itself is only the host.
    """

    TITLE = ("title", 5, True)
    SIGNATURE = ("signature", 5, True)
    ISSUER = (localizable("issuer's label"), 3, False)
    COMPILER = ("preamble", 3, False)
    COVER = (localizable("head of the document"), 3, False)
    ODD_TITLE = (localizable("title, by its place alone"), 2, False)
    OWN_SITE = (localizable("name of the site"), 2, False)
    SOURCE = (localizable("source's label"), 1, False)
    SENTENCE = ("sentence", 1, False)
    HOST = (localizable("name of the hosting site"), 0, False)

    def __init__(self, label: str, strength: int, is_author: bool) -> None:
        self.label = label
        self.strength = strength
        self.is_author = is_author


#: A name is certain from this sum of strengths on, where nothing of that strength names another.
_ENOUGH = 3
#: Two witnesses of less are enough where nobody contradicts.
_AGREEING = 2
_SURE, _PROBABLE, _POSSIBLE = 0.95, 0.7, 0.5


@dataclass(frozen=True, slots=True)
class Witness:
    """One place that names an organ. `name` is without white space."""

    place: WitnessPlace
    name: str


@dataclass(frozen=True, slots=True)
class Texts:
    """What is asked for an agency.

    Attributes:
        title: The report's title without white space, `""` if there is none.
        unit: The unit that a page's title names beside a year (高岭镇_2017年_…), if any.
        text: The report's own text without white space.
        lines: Its own lines.
        head: Those before the first chapter.
        information: Labels and values of the page's line of date and source, and its metadata.
        sites: What stands beside the title in a page's `<title>`.
    """

    title: str
    unit: str | None
    text: str
    lines: Sequence[str]
    head: Sequence[str]
    information: Mapping[str, str]
    sites: Sequence[str]


def decide_agency(texts: Texts, registry_names: Sequence[str] = ()) -> tuple[Statement, tuple[str, ...]]:
    """The agency with its evidence, and warnings.

    Args:
        texts: The parts of the document.
        registry_names: Official names known for the portal; the only one that a printed name stands for replaces it.
    """
    groups = _grouped(_witnesses(texts))
    if not groups:
        return Statement(), (localizable("the agency is named nowhere"),)
    scored = sorted(
        ((_score(group, registry_names), -place, group) for place, group in enumerate(groups)),
        key=lambda one: one[:2],
        reverse=True,
    )
    best = scored[0][2]
    others = [(score, group) for score, _, group in scored[1:]]
    name = _best_name(best, texts, registry_names)
    confidence = _confidence(scored[0][0], best, others)
    candidates = tuple(
        dict.fromkeys(
            Candidate(witness.name, witness.place.label, round(witness.place.strength / 5 * _SURE, 2))
            for group in (best, *(group for _, group in others))
            for witness in sorted(group, key=lambda witness: -witness.place.strength)
        )
    )
    warnings = []
    if scored[0][0] == 0:
        return Statement(None, 0.0, None, candidates), (
            localizable("the agency is named nowhere; the site's name is no evidence"),
        )
    said = "; ".join(dict.fromkeys(f"{one.value} ({one.where})" for one in candidates))
    if confidence == 0.0:
        return Statement(None, 0.0, None, candidates), (
            localizable(f"the document names more than one agency: {said}"),
        )
    if confidence < RELIABLE:
        warnings.append(f"the agency is named for certain nowhere; it may be {said}")
    elif any(score >= _ENOUGH for score, _ in others):
        warnings.append(f"the agency is taken for {name}; the document also names {_others(others)}")
    where = max(best, key=lambda witness: witness.place.strength).place.label
    return Statement(name, confidence, where, candidates), tuple(warnings)


def _others(others: Sequence[tuple[int, list[Witness]]]) -> str:
    return "; ".join(f"{group[0].name} ({group[0].place.label})" for score, group in others if score >= _ENOUGH)


def _confidence(score: int, best: Sequence[Witness], others: Sequence[tuple[int, list[Witness]]]) -> float:
    """How sure the best group is; 0 where another is as good."""
    rivals = [group for other, group in others if other >= _ENOUGH]
    if _speaks(best):
        return 0.0 if any(map(_speaks, rivals)) else RELIABLE if rivals else _SURE
    if score >= _ENOUGH:
        return 0.0 if rivals else _unrivalled(best, others)
    second = max((other for other, _ in others), default=0)
    if second == score:
        return 0.0
    places = {witness.place for witness in best if witness.place.strength}
    if len(places) >= _AGREEING and not second:
        return RELIABLE
    return _PROBABLE if score > 1 else _POSSIBLE


def _unrivalled(best: Sequence[Witness], others: Sequence[tuple[int, list[Witness]]]) -> float:
    return _PROBABLE if _is_host_of(best, others) else RELIABLE


def _is_host_of(best: Sequence[Witness], others: Sequence[tuple[int, list[Witness]]]) -> bool:
    """Whether only a label names a government, and another label an organ that is none: the label may name whoever runs the site."""
    if any(witness.place is not WitnessPlace.ISSUER or not witness.name.endswith("政府") for witness in best):
        return False
    sources = [witness for _, group in others for witness in group if witness.place is WitnessPlace.SOURCE]
    return any(not witness.name.endswith("政府") for witness in sources)


def _speaks(group: Sequence[Witness]) -> bool:
    """Whether the author speaks in one of a group's places."""
    return any(witness.place.is_author for witness in group)


def _score(group: Sequence[Witness], registry_names: Sequence[str]) -> int:
    places = {witness.place for witness in group}
    known = any(_registered(witness.name, registry_names) for witness in group if witness.place.strength)
    return sum(place.strength for place in places) + (2 if known else 0)


def _registered(name: str, registry_names: Sequence[str]) -> str | None:
    """The one official name that a printed name stands for."""
    exact = [known for known in registry_names if squeeze(known) == name]
    found = exact or [known for known in registry_names if same_organ(squeeze(known), name)]
    return found[0] if len(found) == 1 else None


def _grouped(witnesses: Sequence[Witness]) -> list[list[Witness]]:
    """Witnesses of one organ together, in the order in which organs are first named."""
    groups: list[list[Witness]] = []
    for witness in witnesses:
        fitting = next((g for g in groups if any(same_house(witness.name, other.name) for other in g)), None)
        if fitting is None:
            groups.append([witness])
        else:
            fitting.append(witness)
    return groups


def _best_name(group: Sequence[Witness], texts: Texts, registry_names: Sequence[str]) -> str:
    """The name that stands for a group: that of its strongest place, in the longest form that is printed."""
    strongest = max(group, key=lambda witness: witness.place.strength)
    printed = [witness.name for witness in group if same_organ(witness.name, strongest.name)]
    labels = [squeeze(texts.information[key]) for key in (*_ISSUERS, *_SOURCES) if key in texts.information]
    best = _longest_form(strongest.name, texts.text, [*printed, *labels, *texts.sites])
    return next((known for name in (best, *printed) if (known := _registered(name, registry_names))), best)


# ---- who is named where --------------------------------------------------------------------------------------------------


def _witnesses(texts: Texts) -> list[Witness]:
    found = [
        *_in_title(texts),
        *(Witness(WitnessPlace.SIGNATURE, name) for name in _named(_signed_by(texts.lines))),
        *_labelled(texts.information, _ISSUERS, WitnessPlace.ISSUER),
        *(Witness(WitnessPlace.COMPILER, name) for name in _compiled_by(texts.text)),
        *(Witness(WitnessPlace.COVER, name) for name in _on_cover(texts)),
        *_labelled(texts.information, _SOURCES, WitnessPlace.SOURCE),
        *_on_sites(texts.sites),
    ]
    # Paragraphs end sentences; where a line is none (a PDF's), the text without breaks has the sentence whole.
    paragraphs = "。".join(squeeze(line) for line in texts.lines[:_FIRST_LINES])
    subject = _SUBJECT.search(texts.text[:6000]) or _SUBJECT.search(paragraphs[:6000])
    if subject is not None:
        name = subject.group(1)
        # The bounds of a sentence's subject prove no name: it must begin with a known region, or be printed elsewhere on its own.
        if leading_region(name) or any(same_organ(name, witness.name) for witness in found):
            found.append(Witness(WitnessPlace.SENTENCE, name))
    return [one for witness in found for one in _each_of(witness)]


def _each_of(witness: Witness) -> Iterator[Witness]:
    """A witness, or one for each name where it prints two with the same area in front (石桥县市场监管局 石桥县知识产权局): as one nobody prints them."""
    names = [witness.name]
    found = _TWO_OF_ONE_AREA.fullmatch(witness.name)
    if found is not None:
        lead, area, first, second = found.groups(default="")
        both = [lead + area + first, area + second]
        names = both if all(map(is_organ, both)) else names
    is_title = witness.place in (WitnessPlace.TITLE, WitnessPlace.ODD_TITLE)
    for name in names:
        if not speaks_of_itself(name):
            yield Witness(witness.place, name if is_title else house_of(name))


def _in_title(texts: Texts) -> Iterator[Witness]:
    if texts.unit is not None:
        yield Witness(WitnessPlace.TITLE, texts.unit)
        return
    judged = judge_title(texts.title)
    name = judged.agency if texts.title else None
    if name is None:
        return
    if judged.is_agency_behind and not re.search(rf"[(（]{re.escape(name)}", texts.title):
        yield _site(name)  # behind a dash stands the site's name
    elif is_organ(name) or is_area(name) or is_town(name):
        yield Witness(WitnessPlace.TITLE, name)
    elif _AREA_IN_FRONT.match(name) or leading_region(name):
        yield Witness(WitnessPlace.ODD_TITLE, name)


def _labelled(information: Mapping[str, str], labels: Sequence[str], place: WitnessPlace) -> Iterator[Witness]:
    for label in labels:
        for name in _named(squeeze(information.get(label, ""))):
            yield Witness(place, name)


def _named(flat: str | None) -> Iterator[str]:
    """A text that is a name as a whole."""
    if flat and len(flat) <= _LONGEST_NAME and (_ORGAN.fullmatch(flat) or is_area(flat) or is_town(flat)):
        yield flat


def _compiled_by(text: str) -> Iterator[str]:
    found = _COMPILED_BY.search(text[:3000])
    if found is None or "、" in _ASIDE.sub("", found.group(1)):
        return
    yield found.group(1)
    also = _AND_COMPILED_BY.match(text, found.end())
    if also is not None:  # one sums up, another one writes: nobody can tell whose it is
        yield also.group(1)


def _on_cover(texts: Texts) -> Iterator[str]:
    """The first line of the head that is an organ's name and nothing else."""
    for line in texts.head:
        flat = squeeze(line)
        if len(flat) <= _LONGEST_NAME and is_name(flat):
            yield flat
            return


def _on_sites(sites: Sequence[str]) -> Iterator[Witness]:
    for site in sites:
        name = _SITE_TAIL.sub("", site)
        if is_name(name):
            yield _site(name)


def _site(name: str) -> Witness:
    """A government's site publishes for all its organs; a department's own site mostly for itself."""
    is_host = re.search(r"政府\Z", name) is not None
    return Witness(WitnessPlace.HOST if is_host else WitnessPlace.OWN_SITE, name)


def is_name(flat: str) -> bool:
    """Whether a text without white space is an organ's name and nothing else."""
    return _ORGAN.fullmatch(flat) is not None


def _signed_by(lines: Sequence[str]) -> str | None:
    """The organ that signs at the document's end: alone on its line, or before the date."""
    tail = _without_lists([squeeze(line) for line in lines if line.strip()][-5:])
    for place in range(len(tail) - 1, -1, -1):
        line = tail[place]
        for start, end, _ in find_dates(line):
            if end == len(line) and start >= 4:
                line = line[:start]
        dated_after = any(True for later in tail[place + 1 :] for _ in find_dates(later))
        if (
            (dated_after or line != tail[place] or place == len(tail) - 1)
            and 4 <= len(line) <= _LONGEST_NAME
            and is_name(line)
        ):
            return line
    return None


def _without_lists(tail: Sequence[str]) -> list[str]:
    """The last lines without names that stand one below the other: a list, or several that sign."""
    pairs = list(pairwise(tail))
    listed = {line for pair in pairs if all(map(is_name, pair)) and not same_house(*pair) for line in pair}
    return [line for line in tail if line not in listed]


# ---- longer printed forms ------------------------------------------------------------------------------------------------


def _longest_form(organ: str, text: str, printed: Sequence[str]) -> str:
    """The longest form of a name that the document prints; the government of a known region where only the area is printed."""
    forms = full_forms(organ)
    found: dict[str, list[str]] = {form: list(_printed_forms(form, organ, text, printed)) for form in forms}
    for form in forms:
        if form[0] in _AREA_SIGNS and len(form) > 3:  # `区财政局`: the county's name goes on in front of its last sign
            found[form] += [name for name in _longer_forms(form[1:], text) if name.endswith(form)]
    for form in reversed(forms[1:]):
        if found[form]:
            return max(found[form], key=len)
    longest = max([organ, *found[organ]], key=len)
    return longest + "人民政府" if is_area(longest) and has_government(longest) else longest


def _printed_forms(form: str, organ: str, text: str, printed: Sequence[str]) -> Iterator[str]:
    yield from _longer_forms(form, text)
    for other in printed:
        begins = (
            form[1:] if form[0] in _AREA_SIGNS else form
        )  # `县财政局`: the county's name goes on in front of its last sign
        if other.endswith(form) and is_area(other.removesuffix(begins)):
            yield other
    if form != organ and (form in text or any(form in other for other in printed)):
        yield form


def _longer_forms(form: str, text: str) -> list[str]:
    """Forms of a name with a region in front. A name without any region in it (`财政局`) is also borne by other
    places' organs, which the text may mention: it is completed only if the text prints one of them and no other."""
    found = list(dict.fromkeys(_with_region(form, text)))
    if not any(sign in form for sign in _AREA_SIGNS) and len(found) > 1:
        longest = max(found, key=len)
        return [longest] if all(longest.endswith(other) for other in found) else []
    return found


@cache
def _region_pattern() -> re.Pattern[str]:
    known = "|".join(map(re.escape, (*printed_regions(), *WHOLE_STATE)))
    county = r"[\u4e00-\u9fff]{1,7}?(?:市|区|县|旗|林区|特区)"
    return re.compile(rf"(?:(?:{known}){{1,2}}(?:{county})?)$")


def _with_region(form: str, text: str) -> Iterator[str]:
    """The name with the province, city or county printed in front of it, for each place where it is."""
    place = text.find(form)
    while place >= 0:
        before = text[max(0, place - 24) : place]
        found = _region_pattern().search(before)
        region = found.group(0) if found is not None else None
        if region is None and (bounded := _BOUNDED_REGION.search(before)) is not None:
            region = bounded.group(1)
        if region is not None and not form.startswith(region):
            yield region + form
        place = text.find(form, place + 1)

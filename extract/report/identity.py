"""Whose report for which year a document is: title, agency, year, index number, and whether it is an annual report at all.

Everything is printed somewhere in the document; nothing is taken from an address. The agency's evidence is weighed in `agency`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from extract.document.clean import collapse, squeeze
from extract.lexicon.dates import YEAR, sign_off_date
from extract.lexicon.furniture import head_information, info_pairs, is_information, is_noise, is_page_number
from extract.lexicon.organs import is_area, is_town
from extract.lexicon.report_marks import count_markers
from extract.lexicon.titles import (
    ABOUT_A_REPORT,
    Genre,
    Shape,
    genre_of,
    is_other_title,
    is_report_title,
    is_template,
    is_year_label,
    judge_title,
    label_rank,
    mentions_disclosure,
    mentions_report,
    without_day,
    without_lead,
)
from extract.messages import localizable
from extract.model import RELIABLE, Candidate, Document, Grid, Line, Statement
from extract.report.agency import Texts, decide_agency, is_name
from extract.report.headings import heading_of

_ROWS = re.compile(
    r"本年新收政府信息公开申请|结转下年度?继续办理|第二十条第[(（][一五六八九][)）]项|属于三类内部事务|补正后申请内容"
)
_OTHER = (False, localizable("its title is that of another kind of document"))
_OTHER_WITH_FORM = (
    False,
    localizable("its title is that of another kind of document, and a report's chapters and figures stand in it"),
)
#: Between a title and the names of its site and column.
_BETWEEN = re.compile(r"(?:(?<!\s)\s++)?[_|｜>＞]\s*+|(?<!\s)\s++[-–—]++\s++|[-–—]{2,}+|(?<=报告)\s*+[-–—]\s*+(?=\S)")
_NO_TITLE_LINE = re.compile(r"[。；;]|^本(?:年度)?报告|^第|[:：]$")
_TITLE_LINES = 4
_FIGURE = re.compile(r"[1-9]\d*")
#: Of the form's six chapters, of its rows that nothing else prints, and of figures other than 0: what only a report that is filled in has.
_MOST_CHAPTERS, _SOME_ROWS, _SOME_FIGURES = 5, 3, 10
_HEAD_LINES = 14
_MANY_LINES = 5000
_OFTEN = 3
_COMPLETE = 3
_NAMED = (Genre.REPORT, Genre.UNNAMED)
_PROBABLE, _POSSIBLE = 0.7, 0.5
_NAMED_YEAR = re.compile(
    rf"({YEAR})年度?[^。,，]{{0,24}}(?:政府信息公开|政务公开)[^。]{{0,12}}(?:年度报告|年报|情况|实际|工作)"
)
_UNTIL_YEAR_END = re.compile(rf"截[至止]到?({YEAR})年12月31日")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a document says it is.

    `year` is `None` unless `is_report`; `reason` says why it is taken for a report or not; `statements` has the evidence for agency, year
    and title.
    """

    title: str | None
    agency: str | None
    year: int | None
    index_number: str | None
    is_report: bool
    reason: str
    warnings: tuple[str, ...] = ()
    statements: Mapping[str, Statement] = field(default_factory=dict)

    @property
    def is_other(self) -> bool:
        """Whether the document says itself that it is a paper of another kind."""
        return (self.is_report, self.reason) == _OTHER

    @property
    def is_disputed(self) -> bool:
        """Whether the title says that it is another paper, and what stands below it that it is a report."""
        return (self.is_report, self.reason) == _OTHER_WITH_FORM


def own_lines(document: Document) -> tuple[str, ...]:
    """The document's lines without page furniture: counters, the line of date and source, page numbers."""
    kept: list[str] = []
    for block in document.blocks:
        if not isinstance(block, Line) or is_page_number(block.text):
            continue
        if len(block.text) <= 200 and (is_noise(block.text) or is_information(block.text, len(kept))):
            continue
        kept.append(block.text)
    return tuple(kept)


def printed_information(document: Document) -> dict[str, str]:
    """Metadata of the document, and the labels and values of lines of date and source among its first lines."""
    information: dict[str, str] = {}
    lines = [block.text for block in document.blocks if isinstance(block, Line)][:_HEAD_LINES]
    for place, line in enumerate(lines):
        if heading_of(line) is not None:
            break
        pairs = head_information(line) if place <= _TITLE_LINES else info_pairs(line)
        for label, value in (pairs or {}).items():
            if value:
                information.setdefault(label, value)
    return {**information, **document.metadata}


def identify(document: Document, lines: Sequence[str], registry_names: Sequence[str] = ()) -> Identity:
    """Say whose report a document is.

    Args:
        document: As read.
        lines: Its own lines (`own_lines`).
        registry_names: Official names known for the portal; one that ends in the printed name replaces it.
    """
    head = _head(lines)
    title = _title(document, head)
    information = printed_information(document)
    flat_title = squeeze(title) if title else ""
    text = squeeze("".join(lines[:_MANY_LINES]))
    whole = text + "".join(_grid_words(document))
    unit = None
    if title is None:
        title, unit = _unit_and_year(document, text)
        flat_title = squeeze(title) if title else ""
    is_report, reason = _judge(flat_title, document, head, lines, whole)
    if title is None:
        title = _heading_of_page(document)
        flat_title = squeeze(title) if title else ""
    year = _year(flat_title, text, lines) if is_report else Statement()
    warnings = list(_doubts_of_year(year)) if is_report else []
    texts = Texts(flat_title, unit, text, lines, head, information, _sites(document))
    agency, doubts = decide_agency(texts, registry_names)
    if agency.value is not None:
        agency = replace(agency, value=_as_printed(str(agency.value), (title or "", *lines)))
    if is_report:
        warnings.extend(doubts)
    named = agency.value if agency.confidence >= RELIABLE else None
    return Identity(
        title,
        None if named is None else str(named),
        None if year.value is None else int(year.value),
        _index_number(document),
        is_report,
        reason,
        tuple(warnings),
        {"agency": agency, "year": year, "title": _evidence_of_title(title, document, head)},
    )


def _evidence_of_title(title: str | None, document: Document, head: Sequence[str]) -> Statement:
    """Where a title stands. That of a page's head may be its column's; one that the document prints is its own."""
    if title is None:
        return Statement()
    flat = squeeze(title)
    printed = squeeze("".join(head))
    places = [("head of the document", 0.95)] if flat in printed else []
    if squeeze(document.metadata.get("ArticleTitle", "")) == flat:
        places.append(("ArticleTitle", 0.95))
    if any(flat in squeeze(name) for name in document.titles):
        places.append((localizable("title of the page"), RELIABLE))
    where, confidence = places[0] if places else (localizable("parts of the title of the page"), _PROBABLE)
    return Statement(title, confidence, where, tuple(Candidate(title, place, sure) for place, sure in places))


def _grid_words(document: Document) -> Iterator[str]:
    for block in document.blocks:
        if not isinstance(block, Line):
            for row in block.rows:
                for cell in row:
                    if cell is not None and len(cell.text) > 3 and not cell.text.isdigit():
                        yield squeeze(cell.text)


def _head(lines: Sequence[str]) -> list[str]:
    """The lines in front of the first chapter, where title and preamble stand."""
    head: list[str] = []
    for line in lines[:_HEAD_LINES]:
        if heading_of(line) is not None and head:
            break
        head.append(line)
    return head


def _title(document: Document, head: Sequence[str]) -> str | None:
    named = frozenset(map(squeeze, document.titles))
    printed = [_clean_title(title, named) for title in document.titles]
    own = list(_title_windows(head))
    order = [*printed, *own] if document.media_type in ("text/html", "application/json") else [*own, *printed]
    accepted = [title for title in order if title and is_report_title(squeeze(title))]
    if not accepted:
        return None
    return max(accepted, key=lambda title: _completeness(squeeze(title)))


def _unit_and_year(document: Document, text: str) -> tuple[str | None, str | None]:
    """A page's title of the kind `高岭镇_2017年_…`, up to the year, and its unit; for text that speaks of disclosure throughout."""
    if text.count("信息公开") >= _OFTEN:
        for printed in document.titles:
            parts = _BETWEEN.split(collapse(printed))
            unit = squeeze(parts[0])
            if len(parts) < 2 or not is_year_label(squeeze(parts[1])):
                continue
            if is_area(unit) or is_town(unit) or is_name(unit):
                return collapse(printed)[: printed.find(parts[1]) + len(parts[1])], unit
    return None, None


def _sites(document: Document) -> list[str]:
    """What stands beside the title in a page's `<title>`: the site's name, or the organ's."""
    return [squeeze(part) for title in document.titles for part in re.split(r"[-–—]", _BETWEEN.sub("-", title))]


def _as_printed(name: str, texts: Sequence[str]) -> str:
    """A name with the brackets that the document prints (texts are compared with half-width ones)."""
    if "(" not in name:
        return name
    signs = r"\s*".join({"(": "[(（]", ")": "[)）]"}.get(sign, re.escape(sign)) for sign in name)
    pattern = re.compile(signs)
    found = next((match for match in map(pattern.search, texts) if match), None)
    return re.sub(r"\s+", "", found.group()) if found else name


def _heading_of_page(document: Document) -> str | None:
    """The title that a page prints or declares, whatever it is; `<title>` alone may be the site's name and doesn't count."""
    declared = document.metadata.get("ArticleTitle")
    for title in document.titles:
        if title == declared or re.search(r"报告|年报|20\d\d", title):
            return _clean_title(title, frozenset(map(squeeze, document.titles)))
    return None


def _completeness(title: str) -> int:
    judged = judge_title(title)
    return (2 if judged.agency and not judged.is_agency_behind else 0) + (1 if judged.years else 0)


def _clean_title(title: str, named: Set[str] = frozenset()) -> str:
    """A page's title without the site's and the column's name (`X年报_瓯海区政府` → `X年报`). `named`: what else the page has as a title."""
    title = collapse(without_day(re.sub(r"<[^>]{1,40}>", "", title)))
    parts = [part.strip() for part in _BETWEEN.split(title)]
    if _is_by_itself(parts, named):
        # An article of its own title, and behind it the names of its column and site: 关于…的函_政府信息公开年报_…
        return next((part for part in parts if _is_complete(part)), parts[0])
    if not is_report_title(squeeze(title)):
        return parts[0] if mentions_report(squeeze(parts[0])) else title
    cuts = [(0, 0), *((found.start(), found.end()) for found in _BETWEEN.finditer(title)), (len(title), len(title))]
    runs = [
        title[cuts[first][1] : cuts[last][0]].strip()
        for length in range(1, len(cuts))
        for first in range(len(cuts) - length)
        for last in (first + length,)
    ]
    fitting = [run for run in runs if is_report_title(squeeze(run)) and all(map(_is_of_title, _BETWEEN.split(run)))]
    if fitting:
        return max(fitting, key=lambda run: _completeness(squeeze(run)))  # of equals the shortest, which come first
    return next((run for run in runs[: len(cuts) - 1] if mentions_report(squeeze(run))), title)


def _is_foreign(part: str) -> bool:
    """Whether a part of a page's title is by itself the title of another paper."""
    flat = squeeze(part)
    if is_report_title(flat) or is_year_label(flat):
        return False
    return is_other_title(flat) or genre_of(flat) is Genre.OTHER or flat.startswith("关于")


def _is_by_itself(parts: Sequence[str], named: Set[str]) -> bool:
    """Whether the first part is a title of its own and no report's: behind it stand the names of its column and site then."""
    if _is_foreign(parts[0]):
        return True
    if len(parts) < 2 or squeeze(parts[0]) not in named:
        return False
    return not _is_of_title(parts[0]) or genre_of(squeeze(parts[0])) is Genre.ABOUT


def _is_complete(part: str) -> bool:
    """Whether a part is the title of a certain report, with organ and year; a column's name has neither."""
    return is_report_title(squeeze(part)) and _completeness(squeeze(part)) == _COMPLETE


def _is_of_title(part: str) -> bool:
    """Whether a part can belong to a title that runs over several: the report's name, the unit, the year."""
    flat = squeeze(part)
    named = is_report_title(flat) or is_year_label(flat) or is_area(flat) or is_town(flat) or is_name(flat)
    return named and not is_other_title(flat)


def _title_windows(head: Sequence[str]) -> Iterator[str]:
    """Titles made of one to four lines of the head; the shortest that are complete come first."""
    lines = [collapse(line).lstrip("#").strip().strip("*").strip() for line in head]
    for length in range(1, _TITLE_LINES + 1):
        for start in range(max(0, len(lines) - length + 1)):
            window = lines[start : start + length]
            if any(len(line) > 60 or not line or _NO_TITLE_LINE.search(line) for line in window):
                continue
            if length > 1 and any(genre_of(line) is Genre.OTHER for line in window):
                continue
            joined = "".join(window) if length > 1 else window[0]
            flat = squeeze(joined)
            if len(flat) <= 70 and is_report_title(flat) and not re.search(r"[,，：:]", without_lead(flat)):
                before = squeeze(lines[start - 1]) if start > 0 else ""
                if is_area(before) and not flat.startswith(before):
                    yield lines[start - 1] + joined
                yield joined


def _judge(title: str, document: Document, head: Sequence[str], lines: Sequence[str], whole: str) -> tuple[bool, str]:
    """Whether this is an annual report, and why; a paper of another kind that holds a whole one is both."""
    decided = _OTHER
    if not _is_other(document, head, whole, has_title=bool(title)):
        decided = _decide(title, count_markers(whole), lines, whole, document)
    return _OTHER_WITH_FORM if decided == _OTHER and _is_filled_in(document, head, lines) else decided


def _decide(title: str, markers: int, lines: Sequence[str], whole: str, document: Document) -> tuple[bool, str]:
    """Whether this is an annual report: its chapters and tables, or for older and bare ones its title (field guide §10.1, §11.2)."""
    if title and is_other_title(title):
        return _OTHER
    genre = genre_of(title)
    chapters = _chapters_that_prove(title) if genre in _NAMED else None
    if _has_form(markers, lines, whole, chapters=chapters, has_title=bool(title)):
        return True, localizable(f"{markers} of the forms' chapters and tables are there")
    if genre is Genre.ABOUT:
        return False, localizable("its title goes on behind the name of a report, and no report is there")
    if not title:
        return False, localizable("it has neither the chapters of an annual report nor its title")
    why_not = _why_another(title, document)
    return (False, why_not) if why_not else _decide_by_title(title, genre in _NAMED, markers, whole, document)


def _chapters_that_prove(title: str) -> int | None:
    """How many of the form's chapters make a text under a report's name the report; `None`: no number does.

    A 图解 may quote two of them; one with most of the six is the report, laid out (field guide §6: reports come in several shapes).
    """
    shapes = ABOUT_A_REPORT.intersection(judge_title(title).shapes)
    if not shapes:
        return 2
    return 4 if shapes == {Shape.INFOGRAPHIC} else None


def _has_form(markers: int, lines: Sequence[str], whole: str, *, chapters: int | None, has_title: bool) -> bool:
    """Whether the official form is there: two rows of its tables, or under a report's name so many of its chapters (`None`: no number is enough)."""
    if markers < 2 or not (has_title or "信息公开" in whole or markers >= 3):
        return False
    if len(_ROWS.findall(whole)) >= 2:
        return True
    return chapters is not None and _chapters(lines) >= chapters


def _chapters(lines: Sequence[str]) -> int:
    """How many lines are headings of the official form."""
    return sum(heading is not None and heading.official for heading in map(heading_of, lines))


def _is_filled_in(document: Document, head: Sequence[str], lines: Sequence[str]) -> bool:
    """Whether most chapters of the form are there, and tables of it with figures in them: a form to be filled in has the words alone."""
    if any(is_template(squeeze(heading)) for heading in (_heading_of_page(document) or "", *head[:3])):
        return False
    if _chapters(lines) < _MOST_CHAPTERS or len(_ROWS.findall("".join(_grid_words(document)))) < _SOME_ROWS:
        return False
    texts = (
        cell.text for block in document.blocks if isinstance(block, Grid) for row in block.rows for cell in row if cell
    )
    return len([text for text in texts if _FIGURE.fullmatch(text)]) >= _SOME_FIGURES


def _decide_by_title(title: str, is_named: bool, markers: int, whole: str, document: Document) -> tuple[bool, str]:
    """Whether a title with its year is that of a report in free form, of one that is attached, or of one with little of the form."""
    judged = judge_title(title)
    if judged.years and is_named and whole.count("。") >= 3 and "公开" in whole:
        return True, localizable("title of an annual report, free form")
    if judged.years and judged.agency and any(link.is_attachment for link in document.links):
        return True, localizable("title of an annual report; the report itself is attached")
    if judged.years and is_named and markers:
        return True, localizable("title of an annual report")
    return False, localizable("it has an annual report's title, but no report")


def _why_another(title: str, document: Document) -> str | None:
    """Why a title with the words of a report's is that of another paper, if it is."""
    if ABOUT_A_REPORT.intersection(judge_title(title).shapes):
        return localizable("its title is that of a picture or an explanation of a report")
    if _is_of_column(title, document):
        return localizable("the page's title names a report, and its own heading another paper")
    return None


def _is_of_column(title: str, document: Document) -> bool:
    """Whether a report's title is only in the page's `<title>`, where its column's name stands, and the page itself is headed by other words on disclosure."""
    *own, _ = document.titles or ("",)
    flats = list(map(squeeze, own))
    if any(is_report_title(flat) or title in flat for flat in flats):
        return False
    return any(mentions_disclosure(flat) and label_rank(flat) is None for flat in flats)


def _is_other(document: Document, head: Sequence[str], whole: str, *, has_title: bool) -> bool:
    """Whether the heading is that of a notice or a guide about reports, and no table of a report is there."""
    own = squeeze(_heading_of_page(document) or "")
    if genre_of(own) is Genre.OTHER:
        return True
    headings = [own, *map(squeeze, head[:3])]
    if any(map(is_template, headings)):
        return True
    about = any(
        (is_other_title(heading) or (not has_title and genre_of(heading) is Genre.OTHER))
        for heading in headings
        if len(heading) <= 70 and "。" not in heading
    )
    return about and len(_ROWS.findall(whole)) < 2


def _title_year(title: str) -> int | None:
    """The report year that a title names; of several or of a range the first, `None` if it names none."""
    judged = judge_title(title)
    return judged.year if judged.year is not None else next(iter(judged.years), None)


def _period_year(text: str) -> int | None:
    found = re.search(rf"统计(?:期限|时限|时间|周期|范围)?.{{0,16}}?({YEAR})年1月1日", text)
    return int(found.group(1)) if found else None


def _year(title: str, text: str, lines: Sequence[str]) -> Statement:
    """The report year with its evidence; years of publication and of plans are none."""
    found = list(_years_named(title, text, lines))
    if not found:
        return Statement()
    best = found[0]
    agreeing = sum(other.value == best.value for other in found)
    firm = [other for other in found if other.confidence >= RELIABLE and other.value != best.value]
    confidence = _PROBABLE if firm else max(best.confidence, 1.0 if agreeing > 1 else 0.0)
    return Statement(best.value, confidence, best.where, tuple(found))


def _years_named(title: str, text: str, lines: Sequence[str]) -> Iterator[Candidate]:
    """Years by where they stand, the surest first. What is only counted or reckoned is asked where nothing else names one."""
    year = _title_year(title) if title else None
    if year is not None:
        yield Candidate(year, "title", 0.95)
    covered = _period_year(text)
    if covered is not None:
        yield Candidate(covered, localizable("period of the statistics"), 0.95)
    if year is not None or covered is not None:
        return
    told = _NAMED_YEAR.search(text[:1500]) or _UNTIL_YEAR_END.search(text)
    counted = Counter(re.findall(rf"({YEAR})年", text[:3000]))
    if told is not None:
        yield Candidate(int(told.group(1)), "sentence", RELIABLE)
    elif counted:
        yield Candidate(int(counted.most_common(1)[0][0]), localizable("year named most often"), _PROBABLE)
    elif (signed := sign_off_date(lines)) is not None:
        yield Candidate(signed.year - 1, localizable("year before the signature"), _POSSIBLE)


def _doubts_of_year(year: Statement) -> Iterator[str]:
    if year.value is None:
        yield localizable("the year of the report is printed nowhere")
    others = [one for one in year.candidates if one.value != year.value]
    if others:
        yield localizable(f"the {year.where} says {year.value}, the statistics are said to cover {others[0].value}")
    elif year.confidence < RELIABLE and year.value is not None:
        yield localizable(f"the year of the report is named for certain nowhere; taken for {year.value} ({year.where})")


def _index_number(document: Document) -> str | None:
    for label in ("索引号", "索取号", "信息索引号", "IndexNumber"):
        value = document.metadata.get(label)
        if value and re.search(r"\d", value):
            return collapse(value)
    return None

"""Whose report for which year a document is: title, agency, year, index number, and whether it is an annual report at all.

Everything is printed somewhere in the document; nothing is taken from an address. Of several printed forms of the agency's
name the longest counts (`瓯海区人民政府` in the title, `温州市瓯海区人民政府` in the preamble → the latter).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from extract.document.clean import collapse, squeeze
from extract.lexicon.dates import find_dates, sign_off_date
from extract.lexicon.furniture import head_information, info_pairs, is_information, is_noise, is_page_number
from extract.lexicon.organs import full_forms, is_area, is_town, organ_ends
from extract.lexicon.regions import printed_regions
from extract.lexicon.report_marks import count_markers
from extract.lexicon.titles import (
    is_other_title,
    is_report_title,
    is_year_label,
    judge_title,
    mentions_report,
    without_day,
    without_lead,
)
from extract.model import Document, Line
from extract.report.headings import heading_of

_ORGAN_END = rf"(?:{organ_ends()})"
_ORGAN = re.compile(rf"[\u4e00-\u9fff（()）·\d]{{2,44}}{_ORGAN_END}(?:[（(][\u4e00-\u9fff、]{{2,20}}[)）])?")
_SUBJECT = re.compile(
    rf"(?:^|[。；;,，])(?:19|20)\d\d年度?[,，]?((?:(?![,，。；;的在以按把将坚认深]|报告).){{2,40}}?{_ORGAN_END})"
)
_COMPILED_BY = re.compile(
    rf"(?:(?:^|[,，。])|本(?:年度)?(?:年)?报告?)由((?:(?![,，。；;]).){{2,40}}?{_ORGAN_END})(?:负责)?(?:(?:根据|按照|依据|结合)[^。]{{2,80}}?)?(?:编制|综合|起草|汇总|发布)"
)
_ROWS = re.compile(
    r"本年新收政府信息公开申请|结转下年度?继续办理|第二十条第[(（][一五六八九][)）]项|属于三类内部事务|补正后申请内容"
)
_TEMPLATE = re.compile(r"(?:报告|年报)(?:的)?(?:格式|模板|样式|范本|样本|范文)(?:[（(][^（()）]*[）)])?$")
_OTHER = (False, "its title is that of another kind of document")
#: What also stands in front of an organ's name.
_WHOLE_STATE = ("国家税务总局", "中华人民共和国")
_AREA_SIGNS = "省市区县旗州盟镇乡"
_SOURCES = (
    "ContentSource",
    "发布机构",
    "发布单位",
    "公开主体",
    "发文机关",
    "发文机构",
    "发文单位",
    "信息来源",
    "来源",
    "Author",
)
#: Between a title and the names of its site and column.
_BETWEEN = re.compile(r"(?:(?<!\s)\s++)?[_|｜>＞]\s*+|(?<!\s)\s++[-–—]++\s++|[-–—]{2,}+|(?<=报告)\s*+[-–—]\s*+(?=\S)")
_TITLE_LINES = 4
_HEAD_LINES = 14
_MANY_LINES = 5000
#: A region that is in no list, after a word that ends what stands before it (请与平川县水务局联系).
_BOUNDED_REGION = re.compile(
    r"(?:^|[与由向到和、,，。:：;；(（《“])((?:[^\W\d与由请向对为是及的各全本我该其]{1,6}?(?:省|市|区|县|旗|自治州|盟)){1,3})$"
)
_OFTEN = 3
_LONGEST_NAME = 46


@dataclass(frozen=True, slots=True)
class Identity:
    """What a document says it is. `year` is `None` unless `is_report`; `reason` says why it is taken for a report or not."""

    title: str | None
    agency: str | None
    year: int | None
    index_number: str | None
    is_report: bool
    reason: str
    warnings: tuple[str, ...] = ()


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
    markers = count_markers(whole)
    warnings: list[str] = []
    is_report, reason = (
        _decide(flat_title, markers, lines, whole, document) if not _is_other(document, head, whole) else _OTHER
    )
    if title is None:
        title = _heading_of_page(document)
        flat_title = squeeze(title) if title else ""
    year = _year(flat_title, text, lines) if is_report else None
    if is_report and year is None:
        warnings.append("the year of the report is printed nowhere")
    if is_report and year is not None and flat_title:
        covered = _period_year(text)
        if covered is not None and covered != year:
            warnings.append(f"the title says {year}, the statistics are said to cover {covered}")
    agency = _agency(flat_title, text, lines, information, registry_names, unit, head, _sites(document))
    agency = _as_printed(agency, (title or "", *lines)) if agency else None
    if is_report and agency is None:
        warnings.append("the agency is named nowhere")
    return Identity(title, agency, year, _index_number(document), is_report, reason, tuple(warnings))


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
    printed = [_clean_title(title) for title in document.titles]
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
            if is_area(unit) or is_town(unit) or _ORGAN.fullmatch(unit):
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
            return _clean_title(title)
    return None


def _completeness(title: str) -> int:
    judged = judge_title(title)
    return (2 if judged.agency and not judged.is_agency_behind else 0) + (1 if judged.years else 0)


def _clean_title(title: str) -> str:
    """A page's title without the site's and the column's name (`X年报_瓯海区政府` → `X年报`)."""
    title = collapse(without_day(re.sub(r"<[^>]{1,40}>", "", title)))
    if not is_report_title(squeeze(title)):
        first = _BETWEEN.split(title)[0].strip()
        return first if mentions_report(squeeze(first)) else title
    cuts = [(0, 0), *((found.start(), found.end()) for found in _BETWEEN.finditer(title)), (len(title), len(title))]
    runs = [
        title[cuts[first][1] : cuts[last][0]].strip()
        for length in range(1, len(cuts))
        for first in range(len(cuts) - length)
        for last in (first + length,)
    ]
    fitting = [
        run
        for run in runs
        if is_report_title(squeeze(run)) and not any(is_other_title(squeeze(part)) for part in _BETWEEN.split(run))
    ]
    if fitting:
        return max(fitting, key=lambda run: _completeness(squeeze(run)))  # of equals the shortest, which come first
    return next((run for run in runs[: len(cuts) - 1] if mentions_report(squeeze(run))), title)


def _title_windows(head: Sequence[str]) -> Iterator[str]:
    """Titles made of one to four lines of the head; the shortest that are complete come first."""
    lines = [collapse(line).lstrip("#").strip().strip("*").strip() for line in head]
    for length in range(1, _TITLE_LINES + 1):
        for start in range(max(0, len(lines) - length + 1)):
            window = lines[start : start + length]
            if any(len(line) > 60 or not line or re.search(r"[。；;]|^本(?:年度)?报告|^第", line) for line in window):
                continue
            joined = "".join(window) if length > 1 else window[0]
            flat = squeeze(joined)
            if len(flat) <= 70 and is_report_title(flat) and not re.search(r"[,，：:]", without_lead(flat)):
                before = squeeze(lines[start - 1]) if start > 0 else ""
                if is_area(before) and not flat.startswith(before):
                    yield lines[start - 1] + joined
                yield joined


def _decide(title: str, markers: int, lines: Sequence[str], whole: str, document: Document) -> tuple[bool, str]:
    """Whether this is an annual report: its chapters and tables, or for older and bare ones its title (field guide §10.1, §11.2)."""
    if title and is_other_title(title):
        return False, "its title is that of another kind of document"
    has_title = bool(title)
    chapters = sum(1 for heading in map(heading_of, lines) if heading is not None and heading.official)
    named = has_title or "信息公开" in whole or markers >= 3
    if markers >= 2 and named and (chapters >= 2 or len(_ROWS.findall(whole)) >= 2):
        return True, f"{markers} of the forms' chapters and tables are there"
    if not has_title:
        return False, "it has neither the chapters of an annual report nor its title"
    dated = bool(judge_title(title).years)
    if dated and whole.count("。") >= 3 and "公开" in whole:
        return True, "title of an annual report, free form"
    if dated and any(link.is_attachment for link in document.links) and judge_title(title).agency:
        return True, "title of an annual report; the report itself is attached"
    if dated and markers:
        return True, "title of an annual report"
    return False, "it has an annual report's title, but no report"


def _is_other(document: Document, head: Sequence[str], whole: str) -> bool:
    """Whether the heading is that of a notice or a guide about reports, and no table of a report is there."""
    headings = [squeeze(_heading_of_page(document) or ""), *map(squeeze, head[:3])]
    if any(_TEMPLATE.search(heading) and len(heading) <= 70 for heading in headings):
        return True  # the empty form, whose tables have no figures
    about = any(is_other_title(heading) and len(heading) <= 70 and "。" not in heading for heading in headings)
    return about and len(_ROWS.findall(whole)) < 2


def _title_year(title: str) -> int | None:
    """The report year that a title names; of several or of a range the first, `None` if it names none."""
    judged = judge_title(title)
    return judged.year if judged.year is not None else next(iter(judged.years), None)


def _period_year(text: str) -> int | None:
    found = re.search(r"统计(?:期限|时限|时间|周期|范围)?.{0,16}?((?:19|20)\d\d)年1月1日", text)
    return int(found.group(1)) if found else None


def _year(title: str, text: str, lines: Sequence[str]) -> int | None:
    year = _title_year(title) if title else None
    if year is not None:
        return year
    year = _period_year(text)
    if year is not None:
        return year
    found = re.search(
        r"((?:19|20)\d\d)年度?[^。,，]{0,24}(?:政府信息公开|政务公开)[^。]{0,12}(?:年度报告|年报|情况|实际|工作)",
        text[:1500],
    )
    if found:
        return int(found.group(1))
    until = re.search(r"截[至止]到?((?:19|20)\d\d)年12月31日", text)
    if until:
        return int(until.group(1))
    counted = Counter(re.findall(r"((?:19|20)\d\d)年", text[:3000]))
    if counted:
        return int(counted.most_common(1)[0][0])
    signed = sign_off_date(lines)
    return signed.year - 1 if signed is not None else None


def _agency(
    title: str,
    text: str,
    lines: Sequence[str],
    information: Mapping[str, str],
    registry_names: Sequence[str],
    unit: str | None,
    head: Sequence[str],
    sites: Sequence[str],
) -> str | None:
    sources = [squeeze(information[key]) for key in _SOURCES if key in information]
    signed = _signed_by(lines)
    organ = unit or (judge_title(title).agency if title else None)
    if organ is None:
        candidates = [
            signed,
            next((flat for flat in map(squeeze, head) if len(flat) <= _LONGEST_NAME and _ORGAN.fullmatch(flat)), None),
            *(found.group(1) for found in (_COMPILED_BY.search(text[:3000]), _SUBJECT.search(text[:6000])) if found),
        ]
        candidates += [source for source in (*sources, *sites) if _ORGAN.fullmatch(source)]
        organ = next((candidate for candidate in candidates if candidate), None)
        if organ is None:
            return None
    printed = [*sources, *([signed] if signed else [])]
    best = _longest_form(organ, text, printed)
    for name in registry_names:
        flat = squeeze(name)
        if flat == best or (
            flat.endswith(best) and sum(squeeze(other).endswith(best) for other in registry_names) == 1
        ):
            return name
    return best


def _longest_form(organ: str, text: str, printed: Sequence[str]) -> str:
    forms = full_forms(organ)
    is_area = len(forms) > 1 and forms[1] in (organ + "人民政府", organ + "办事处")
    found: list[str] = []
    for form in forms[1:] if is_area else forms:
        found.extend(_longer_forms(form, text))
        found.extend(
            other
            for other in printed
            if other != form and other.endswith(form) and _is_region(other.removesuffix(form))
        )
        if form != organ and (form in text or form in printed):
            found.append(form)
    if organ[0] in _AREA_SIGNS and len(organ) > 3:  # `区财政局`: the county's name goes on in front of its last sign
        found.extend(name for name in _longer_forms(organ[1:], text) if name.endswith(organ))
    shortest = forms[-1] if is_area else organ
    return max([shortest, *found], key=len)


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
    known = "|".join(map(re.escape, (*printed_regions(), *_WHOLE_STATE)))
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


def _is_region(prefix: str) -> bool:
    return is_area(prefix)


def _signed_by(lines: Sequence[str]) -> str | None:
    """The organ that signs at the document's end: alone on its line, or before the date."""
    tail = [squeeze(line) for line in lines if line.strip()][-5:]
    for place in range(len(tail) - 1, -1, -1):
        line = tail[place]
        for start, end, _ in find_dates(line):
            if end == len(line) and start >= 4:
                line = line[:start]
        dated_after = any(True for later in tail[place + 1 :] for _ in find_dates(later))
        if (
            (dated_after or line != tail[place] or place == len(tail) - 1)
            and 4 <= len(line) <= 46
            and _ORGAN.fullmatch(line)
        ):
            return line
    return None


def _index_number(document: Document) -> str | None:
    for label in ("索引号", "索取号", "信息索引号", "IndexNumber"):
        value = document.metadata.get(label)
        if value and re.search(r"\d", value):
            return collapse(value)
    return None

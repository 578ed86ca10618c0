"""What a printed text means in the official tables: a row, a column, a caption, or nothing that is known.

Labels are compared as keys: Han characters, digits and letters only, so that brackets, blanks, line breaks and the width of
characters play no part. List numbers are not relied on, because sources get them wrong.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz, process

from extract.forms import FORMS, INDICATOR_HEADERS, Table
from extract.lexicon.numbers import normalise
from extract.messages import localizable

_NOT_KEY = re.compile(r"[^\u3007\u4e00-\u9fff0-9A-Za-z]")
_ORDINAL = re.compile(
    r"(?:\(?[一二三四五六七八九十]{1,2}[)、.,:\s]|\(?\d{1,2}[)、.,:\s]|第[一二三四五六七八九十]、)\s*"
)
#: A share is no count, whatever of.
_SHARE = re.compile(r"[%％‰]")
_LATIN = re.compile(r"[A-Za-z]+")
_HAN = re.compile(r"[\u3007\u4e00-\u9fff]")
# CJK radicals that PDFs of browsers carry in place of the characters and that NFKC leaves alone.
_RADICALS = str.maketrans("⺠⻅⻓⻔⻋⻛⻢⻄⻘⻚⻝⻥⻩⻬⻮⻰⺟⺪⻆⻉", "民见长门车风马西青页食鱼黄齐齿龙母疋角贝")

#: Longest text that can be a label or a header, in characters of its key.
LONGEST_LABEL = 64
#: Shortest key that may be recognised inside a longer text or in spite of misread characters.
_SHORTEST_INSIDE = 4
_FUZZY_AT_LEAST = 78.0
_FUZZY_MARGIN = 8.0
#: A label that differs from the printed one by so little, and not at its head, is another wording of it.
_NEARLY_THE_SAME = 90.0
#: What of these words makes another figure of a stock: 本年公开总数量 are those of the year, 对外公开总数量 all that there are.
_OF_THE_YEAR = re.compile(r"[本当]年度?")
#: Words around a label that leave what is counted as it is: its number, a unit of one, the year of the report, "number of".
_HARMLESS = re.compile(
    r"[一二三四五六七八九十]{1,2}|\d{1,2}|本年度?|的?(?:数量?|总数|件数|情况)|政府信息(?:公开)?|信息公开|公开|"
    r"以?(?:计量|金额)?(?:单位为?)?(?:[件项宗个条份次元]|[千万亿]元|百万元|人民币[千万亿]?元)(?:为单位)?|单位"
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text can stand for; which of it does is decided by its neighbours.

    Attributes:
        key: The text's key.
        rows: Table → code of the row that the text labels.
        columns: Table → code of the column that the text heads.
        captions: Tables that the text announces.
        is_subtotal: Heads a sum over some columns (小计).
        is_group: Names a group of rows or columns.
        is_column_group: Names the group of columns that stand below it in a row of their own (法人或其他组织).
        is_remark: Heads a column beside the figures (备注).
        indicator: `label`, `unit`, `value` or `cumulative` if the text heads that column of an indicator table.
        exact: Whether the whole text is the label (else the label was found inside it).
        beside: What stands around a label inside the text and is not known to leave its meaning alone (上年, 万件, 金额); it may count
            something else.
        composed: Whether the text is nothing but labels run together.
    """

    key: str
    rows: dict[str, str]
    columns: dict[str, str]
    captions: frozenset[str] = frozenset()
    is_subtotal: bool = False
    is_group: bool = False
    is_column_group: bool = False
    is_remark: bool = False
    indicator: str = ""
    exact: bool = True
    composed: bool = False
    beside: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the text belongs to the official tables at all."""
        is_header = self.is_subtotal or self.is_group or self.is_remark
        return bool(self.rows or self.columns or self.captions or is_header or self.indicator)


def key_of(text: str) -> str:
    """The key of a text. Beside Han characters Latin letters are a translation (自然人 Natural person) and play no part."""
    key = _NOT_KEY.sub("", normalise(text).translate(_RADICALS)).replace("其它", "其他")
    return _LATIN.sub("", key) if _HAN.search(key) else key


def _keys(labels: Iterable[str]) -> Iterator[str]:
    """The keys of labels, with and without the list number."""
    for label in labels:
        yield key_of(label)
        plain = normalise(label)
        bare = _ORDINAL.sub("", plain, count=1) if _ORDINAL.match(plain) else plain
        yield key_of(bare)
        yield key_of(bare.split("(", 1)[0])


class _Index:
    """Keys of all labels of all forms."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, str]] = defaultdict(dict)
        self.columns: dict[str, dict[str, str]] = defaultdict(dict)
        self.captions: dict[str, set[str]] = defaultdict(set)
        self.groups: set[str] = set()
        self.column_groups: set[str] = set()
        self.subtotals: set[str] = set()
        self.remarks = {key_of(word) for word in INDICATOR_HEADERS.remarks}
        self.year = re.compile(INDICATOR_HEADERS.year)
        self.cumulative = re.compile(INDICATOR_HEADERS.cumulative_pattern)
        self.indicator: dict[str, str] = {}
        #: The printed label of a row, and the same with what stands before it in the cells of its groups.
        self.printed: dict[str, tuple[str, str]] = {}
        for form in FORMS.values():
            for table in form.tables.values():
                self._add(table)
        for kind, words in (
            ("label", INDICATOR_HEADERS.labels),
            ("unit", INDICATOR_HEADERS.units),
            ("value", INDICATOR_HEADERS.values),
            ("cumulative", INDICATOR_HEADERS.cumulative),
        ):
            for word in words:
                self.indicator.setdefault(key_of(word), kind)
        inside = {key for key in (*self.rows, *self.columns, *self.captions) if len(key) >= _SHORTEST_INSIDE}
        self.inside = re.compile("|".join(sorted(map(re.escape, inside), key=len, reverse=True)))
        self.fuzzy_rows = [key for key in self.rows if len(key) >= _SHORTEST_INSIDE]
        self.fuzzy_columns = [key for key in self.columns if len(key) >= _SHORTEST_INSIDE]

    def _add(self, table: Table) -> None:
        for row in table.rows:
            for key in _keys((row.label, *row.variants)):
                self.rows[key].setdefault(table.code, row.code)
            groups = (*(group for group in table.row_groups[:1] if group != row.group), row.group)
            self.printed[row.code] = (key_of(row.label), "".join(map(key_of, (*groups, row.label))))
        for column in table.columns:
            for key in _keys((column.label, *column.variants)):
                self.columns[key].setdefault(table.code, column.code)
        for caption in table.captions:
            self.captions[key_of(caption)].add(table.code)
        for group in (*table.column_groups, *table.row_groups):
            self.groups.update(_keys([group]))
        self.column_groups.update(_keys(table.column_groups))
        self.subtotals.update(key_of(word) for word in table.subtotals)


_INDEX = _Index()
_NONE: dict[str, str] = {}
#: Columns of what there is in the end, not of what came in the year.
_STOCKS = frozenset(
    column.code
    for form in FORMS.values()
    for table in form.tables.values()
    for column in table.columns
    if column.is_stock
)


@lru_cache(maxsize=8192)
def meaning_of(text: str) -> Meaning:
    """The meaning of a text as printed. Misread characters are not forgiven here, see `nearest_row`."""
    found = _meaning(text)
    share = _SHARE.search(text)
    if share is None or not (found.rows or found.columns):
        return found
    return replace(found, beside=" ".join(filter(None, (found.beside, share.group()))))


def _meaning(text: str) -> Meaning:
    key = key_of(text)
    found = _exact(key)
    if found is not None:
        return found
    plain = normalise(text)
    if _ORDINAL.match(plain):
        found = _exact(key_of(_ORDINAL.sub("", plain, count=1)))
        if found is not None and not (found.key in _INDEX.columns and found.key not in _INDEX.rows):
            return found
    if _SHORTEST_INSIDE <= len(key) <= LONGEST_LABEL:
        found = _below_heading(key) or _inside(key)
        if found is not None:
            return found
    return Meaning(key, _NONE, _NONE, exact=False)


def _exact(key: str) -> Meaning | None:
    rows = _INDEX.rows.get(key, _NONE)
    columns = _INDEX.columns.get(key, _NONE)
    captions = _INDEX.captions.get(key)
    meaning = Meaning(
        key,
        rows,
        columns,
        frozenset(captions) if captions else frozenset(),
        is_subtotal=key in _INDEX.subtotals,
        is_group=key in _INDEX.groups,
        is_column_group=key in _INDEX.column_groups,
        is_remark=key in _INDEX.remarks,
        indicator=_INDEX.indicator.get(key) or _indicator_by_pattern(key),
    )
    return meaning if meaning.is_known else None


def _indicator_by_pattern(key: str) -> str:
    """What a header of an indicator table that names a year, or all of them, stands above."""
    if _INDEX.year.fullmatch(key):
        return "value"
    return "cumulative" if _INDEX.cumulative.fullmatch(key) else ""


def _below_heading(key: str) -> Meaning | None:
    """The column that a text heads behind the name of its group or table: 申请人情况自然人, of two cells that nothing parts."""
    for cut in range(_SHORTEST_INSIDE, len(key) - 1):
        tables = _INDEX.captions.get(key[:cut], set())
        if not tables and key[:cut] not in _INDEX.column_groups:
            continue
        below = key[cut:]
        columns = {
            table: code for table, code in _INDEX.columns.get(below, _NONE).items() if table in tables or not tables
        }
        if columns and below not in _INDEX.rows:
            return Meaning(key, _NONE, columns, exact=False, composed=True)
    return None


def _inside(key: str) -> Meaning | None:
    """The one label inside a longer text; two different labels of a table in one text mean nothing."""
    rows: dict[str, set[str]] = defaultdict(set)
    columns: dict[str, set[str]] = defaultdict(set)
    captions: set[str] = set()
    if any(rest in _INDEX.rows or rest in _INDEX.columns for rest in _INDEX.inside.split(key)):
        return None  # two labels in one cell, one of them short: 规章规范性文件, 自然人社会公益组织
    for found in _INDEX.inside.findall(key):
        for table, code in _INDEX.rows.get(found, _NONE).items():
            rows[table].add(code)
        for table, code in _INDEX.columns.get(found, _NONE).items():
            columns[table].add(code)
        captions |= _INDEX.captions.get(found, set())
    meaning = Meaning(
        key,
        {table: next(iter(codes)) for table, codes in rows.items() if len(codes) == 1},
        {table: next(iter(codes)) for table, codes in columns.items() if len(codes) == 1},
        frozenset(captions),
        exact=False,
        composed=not any(_INDEX.inside.split(key)),
    )
    return _with_beside(meaning) if meaning.is_known else None


def _with_beside(meaning: Meaning) -> Meaning:
    """The meaning of a text with labels in it, with what stands around them; another wording of a row's label is that label."""
    key, codes = meaning.key, (*meaning.rows.values(), *meaning.columns.values())
    if not meaning.columns and any(_is_wording(key, code) for code in codes):
        return replace(meaning, exact=True)
    return replace(meaning, beside=_beside(key, codes))


def _is_wording(key: str, code: str) -> bool:
    """Whether a text is a row's label but for a sign or two that stand not at its head: 确认或者重新出具 for 确认或重新出具."""
    label, _ = _INDEX.printed.get(code, ("", ""))
    is_led = _HARMLESS.sub("", _INDEX.inside.split(key, maxsplit=1)[0])
    return not is_led and fuzz.ratio(key, label) >= _NEARLY_THE_SAME


def _beside(key: str, codes: Collection[str]) -> str:
    """What stands around the labels of a text; empty where it is a piece of the printed form, misread, or changes nothing."""
    for code in codes:
        label, whole = _INDEX.printed.get(code, ("", ""))
        if key in whole or (len(key) <= len(label) and fuzz.ratio(key, label) >= _FUZZY_AT_LEAST):
            return ""
    pieces = _INDEX.inside.split(key)
    if not _STOCKS.isdisjoint(codes) and (of_the_year := _OF_THE_YEAR.search("".join(pieces))) is not None:
        return of_the_year.group()
    foreign = (_HARMLESS.sub("", rest) for rest in pieces if rest not in _INDEX.groups)
    return " ".join(rest for rest in foreign if rest)


def says_more(what: str, meaning: Meaning) -> str:
    """The doubt about a label or header around which something stands that may change what is counted."""
    return localizable(f"its {what} says more than the form's ({meaning.beside})")


@lru_cache(maxsize=2048)
def nearest_row(key: str, table: str) -> str | None:
    """The row whose label differs from a key by a few characters; `None` if none or more than one is near enough."""
    return _nearest(key, table, _INDEX.rows, _INDEX.fuzzy_rows)


@lru_cache(maxsize=2048)
def nearest_column(key: str, table: str) -> str | None:
    """The column whose header differs from a key by a few characters; `None` if none or more than one is near enough."""
    return _nearest(key, table, _INDEX.columns, _INDEX.fuzzy_columns)


def _nearest(key: str, table: str, codes: dict[str, dict[str, str]], candidates: list[str]) -> str | None:
    if not _SHORTEST_INSIDE <= len(key) <= LONGEST_LABEL or _INDEX.inside.search(key):
        return None
    near = process.extract(key, candidates, scorer=fuzz.ratio, score_cutoff=_FUZZY_AT_LEAST - _FUZZY_MARGIN, limit=12)
    best: dict[str, float] = {}
    for label, score, _ in near:
        code = codes[label].get(table)
        if code is not None:
            best[code] = max(score, best.get(code, 0.0))
    ranked = sorted(best.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < _FUZZY_AT_LEAST:
        return None
    if len(ranked) > 1 and ranked[1][1] > ranked[0][1] - _FUZZY_MARGIN:
        return None
    return ranked[0][0]

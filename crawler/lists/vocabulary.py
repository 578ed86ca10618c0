"""The vocabulary of pagers, `marks.toml`: words, names and keys by which a further page of a list is recognised."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from extract.lexicon.organs import is_organ
from extract.lexicon.toml_data import parse_toml

if TYPE_CHECKING:
    from extract.lexicon.toml_data import TomlTable

_BLANKS_AND_BRACKETS = re.compile(r"[\s\u200b-\u200f\ufeff\[\]【】()（）{}「」『』《》]+")
_ARROWS = "<>‹›«»←→◀▶◁▷❮❯⟨⟩〈〉⇐⇒➔➜⏪⏩⟵⟶⇦⇨◄►◂▸⮜⮞🡐🡒.…"
_ATTRIBUTE = re.compile(r"\A(?:data-|v-bind:|:|ng-|x-)+")

LABELS = (
    "next",
    "arrow",
    "last",
    "more",
    "load",
    "previous",
    "first",
    "jump",
    "neighbour",
    "harmless",
    "end",
    "promise",
    "unscripted",
    "earlier",
    "continues",
    "reports",
    "holds",
    "duty",
    "explicit",
)


@dataclass(frozen=True, slots=True)
class Keys:
    """Names of options, variables, attributes and fields, in the form of `key_of`."""

    total: frozenset[str]
    pages: frozenset[str]
    either: frozenset[str]
    size: frozenset[str]
    page: frozenset[str]
    offset: frozenset[str]
    paged: frozenset[str]
    goes_on: frozenset[str]
    ended: frozenset[str]


@dataclass(frozen=True, slots=True)
class PagerWords:
    """All of it.

    Attributes:
        labels: Patterns of whole labels, by kind.
        names: Patterns searched in classes and ids.
        keys: Names of values.
        script: Patterns about scripts.
        guess_query: Names of fields that are tried where nothing names one.
    """

    labels: dict[str, re.Pattern[str]]
    names: dict[str, re.Pattern[str]]
    keys: Keys
    script: dict[str, re.Pattern[str]]
    guess_query: tuple[str, ...]

    def is_label(self, kind: str, label: str) -> bool:
        """Whether a label, in the form of `label_of`, is of a kind."""
        return self.labels[kind].fullmatch(label) is not None

    def speaks_of(self, kind: str, label: str) -> bool:
        """Whether something in a label, in the form of `label_of`, is of a kind."""
        return self.labels[kind].search(label) is not None

    def speaks_of_neighbour(self, text: str) -> bool:
        """Whether a text, in the form of `label_of`, begins with 上一篇 or 下一篇: what stands behind it is the other article."""
        return self.labels["neighbour"].match(text) is not None

    def has_name(self, kind: str, names: str) -> bool:
        """Whether classes and ids have a name of a kind."""
        return self.names[kind].search(names) is not None


@lru_cache(maxsize=1)
def vocabulary() -> PagerWords:
    """The package's vocabulary."""
    return read_vocabulary(files("crawler.lists").joinpath("marks.toml").read_text("utf-8"), "marks.toml")


def read_vocabulary(text: str, name: str) -> PagerWords:
    """Read a vocabulary.

    Raises:
        LexiconError: A key is missing, unknown or of the wrong kind; names file and key.
    """
    file = parse_toml(text, name)
    label, keys, script, guess = (file.record(key) for key in ("label", "keys", "script", "guess"))
    names = file.record("names")
    found = PagerWords(
        {kind: _alternatives(label, kind) for kind in LABELS},
        {kind: names.pattern(kind, re.IGNORECASE) for kind in _NAMES},
        Keys(**{kind: frozenset(keys.words(kind)) for kind in _KEYS}),
        {kind: script.pattern(kind, re.IGNORECASE) for kind in _SCRIPT},
        guess.words("query"),
    )
    for part in (label, names, keys, script, guess, file):
        part.done()
    return found


_KEYS = ("total", "pages", "either", "size", "page", "offset", "paged", "goes_on", "ended")
_NAMES = (
    "pager",
    "next",
    "next_picture",
    "towards",
    "back",
    "more",
    "off",
    "no_pager",
    "elsewhere",
    "drawn",
    "nowhere",
    "directive",
)
_SCRIPT = ("plugins", "placeholder", "scroll", "builtin", "avoid", "avoid_not", "library", "likely")


def _alternatives(record: TomlTable, key: str) -> re.Pattern[str]:
    return record.compiled(key, "|".join(f"(?:{word})" for word in record.words(key)))


def label_of(text: str) -> str:
    """A label as labels are compared: 下 一 页, 【下一页】 and 下一页 → are one word; arrows alone stay."""
    label = _BLANKS_AND_BRACKETS.sub("", unicodedata.normalize("NFKC", text)).lower()
    return label.strip(_ARROWS + "|丨") or label


_PAGE_NUMBER = re.compile(r"第?\d{1,3}[页頁]?")
_THROUGH_PAGES = ("next", "arrow", "last", "previous", "first")


def leads_through_pages(text: str) -> bool:
    """Whether the words of a link name another page of the same list and nothing else: 下一页, 尾页, », 3, 第3页."""
    label = label_of(text)
    return _PAGE_NUMBER.fullmatch(label) is not None or any(vocabulary().is_label(one, label) for one in _THROUGH_PAGES)


_HAN = re.compile(r"[\u3400-\u9fff]")
_NUMERALS = frozenset("〇零一二三四五六七八九十上中下")


def names_something_else(label: str) -> bool:
    """Whether a label, in the form of `label_of`, is the name of another thing: words of its own, and none that may go on with a list."""
    han = _HAN.findall(label)
    if len(han) < 2 or re.search(r"\d", label) or _NUMERALS.issuperset(han):
        return False
    return not vocabulary().speaks_of("continues", label) and not is_organ(label, "row")


def key_of(name: str) -> str:
    """The name of an option, attribute or field as names are compared: `data-total-page`, `totalPage` and `total_page` are one."""
    return re.sub(r"[-_.]", "", _ATTRIBUTE.sub("", name)).lower()

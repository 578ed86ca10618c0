"""White space and forms of characters: what is the same on paper must be the same here."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from extract.document.radicals import without_radicals

#: Characters without width that portals and Word leave inside words and numbers.
INVISIBLE = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u2028\u2029"), None
)
_INVISIBLE = re.compile("[" + "".join(map(chr, INVISIBLE)) + "]")
_SPACE = re.compile(r"\s+")  # `\s` covers U+00A0, U+3000 and the other spaces of Unicode
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def collapse(text: str) -> str:
    """Text with every run of white space as one blank, none at the ends, and characters without width removed."""
    if not text.isascii() and _INVISIBLE.search(text):
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def squeeze(text: str) -> str:
    """The form for comparing: compatibility-normalised (full-width digits, ligatures, radicals for characters), without any white space.

    Cached, because each line of a report is compared by five modules and normalising is what costs.
    """
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", without_radicals(text)))
    return "".join(text.split())


def printable(text: str) -> str:
    """Text without control characters; tabs and line ends stay."""
    return _CONTROL.sub("", text)


#: What a reader never sees and a terminal, a mail program or a page obeys: controls (escapes and bells among them), changes of direction,
#: half characters. Tabs and line ends stay.
_OBEYED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str) -> str:
    """Text as a reader sees it, without what makes the thing that shows it do something: for every text of strangers that is kept to be shown."""
    return text if text.isascii() and text.isprintable() else _OBEYED.sub("", text)


def escaped(text: str) -> str:
    """Text in which the same characters stand as `\\uXXXX`: for outputs, so that what came through all the same can be seen and does nothing."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


#: Browsers show what follows these as if they weren't there.
_END_OF_PAGE = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)


def to_its_end(markup: str) -> str:
    """The markup of a page without the tags that end it too early (a page within a page): the parser drops what stands behind them."""
    return _END_OF_PAGE.sub("", markup)


_TAG = re.compile(r"<[^>]*>")
_NAMED_TAG = re.compile(r"</?[A-Za-z][^>]*>")


def without_tags(text: str, mark: str = " ", *, named: bool = False) -> str:
    """The text with `mark` in place of whatever stands between `<` and the next `>`; with `named` only where a letter follows the `<`."""
    last = text.rfind(">") + 1  # every `<` before it finds its end, so that the pattern never looks at a place twice
    return (_NAMED_TAG if named else _TAG).sub(mark, text[:last]) + text[last:]

"""What the program says to people, in English or Chinese: gettext catalogues, whose message ids are the English texts.

Codes, JSON members, column names and what stands in reports are no messages: they are the same in every language. `.ci/messages.py` collects
the messages of the source into `zh/LC_MESSAGES/ogi.po` and compiles it; a test holds that none lacks its translation.
"""

from __future__ import annotations

import gettext
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The first is that of the message ids.
LANGUAGES = ("en", "zh")
DOMAIN = "ogi"
#: Context of words that stand above a column.
HEADING = "heading"
#: Context of words that stand for codes.
WORD = "word"
FOLDER = Path(__file__).parent

_language: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])


def language() -> str:
    """The language that is spoken now, one of `LANGUAGES`."""
    return _language.get()


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Within the block, `localize` gives messages in a language, one of `LANGUAGES`."""
    token = _language.set(chosen)
    try:
        yield
    finally:
        _language.reset(token)


def localize(message: str, /, **values: object) -> str:
    """A message in the language that is spoken, with `{name}` replaced by the value of that name.

    Without values the text is given as it stands, so that braces in it need no care.
    """
    text = _catalogue(_language.get()).gettext(message) if message else ""
    return text.format(**values) if values else text


def localizable(message: str) -> str:
    """The message itself: for texts that stand in tables and are put into a language later, by `localize`."""
    return message


def localizable_word(code: str) -> str:
    """The code itself: it has a word in each language, given later by `word`."""
    return code


def word(code: str) -> str:
    """A code as a word in the language that is spoken; the code itself where it has none."""
    return _catalogue(_language.get()).pgettext(WORD, code)


@cache
def _catalogue(chosen: str) -> gettext.NullTranslations:
    if chosen == LANGUAGES[0]:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, FOLDER, [chosen])


def heading(word: str) -> str:
    """The head of a table's column in the language that is spoken: a word that may be a code elsewhere, and stays one there."""
    return _catalogue(_language.get()).pgettext(HEADING, word)


def translations(chosen: str) -> Iterator[tuple[str, str]]:
    """Every message without a plural and its translation into a language, in the order of the catalogue."""
    catalogue = _catalogue(chosen)
    entries = getattr(catalogue, "_catalog", {})  # gettext has no public way to list a catalogue
    yield from ((key, text) for key, text in entries.items() if key and isinstance(key, str) and "\x04" not in key)


def language_of(environment: Mapping[str, str]) -> str:
    """The language that an environment asks for: `OGI_LANG`, else the locale of messages as POSIX orders its variables.

    A value of `OGI_LANG` that is none of `LANGUAGES` is left to the locale.
    """
    if (asked := environment.get("OGI_LANG", "")) in LANGUAGES:
        return asked
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else LANGUAGES[0]

"""Sentences that are English already when they reach a person: said by an error, stored as a reason, given as progress.

What is stored or raised has one form, whatever language its writer spoke, so that an index is the same for all and ids made of texts
hold. Where it is shown it is recognised by the template that the catalogue has for it, and said in the reader's language with the same
values. What no template fits stays as it stands.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from extract.messages import LANGUAGES, language, translations

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A template must have so many letters of its own: "{file}: {problem}" would fit everything.
_LEAST_LETTERS = 4
#: Nothing that the program says is longer; what is comes from outside.
_LONGEST = 4000
#: No sentence has two spaces in a row: they stand between columns, and each of those is a code, a value or a sentence.
_GAP = re.compile(r"( {2,})")
#: How deep sentences stand in each other: an error in a reason in a line.
_DEPTH = 4
#: Where one sentence may follow another, and how that is written in Chinese.
_JOINTS = {": ": "：", "：": "：", ", ": "，", " (": "（"}
_JOINT = re.compile("|".join(map(re.escape, _JOINTS)))
#: So many parts of a text are looked at: what has more comes from outside.
_MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class _Template:
    """An English sentence: texts and the names of the values between them (one fewer); its translation as texts, each with the name of the
    value behind it (empty behind the last)."""

    texts: tuple[str, ...]
    names: tuple[str, ...]
    translation: tuple[tuple[str, str], ...]

    @property
    def weight(self) -> int:
        """Letters of its own: of two templates that fit, the one that says more is meant; of two that say as much, the one with more values."""
        return sum(character.isalpha() for text in self.texts for character in text)

    @property
    def sign(self) -> str:
        """Its longest text: a sentence without it isn't this one."""
        return max(self.texts, key=len)

    def values_in(self, sentence: str) -> dict[str, str] | None:
        """The values with which the template gives a sentence; `None` if it can't. Each value is the shortest possible; only the last one may be empty."""
        first, *others = self.texts
        if not sentence.startswith(first):
            return None
        place, values = len(first), []
        for number, text in enumerate(others):
            is_last = number == len(others) - 1
            end = len(sentence) - len(text) if is_last else sentence.find(text, place + 1)
            if end < place or (is_last and not sentence.endswith(text)):
                return None
            values.append(sentence[place:end])
            place = end + len(text)
        return dict(zip(self.names, values, strict=True))


def localized(text: str) -> str:
    """An English text of this program in the language that is spoken now; line by line, white space around a line kept."""
    if language() == LANGUAGES[0]:
        return text
    if text.strip() in (whole := _catalogue(language())[0]):
        return text.replace(text.strip(), whole[text.strip()], 1)
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    said = line.strip()
    if not said or len(said) > _LONGEST or not re.search("[A-Za-z]{2}", said):
        return line
    columns = _GAP.split(said)
    return line.replace(
        said, "".join(_value(one, _DEPTH) for one in columns) if len(columns) > 1 else _said(said, _DEPTH), 1
    )


def _said(sentence: str, depth: int) -> str:
    """A sentence in the language spoken: by its template, else piece by piece, else as it stands."""
    said = _behind_a_joint(sentence, depth)
    if said != sentence or not depth or "; " not in sentence:
        return said
    parts = sentence.split("; ", _MOST_PARTS)
    pieces = [_behind_a_joint(part, depth - 1) for part in parts]
    return "；".join(pieces) if pieces != parts else sentence


def _by_template(sentence: str, depth: int) -> str | None:
    exact, templates = _catalogue(language())
    if sentence in exact or not depth:
        return exact.get(sentence)
    for template in templates:
        if template.sign in sentence and (values := template.values_in(sentence)) is not None:
            said = {name: _value(value, depth - 1) for name, value in values.items()}
            return "".join(piece + said.get(name, "") for piece, name in template.translation)
    return None


def _value(value: str, depth: int) -> str:
    """A value may be a sentence itself; a single word may be a code, and stays."""
    return _said(value, depth) if " " in value else value


def _behind_a_joint(sentence: str, depth: int) -> str:
    """What stands before a joint as it is, and what stands behind it as a sentence; or the other way round."""
    if (whole := _by_template(sentence, depth)) is not None:
        return whole
    for match in islice(_JOINT.finditer(sentence), _MOST_PARTS):
        before, behind = sentence[: match.start()], sentence[match.end() :]
        pieces = [_by_template(part, depth - 1) if " " in part else None for part in (before, behind)]
        if any(piece is not None for piece in pieces):
            return (pieces[0] or before) + _JOINTS[match[0]] + (pieces[1] or behind)
    return sentence


@cache
def _catalogue(chosen: str) -> tuple[dict[str, str], tuple[_Template, ...]]:
    """Sentences without values and their translations; and templates, those first that say most."""
    exact, templates = {}, []
    for key, text in translations(chosen):
        message, translation = key.strip(), text.strip()
        parts = list(string.Formatter().parse(message)) if "{" in message else []
        names = tuple(name for _, name, _, _ in parts if name)
        if not names:
            exact[message.format() if "{" in message else message] = translation
            continue
        put = tuple((literal, name or "") for literal, name, _, _ in string.Formatter().parse(translation))
        one = _Template(tuple(_texts(parts)), names, put)
        if one.weight >= _LEAST_LETTERS:
            templates.append(one)
    return exact, tuple(sorted(templates, key=lambda one: (-one.weight, -len(one.names), one.texts)))


def _texts(parts: list[tuple[str, str | None, str | None, str | None]]) -> Iterator[str]:
    """The texts around the values of a parsed template, an empty one where none stands."""
    text = ""
    for literal, name, _, _ in parts:
        text += literal
        if name:
            yield text
            text = ""
    yield text

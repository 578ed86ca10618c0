"""Chinese full text: one normaliser for what is indexed, what is asked and what is highlighted.

Text is cut into overlapping pairs of characters in Python, so that words of two characters are found inside longer runs without a
dictionary (measured: recall and precision 1.0 against substring search). Folding keeps every character's place: offsets in the original
text stay valid. `VERSION` stands in `meta`; an index made by another version is made again.
"""

from __future__ import annotations

import html
import re
import unicodedata
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from extract.lexicon.dates import with_years_in_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlite_utils import Database

#: Raised whenever folding or cutting changes.
VERSION = "3"

_CJK = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_INNER_BLANKS = re.compile(f"(?<=[{_CJK}])[ \t\u200b]+(?=[{_CJK}])")
_RUN = re.compile(f"[{_CJK}]+|[0-9a-z\u00c0-\u024f]+")
_MINUS = "-\uff0d"
_QUERY_PART = re.compile(r'"([^"]*)"?|(\S+)')


class _Fold(dict[int, str]):
    """Character → character: compatibility form where that is one character, lower case, simplified."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        normal = unicodedata.normalize("NFKC", character).lower()
        if len(normal) != 1:
            lowered = character.lower()
            normal = " " if normal.isspace() else (lowered if len(lowered) == 1 else character)
        folded = _simplified().get(normal, normal)
        self[code] = folded
        return folded


@lru_cache(maxsize=1)
def _simplified() -> dict[str, str]:
    """Single characters from traditional to simplified, after OpenCC (see data/SOURCES.md)."""
    lines = (Path(__file__).parent / "data" / "simplified.txt").read_text("utf-8").splitlines()
    return {line[0]: line[1] for line in lines}


_FOLD = _Fold()


def fold(text: str) -> str:
    """The text as it is compared, a year in Chinese (`二○二○`) as one in digits; as long as the original."""
    return with_years_in_digits(text).translate(_FOLD)


def _runs(text: str) -> list[str]:
    """Runs of Chinese characters and of digits or letters; blanks between two Chinese characters don't count."""
    return _RUN.findall(_INNER_BLANKS.sub("", fold(text)))


def _is_word(run: str) -> bool:
    return run[0] < "\u3000"


def index_text(text: str) -> str:
    """What goes into the full-text table: pairs of characters and the last character of each run; digits and Latin whole."""
    tokens: list[str] = []
    for run in _runs(text):
        if _is_word(run):
            tokens.append(run)
        else:
            tokens.extend(run[place : place + 2] for place in range(len(run)))
    return " ".join(tokens)


def _phrase(literal: str) -> str:
    """The FTS5 phrase for a literal, empty if it holds nothing to look for."""
    runs = _runs(literal)
    tokens: list[str] = []
    prefix = ""
    for number, run in enumerate(runs):
        is_last = number == len(runs) - 1
        if _is_word(run):
            tokens.append(run)
        elif len(run) == 1 and is_last:
            tokens.append(run)
            prefix = "*"
        else:
            tokens.extend(run[place : place + 2] for place in range(len(run) - 1 if is_last else len(run)))
    return f'"{" ".join(tokens)}"{prefix}' if tokens else ""


class _Kind(Enum):
    """What a part of a query asks for."""

    WITH = "with"
    WITHOUT = "without"
    OR = "or"


def _parts(query: str) -> Iterator[tuple[_Kind, str]]:
    """The parts of a query in their order, each with its literal as typed."""
    for found in _QUERY_PART.finditer(query.replace("\u201c", '"').replace("\u201d", '"').replace("\u3000", " ")):
        literal, word = found.groups()
        if literal is not None:
            yield _Kind.WITH, literal
        elif word == "OR":
            yield _Kind.OR, word
        elif len(word) > 1 and word[0] in _MINUS:
            yield _Kind.WITHOUT, word[1:]
        else:
            yield _Kind.WITH, word


def match_query(query: str) -> str:
    """The FTS5 expression for what a person typed. Never a syntax error; finds nothing where there is nothing to look for.

    A blank means AND, `OR` means or, `-word` excludes, `"…"` is one literal.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for kind, text in _parts(query):
        if kind is _Kind.OR and wanted and wanted[-1] != "OR":
            wanted.append("OR")
        elif phrase := _phrase(text):
            (unwanted if kind is _Kind.WITHOUT else wanted).append(phrase)
    expression = _joined(wanted)
    if unwanted and expression:
        expression = f"({expression}) NOT ({' OR '.join(unwanted)})"
    return expression or '""'


def _joined(wanted: Sequence[str]) -> str:
    """Phrases and `OR`s as FTS5 reads them; an `OR` with nothing behind it says nothing."""
    expression = ""
    for part in wanted[:-1] if wanted and wanted[-1] == "OR" else wanted:
        if part == "OR":
            expression += " OR "
        else:
            expression += part if not expression or expression.endswith(" OR ") else f" AND {part}"
    return expression


def literals(query: str) -> list[str]:
    """The literals of a query that are looked for, as typed: what is highlighted."""
    return [text for kind, text in _parts(query) if kind is _Kind.WITH and text.strip(_MINUS)]


def spans(text: str, query: str) -> list[tuple[int, int]]:
    """Where the text holds what the query looks for: offsets into the original, merged, in order."""
    folded = fold(text)
    marks: list[tuple[int, int]] = []
    for literal in literals(query):
        pieces = _runs(literal)
        if not pieces:
            continue
        pattern = r"[^0-9a-z\u00c0-\u024f" + _CJK + "]*"
        body = pattern.join(
            re.escape(piece) if _is_word(piece) else r"[ \t\u200b]*".join(map(re.escape, piece)) for piece in pieces
        )
        if _is_word(pieces[0]):
            body = r"(?<![0-9a-z\u00c0-\u024f])" + body
        if _is_word(pieces[-1]):
            body += r"(?![0-9a-z\u00c0-\u024f])"
        marks.extend(found.span() for found in re.finditer(body, folded))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def snippet(text: str, query: str, width: int = 80, *, as_html: bool = True) -> str:
    """The passage around the first hits, `width` characters or so; hits in `<mark>` and the rest escaped, or plain text."""
    marks = spans(text, query)
    start = max(0, (marks[0][0] if marks else 0) - width // 3)
    end = min(len(text), start + width)
    passage = _marked(text, [mark for mark in marks if mark[1] <= end], start, end, as_html)
    return ("…" if start else "") + passage.replace("\n", " ") + ("…" if end < len(text) else "")


def highlight(text: str, query: str) -> str:
    """The whole text as HTML, escaped, hits in `<mark>`."""
    return _marked(text, spans(text, query), 0, len(text), True)


def _marked(text: str, marks: list[tuple[int, int]], start: int, end: int, as_html: bool) -> str:
    if not as_html:
        return text[start:end]
    parts: list[str] = []
    place = start
    for left, right in marks:
        if left < place:
            continue
        parts += [html.escape(text[place:left]), "<mark>", html.escape(text[left:right]), "</mark>"]
        place = right
    return "".join([*parts, html.escape(text[place:end])])


def index_report(db: Database, search_id: int, title: str, text: str) -> None:
    """Put a report's current title and text into the full-text table, in the caller's transaction."""
    db.execute("DELETE FROM report_fts WHERE rowid = ?", (search_id,))
    db.execute(
        "INSERT INTO report_fts (rowid, title, text) VALUES (?, ?, ?)", (search_id, index_text(title), index_text(text))
    )


def is_current(db: Database) -> bool:
    """Whether this version of the module made the full-text table."""
    found = db.execute("SELECT value FROM meta WHERE key = 'search_version'").fetchone()
    return found is not None and found[0] == VERSION


def reindex(db: Database) -> None:
    """Make the full-text table again if another version of this module made it."""
    if is_current(db):
        return
    db.execute("DELETE FROM report_fts")
    for report in list(
        db.query(
            "SELECT r.id, r.search_id, r.title, r.version, a.name FROM reports r JOIN agencies a ON a.id = r.agency"
        )
    ):
        texts = db.execute(
            "SELECT heading || char(10) || text FROM report_text WHERE report = ? AND version = ? ORDER BY position",
            (report["id"], report["version"]),
        ).fetchall()
        index_report(
            db, report["search_id"], f"{report['title'] or ''}\n{report['name']}", "\n".join(text for (text,) in texts)
        )
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('search_version', ?)", (VERSION,))

"""The normal form of a report: what makes a version. Two pages with the same report have the same digest.

In it: title, text, table cells, attachments. Not in it: markup, encoding, template, counters, neighbours, the page's line of
date and source, attributes and spans of tables, where paragraphs break. Where the report can't be distinguished from its page there is no
normal form (`content_of` gives `None`: "cannot compare"); the whole page is never compared instead.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from urllib.parse import unquote

from extract.document.alignment import is_cheap, opcodes
from extract.document.clean import collapse, squeeze
from extract.document.detect import HTML, JSON, TEXT
from extract.lexicon.addresses import parts_of
from extract.lexicon.furniture import is_information, is_noise, is_page_number
from extract.model import Document, Grid, Line

#: The normal form's version; part of the digest, so that a better normal form never looks like a mass revision.
NORMAL_FORM = 1
_SENTENCE_END = re.compile(r"(?<=[。；！？;!?])")
_CELLS = re.compile(r"[\t|]")
_CELL = "\x1f"
#: What a list or a page adds to a title that the document itself prints without it.
_ASIDE = re.compile(r"\([^()]{1,8}\)")


@dataclass(frozen=True)
class Content:
    """A report without its page.

    `lines` and the cells of `grids` are normalised (NFKC, no white space) and hold the report's own text in order; `text` keeps the
    lines readable for differences. `attachments` are (name, SHA-256) in the order of names. `published` is for showing: a template
    that stops printing it doesn't revise a report, so it is not part of the digest.
    """

    title: str | None
    published: date | None
    lines: tuple[str, ...]
    grids: tuple[tuple[tuple[str, ...], ...], ...]
    attachments: tuple[tuple[str, str], ...] = ()
    text: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """`sha256:…` of title, text, cells and attachments."""
        made = hashlib.sha256()
        for part in (f"content/{NORMAL_FORM}", squeeze(self.title or ""), _joined(self.lines)):
            _feed(made, part)
        cells = [cell for grid in self.grids for row in grid for cell in row]
        _feed(made, _CELL.join(cells))
        for name, digest in sorted(self.attachments):
            _feed(made, f"{name}{_CELL}{digest}")
        return f"sha256:{made.hexdigest()}"

    def with_attachments(self, attachments: Iterable[tuple[str, bytes | str]]) -> Content:
        """The same report with attachments: (name or address, bytes or `sha256:…` of them)."""
        named = ((attachment_name(name), _sha256(body)) for name, body in attachments)
        return replace(self, attachments=tuple(sorted(named)))


@dataclass(frozen=True, slots=True)
class TextDiff:
    """Sentences that one text has and the other lacks, in order."""

    added: tuple[str, ...]
    removed: tuple[str, ...]

    def to_json(self) -> dict[str, int]:
        """The counts that the contract's changes carry."""
        return {"added": len(self.added), "removed": len(self.removed)}


def _feed(made: hashlib._Hash, part: str) -> None:
    encoded = part.encode()
    made.update(len(encoded).to_bytes(8, "big"))
    made.update(encoded)


def _sha256(body: bytes | str) -> str:
    if isinstance(body, bytes):
        return "sha256:" + hashlib.sha256(body).hexdigest()
    return body if ":" in body else f"sha256:{body}"


def attachment_name(name: str) -> str:
    """A file's name for comparing: without folders, query and white space, compatibility-normalised, lower case."""
    parts = parts_of(name) if "://" in name or name.startswith("/") else None
    last = unquote(parts.path if parts is not None else name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    return squeeze(last or name).lower()


def content_of(document: Document, title: str | None, published: date | None) -> Content | None:
    """The normal form of what was read; `None` if it is a page on which the report can't be distinguished from the rest."""
    if document.media_type in (HTML, JSON) and document.container is None:
        return None
    flat_title = squeeze(title) if title else ""
    text = _own_text(document, flat_title)
    lines = tuple(_normal(line) for line in text)
    grids = tuple(_cells(block) for block in document.blocks if isinstance(block, Grid))
    return Content(title, published, lines, tuple(grid for grid in grids if grid), text=text)


def _own_text(document: Document, flat_title: str) -> tuple[str, ...]:
    kept: list[str] = []
    titled = not flat_title
    is_page = document.media_type in (HTML, JSON)
    pending = ""
    held: list[str] = []
    for block in document.blocks:
        if not isinstance(block, Line):
            continue
        line = block.text.strip("\n") if document.media_type == TEXT else collapse(block.text)
        flat = squeeze(line)
        if is_page_number(line) or not (flat or "\t" in line):
            continue
        if len(line) <= 200 and (is_information(line, len(kept)) or (is_page and is_noise(line))):
            continue
        if not titled and len(kept) < 4:
            # The title may be printed over several lines, or not at all inside the container: it counts once, as the title.
            if flat_title == pending + flat:
                titled, pending, held = True, "", []
                continue
            if flat_title.startswith(pending + flat):
                pending += flat
                held.append(line)
                continue
            titled = bool(_ASIDE.fullmatch(flat_title[len(pending) :])) and bool(pending)
            kept.extend(() if titled else held)
            pending, held = "", []
        kept.append(line)
    kept[0:0] = held
    return tuple(kept)


def _normal(line: str) -> str:
    """A line for comparing. Cells that a text parts by tabs and pipes stay apart, blank ones too."""
    if "\t" in line or "|" in line:
        return _CELL.join(squeeze(cell) for cell in _CELLS.split(line))
    return squeeze(line)


def _joined(lines: Iterable[str]) -> str:
    """Lines without their breaks, which are markup; only two numbers never run into one."""
    text: list[str] = []
    for line in lines:
        if text and text[-1][-1:].isdigit() and line[:1].isdigit():
            text.append("\n")
        text.append(line)
    return "".join(text)


def _cells(grid: Grid) -> tuple[tuple[str, ...], ...]:
    """Rows of the cells that begin there: covered positions don't count, nor do rows without any cell's text."""
    rows = (
        tuple(squeeze(cell.text) + ("\ufffc" if cell.unread else "") for cell in row if cell is not None)
        for row in grid.rows
    )
    return tuple(row for row in rows if any(row))


def sentences(lines: Sequence[str]) -> list[str]:
    """A text cut after 。；！？ and at line ends, white space collapsed."""
    return [
        sentence
        for line in lines
        for piece in _SENTENCE_END.split(line)
        if (sentence := collapse(piece)) and squeeze(sentence)
    ]


def diff_text(before: Content, after: Content) -> TextDiff:
    """What sentences were added and removed between two states; white space and forms of characters don't count."""
    old, new = sentences(before.text or before.lines), sentences(after.text or after.lines)
    old_keys, new_keys = [squeeze(line) for line in old], [squeeze(line) for line in new]
    if not is_cheap(old_keys, new_keys):
        return _diff_as_sets(old, old_keys, new, new_keys)
    added: list[str] = []
    removed: list[str] = []
    for tag, i1, i2, j1, j2 in opcodes(old_keys, new_keys):
        if tag != "equal" and "".join(old_keys[i1:i2]) != "".join(new_keys[j1:j2]):
            removed.extend(old[i1:i2])
            added.extend(new[j1:j2])
    return TextDiff(tuple(added), tuple(removed))


def _diff_as_sets(old: list[str], old_keys: list[str], new: list[str], new_keys: list[str]) -> TextDiff:
    """For very long texts, and such that few sentences make up: how often each sentence stands in either, whatever their order."""
    gone = Counter(old_keys) - Counter(new_keys)
    come = Counter(new_keys) - Counter(old_keys)
    return TextDiff(_take(new, new_keys, come), _take(old, old_keys, gone))


def _take(lines: list[str], keys: list[str], wanted: Counter[str]) -> tuple[str, ...]:
    taken: list[str] = []
    for line, key in zip(lines, keys, strict=True):
        if wanted[key] > 0:
            wanted[key] -= 1
            taken.append(line)
    return tuple(taken)

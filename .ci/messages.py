"""Collect what the program says into the Chinese catalogue, and compile it: `python .ci/messages.py [--check]`.

Messages are the sentences that the packages say (`sentences.py`), the comments of a new `ogi.toml`, the help of every command and option, and
click's own words.
`--check` writes nothing and ends with 1 if a message lacks its translation or the catalogues are not those of the source.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from archive.files.settings import comments
from crawler.cli import COMMANDS, cli
from crawler.cli.language import help_message
from crawler.cli.reference import commands
from extract.messages import DOMAIN, FOLDER, HEADING, WORD

sys.path.insert(0, str(Path(__file__).parent))  # a test loads this file from elsewhere
from sentences import headings, sentences, words

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PO = FOLDER / "zh" / "LC_MESSAGES" / f"{DOMAIN}.po"
#: The catalogue's header has dates; those of the day would change the file each day.
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
#: Functions by which click asks gettext.
_CLICKS = {"_": None, "ngettext": (1, 2)}


@cache
def messages() -> frozenset[str | tuple[str, str]]:
    """Every message; a pair where singular and plural differ."""
    return frozenset(_messages())


def _messages() -> Iterator[str | tuple[str, str]]:
    yield from sentences()
    yield from comments()
    yield from (line for _, line in COMMANDS.values())
    yield from _help_of(cli)
    for _, command in commands():
        yield from _help_of(command)
    for found in extract_from_dir(Path(click.__file__).parent, [("**.py", "python")], keywords=_CLICKS):
        yield found[2]


def _help_of(command: click.Command) -> Iterator[str]:
    yield from (help_message(text) for text in (command.help, command.short_help) if text)
    yield from (help_message(one.help) for one in command.params if isinstance(one, click.Option) and one.help)


def merged() -> Catalog:
    """The catalogue with every message of the source, and the translations that stand in the file."""
    with PO.open("rb") as stream:
        known = read_po(stream, locale="zh")
    made = Catalog(locale="zh", domain=DOMAIN, header_comment="# What ogi-archive says, in Chinese.", fuzzy=False)
    for message in sorted(messages(), key=str):
        key = message[0] if isinstance(message, tuple) else message
        old = known.get(key)
        flags = ["python-brace-format"] if "{" in key else []
        made.add(message, old.string if old is not None else "", flags=flags)
    for context, found in ((HEADING, headings()), (WORD, words())):
        for word in sorted(found):
            old = known.get(word, context)
            made.add(word, old.string if old is not None else "", context=context)
    return made


def text_of(catalogue: Catalog) -> bytes:
    """The catalogue as the `.po` file holds it: without dates and places, which change by themselves."""
    out = io.BytesIO()
    write_po(out, catalogue, width=120, omit_header=False, no_location=True)
    lines = [
        line for line in out.getvalue().splitlines(keepends=True) if b"-Date: " not in line and b"Babel" not in line
    ]
    return b"".join(lines)


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    with io.BytesIO(text_of(catalogue)) as stream:
        plain = read_po(stream, locale="zh")
    plain.creation_date = plain.revision_date = _NO_DATE
    out = io.BytesIO()
    write_mo(out, plain)
    return out.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """Messages without a translation."""
    return [str(one.id) for one in catalogue if one.id and not (all(one.string) if one.pluralizable else one.string)]


def main(check: bool) -> int:
    """Write both files, or say what they lack."""
    catalogue = merged()
    lacking = untranslated(catalogue)
    for message in lacking:
        print(f"not translated: {message!r}")
    files = {PO: text_of(catalogue), PO.with_suffix(".mo"): compiled(catalogue)}
    stale = [path for path, content in files.items() if not path.exists() or path.read_bytes() != content]
    if not check:
        for path, content in files.items():
            path.write_bytes(content)
    for path in stale if check else []:
        print(f"{path.relative_to(ROOT)} is not what the source says: run python .ci/messages.py")
    return 1 if lacking or (check and stale) else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))

"""What this program's processes write to terminals and logs: nothing that a title, a file's name or a server's reason makes a terminal do.

A sequence isn't let through by its shape, since a stranger can write the same one, but by who writes it: `own` alone does.
"""

from __future__ import annotations

import codecs
import io
import sys
from typing import TextIO

from extract.document.clean import escaped

_OWN = "write_own"


def speak_safely() -> None:
    """Write what terminals obey as escapes; and so Chinese where the locale can't write it, instead of failing in the middle of a list."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper) or hasattr(stream, _OWN):
            continue
        encoding = codecs.lookup(stream.encoding).name
        if encoding == "ascii":  # the library for commands goes around a stream that says so
            stream.reconfigure(encoding="latin-1")
        elif encoding not in ("utf-8", "gb18030"):
            stream.reconfigure(errors="backslashreplace")
        _guard(stream, only_ascii=encoding == "ascii")


def _guard(stream: io.TextIOWrapper, *, only_ascii: bool) -> None:
    write = stream.write

    def write_seen(text: str) -> int:
        if text.isascii() and text.replace("\n", "").isprintable():
            return write(text)
        text = escaped(text)
        return write(text.encode("ascii", "backslashreplace").decode("ascii") if only_ascii else text)

    stream.write = write_seen  # type: ignore[method-assign]
    setattr(stream, _OWN, write)


def own(stream: TextIO, sequence: str) -> None:
    """Write a sequence of this program itself, which a terminal is to obey."""
    getattr(stream, _OWN, stream.write)(sequence)

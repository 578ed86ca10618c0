"""Heads of HTTP messages, read by one rule on the wire, in the writer of records and in their readers.

A line ends with a line feed, with or without a carriage return before it, and with nothing else: what takes a form feed or U+0085 for a
line's end finds a field where the server put none. Blanks around names and values are those of RFC 9110 §5.5: space and tab.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.document.numerals import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterable

Headers = tuple[tuple[str, str], ...]

_OWS = " \t"
_LEAST_STATUS = 100


def head_lines(head: bytes) -> list[bytes]:
    """The lines of a head, without their ends."""
    return [line.removesuffix(b"\r") for line in head.split(b"\n")]


def head_fields(lines: Iterable[str]) -> Headers:
    """Names and values of the lines behind the start line. A folded line continues the field before; one without a colon is left out."""
    fields: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and line and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip(_OWS)}".strip(_OWS))
            continue
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name.strip(_OWS), value.strip(_OWS)))
    return tuple(fields)


def status_code(start: str) -> int | None:
    """The status of a status line: three ASCII digits behind the version, 100 and above; `None` without one."""
    words = start.split(None, 2)
    if len(words) < 2 or words[0][:5].upper() != "HTTP/" or len(words[1]) < 3:
        return None
    number = whole_number(words[1][:3])
    return number if number is not None and number >= _LEAST_STATUS else None

"""CSV as spreadsheets open it: UTF-8 with a mark in front, lines ended by CR LF, and no cell that would be run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

#: Excel for Chinese takes a file without it for GB 18030.
MARK = "\ufeff"
CONTENT_TYPE = "text/csv; charset=utf-8; header=present"
#: What spreadsheets run (OWASP, CSV injection); a lone sign and a printed number are harmless, and are figures here.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HARMLESS = re.compile(r"[=+\-@]|[+\-]?[0-9][0-9,.]*%?")


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet runs: text that begins like a formula gets an apostrophe in front, everything else stays as it is."""
    if isinstance(value, str) and value.startswith(_RISKY) and _HARMLESS.fullmatch(value) is None:
        return "'" + value
    return value


def as_written(cell: str) -> str:
    """The text that `harmless` made a cell of."""
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell


def csv_text(header: Sequence[str] | None, rows: Iterable[Sequence[Any]], *, is_exact: bool = False) -> str:
    """Lines of CSV.

    Args:
        header: Column names, with the mark in front; `None` for a further piece of the same file.
        is_exact: Leave text as it is, for files that programs read (their description says so).
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if header is not None:
        out.write(MARK)
        writer.writerow(header)
    writer.writerows(rows if is_exact else ([harmless(value) for value in row] for row in rows))
    return out.getvalue()


def attachment(name: str) -> str:
    """The value of `content-disposition` for a file name, in ASCII and as it is (RFC 6266)."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name.encode("ascii", "ignore").decode()) or "data"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"

"""Pagers that are drawn by scripts whose names are known, and pagers that are hidden as base64.

The name `createPageHTML` has four signatures and counts pages from 0 or from 1, so the arguments are distinguished by their shape, and
a candidate for page 2 is believed only when its links differ from those of page 1 (field guide §1.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from crawler.pages import markup
from crawler.pages.coded import text_of_base64
from crawler.pages.markup import Element
from extract.document.numerals import is_whole

_CALL = re.compile(r"(?<!function )\b(createPageHTML|createPage|createPageHtml)\s*\(([^()]*)\)")
_PAGER_CALL = re.compile(r"\bPager\s*\(\s*\{([^{}]*)\}", re.DOTALL)
_VARIABLE = re.compile(r"\b(?:var|let|const)\s+(\w+)\s*=\s*(?:parseInt\()?[\"']?(\d+)[\"']?")
_PAGES = re.compile(
    r"共\s*(\d{1,4})\s*页|(?:页次|页码)\s*[:：]?\s*\d+\s*/\s*(\d{1,4})|第\s*\d+\s*/\s*(\d{1,4})\s*页|(?<!\d)1\s*/\s*(\d{1,4})\s*页"
)
_ATOB = re.compile(r"atob\(\s*['\"]([A-Za-z0-9+/=\s]{24,})['\"]")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{24,}={0,2}")


@dataclass(frozen=True, slots=True)
class ScriptPager:
    """What a pager script's call says.

    Attributes:
        pages: Number of pages.
        is_one_based: The file of page N carries N, not N-1.
        prefix: File name before the number.
        extension: File name's ending.
        records: Number of rows, if the call gives it.
    """

    pages: int
    is_one_based: bool
    prefix: str
    extension: str
    records: int | None = None

    def file_numbers(self) -> tuple[int, int]:
        """The numbers that the file of page 2 may carry, the likelier first."""
        return (2, 1) if self.is_one_based else (1, 2)

    def address(self, first_page: str, number: int) -> str:
        """The address of the page whose file carries `number`."""
        return urljoin(first_page, f"{self.prefix}_{number}.{self.extension}")


def script_pager(text: str) -> ScriptPager | None:
    """Read the pager call of a page, `None` if it has none that is understood."""
    variables = dict(_VARIABLE.findall(text))
    for found in _CALL.finditer(text):
        pager = _from_arguments([_value(argument, variables) for argument in found.group(2).split(",")])
        if pager is not None:
            return pager
    for found in _PAGER_CALL.finditer(text):
        pairs = dict(re.findall(r"(?<!\w)(\w++)\s*+:\s*+[\"']?([\w.#-]++)[\"']?", found.group(1)))
        pages = next(
            (pairs[key] for key in ("size", "pageCount", "pages", "totalPage", "total", "count") if key in pairs), ""
        )
        pages = variables.get(pages, pages)
        if is_whole(pages):
            return ScriptPager(int(pages), False, pairs.get("prefix", "index"), pairs.get("suffix", "html"))
    return None


def _value(argument: str, variables: dict[str, str]) -> int | str | None:
    """A literal of the call: a number (also in quotes or by a variable), a text, or `None`."""
    stripped = argument.strip()
    quoted = re.fullmatch(r"([\"'])(.*)\1", stripped)
    plain = quoted.group(2).strip() if quoted else variables.get(stripped, stripped)
    if is_whole(plain):
        return int(plain)
    return plain if quoted else None


def _from_arguments(values: list[int | str | None]) -> ScriptPager | None:
    numbers = [value for value in values if isinstance(value, int)]
    texts = [value for value in values if isinstance(value, str)]
    if isinstance(values[0], str):  # ('page_div', pages, current, 'list', 'shtml', records)
        if len(values) < 5 or not (
            isinstance(values[1], int) and isinstance(values[3], str) and isinstance(values[4], str)
        ):
            return None
        records = values[5] if len(values) > 5 and isinstance(values[5], int) else None
        return ScriptPager(values[1], True, values[3], values[4], records)
    leading = 0
    while leading < len(values) and isinstance(values[leading], int):
        leading += 1
    if leading < 2 or len(texts) < 2:
        return None
    if leading >= 3 and numbers[0] >= numbers[1] > numbers[2]:  # (records, pages, current, "index", "html")
        return ScriptPager(numbers[1], False, texts[0], texts[1], numbers[0])
    return ScriptPager(numbers[0], False, texts[0], texts[1])  # (pages, current, "index", "html")


def announced_pages(text: str) -> int | None:
    """The number of pages that the page's text gives (共N页)."""
    found = _PAGES.search(text)
    return int(next(group for group in found.groups() if group)) if found else None


def hidden_pagers(root: Element, text: str) -> list[Element]:
    """Pagers that stand in the page as base64 and are decoded by its script: reading data is no running of scripts."""
    encoded = [found.group(1) for found in _ATOB.finditer(text)]
    for element in root.xpath("//*[@id='pages' or contains(@class,'pages')]"):
        encoded += [*_BASE64.findall(element.text or ""), element.get("value") or "", element.get("data-value") or ""]
    pagers = []
    for candidate in encoded:
        decoded = text_of_base64(re.sub(r"\s", "", candidate))
        if decoded is not None and "<a" in decoded:
            parsed = markup.parse(decoded)
            if parsed is not None:
                pagers.append(parsed)
    return pagers

"""How static lists lead to their next page.

The name `createPageHTML` has four signatures and counts pages from 0 or from 1, so the arguments are told apart by their shape, and
a candidate for page 2 is believed only when its links differ from those of page 1 (field guide §1.2).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from crawler.lists.rows import effective_url
from crawler.pages import markup
from crawler.pages.markup import Element, text_of
from extract.lexicon.addresses import canonical, is_article, join, same_host

_CALL = re.compile(r"(?<!function )\b(createPageHTML|createPage|createPageHtml)\s*\(([^()]*)\)")
_PAGER_CALL = re.compile(r"\bPager\s*\(\s*\{([^{}]*)\}", re.DOTALL)
_VARIABLE = re.compile(r"\b(?:var|let|const)\s+(\w+)\s*=\s*(?:parseInt\()?[\"']?(\d+)[\"']?")
_NEXT_WORD = re.compile(r"\A(?:下一?页|下一頁|后一?页|next(?: ?page)?|[>›»]|下一页[>»›]+)\Z", re.IGNORECASE)
_NUMBER = re.compile(r"\A\[?(\d{1,4})\]?\Z")
_SCRIPT_NUMBER = re.compile(
    r"javascript:\s*(?:next|gotoPage|goPage|toPage|turnPage|page)\(\s*['\"]?(\d{1,4})['\"]?\s*\)", re.IGNORECASE
)
_PAGES = re.compile(
    r"共\s*(\d{1,4})\s*页|(?:页次|页码)\s*[:：]?\s*\d+\s*/\s*(\d{1,4})|第\s*\d+\s*/\s*(\d{1,4})\s*页|(?<!\d)1\s*/\s*(\d{1,4})\s*页"
)
_ROWS = re.compile(r"共\s*(\d{1,6})\s*(?:条|篇|记录)|(?:总记录数?|记录总数)\s*[:：]?\s*(\d{1,6})")
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
        if pages.isdigit():
            return ScriptPager(int(pages), False, pairs.get("prefix", "index"), pairs.get("suffix", "html"))
    return None


def _value(argument: str, variables: dict[str, str]) -> int | str | None:
    """A literal of the call: a number (also in quotes or by a variable), a text, or `None`."""
    stripped = argument.strip()
    quoted = re.fullmatch(r"([\"'])(.*)\1", stripped)
    plain = quoted.group(2).strip() if quoted else variables.get(stripped, stripped)
    if plain.isdigit():
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


def announced_rows(text: str) -> int | None:
    """The number of rows that the page's text gives (共N条)."""
    found = _ROWS.search(text)
    return int(next(group for group in found.groups() if group)) if found else None


def hidden_pagers(root: Element, text: str) -> list[Element]:
    """Pagers that stand in the page as base64 and are decoded by its script: reading data is no running of scripts."""
    encoded = [found.group(1) for found in _ATOB.finditer(text)]
    for element in root.xpath("//*[@id='pages' or contains(@class,'pages')]"):
        encoded += [*_BASE64.findall(element.text or ""), element.get("value") or "", element.get("data-value") or ""]
    pagers = []
    for candidate in encoded:
        try:
            decoded = base64.b64decode(re.sub(r"\s", "", candidate), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if "<a" in decoded:
            parsed = markup.parse(decoded)
            if parsed is not None:
                pagers.append(parsed)
    return pagers


def _page_url(element: Element, base: str, page_url: str) -> str | None:
    url = effective_url(element, base)
    if url is None:
        found = _SCRIPT_NUMBER.search(element.get("href") or "") or _SCRIPT_NUMBER.search(
            "javascript:" + (element.get("onclick") or "")
        )
        if found:
            parts = urlsplit(page_url)
            url = urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode({"currentPage": found.group(1)}), ""))
    if url is None or not same_host(url, page_url) or is_article(url):
        return None
    return url


def pager_links(roots: list[Element], page_url: str) -> tuple[str | None, dict[int, str]]:
    """The link to the next page, and the links of numbered pages."""
    following: str | None = None
    numbered: dict[int, str] = {}
    for root in roots:
        base = markup.base_of(root, page_url)
        for element in root.iter("a"):
            label = text_of(element) or markup.collapse(element.get("title") or "")
            is_next = _NEXT_WORD.match(label) or (not label and re.search(r"\bnext\b", element.get("class") or ""))
            number = _NUMBER.match(label)
            if not is_next and not number:
                continue
            url = _page_url(element, base, page_url)
            if url is None or canonical(url) == canonical(page_url):
                continue
            if is_next:
                following = following or url
            elif number and _is_sibling(url, page_url):
                numbered.setdefault(int(number.group(1)), url)
        for option in root.xpath("//select/option[@value]"):
            url = join(base, option.get("value"))
            number = re.search(r"(\d{1,4})", text_of(option))
            if (
                url
                and number
                and same_host(url, page_url)
                and _is_sibling(url, page_url)
                and canonical(url) != canonical(page_url)
            ):
                numbered.setdefault(int(number.group(1)), url)
    return following, numbered


def off_host_next(root: Element, page_url: str) -> str | None:
    """A next-page link that leads to another host, which is never followed but must be told."""
    base = markup.base_of(root, page_url)
    for element in root.iter("a"):
        if _NEXT_WORD.match(text_of(element)):
            url = effective_url(element, base)
            if url is not None and not same_host(url, page_url):
                return url
    return None


def _is_sibling(url: str, page_url: str) -> bool:
    """Whether an address may be another page of the same list: in its folder, below it, or the same path with another query."""
    stem = re.sub(r"(?:_\d+)?\.\w+\Z", "", urlsplit(page_url).path)
    folder = stem.rpartition("/")[0] + "/"
    path = urlsplit(url).path
    return path.startswith((stem, folder)) or path == urlsplit(page_url).path

"""From stored payloads to what a page with its attachments says: the pure extraction, applied to the archive's records.

`read_item` is a job: plain arguments in, a frozen result out, no database. The same function serves ingest, `ogi reextract` and the
comparison with an older version, whose payloads are read again.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from archive.errors import ArchiveMissing
from archive.files.folder import Archive
from archive.history.item import Item, ItemReading, Part, _age, _plain, _same_files, file_of, is_unread_file
from archive.warc.records import read_record
from archive.work.children import ChildLimits
from extract.document.clean import shown
from extract.document.detect import HTML, JSON, TEXT
from extract.document.notations import parse_json
from extract.errors import OgiError, UnreadableDocument
from extract.lexicon.addresses import names_image
from extract.lexicon.continued import continuations, is_continuation
from extract.model import Extraction

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from extract.api import Reading
    from extract.report.content import Content

_MARKUP = (HTML, JSON)
#: Of a page that is no report so many characters are compared with the report that stood there.
_PAGE_TEXT = 40_000
#: The end tag stands in the last bytes of a page.
_END_BYTES = 2000
_ENDED = "reading it ended the process, or took too much time; it was left out"
#: What reading one page with its attachments may take: readers end themselves after a minute a document, libraries in native code don't.
#: The libraries for scans reserve much address space and use little.
READING = ChildLimits(seconds=150.0, memory_bytes=6 << 30)


def read_item(item: Item) -> ItemReading:
    """Read a page and its attachments from the archive's records. Never raises for what a document holds."""
    try:
        return _read(item)
    except ArchiveMissing:
        raise  # a worker that doesn't see the shared folder: no verdict on the page
    except OgiError as error:
        return replace(failed(item, str(error)), page_text=_words_of_data(item))
    except Exception as error:  # noqa: BLE001 - the boundary of a job: one hostile document must not end an ingest
        return failed(
            item, f"{item.page.url}: reading failed ({type(error).__name__}: {error}); please report this document"
        )


def read_apart(item: Item) -> ItemReading:
    """`read_item` in a process of its own, under the limits of reading."""
    from archive.work.jobs import run_ordered

    load_reader()
    return next(run_ordered(read_item, [item], given_up=sparing, limits=READING, workers=1))


def sparing(item: Item) -> ItemReading:
    """The result for an item that ends its process: the page without the files that do; `failed` where none of them does by itself."""
    from archive.work.jobs import run_ordered

    asked = [(item, part) for part in item.parts if not item.lost]
    ends = run_ordered(_comes_back, asked, given_up=_ended, limits=READING, workers=1)
    lost = tuple(part.url for (_, part), is_back in zip(asked, ends, strict=True) if not is_back)
    if not lost:
        return failed(item)
    spared = replace(item, lost=lost)
    return next(run_ordered(read_item, [spared], given_up=failed, limits=READING, workers=1))


def _comes_back(asked: tuple[Item, Part]) -> bool:
    """Read a file for nothing but whether the process is there afterwards."""
    with suppress(Exception):  # what it is will be said when it is read with its page
        _reading(*asked)
    return True


def _ended(asked: tuple[Item, Part]) -> bool:
    return False


def load_reader() -> None:
    """Import what reads documents and let it read one, before processes are forked that would each do it again."""
    from extract.api import warm_up  # start-up time: readers are imported where something is read

    warm_up()


def failed(item: Item, problem: str | None = None) -> ItemReading:
    """The result for an item that can't be read."""
    said = problem or f"{item.page.url}: {_ENDED}"
    return ItemReading(item, Extraction(item.page.url, "application/octet-stream"), None, problem=said)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The readings of what belongs to a page, by what it is to it."""

    further: dict[str, Reading]
    """Pages on which its text goes on."""
    details: dict[str, Reading]
    """Answers that its script asks for: its own text. Those on which it goes on are among them."""
    files: list[tuple[str, Reading]]
    unread: dict[str, str]
    """Why what can't be read can't."""


def _read(item: Item) -> ItemReading:
    from extract import api

    page, markup = _page(item)
    linked, belonging = _belonging(item, page, markup)
    parts = _parts(item, belonging)
    page = _joined(item, page, list(parts.further.values()))
    main = _main(page, list(parts.details.values()))
    whole = api.combine(main, parts.files) if parts.files else main
    extraction = replace(whole.extraction, warnings=(*whole.extraction.warnings, *parts.unread.values()))
    content = whole.content if whole.content is not None else _content_of_files(parts.files)
    has_more = bool(extraction.figures or parts.files or parts.details)
    return ItemReading(
        item,
        _as_seen(extraction),
        _compared(item, extraction, content, parts.files, [part for part in belonging if part.url in parts.unread]),
        parts=belonging,
        files=tuple(part for part in belonging if part.url not in parts.details),
        linked=tuple(part.url for part in item.parts if part.url in linked),
        lacking=_lacking(page, belonging),
        preamble=_preamble(extraction, [main, *(reading for _, reading in parts.files)]),
        page_text="" if has_more else _page_text(page),
        is_ended=_is_ended(item, page),
        goes_on=_pages_to_come(item, page, parts.further),
        said={name: said_by(reading) for name, reading in parts.files},
    )


def _parts(item: Item, belonging: Sequence[Part]) -> _Parts:
    """What belongs to a page, read. What hangs on it is a file unless it is markup: an answer that the page's script asks for."""
    read, unread = _readings(item, belonging)
    further = {part.url: reading for part, reading in read if is_continuation(part.url, item.page.url)}
    details = {part.url: reading for part, reading in read if _is_markup(reading)}
    return _Parts(further, details, [(part.url, one) for part, one in read if part.url not in details], unread)


def _pages_to_come(item: Item, page: Reading, further: Collection[str]) -> tuple[str, ...]:
    """Addresses at which the page's text goes on, by its own pager, and which were not captured."""
    links = ((link.url, link.text) for link in page.document.links)
    return tuple(url for url in continuations(links, item.page.url) if url not in further)


def _readings(item: Item, parts: Sequence[Part]) -> tuple[list[tuple[Part, Reading]], dict[str, str]]:
    """The parts with what they say, and why those that can't be read can't, by address."""
    read: list[tuple[Part, Reading]] = []
    unread: dict[str, str] = {}
    for part in parts:
        try:
            read.append((part, _reading(item, part)))
        except OgiError as error:
            unread[part.url] = f"{part.url}: {error}"
    return read, unread


def _compared(
    item: Item,
    extraction: Extraction,
    content: Content | None,
    files: Sequence[tuple[str, Reading]],
    unread: Sequence[Part],
) -> Content | None:
    """What versions of the report are compared by, with the digests of its files as far as nothing else says what stands in them.

    A file that can't be read is still the report's: another one in its place is a revision.
    """
    if content is None:
        return None
    digests = [(name, one.digest) for name, one in files]
    if unread:
        stored = {part.url: part.digest for part in unread}
        content = content.with_attachments([*digests, *stored.items()])
    if is_unread_file(extraction, content):
        content = content.with_attachments([(item.page.url, item.page.digest), *digests])
    return content


def _as_seen(extraction: Extraction) -> Extraction:
    """What is kept to be shown, without what makes a terminal or a page obey."""
    return replace(
        extraction,
        title=shown(extraction.title) if extraction.title else extraction.title,
        agency=shown(extraction.agency) if extraction.agency else extraction.agency,
        warnings=tuple(map(shown, extraction.warnings)),
    )


def _joined(item: Item, page: Reading, further: Sequence[Reading]) -> Reading:
    """A page with the further pages of its text behind it, as far as the text can be distinguished from the page around it."""
    from extract import api

    documents = [one.document for one in further if one.document.container is not None]
    if not documents or page.document.container is None:
        return page
    blocks = tuple(block for document in (page.document, *documents) for block in document.blocks)
    links = tuple(dict.fromkeys(link for document in (page.document, *documents) for link in document.links))
    unread = tuple(part for document in (page.document, *documents) for part in document.unread)
    whole = replace(page.document, blocks=blocks, links=links, unread=unread)
    read = api.interpret(whole, source=page.extraction.source, registry_names=item.names)
    return replace(read, digest=page.digest)


def _page_text(page: Reading) -> str:
    """The text of a page that is no report, as far as one can tell all of it: nothing hangs on it and nothing in it is unread."""
    from extract.model import Line, UnreadKind

    has_frame_only = page.document.container is None  # pictures of the site then, not of the article
    unread = [part for part in page.document.unread if not (has_frame_only and part.kind is UnreadKind.PICTURE)]
    files = [link for link in page.document.links if link.is_attachment]
    files = [link for link in files if not (has_frame_only and names_image(urlsplit(link.url).path))]
    if page.document.media_type not in (*_MARKUP, TEXT) or unread or files:
        return ""
    lines = [
        block.text if isinstance(block, Line) else " ".join(cell.text for row in block.rows for cell in row if cell)
        for block in page.document.blocks
    ]
    return "\n".join([*page.document.titles, *lines])[:_PAGE_TEXT] or " "


def _words_of_data(item: Item) -> str:
    """What a small JSON answer without an article says, `{"code":404,"msg":"资源不存在"}`; empty for anything else that can't be read."""
    content = read_record(_archive(item.root), item.page.segment, item.page.offset).content
    try:
        said = parse_json(content) if len(content) <= _END_BYTES else ""
    except ValueError:
        return ""
    return json.dumps(said, ensure_ascii=False) if isinstance(said, dict) else ""


def _is_ended(item: Item, page: Reading) -> bool:
    """Whether a page comes to its end tag. Markup without one is cut off, or never had one: compare with an earlier state.

    A page that is nothing but scripts ends with the last of them; words without any markup are no cut page.
    """
    if page.document.media_type != HTML:
        return True
    content = read_record(_archive(item.root), item.page.segment, item.page.offset).content
    is_closed = re.search(rb"</(?:body|html)\s*>", content[-_END_BYTES:], re.IGNORECASE) is not None
    is_script = re.match(rb"\s*<script\b", content[:_END_BYTES], re.IGNORECASE) is not None
    if len(content) <= _END_BYTES and b"<" not in content:
        return True
    return is_closed or (is_script and content.rstrip().lower().endswith(b"</script>"))


def said_by(file: Reading) -> str:
    """A digest of what a file says: of its text and tables; of its bytes where it holds pictures or parts that were not read, or no text."""
    content = file.content
    if content is None or file.document.unread or not (content.lines or content.grids):
        return file.digest
    return content.digest


def _belonging(item: Item, page: Reading, markup: str) -> tuple[set[str], tuple[Part, ...]]:
    """The addresses that the page's markup names, and the parts that belong to it now.

    Session ids and cache breakers give one file a new address at every visit: only the one captured last counts, unless the page itself
    links several of them.
    """
    links = {_plain(link.url) for link in page.document.links}
    files = {file_of(link) for link in links}
    linked: set[str] = set()
    belonging: set[str] = set()
    for group in _same_files(item.parts):
        exact = [part for part in group if _plain(part.url) in links]
        named = [part for part in group if file_of(part.url) in files or _is_named(part.url, markup)]
        kept = [part for part in group if part.is_kept]
        chosen = exact if len(exact) > 1 else sorted(named or kept, key=_age)[-1:]
        linked |= {part.url for part in exact or named}
        belonging |= {part.url for part in chosen}
    return linked, tuple(part for part in item.parts if part.url in belonging)


def _lacking(page: Reading, parts: Sequence[Part]) -> frozenset[str]:
    had = {file_of(part.url) for part in parts}
    return frozenset(file_of(link.url) for link in page.document.links if link.is_attachment) - had


def _preamble(extraction: Extraction, carriers: Sequence[Reading]) -> tuple[str, ...]:
    """The lines in front of the chapters, of the carrier whose chapters count."""
    from extract.report.sections import preamble

    if not any(section.text for section in extraction.sections):
        return ()
    source = next((one for one in carriers if one.extraction.sections == extraction.sections), None)
    return preamble(source.document) if source is not None else ()


def _is_markup(reading: Reading) -> bool:
    return reading.document.media_type in _MARKUP


def _main(page: Reading, details: Sequence[Reading]) -> Reading:
    """The page, or the answer that fills it where the page itself is only a shell."""
    if page.extraction.year is not None and page.content is not None:
        return page
    return next((one for one in details if one.extraction.year is not None and one.content is not None), page)


def _content_of_files(files: Sequence[tuple[str, Reading]]) -> Content | None:
    """The normal form where the page is only a shell around files: that of the first file that is a report, with all of them."""
    for _, reading in files:
        if reading.extraction.year is not None and reading.content is not None:
            return reading.content.with_attachments([(name, other.digest) for name, other in files])
    return None


def _page(item: Item) -> tuple[Reading, str]:
    """The page's reading, and its markup if files may hang on it."""
    reading = _reading(item, item.page)
    if not item.parts or not _is_markup(reading):
        return reading, ""
    from extract.document.detect import decode_text

    content = read_record(_archive(item.root), item.page.segment, item.page.offset).content
    return reading, unquote(unescape(decode_text(content)).replace("\\", ""))


def _is_named(url: str, markup: str) -> bool:
    """Whether a file's name, with its query, stands anywhere in a page's markup: in a viewer, a script, a list beside the report."""
    parts = urlsplit(_plain(url))
    name = parts.path.rpartition("/")[2] + (f"?{parts.query}" if parts.query else "")
    return len(name) > 4 and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w?&=])", markup) is not None


def _reading(item: Item, part: Part) -> Reading:
    from extract import api

    if part.url in item.lost:
        raise UnreadableDocument(_ENDED)
    record = read_record(_archive(item.root), part.segment, part.offset)
    hint = record.http_header("content-type") or (record.get("content-type") if record.type == "resource" else None)
    return api.read_report(record.content, source=part.url, url=part.url, hint=hint, registry_names=item.names)


@lru_cache(maxsize=2)
def _archive(root: str) -> Archive:
    return Archive.open(Path(root))

"""One report's page and files, and what was read from them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag

from extract.document.detect import HTML, JSON
from extract.lexicon.addresses import same_file
from extract.model import Extraction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from extract.report.content import Content


@dataclass(frozen=True, slots=True)
class Part:
    """A stored payload: the page itself, or a file that hangs on it.

    `is_kept`: belongs to the page although the page's markup doesn't name it (a list or a script did). `at`: when it was last captured.
    """

    url: str
    digest: str
    segment: str
    offset: int
    is_kept: bool = False
    at: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A report's page with the files that may hang on it.

    Attributes:
        names: Those of the portal's known agencies.
        lost: Addresses of files that end the process that reads them; they are not read again.
    """

    root: str
    page: Part
    parts: tuple[Part, ...] = ()
    names: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Digest of all payloads that were offered, and which of a file's addresses was seen last: equal states give equal readings."""
        lines = [self.page.digest, *sorted(f"{part.url} {part.digest}" for part in self.parts)]
        lines += sorted(max(group, key=_age).url for group in _same_files(self.parts) if len(group) > 1)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ItemReading:
    """What an item says.

    Attributes:
        parts: What really belongs to the page, in the item's order.
        files: Those of them that are files, not answers that fill the page.
        linked: Addresses that the page's markup names.
        lacking: Files that the page links and nobody captured, without session ids and cache breakers.
        preamble: Lines in front of the first chapter of the carrier whose sections count; empty without sections.
        page_text: The page's text, where it has no figures and nothing hangs on it that may have; else empty.
        is_ended: Whether the page's markup comes to its end tag; True for other carriers.
        goes_on: Addresses at which the page's text goes on, by its own pager, in order.
        said: For each file, by address, the digest of what it says: equal for files saved again.
        problem: Why nothing could be read.
    """

    item: Item
    extraction: Extraction
    content: Content | None
    parts: tuple[Part, ...] = ()
    files: tuple[Part, ...] = ()
    linked: tuple[str, ...] = ()
    lacking: frozenset[str] = frozenset()
    problem: str | None = None
    preamble: tuple[str, ...] = ()
    page_text: str = ""
    is_ended: bool = True
    goes_on: tuple[str, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def files_by_content(self) -> list[Part]:
        """Its files with the digests of what they say, of their bytes where they weren't read: a file saved again is the same."""
        return [replace(file, digest=self.said.get(file.url, file.digest)) for file in self.files]

    @property
    def is_unread_file(self) -> bool:
        """Whether the report is a file, no page, of which nothing could be read: a scan without a text layer."""
        return self.content is not None and is_unread_file(self.extraction, self.content)


def is_unread_file(extraction: Extraction, content: Content) -> bool:
    """Whether a document is a file, no page, of which nothing could be read. Pages without text may be anybody's error page."""
    is_page = extraction.media_type in (HTML, JSON)
    return not is_page and not extraction.figures and not content.lines and not content.grids


def file_of(url: str) -> str:
    """The file that an address stands for, whatever session it was asked in."""
    return same_file(_plain(url))


def _same_files(parts: Sequence[Part]) -> Iterable[list[Part]]:
    """Parts by the file that their addresses stand for."""
    groups: dict[str, list[Part]] = {}
    for part in parts:
        groups.setdefault(file_of(part.url), []).append(part)
    return groups.values()


def _age(part: Part) -> tuple[str, str]:
    return part.at, part.url


def _plain(url: str) -> str:
    """An address as links and captures agree on it: unquoted, without fragment."""
    return unquote(urldefrag(url).url)

"""A request that somebody should make, and the answer to it."""

from __future__ import annotations

from dataclasses import dataclass

from extract.document.detect import page_charset
from extract.lexicon.resolve import Base

#: Lists and report pages of real portals have at most some megabytes, scripts and inlined pictures included; larger ones are stored, and not read here.
MOST_READ = 16 << 20


@dataclass(frozen=True, slots=True)
class NextRequest:
    """A request that somebody should make. Two requests with the same `key` ask for the same thing.

    `is_guess`: nothing on the page says that there is more; the request only makes sure.
    `is_script`: it asks for a script that a page loads; one answer is good for all lists of a pass.
    """

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    is_guess: bool = False
    is_script: bool = False

    @property
    def key(self) -> tuple[str, str, bytes | None]:
        """What makes a request the same as another: address without fragment, method and body."""
        return self.url.partition("#")[0], self.method, self.body


@dataclass(frozen=True, slots=True)
class PageBytes:
    """The answer to a request.

    Attributes:
        url: The final address, after redirects; a `Base`, so that links are resolved in the page's charset (of a page that is too large
            to be read, in what its header says).
        status: The HTTP status.
        headers: As received; names in any case.
        body: The content with its transfer and content encodings removed.
        request: What was asked for.
        reason: The words behind the status, where they were kept.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    request: NextRequest
    reason: str = ""

    def __post_init__(self) -> None:
        read = self.body if len(self.body) <= MOST_READ else b""
        object.__setattr__(self, "url", Base(self.url, page_charset(read, self.header("content-type"))))

    def header(self, name: str) -> str | None:
        """The first header of that name in any case, `None` without one."""
        wanted = name.lower()
        for key, value in self.headers:
            if key.lower() == wanted:
                return value
        return None

"""Requests and answers as the replica's families see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, quote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Header names are in lower case; `form` is the decoded body of a posted form."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, still percent-encoded, without query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query's last value of each name, blanks kept."""
        return _last(urlsplit(self.target).query)

    @property
    def form(self) -> dict[str, str]:
        """The posted form's last value of each name, blanks kept."""
        return _last(self.body.decode("utf-8", "replace"))

    @property
    def values(self) -> dict[str, str]:
        """Form and query together, as a servlet reads its parameters: the query wins."""
        return {**self.form, **self.query}


def _last(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `delivery` is how the bytes travel: plain, `drip` (slowly) or `reset` (cut off)."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/html"
    charset: str | None = "utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    delivery: str = ""
    is_volatile: bool = True

    def with_headers(self, *headers: tuple[str, str]) -> Answer:
        """The same with more headers."""
        return replace(self, headers=(*self.headers, *headers))


def html(text: str, *, status: int = 200, encoding: str = "utf-8") -> Answer:
    """A page; `gb18030` pages declare themselves as the `gb2312` of practice."""
    charset = "gb2312" if encoding == "gb18030" else encoding
    return Answer(status, text.encode(encoding, "xmlcharrefreplace"), "text/html", charset)


def text(body: str, media_type: str = "text/plain", *, status: int = 200) -> Answer:
    """Text of some media type in UTF-8."""
    return Answer(status, body.encode(), media_type)


def binary(body: bytes, media_type: str) -> Answer:
    """A file; its bytes don't change from one request to the next."""
    return Answer(200, body, media_type, None, is_volatile=False)


def redirect(location: str, status: int = 302) -> Answer:
    """A redirection; the location's Chinese is percent-encoded."""
    return Answer(status, b"", headers=(("Location", quote(location, safe=":/?#[]@!$&'()*+,;=%~")),))

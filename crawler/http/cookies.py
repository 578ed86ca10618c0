"""The cookies of a portal: kept for a job or a search as a browser's window would keep them, within a browser's limits."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.request
from email.message import Message
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Bytes of one cookie, and cookies of one domain: what browsers support at least (RFC 6265 §6.1). A field that was let grow would be sent, and
#: stored, with each further request.
_MOST_BYTES, _MOST_OF_DOMAIN = 4096, 50
#: A lifetime beyond three centuries is cut to them: the library can't count further.
_LIFETIME = re.compile(r"(;\s*max-age\s*=\s*\"?-?\d{10})\d+", re.IGNORECASE)


class Cookies:
    """A jar of its own for each portal."""

    def __init__(self) -> None:
        self._jar = http.cookiejar.CookieJar()

    def keep(self, fields: Iterable[str], url: str) -> None:
        """Take what the `Set-Cookie` fields of an answer from `url` set."""
        answer = _Answer([_LIFETIME.sub(r"\1", field) for field in fields if is_cookie(field)])
        self._jar.extract_cookies(answer, urllib.request.Request(url))  # type: ignore[arg-type]  # only `info` is asked for
        self._drop_oldest()

    def field(self, url: str) -> str:
        """The `Cookie` field of a request for `url`; empty if there is none."""
        request = urllib.request.Request(url)
        self._jar.add_cookie_header(request)
        return request.get_header("Cookie") or ""

    def _drop_oldest(self) -> None:
        """Leave each domain its newest cookies."""
        by_domain: dict[str, list[http.cookiejar.Cookie]] = {}
        for cookie in self._jar:
            by_domain.setdefault(cookie.domain, []).append(cookie)
        for cookies in by_domain.values():
            for cookie in cookies[:-_MOST_OF_DOMAIN]:
                self._jar.clear(cookie.domain, cookie.path, cookie.name)


def is_cookie(field: str) -> bool:
    """Whether browsers take a `Set-Cookie` field: without control characters (RFC 6265bis §5.6), and not too large."""
    return len(field) <= _MOST_BYTES and not any((sign < " " and sign != "\t") or sign == "\x7f" for sign in field)


class _Answer:
    """An answer as `http.cookiejar` asks for one."""

    def __init__(self, fields: list[str]) -> None:
        self._message = Message()
        for field in fields:
            self._message["Set-Cookie"] = field

    def info(self) -> Message:
        return self._message

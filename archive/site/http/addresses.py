"""Addresses of the site: `PREFIX[/en]/path`. The prefix is the path of `serve.base_url`, the language stands in the path, Chinese without a word.

Pages and Datasette know their path without both; every link goes through `root_of`, so that a site under a path never leads outside it.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from archive.site.i18n import LANGUAGE, LANGUAGES

#: Keys of a request's scope: what links begin with, with the language and without.
ROOT, BASE = "ogi.root", "ogi.base"
_OWN_LINK = re.compile(r'href="(/[^"]*)"')
_IN_PATH = re.compile(r"/(en)(?=/|$)")


def prefix_of(base_url: str) -> str:
    """The path of an address without a final slash: `/ogi` of `https://example.org/ogi/`, empty for none."""
    return urlsplit(base_url).path.rstrip("/")


def split_language(path: str) -> tuple[str, str | None]:
    """A path without its language, and the language if it names one."""
    found = _IN_PATH.match(path)
    return (path[found.end() :] or "/", found[1]) if found else (path, None)


def with_language(path: str, language: str) -> str:
    """A path (without prefix) in a language."""
    return path if language == LANGUAGES[0] else f"/{language}{'' if path == '/' else path}"


def root_of(request: Any) -> str:
    """What an address of a page begins with: prefix and language."""
    return str(request.scope.get(ROOT, ""))


def base_of(request: Any) -> str:
    """What an address without a language begins with: files, data."""
    return str(request.scope.get(BASE, ""))


def path_of(request: Any) -> str:
    """The path without prefix and language."""
    return str(request.scope["path"])


def local(request: Any, path: str) -> str:
    """A path in the language of the request, without the prefix: for redirects, to which it is added on the way out."""
    return with_language(path, request.scope.get(LANGUAGE, LANGUAGES[0]))


def in_language(request: Any, address: str) -> str:
    """An address that Datasette made, which knows neither prefix nor language, as a link of the page."""
    parts = urlsplit(str(address))
    return (
        root_of(request)
        + parts.path
        + (f"?{parts.query}" if parts.query else "")
        + (f"#{parts.fragment}" if parts.fragment else "")
    )


def links_in_language(request: Any, html: str) -> str:
    """A piece of HTML that Datasette made, its links in the language of the page."""
    return _OWN_LINK.sub(lambda found: f'href="{in_language(request, found[1])}"', html)

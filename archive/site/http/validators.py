"""Validators of answers: a weak tag made of what a page is made of, known before the page is made."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from archive.site.i18n import LANGUAGE
from archive.site.memory import file_state

if TYPE_CHECKING:
    from archive.site.state import SiteState

#: What depends on the moment, on no state that is looked at, or has a tag of its own.
_WITHOUT = ("/static/", "/-/", "/calendar.ics", "/lang")


@cache
def code_version() -> str:
    """Differs with every change of the site's code, templates, messages and styles."""
    found = hashlib.sha256()

    def add(folder: Any) -> None:
        for item in sorted(folder.iterdir(), key=lambda item: item.name):
            if item.is_dir():
                if item.name != "__pycache__":
                    add(item)
            elif not item.name.endswith(".pyc"):
                found.update(item.name.encode() + b"\0" + item.read_bytes())

    add(resources.files("archive.site"))
    return found.hexdigest()[:16]


def etag_of(state: SiteState, scope: Any) -> str | None:
    """The tag of an address as the archive is now; `None` for an address that has none."""
    path: str = scope["path"]
    if path.startswith(_WITHOUT) or "accept-datetime" in {
        name.decode("latin-1").lower() for name, _ in scope["headers"]
    }:
        return None
    archive = state.archive
    parts = (
        code_version(),
        file_state(archive.db_path),
        [folder.stat().st_mtime_ns for folder in (archive.exports_dir, archive.root / "releases") if folder.is_dir()],
        scope[LANGUAGE],
        scope.get("raw_path", path),
        scope.get("query_string", b""),
    )
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'


#: The tags of a list of them, weak ones without their sign; what stands between them is not looked at.
_TAGS = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')


def is_known(scope: Any, tag: str, *, is_there: bool = False) -> bool:
    """Whether the client has the answer with this tag (RFC 9110, `If-None-Match`: compared weakly).

    Args:
        is_there: Whether it is certain that there is something at the address, which `*` asks for; before it is looked up, that is no answer.
    """
    found = b",".join(value for name, value in scope["headers"] if name.lower() == b"if-none-match").decode("latin-1")
    if found.strip() == "*":
        return is_there
    return tag.removeprefix("W/") in _TAGS.findall(found)

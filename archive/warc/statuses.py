"""What an answer's status says (RFC 9110 §15), for those who ask and for those who read what was stored."""

from __future__ import annotations

_NOT_THERE = frozenset({404, 410})
#: A server may want these asked for again with another method; with the others the method and the body stay (§15.4.8, §15.4.9).
_BY_GET = frozenset({301, 302, 303})
_NOT_MODIFIED = 304


def is_answered(status: int) -> bool:
    """Whether the server gave what was asked for."""
    return 200 <= status < 300


def is_not_there(status: int | None) -> bool:
    """Whether the server says that there is nothing at an address."""
    return status in _NOT_THERE


def is_redirect(status: int | None) -> bool:
    """Whether a status leads to another address. 304 says that nothing changed."""
    return status is not None and 300 <= status < 400 and status != _NOT_MODIFIED


def is_asked_by_get(status: int | None, method: str) -> bool:
    """Whether the address that a redirect leads to is asked for by GET and without a body, whatever the request was."""
    return status in _BY_GET and method != "GET"

"""Errors of a verification's own."""

from __future__ import annotations

from extract.errors import OgiError


class BadAnchor(OgiError):
    """Raised when a key, a head or a witness that somebody gives is none, by `archive.verify.anchors`."""

"""The errors of `extract`. Their text is for people: what happened, to which file, what to do."""

from __future__ import annotations


class OgiError(Exception):
    """Base of the errors that a user can do something about; the command line prints its text and exits with 2."""


class UnreadableDocument(OgiError):
    """Raised when bytes are damaged, encrypted or of a kind that no reader knows, by the readers."""


class DocumentTooLarge(UnreadableDocument):
    """Raised when a document exceeds a limit (bytes, pages, cells, depth, time), by the readers."""


class MissingExtra(OgiError):
    """Raised when a feature needs an optional dependency that is not installed, by the module that needs it."""

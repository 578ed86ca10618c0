"""What one capture can't be taken in for must not keep out the others: it is left out, and a notice says so."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archive.index import reports
from archive.index.codes import LEFT_OUT
from archive.index.database import REFUSED_VALUE, DatabaseError
from archive.index.types import NoticeRow
from extract.errors import OgiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

logger = logging.getLogger(__name__)


@contextmanager
def costing_itself(db: Database, run: str, url: str, at: str, what: str) -> Iterator[None]:
    """Undo what stands inside, and note it, if it fails for what a capture holds. The caller holds a transaction.

    What says nothing of the capture is raised: a full disk, a lost archive, damage to a segment.
    """
    try:
        with db.atomic():
            yield
    except (OgiError, OSError, DatabaseError) as error:
        if not isinstance(error, REFUSED_VALUE):
            raise
        _note(db, run, url, at, what, error)
    except Exception as error:  # noqa: BLE001 - the boundary of a capture: what it holds was written by strangers
        _note(db, run, url, at, what, error)


def _note(db: Database, run: str, url: str, at: str, what: str, error: Exception) -> None:
    logger.warning(
        "%s: %s: %s: %s", url, what, type(error).__name__, error, exc_info=logger.isEnabledFor(logging.DEBUG)
    )
    said = f"{what}: left out ({type(error).__name__}: {error}); `ogi reextract --quarantined` tries it again, now or after an upgrade"
    reports.put_notice(db, NoticeRow(run, storable(url), at, None, LEFT_OUT, storable(said)[:2000]))


def storable(text: str) -> str:
    """A text that a database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")

"""Taking an archive back to an older state on purpose: a restored backup. It is a decision, and every later verification says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.duties import decisions
from archive.warc import growth

if TYPE_CHECKING:
    from archive.clock import Clock
    from archive.duties.decisions import Decision
    from archive.files.folder import Archive


def accept_rollback(archive: Archive, reason: str, clock: Clock | None = None) -> Decision | None:
    """Take the chain as it is, although this machine saw another one at its place; `None` if it saw none. The caller holds the lock.

    Raises:
        DecisionError: No reason was given.
        DamagedArchive: The decisions can't be extended.
    """
    words = decisions.check_words(" ".join(reason.split()))
    if not words:
        raise decisions.DecisionError("a rollback needs a reason, which every later verification shows")
    seen = growth.let_go(archive)
    if seen is None:
        return None
    return decisions.append(
        archive, "rollback", {"reason": words, "had": seen.size, "seen": seen.at, "head": seen.head}, clock
    )

"""What the steps of a portal pass share: the portal, its session, the visitor, the stored contents, and the tally."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.http.session import OFF_SITE
from crawler.passes.outcome import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.index.known import Known
    from crawler.http.session import Session
    from crawler.http.visiting import Visitor
    from crawler.portals.definitions import PortalDefinition

logger = logging.getLogger(__name__)


class PassStopped(Exception):
    """Raised between two reports when the job is to end."""


@dataclass(frozen=True, slots=True)
class PassContext:
    """What the steps of a portal pass share.

    Attributes:
        stored: Gives the content that the archive holds for a known address.
        should_stop: Asked between reports.
    """

    portal: PortalDefinition
    session: Session
    visitor: Visitor
    stored: Callable[[Known], bytes]
    should_stop: Callable[[], bool]
    tally: Tally = field(default_factory=Tally)

    def pause(self) -> None:
        """A moment at which the pass can end.

        Raises:
            PassStopped: The job is to end.
        """
        if self.should_stop():
            raise PassStopped

    def go_on(self, url: str) -> bool:
        """Whether the host may still be asked.

        Raises:
            PassStopped: The job is to end.
        """
        self.pause()
        return self.session.gate(url, self.portal.id).stopped is None

    def refusal(self, url: str) -> str | None:
        """Why an address is not to be asked for, `None` if it may be."""
        return self.session.refusal(url, self.portal.id)

    def note_refusal(self, url: str, reason: str) -> None:
        """Record that an address was not followed."""
        logger.info("%s: not followed, %s: %s", self.portal.id, reason, url)
        if reason == OFF_SITE:
            self.tally.elsewhere.add(urlsplit(url).netloc or url)

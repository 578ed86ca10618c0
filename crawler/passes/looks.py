"""How a host answers to an address that cannot exist, and how its home page looks: asked once a season, kept in the archive.

Soft 404s and the silent throttling that serves the home page can only be recognised by comparison (field guide §13).
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.warc.context import Role
from archive.warc.statuses import is_answered
from crawler.http.capture import Purpose
from crawler.http.hosts import host_key, origin
from crawler.http.session import HostLooks
from crawler.pages import classify
from crawler.pages.classify import Fingerprint, take_fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.index.known import Known
    from crawler.http.session import Session
    from crawler.http.visiting import Visitor
    from crawler.portals.definitions import PortalDefinition

#: The site's own error page changes with its design, seldom more often than a season.
SEASON = timedelta(days=120)


def control_address(site: str) -> str:
    """An address of a site that cannot exist; the same at every call, so that the archive knows when it was last asked for."""
    name = hashlib.sha256(f"ogi-archive control {site}".encode()).hexdigest()[:16]
    return f"{site}/{name}/t19700101_{name}.html"


async def learn_looks(
    portal: PortalDefinition, session: Session, visitor: Visitor, stored: Callable[[Known], bytes]
) -> None:
    """See to it that the session knows the looks of the portal's hosts."""
    for address in dict.fromkeys(origin(url) for url in (*portal.start, portal.url)):
        host = host_key(address)
        if host in session.looks:
            continue
        missing, is_open = await _look(control_address(address), portal.id, session, visitor, stored)
        front, home = f"{address}/", None
        if is_open and front not in portal.start:  # a host that turns us away is not asked once more for this
            home, _ = await _look(front, portal.id, session, visitor, stored)
        if home is not None and not is_answered(home.status):
            home = None
        session.looks[host] = HostLooks(missing, home)


async def _look(
    url: str, portal: str, session: Session, visitor: Visitor, stored: Callable[[Known], bytes]
) -> tuple[Fingerprint | None, bool]:
    """How an address answers, and whether the host answered at all."""
    known = session.known.get(url)
    if known is not None and known.visited_at:
        is_fresh = session.clock.now() - datetime.fromisoformat(known.visited_at) < SEASON
        if is_fresh and known.verdict == classify.GONE:
            return None, True  # an honest 404 needs no comparison
        if is_fresh and known.verdict == classify.OK and known.segment is not None:
            return take_fingerprint(200, (), stored(known), url), True
    visit = await visitor.fetch(url, Purpose(portal, Role.CONTROL))
    if visit.status is None or not visit.content:
        return None, not visit.is_turned_away
    return take_fingerprint(visit.status, visit.headers, visit.content, url), not visit.is_turned_away

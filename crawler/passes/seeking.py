"""Finding a portal's columns during a harvest: drives `crawler.discovery.search` through the same visits as everything else."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from archive.warc.context import Role
from crawler.discovery.search import Discovery
from crawler.families.reading import feed_apart
from crawler.http.capture import Purpose
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.http.session import Session
    from crawler.http.visiting import Visitor
    from crawler.portals.definitions import PortalDefinition

logger = logging.getLogger(__name__)


async def seek_columns(
    portal: PortalDefinition, session: Session, visitor: Visitor, pause: Callable[[], None]
) -> tuple[list[str], str]:
    """Search a portal for its annual-report columns. Pages are read in the job's helper.

    Returns:
        Their addresses, the portal's own before those of units; and, if there are none, why.
    """

    search = Discovery(portal)
    purpose = Purpose(portal.id, Role.PROBE)
    queue = list(search.start())
    is_finished = not queue
    while queue and not is_finished:
        pause()
        request = queue.pop(0)
        visit = await visitor.fetch(request, purpose, referer=portal.url if request.url != portal.url else None)
        if visit.is_turned_away:
            step = search.fail(request, f"{visit.verdict} {visit.evidence}".strip())
        else:
            search, step = feed_apart(session.apart, search, visit.page(request))
        queue.extend(step.next)
        is_finished = step.finished
    for column in search.found:
        logger.info("%s: found %s (%s, %s)", portal.id, column.url, column.family, column.evidence)
    proven = [column for column in search.found if not column.is_guess]
    columns = [column.url for column in sorted(proven or search.found, key=lambda column: bool(column.unit))]
    reason = "; ".join(search.problems) or localizable(f"no column found from {portal.url}")
    return columns, "" if columns else localizable(f"no annual-report column: {reason}")

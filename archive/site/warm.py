"""What everybody opens first, made ready whenever the archive changes: no visitor waits until the statistics are put together. And the
templates, once: a running server shows the release that it started with, whatever is installed meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from archive.site.http.addresses import prefix_of
from archive.site.memory import file_state
from archive.site.metadata import DATABASE
from archive.site.state import site_url

logger = logging.getLogger(__name__)

PAGES = ("/", "/stats")
#: The database's file is looked at so often. While a harvest writes, `archive.site.memory` sees to it that this costs little.
EVERY_S = 2.0


async def load_templates(site: Any) -> None:
    """Compile all of the site's templates (a second of CPU), a few milliseconds at a time; none is read again (`make_datasette`)."""
    for name in sorted(path.name for path in (Path(__file__).parent / "templates").glob("*.html")):
        site.jinja_env.get_template(name)
        await asyncio.sleep(0)


async def keep_ready(site: Any) -> None:
    """Load the templates; then ask for the pages after every change of the archive, until they are made of it; ends with the server."""
    await load_templates(site)
    made_of: tuple[int, ...] | None = None
    while True:
        state = file_state(Path(site.get_database(DATABASE).path))
        if state != made_of and await _are_ready(site):
            made_of = state
        await asyncio.sleep(EVERY_S)


async def _are_ready(site: Any) -> bool:
    """Whether all pages are as the archive is: one that is made of something older has no tag (`archive.site.http`)."""
    prefix = prefix_of(site_url(site))
    answers = [await site.client.get(prefix + path) for path in PAGES]
    failed = [answer for answer in answers if answer.status_code != 200]
    for answer in failed:
        logger.warning("%s can't be made ready: %s", answer.url.path, answer.status_code)
    return bool(failed) or all("etag" in answer.headers for answer in answers)

"""Bringing the provinces' lists into the hub."""

from __future__ import annotations

import re
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.clock import shanghai_day, utc_text
from archive.errors import SiteError
from archive.site.hub.sites import PROVINCE_S, client_for_tables, table
from archive.site.hub.store import HubProvince, open_hub, provinces, replace_province, set_failed, set_province

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archive.clock import Clock

#: Signs of a reason that are kept.
MOST_SAID = 500
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


def checked(name: str, url: str) -> tuple[str, str]:
    """A province's name and address as the hub keeps them.

    Raises:
        SiteError: The name is none for an address, or the address is none of the web.
    """
    parts = urlsplit(url)
    if not _NAME.fullmatch(name):
        raise SiteError(
            f"{name!r} can't be a province's name: small letters, digits and hyphens, as it stands in /p/NAME"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SiteError(f"{url!r} is no address of a site: http(s)://HOST[:PORT][/p/{name}]")
    return name, url.rstrip("/")


def gather(
    folder: Path, added: Mapping[str, str], clock: Clock, say: Callable[[str], None] = lambda line: None
) -> list[HubProvince]:
    """Ask every province, those in `added` (name → address) besides, for its lists; gives how each stands then.

    One that fails keeps what was known of it, with the reason.

    Raises:
        SiteError: A name or an address can't be one, or no province is known.
    """
    wanted = dict(checked(name, url) for name, url in added.items())
    with open_hub(folder, is_new=bool(wanted)) as db, client_for_tables() as client:
        for name, url in wanted.items():
            set_province(db, name, url)
        if not provinces(db):
            raise SiteError(f"the hub in {folder} has no province: name one, `ogi hub gather zhejiang=http://…`")
        for province in provinces(db):
            say(f"{province.name}: asking {province.url}")
            now = clock.now()
            at = utc_text(now)
            until = time.monotonic() + PROVINCE_S
            try:
                reports, duties, agencies = (
                    table(client, province, name, now, until) for name in ("reports", "obligations", "agencies")
                )
                ended = max(table(client, province, "runs", now, until), default=None)
                as_of = shanghai_day(ended) if ended is not None else None
                replace_province(db, province.name, at, reports, duties, agencies, as_of)
            except (
                SiteError,
                sqlite3.Error,
                ValueError,
                OverflowError,
            ) as error:  # whatever it is, it costs this province
                set_failed(db, province.name, at, str(error)[:MOST_SAID])
                say(f"{province.name}: {str(error)[:MOST_SAID]}")
        return provinces(db)

"""The families of publishing systems that the replica plays, one module each, after portals.md §1-9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.replica.families.jcms import Jcms
from crawler.replica.families.jpaas import Jpaas
from crawler.replica.families.trs import Trs

if TYPE_CHECKING:
    from crawler.replica.families.base import Site

FAMILIES: dict[str, type[Site]] = {site.family: site for site in (Jcms, Trs, Jpaas)}

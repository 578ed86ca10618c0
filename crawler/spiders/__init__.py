"""Spiders that Scrapy finds: `auto`, which lets the page decide, and one for each family of publishing systems."""

from __future__ import annotations

from crawler.families.registry import AUTO, registry
from crawler.spiders.base import PortalSpider


def _spider(name: str, about: str) -> type[PortalSpider]:
    """The spider of a family. It declares nothing but its family: what it walks is decided by the family's reader."""
    title = "".join(word.title() for word in name.split("-"))
    members = {"__doc__": f"{about}.", "__module__": __name__, "name": name, "family": name}
    return type(f"{title}Spider", (PortalSpider,), members)


SPIDERS = (
    _spider(AUTO, "Any column: the family is recognised from the page"),
    *(_spider(family.name, f"{family.about}: {family.lists}") for family in registry().families.values()),
)
#: Scrapy looks for spiders among a module's names.
globals().update({spider.__name__: spider for spider in SPIDERS})

"""The families there are: those of the package, and those that other packages add by the entry point group `ogi_archive.families`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.files.plugins import FAMILIES_GROUP, entry_points_of
from crawler.families import gkmlpt, jcms, jpaas, lonsun, shells, static, ucap
from crawler.families.family import Family
from extract.errors import OgiError
from extract.lexicon.addresses import is_article

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.families.family import Sign

#: What a definition says to have each page recognised by itself. No family may have this name.
AUTO = "auto"
#: The family of pages that no system is recognised in.
PLAIN = "static"

#: The package's own, in the order of `scrapy list` and of the docs.
BUILT_IN: tuple[Family, ...] = (
    static.TRS,
    jcms.FAMILY,
    jpaas.FAMILY,
    gkmlpt.FAMILY,
    static.NFCMS,
    ucap.FAMILY,
    lonsun.FAMILY,
    static.VSB,
    static.EPOINT,
    shells.FRONT_API,
    static.FENGXIAN,
    shells.JIANGXI,
    static.STATIC,
)


class FamilyError(OgiError):
    """Raised when a package adds a family that can't be used; names the package's distribution and the family."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Families by the names that a definition may say.

    Attributes:
        families: Each family by its own name, built-in ones first.
        names: The family's own name by each name and alias, `auto` included.
        signs: Every sign with its family's name, in the order in which they are looked for.
    """

    families: dict[str, Family]
    names: dict[str, str]
    signs: tuple[tuple[Sign, str], ...]
    _addresses: tuple[re.Pattern[str], ...] = field(repr=False)
    _shells: tuple[re.Pattern[str], ...] = field(repr=False)

    def is_article(self, url: str) -> bool:
        """Whether an address has the shape of an article of any family."""
        return is_article(url) or _matches(self._addresses, url)

    def is_shell_address(self, url: str) -> bool:
        """Whether an address is that of an article whose text comes by a call of its own."""
        return any(pattern.search(url) for pattern in self._shells)

    def containers(self) -> tuple[str, ...]:
        """Class names of article texts that families bring besides those of the lexicon."""
        return tuple(name for family in self.families.values() for name in family.article.containers)


def _matches(patterns: tuple[re.Pattern[str], ...], url: str) -> bool:
    path = urlsplit(url).path
    return any(pattern.search(path) for pattern in patterns)


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The families of this installation.

    Raises:
        FamilyError: If a package adds one that does not load, or that takes a name that is taken.
    """
    return build(_added())


def build(added: Iterable[tuple[str, str, Family]]) -> Registry:
    """A registry of the built-in families and of others.

    Args:
        added: Distribution, name of the entry point, family.

    Raises:
        FamilyError: If two families have one name.
    """
    families: dict[str, Family] = {}
    names = {AUTO: AUTO}
    owners = {AUTO: "ogi-archive"}
    everything = [*(("ogi-archive", family.name, family) for family in BUILT_IN), *added]
    for distribution, _, family in everything:
        for name in (family.name, *family.aliases):
            if name in names:
                raise FamilyError(
                    f"{distribution}: family {family.name!r}: the name {name!r} is taken by {owners[name]}; uninstall one of the two packages"
                )
            names[name], owners[name] = family.name, distribution
        families[family.name] = family
    signs = [(sign, family.name) for _, _, family in everything for sign in family.signs]
    articles = [family.article for family in families.values()]
    return Registry(
        families,
        names,
        tuple(sorted(signs, key=lambda item: item[0].rank)),
        tuple(re.compile(shape, re.IGNORECASE) for rules in articles for shape in rules.addresses),
        tuple(re.compile(rules.shell_address, re.IGNORECASE) for rules in articles if rules.shell_address),
    )


def _added() -> list[tuple[str, str, Family]]:
    found = []
    for point in entry_points_of(FAMILIES_GROUP):
        family = _load(point.load, point.distribution, point.name)
        found.append((point.distribution, point.name, family))
    return found


def _load(load: object, distribution: str, name: str) -> Family:
    what = f"{distribution}: family {name!r}"
    try:
        family = load() if callable(load) else None
    except Exception as error:
        raise FamilyError(
            f"{what}: its entry point does not load ({type(error).__name__}: {error}); repair or uninstall {distribution}"
        ) from error
    if not isinstance(family, Family):
        raise FamilyError(f"{what}: its entry point gives something that is no crawler.families.Family: {family!r:.80}")
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", family.name):
        raise FamilyError(f"{what}: {family.name!r} is no name: small letters, digits and single hyphens")
    if any(isinstance(sign.rank, bool) or not isinstance(sign.rank, int) for sign in family.signs):
        raise FamilyError(
            f"{what}: a sign without a rank; a rank is a whole number, the built-in ones go from 10 to 270"
        )
    return family

"""Portal definitions: TOML files that name a portal, where its report columns are and who must publish there.

Definitions are read strictly: a key that nobody knows, a bad id or a number of the wrong kind is an error that names
the file and the key, because a misspelt `until` would otherwise turn into a report that is missing for ever.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.index.codes import is_portal_id
from crawler.families.registry import registry
from crawler.lists.expressions import HOLE
from crawler.portals.described_lists import as_table, read_lists
from crawler.portals.table import DefinitionError as DefinitionError
from crawler.portals.table import DefinitionTable
from extract.document.notations import parse_toml
from extract.lexicon.addresses import join
from extract.lexicon.organs import KINDS, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crawler.lists.described import ListDescription

SHIPPED = Path(__file__).parent

_SHARED_SUFFIXES = frozenset({"gov.cn", "com.cn", "org.cn", "net.cn", "edu.cn", "ac.cn"})
_SITE_LABELS = frozenset({"www", "zwgk", "xxgk", "zfxxgk", "gk", "wap", "m"})
_YEARS = range(1990, 2200)


@dataclass(frozen=True, slots=True)
class AgencyDefinition:
    """Who must publish on a portal: `since` and `until` are the first and the last report year expected."""

    name: str
    kind: str
    since: int | None = None
    until: int | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a healthy pass over a portal gives; a pass that gives less has failed.

    Attributes:
        min_reports: At least so many reports stand in the lists.
        newest_year: The lists name a report for this year or a later one.
    """

    min_reports: int | None = None
    newest_year: int | None = None


@dataclass(frozen=True, slots=True)
class PortalDefinition:
    """One portal.

    Attributes:
        id: Letters, digits and hyphens; part of every report's id.
        region: GB/T 2260 code, empty for bodies without one.
        platform: `auto` or a family's name.
        start: Addresses of annual-report columns; without any they are sought from `url`.
        delay: Seconds between two requests to one host.
        hosts: Further hosts that may be followed to, besides the portal's own and their sub-domains.
        group: Name shared by portals whose hosts stand on one address: they are harvested by one job.
        legacy_tls: Hosts for which old ciphers and renegotiation are allowed.
        worker: Label of the workers that can reach the portal; empty for any.
        source: File that the definition was read from, for messages.
        lists: Lists that the definition describes, as they were written.
    """

    id: str
    name: str
    region: str
    platform: str
    start: tuple[str, ...]
    url: str
    delay: float
    agencies: tuple[AgencyDefinition, ...] = ()
    expect: Expectation = Expectation()
    hosts: tuple[str, ...] = ()
    group: str = ""
    legacy_tls: tuple[str, ...] = ()
    worker: str = ""
    source: str = ""
    lists: tuple[ListDescription, ...] = ()

    @property
    def group_key(self) -> str:
        """What must not be harvested twice at a time: the group's name, or the portal's host with its port."""
        return self.group or urlsplit(self.start[0] if self.start else self.url).netloc.lower()

    def list_of(self, column: str) -> ListDescription | None:
        """The description of a column's list: that which names it, else that which names none."""
        named = next((one for one in self.lists if one.column == column), None)
        return named or next((one for one in self.lists if not one.column), None)

    def allows(self, url: str) -> bool:
        """Whether a link or redirect to this address stays with the portal.

        Allowed are the portal's hosts, their sub-domains and siblings of the same organ (`zwgk.x.gov.cn` beside
        `www.x.gov.cn`), and `hosts`. Addresses written as numbers must match with their port; so must names, except
        for ports 80 and 443.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return False
        try:
            port = parts.port
        except ValueError:
            return False
        own = {urlsplit(address).netloc.rpartition("@")[2].lower() for address in (self.url, *self.start)}
        return any(
            _same_site(parts.hostname, port, parts.scheme, host) for host in own | {host.lower() for host in self.hosts}
        )


def _same_site(hostname: str, port: int | None, scheme: str, allowed: str) -> bool:
    split = urlsplit(f"//{allowed}")
    allowed_name, allowed_port = split.hostname or "", split.port
    effective = port or (443 if scheme == "https" else 80)
    ports = {allowed_port} if allowed_port else {80, 443}
    if _is_address(hostname) or _is_address(allowed_name) or "." not in allowed_name:
        return hostname == allowed_name and effective in ports
    if effective not in ports | {80, 443}:
        return False
    base = _site_domain(allowed_name)
    return hostname in (allowed_name, base) or hostname.endswith(f".{base}")


def _site_domain(hostname: str) -> str:
    """`www.x.gov.cn` → `x.gov.cn`; a name whose rest is shared by everybody stays whole."""
    label, _, rest = hostname.partition(".")
    if label in _SITE_LABELS and rest not in _SHARED_SUFFIXES and "." in rest:
        return rest
    return hostname


def _is_address(hostname: str) -> bool:
    try:
        ipaddress.ip_address(hostname)
    except ValueError:
        return False
    return True


def parse_definition(text: str, source: str = "<text>") -> PortalDefinition:
    """Read one definition.

    Raises:
        DefinitionError: With file and key, for anything that is not understood.
    """
    try:
        data = parse_toml(text.removeprefix("\ufeff"))  # a byte order mark of editors on Windows
    except ValueError as error:
        raise DefinitionError(f"{source}: not valid TOML: {error}") from None
    return _definition(data, source)


def _definition(data: Mapping[str, Any], source: str) -> PortalDefinition:
    rest = dict(data)
    if "portal" not in rest:
        raise DefinitionError(f"{source}: portal: the table [portal] is missing")
    table = DefinitionTable(rest.pop("portal"), source, "portal")
    identifier = table.text("id", required=True)
    if not is_portal_id(identifier):
        raise table.error("id", f"must be at most 64 letters, digits and single hyphens, not {identifier!r}")
    region = table.text("region")
    if region and not re.fullmatch(r"\d{6}", region):
        raise table.error("region", f"must be a GB/T 2260 code of six digits in quotes, not {region!r}")
    platform = table.text("platform") or "auto"
    names = registry().names
    if platform not in names:
        raise table.error("platform", f"{platform!r} is no family; known are {', '.join(sorted(set(names.values())))}")
    start = tuple(table.address("start", address) for address in table.texts("start"))
    url = table.text("url")
    if url:
        table.address("url", url)
    elif start:
        url = "{0.scheme}://{0.netloc}/".format(urlsplit(start[0]))
    else:
        raise table.error("url", "is missing, and so is start: give the portal's address or its report columns")
    definition = PortalDefinition(
        id=identifier,
        name=table.text("name", required=True),
        region=region,
        platform=names[platform],
        start=tuple(dict.fromkeys(start)),
        url=url,
        delay=table.seconds("delay", 2.0),
        agencies=_agencies(rest.pop("agency", []), source),
        expect=_expectation(rest.pop("expect", {}), source),
        hosts=table.host_names("hosts"),
        group=table.text("group"),
        legacy_tls=table.host_names("legacy_tls"),
        worker=table.text("worker"),
        source=source,
        lists=read_lists(rest.pop("list", []), source),
    )
    table.done()
    _check_lists(definition)
    for key in rest:
        raise DefinitionError(
            f"{source}: {key}: is not a known table; known are [portal], [expect], [[agency]] and [[list]]"
        )
    return definition


def _check_lists(definition: PortalDefinition) -> None:
    """Described lists must be of the portal's columns and ask the portal's own hosts.

    Raises:
        DefinitionError: If one doesn't.
    """
    for number, described in enumerate(definition.lists, start=1):
        where = f"{definition.source}: list[{number}]"
        if described.column and described.column not in definition.start:
            raise DefinitionError(f"{where}.column: {described.column!r} is none of portal.start")
        for key, template in (("url", described.url), ("more", described.more), ("article.url", described.article)):
            for base in (described.column,) if described.column else definition.start or (definition.url,):
                url = join(base, HOLE.sub("1", template)) if template else base
                if url is None or not definition.allows(url):
                    raise DefinitionError(
                        f"{where}.{key}: {template!r} leads off the portal; add its host to portal.hosts if it belongs to it"
                    )


def _expectation(data: Any, source: str) -> Expectation:
    table = DefinitionTable(data, source, "expect")
    expect = Expectation(
        min_reports=table.whole("min_reports", range(1_000_001)), newest_year=table.whole("newest_year", _YEARS)
    )
    table.done()
    return expect


def _agencies(data: Any, source: str) -> tuple[AgencyDefinition, ...]:
    if not isinstance(data, list):
        raise DefinitionError(f"{source}: agency: write [[agency]] with two brackets, once for each agency")
    agencies: list[AgencyDefinition] = []
    owners: dict[str, str] = {}
    for number, item in enumerate(data, start=1):
        table = DefinitionTable(item, source, f"agency[{number}]")
        name = table.text("name", required=True)
        kind = table.text("kind") or kind_of(name)
        if kind not in KINDS:
            raise table.error("kind", f"must be one of {', '.join(KINDS)}, not {kind!r}")
        since, until = table.whole("since", _YEARS), table.whole("until", _YEARS)
        if since is not None and until is not None and until < since:
            raise table.error("until", f"{until} is before since, {since}")
        aliases = tuple(dict.fromkeys(alias for alias in table.texts("aliases") if alias != name))
        for key, printed in [("name", name), *(("aliases", alias) for alias in aliases)]:
            if owners.setdefault(printed, name) != name or (key == "name" and any(a.name == name for a in agencies)):
                raise table.error(key, f"{printed!r} already names another agency of this portal, {owners[printed]!r}")
        table.done()
        agencies.append(AgencyDefinition(name=name, kind=kind, since=since, until=until, aliases=aliases))
    return tuple(agencies)


def load_file(path: Path) -> PortalDefinition:
    """Read one file.

    Raises:
        DefinitionError: If it can't be read or understood.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DefinitionError(f"{path}: is not UTF-8 text ({error.reason} at byte {error.start})") from None
    except OSError as error:
        raise DefinitionError(f"{path}: {error.strerror}") from None
    return parse_definition(text, str(path))


def definition_files(paths: Iterable[Path]) -> list[Path]:
    """The TOML files that paths (files or folders) stand for, each once, in order.

    Raises:
        DefinitionError: If a path does not exist or a folder holds no `.toml` file.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            found = sorted(path.glob("*.toml"))
            if not found:
                raise DefinitionError(f"{path}: no portal definitions (*.toml) in this folder")
        elif path.exists():
            found = [path]
        else:
            raise DefinitionError(f"{path}: no such file or folder of portal definitions")
        for file in found:
            files.setdefault(file.resolve(), file)
    return list(files.values())


def load_portals(paths: Sequence[Path] = ()) -> list[PortalDefinition]:
    """Read definitions from files and folders; without any path, those shipped with the package.

    Raises:
        DefinitionError: For the first file that can't be used, or for an id that two files give.
    """
    definitions: dict[str, PortalDefinition] = {}
    for file in definition_files(paths or (SHIPPED,)):
        definition = load_file(file)
        other = definitions.get(definition.id.lower())
        if other is not None:
            raise DefinitionError(
                f"{file}: portal.id: {definition.id!r} is already the id in {other.source}; ids must differ"
            )
        definitions[definition.id.lower()] = definition
    return list(definitions.values())


def to_json(definition: PortalDefinition) -> dict[str, Any]:
    """The definition as a JSON object in the shape of its TOML, plus `source`; `from_json` is the inverse."""
    portal: dict[str, Any] = {
        "id": definition.id,
        "name": definition.name,
        "region": definition.region,
        "platform": definition.platform,
        "start": list(definition.start),
        "url": definition.url,
        "delay": definition.delay,
        "hosts": list(definition.hosts),
        "group": definition.group,
        "legacy_tls": list(definition.legacy_tls),
        "worker": definition.worker,
    }
    agencies: list[dict[str, Any]] = []
    for agency in definition.agencies:
        item: dict[str, Any] = {"name": agency.name, "kind": agency.kind, "aliases": list(agency.aliases)}
        years = {"since": agency.since, "until": agency.until}
        agencies.append(item | {key: year for key, year in years.items() if year is not None})
    expected = {"min_reports": definition.expect.min_reports, "newest_year": definition.expect.newest_year}
    return {
        "portal": portal,
        "expect": {key: value for key, value in expected.items() if value is not None},
        "agency": agencies,
        "list": [dict(as_table(described)) for described in definition.lists],
        "source": definition.source,
    }


def from_json(data: Mapping[str, Any]) -> PortalDefinition:
    """The inverse of `to_json`.

    Raises:
        DefinitionError: If the object is no definition.
    """
    rest = dict(data)
    source = str(rest.pop("source", ""))
    return _definition(rest, source)

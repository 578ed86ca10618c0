"""Settings of an archive: defaults here → `ogi.toml` → environment (`OGI_SECTION_KEY`) → overrides of the command line.

Read once, frozen, passed on. A key that isn't known is an error that names it: a misspelt `deley` must not mean "as fast as it goes".
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import time
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from archive.errors import BadSettings, NewerArchive
from extract.document.notations import parse_toml
from extract.messages import LANGUAGES, localizable, localize

if TYPE_CHECKING:
    from pathlib import Path

#: The layout of an archive folder that this release writes and reads.
FORMAT = 1
#: Kinds of places to which a head is published.
HEAD_PLACES = ("file", "git", "tsa", "witness")
#: Dialects of web archives' indexes that `ogi backfill` speaks.
BACKFILL_KINDS = ("cdx", "pywb", "timemap", "commoncrawl")

T = TypeVar("T")


def _key(default: Any, doc: str, **limits: float) -> Any:
    """A setting with its default, its line in the template, and limits (`least`, `most`)."""
    return field(default=default, metadata={"doc": doc, **limits})


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """About the folder itself."""

    format: int = _key(FORMAT, "Layout of this folder. Leave it as it is.", least=1)
    name: str = _key("", "Name of the archive, shown on its site.")
    language: str = _key("zh", "Language of digests: zh or en. `--lang` has precedence.")


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """Who harvests. Stands in every request's User-Agent and every segment's warcinfo record."""

    name: str = _key("", "Person or organisation that runs this archive.")
    contact: str = _key("", "Mail or web address for portal owners. No real portal is asked without it.")
    user_agent: str = _key("", "User-Agent. Empty: ogi-archive/VERSION (+contact).")
    vantage: str = _key("", "Where the harvest runs, as far as others may know: city, network.")


@dataclass(frozen=True, slots=True)
class HarvestSettings:
    """Manners towards portals. A portal's definition may ask for more patience, never for less than its own `delay`."""

    delay: float = _key(2.0, "Seconds between two requests to one host.", least=0)
    jitter: float = _key(0.25, "Part of the delay that is added at random, 0 to 1.", least=0, most=1)
    daily_cap: int = _key(5000, "Requests to one host a day (Asia/Shanghai); 0: no cap.", least=0)
    quiet_hours: str = _key("", 'Hours without requests, Asia/Shanghai, such as "08:30-18:00"; empty: none.')
    timeout: float = _key(60.0, "Seconds until a request is given up.", least=1)
    retries: int = _key(2, "Further attempts after 403, 429, 5xx and broken connections.", least=0)
    backoff: float = _key(
        30.0, "Seconds before the first of them; doubles each time. Retry-After has precedence.", least=0
    )
    backoff_max: float = _key(900.0, "Longest wait for one host, seconds.", least=0)
    max_bytes: int = _key(100_000_000, "Largest download; what is longer is cut and marked as truncated.", least=1)
    workers: int = _key(1, "Hosts harvested at once, each by a process of its own.", least=1)
    memory_bytes: int = _key(
        1_000_000_000,
        "A job whose process takes more memory is ended; its portals are harvested again next time.",
        least=200_000_000,
    )
    host_hours: float = _key(6.0, "A host that keeps one pass busy for longer is left until the next one.", least=0.001)


@dataclass(frozen=True, slots=True)
class SegmentSettings:
    """How WARC files are cut and made durable."""

    location: str = _key(
        "", 'Where closed segments live: empty for the folder\'s warc/, or "s3://bucket/prefix" (extra "s3").'
    )
    max_bytes: int = _key(64_000_000, "A segment is closed at this size.", least=1000)
    max_age: float = _key(3600.0, "… or after these seconds.", least=1)
    sync_records: int = _key(50, "Flush to disk after so many records …", least=1)
    sync_seconds: float = _key(0.5, "… or so many seconds.", least=0)
    reserve_bytes: int = _key(4_000_000, "A harvest stops cleanly when less than this is free on the disk.", least=0)


@dataclass(frozen=True, slots=True)
class HeadPlace:
    """One entry `[[proof.publish]]`: where the head goes after each command that seals something, out of the operator's own reach."""

    name: str = _key("", "Short name, of a-z, 0-9 and -.")
    kind: str = _key(
        "file",
        "file (appended to), git (a commit, and a push where there is a remote), tsa (RFC 3161 time stamp) or witness (C2SP tlog-witness).",
    )
    to: str = _key(
        "", "Path of the file or of the repository, outside this folder; address of the service or of the witness."
    )
    key: str = _key("", "Of a witness: its vkey, as it publishes it.")
    timeout: float = _key(
        20.0, "Seconds until it is given up; the head is then owed, and the next command tries again.", least=0.1
    )


@dataclass(frozen=True, slots=True)
class ProofSettings:
    """Signatures and time stamps of the manifest."""

    sign: bool = _key(False, "Sign each manifest line with the Ed25519 key below.")
    key: str = _key(
        "keys/ogi-ed25519.pem",
        "Private key, relative to this folder. Keep a copy elsewhere, and publish the .pub.pem beside it.",
    )
    origin: str = _key(
        "",
        'Name of this archive\'s log in checkpoints, such as "example.org/ogi"; empty: made of its first line. Fix it before you publish one.',
    )
    timestamp_url: str = _key("", "RFC 3161 time-stamping service asked for each closed segment; empty: none.")
    timestamp_timeout: float = _key(
        10.0, "Seconds until it is given up; the line is then written without a token.", least=0.1
    )
    publish: tuple[HeadPlace, ...] = field(default=(), metadata={"doc": ""})


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """The public site."""

    host: str = _key("127.0.0.1", "Address that `ogi serve` listens on.")
    port: int = _key(8001, "Its port.", least=0, most=65535)
    title: str = _key("", "Title of the site; empty: the archive's name.")
    base_url: str = _key("", "Public address of the site, for feeds and citations.")
    notice: str = _key("", "A line on top of every page, such as that the data is invented.")


@dataclass(frozen=True, slots=True)
class ScheduleJob:
    """One entry `[[schedule.job]]` of the calendar."""

    name: str = _key("", "Name in logs and status.")
    run: str = _key("harvest", "Command of `ogi` with its options.")
    at: str = _key("02:30", "Time of day, schedule.timezone.")
    days: str = _key("", 'Days of the week, such as "mon-fri" or "sat,sun"; empty: all.')
    months: str = _key("", 'Months, such as "1-4"; empty: all.')
    monthday: str = _key("", 'Days of the month, such as "1,15"; empty: all.')
    portals: tuple[str, ...] = _key(
        (), "Ids of portals that this entry harvests; other entries leave them alone. Empty: all others."
    )
    limit_minutes: float = _key(0.0, "Stopped and reported after so many minutes; 0: schedule.limit_minutes.", least=0)


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """The calendar of `ogi schedule`."""

    timezone: str = _key("Asia/Shanghai", "Time zone of the entries.")
    spread_minutes: float = _key(
        30.0, "Entries start within so many minutes after their time, each at a moment of its own.", least=0
    )
    limit_minutes: float = _key(720.0, "A job is stopped and reported after so many minutes.", least=1)
    season: bool = _key(
        False,
        "Keep the built-in calendar beside the [[schedule.job]] entries below; without entries it holds anyway.",
    )
    job: tuple[ScheduleJob, ...] = field(default=(), metadata={"doc": ""})


@dataclass(frozen=True, slots=True)
class NotifyRule:
    """One entry `[[notify]]`: who hears of what."""

    url: str = _key(
        "",
        "Address in apprise's notation: mailto://…, wecombot://…, dingtalk://…, feishu://…; or https://… for format json.",
    )
    events: tuple[str, ...] = _key(
        (),
        "Kinds of change, `finding`, `missing`, `unknown`, `late`, `due`, `blocked`, `corrected`, `job`, `verify`; empty: all.",
    )
    portals: tuple[str, ...] = _key((), "Ids of portals; empty: all.")
    agencies: tuple[str, ...] = _key((), "Names of agencies; empty: all.")
    format: str = _key("markdown", "text, markdown, html, or json: one document of events, sent by POST.")


@dataclass(frozen=True, slots=True)
class BackfillArchive:
    """One entry `[[backfill]]`: a web archive that `ogi backfill` may ask. None is asked that doesn't stand here."""

    name: str = _key("", "Short name, of a-z, 0-9 and -; for --from, and shown as whose look it was.")
    kind: str = _key(
        "cdx",
        "Dialect of its index: cdx (CDX server: rows of JSON, resume keys), pywb (a JSON object a line), timemap (RFC 7089; names no digests) or "
        "commoncrawl (a list of indexes).",
    )
    index: str = _key(
        "",
        "Address of its index, such as https://archive.example/cdx/search/cdx; of TimeMaps: what stands before /URL.",
    )
    replay: str = _key(
        "",
        "Address before TIMESTAMPid_/URL, such as https://archive.example/web; of Common Crawl: before the file names.",
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an archivist can set. One attribute a section of `ogi.toml`."""

    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    operator: OperatorSettings = field(default_factory=OperatorSettings)
    harvest: HarvestSettings = field(default_factory=HarvestSettings)
    segments: SegmentSettings = field(default_factory=SegmentSettings)
    proof: ProofSettings = field(default_factory=ProofSettings)
    serve: ServeSettings = field(default_factory=ServeSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    notify: tuple[NotifyRule, ...] = ()
    backfill: tuple[BackfillArchive, ...] = ()

    def user_agent(self, version: str) -> str:
        """What requests say of themselves: as set, or program, version and contact."""
        if self.operator.user_agent:
            return self.operator.user_agent
        contact = self.operator.contact
        address = contact if not contact or "://" in contact or contact.startswith("mailto:") else f"mailto:{contact}"
        return f"ogi-archive/{version} (+{address})" if address else f"ogi-archive/{version}"

    def quiet(self) -> tuple[time, time] | None:
        """Beginning and end of the quiet hours in Asia/Shanghai; the end may lie on the next day."""
        return parse_hours(self.harvest.quiet_hours)


def parse_hours(text: str) -> tuple[time, time] | None:
    """`08:30-18:00` as two times, `None` for an empty text. Raises `ValueError` on anything else."""
    if not text.strip():
        return None
    begin, dash, end = text.partition("-")
    if not dash:
        raise ValueError(f"no span of hours: {text!r}")
    return time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())


def load_settings(
    path: Path, environment: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Read the settings of an archive.

    Args:
        path: The `ogi.toml`.
        environment: Read instead of the process's: `OGI_HARVEST_DELAY=5` sets `delay` in `[harvest]`.
        overrides: By dotted name, such as `{"harvest.delay": 0.0}`; the last word.

    Raises:
        BadSettings: A file that is no TOML, an unknown key, a value of the wrong type or out of range; names key and place.
        NewerArchive: The folder was laid out by a newer release.
    """
    try:
        tables = parse_toml(path.read_text("utf-8-sig"))  # editors on Windows put a byte order mark in front
    except ValueError as error:
        raise BadSettings(f"{path} is no valid TOML: {error}") from error
    about = tables.get("archive")
    declared = about.get("format", FORMAT) if isinstance(about, dict) else FORMAT
    if isinstance(declared, int) and declared > FORMAT:
        raise NewerArchive(
            f"{path.parent} has layout {declared}, this release knows up to {FORMAT}: install a newer ogi-archive"
        )
    places: dict[str, str] = {}
    for section, key, value, place in [
        *_from_environment(os.environ if environment is None else environment),
        *((*dotted.split(".", 1), value, f"option {dotted}") for dotted, value in (overrides or {}).items()),
    ]:
        table = tables.setdefault(section, {})
        if not isinstance(table, dict):
            raise BadSettings(f"[{section}] in {path} must be a table")
        table[key] = value
        places[f"{section}.{key}"] = place
    settings = _build(Settings, tables, "", places, str(path))
    _check_meaning(settings, str(path))
    return settings


def _from_environment(environment: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    """Section, key, text and place of every variable that begins with a section's name; others, such as OGI_ARCHIVE, are none of ours."""
    found = []
    for section, section_type in get_type_hints(Settings).items():
        if not is_dataclass(section_type):
            continue
        prefix = f"OGI_{section.upper()}_"
        for name, text in sorted(environment.items()):
            if name.startswith(prefix):
                found.append((section, name.removeprefix(prefix).lower(), text, f"environment variable {name}"))
    return found


def _build(kind: type[T], table: Any, prefix: str, places: Mapping[str, str], path: str) -> T:
    """Make a settings dataclass from a TOML table."""
    if not isinstance(table, dict):
        raise BadSettings(f"[{prefix}] in {path} must be a table")
    hints = get_type_hints(kind)
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]  # every kind here is a dataclass
    values: dict[str, Any] = {}
    for key, value in table.items():
        dotted = f"{prefix}.{key}" if prefix else str(key)
        place = places.get(dotted, path)
        if key not in known:
            raise BadSettings(f"unknown setting {dotted!r} in {place}; known here: {', '.join(known)}")
        values[key] = _convert(hints[key], value, dotted, places, path)
        limits = known[key].metadata
        if isinstance(values[key], int | float) and not limits.get("least", float("-inf")) <= values[key] <= limits.get(
            "most", float("inf")
        ):
            raise BadSettings(f"setting {dotted!r} in {place} is out of range: {value!r}")
    return kind(**values)


def _convert(hint: Any, value: Any, dotted: str, places: Mapping[str, str], path: str) -> Any:
    """Check a value against the type of its setting; text from the environment is read as that type."""
    place = places.get(dotted, path)
    if is_dataclass(hint) and isinstance(hint, type):
        return _build(hint, value, dotted, places, path)
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list | tuple):
            raise BadSettings(f"setting {dotted!r} in {place} must be a list, not {value!r}")
        return tuple(_convert(item, entry, dotted, places, path) for entry in value)
    try:
        return _plain_value(hint, value)
    except (ValueError, KeyError):
        raise BadSettings(f"setting {dotted!r} in {place} must be {_NAMES[hint]}, not {value!r}") from None


def _plain_value(hint: Any, value: Any) -> Any:
    """A text, number or truth value as its setting has it. Raises `KeyError` or `ValueError` on anything else."""
    if isinstance(value, str) and hint is not str:
        return _WORDS[value.lower()] if hint is bool else hint(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not hint:
        raise ValueError(value)
    return value


_WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_NAMES = {str: "a text in quotes", int: "a whole number", float: "a number", bool: "true or false"}


#: The name of a log is the first line of each of its checkpoints, which other programs read and files of others get: without blanks and signs
#: that mean something to them (C2SP signed-note forbids blanks and "+").
_ORIGIN = re.compile(r"[^\W_][\w.:/-]{0,119}")


def _check_meaning(settings: Settings, path: str) -> None:
    try:
        settings.quiet()
    except ValueError as error:
        raise BadSettings(f"setting 'harvest.quiet_hours' in {path} must look like \"08:30-18:00\": {error}") from None
    if settings.archive.language not in LANGUAGES:
        raise BadSettings(f"setting 'archive.language' in {path} must be one of {', '.join(LANGUAGES)}")
    try:
        ZoneInfo(settings.schedule.timezone)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise BadSettings(
            f"setting 'schedule.timezone' in {path} is no time zone: {settings.schedule.timezone!r}"
        ) from None
    for job in settings.schedule.job:
        if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", job.at):
            raise BadSettings(
                f"setting 'schedule.job.at' in {path} must be a time of day such as \"02:30\", not {job.at!r}"
            )
    origin = settings.proof.origin
    if origin and not _ORIGIN.fullmatch(origin):
        raise BadSettings(f"setting 'proof.origin' in {path} must be of letters, digits and . _ : / -, not {origin!r}")
    if any(not rule.url for rule in settings.notify):
        raise BadSettings(f"a [[notify]] entry in {path} has no url")
    _check_entries(settings, path)


def _check_entries(settings: Settings, path: str) -> None:
    """Check what may stand several times, each under a name of its own."""
    for asked in settings.backfill:
        _check_backfill(asked, path)
    for place in settings.proof.publish:
        _check_place(place, path)
    for section, entries in (("backfill", settings.backfill), ("proof.publish", settings.proof.publish)):
        if len({entry.name for entry in entries}) < len(entries):
            raise BadSettings(f"two [[{section}]] entries in {path} have the same name")


def _check_place(place: HeadPlace, path: str) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", place.name):
        raise BadSettings(f"setting 'proof.publish.name' in {path} must be of a-z, 0-9 and -, not {place.name!r}")
    if place.kind not in HEAD_PLACES:
        raise BadSettings(f"setting 'proof.publish.kind' in {path} must be one of {', '.join(HEAD_PLACES)}")
    is_address = place.to.startswith(("http://", "https://"))
    if not place.to or is_address != (place.kind in ("tsa", "witness")):
        raise BadSettings(
            f"the [[proof.publish]] entry {place.name!r} in {path} needs in 'to' an address (tsa, witness) or a path (file, git)"
        )
    if (place.kind == "witness") != bool(place.key):
        raise BadSettings(
            f"the [[proof.publish]] entry {place.name!r} in {path}: a witness, and nothing else, has a key (its vkey)"
        )


def _check_backfill(asked: BackfillArchive, path: str) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", asked.name):
        raise BadSettings(f"setting 'backfill.name' in {path} must be of a-z, 0-9 and -, not {asked.name!r}")
    if asked.kind not in BACKFILL_KINDS:
        raise BadSettings(f"setting 'backfill.kind' in {path} must be one of {', '.join(BACKFILL_KINDS)}")
    if not all(url.startswith(("http://", "https://")) for url in (asked.index, asked.replay)):
        raise BadSettings(f"the [[backfill]] entry {asked.name!r} in {path} needs the addresses index and replay")


#: What stands on top of a new `ogi.toml`.
_TOP = (
    localizable("Settings of this archive. What is commented out shows the default."),
    localizable("OGI_SECTION_KEY in the environment has precedence."),
)
#: Tables that may stand in it several times, commented out in a new one.
_INNER: dict[type[Any], dict[str, type[Any]]] = {
    ScheduleSettings: {"job": ScheduleJob},
    ProofSettings: {"publish": HeadPlace},
}
_REPEATED = {"notify": NotifyRule, "backfill": BackfillArchive}


def template(values: Mapping[str, Any] | None = None) -> str:
    """The text of a new `ogi.toml`: every setting with its meaning, those in `values` (by dotted name) set, the others commented out.

    The comments are in the language that is spoken.
    """
    given = dict(values or {})
    given.setdefault("archive.format", FORMAT)
    parts = [f"# {localize(line)}\n" for line in _TOP]
    for section, kind in get_type_hints(Settings).items():
        if is_dataclass(kind) and isinstance(kind, type):
            parts.append(f"\n[{section}]  # {_first_line(kind)}\n" + _lines(kind, section, given, commented=False))
            for name, inner in _INNER.get(kind, {}).items():
                parts.append(
                    f"\n# [[{section}.{name}]]  # {_first_line(inner)}\n" + _lines(inner, "", {}, commented=True)
                )
    for name, kind in _REPEATED.items():
        parts.append(f"\n# [[{name}]]  # {_first_line(kind)}\n" + _lines(kind, "", {}, commented=True))
    for entry in known_web_archives():
        lines = entry.replace("  # ", f"  # {localize(_KNOWN)}", 1).split("\n")
        parts += [f"# {line}\n" if line else "\n" for line in lines]
    return "".join(parts)


_KNOWN = "A web archive that is known: "


def known_web_archives() -> list[str]:
    """Entries `[[backfill]]` for web archives that are known, as TOML, each behind an empty line."""
    text = resources.files("archive.files").joinpath("web_archives.toml").read_text(encoding="utf-8")
    return [f"\n[[backfill]]{entry.rstrip()}" for entry in text.split("\n[[backfill]]")[1:]]


def comments() -> Iterator[str]:
    """Every comment of a new `ogi.toml` in English, as the catalogue of translations has it."""
    yield _KNOWN
    sections = [kind for kind in get_type_hints(Settings).values() if is_dataclass(kind) and isinstance(kind, type)]
    for kind in (*sections, ScheduleJob, HeadPlace, *_REPEATED.values()):
        yield _english(kind)
        yield from (text for item in fields(kind) if (text := item.metadata.get("doc")))


def _english(kind: type[Any]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def _first_line(kind: type[Any]) -> str:
    return localize(_english(kind))


def _lines(kind: type[Any], section: str, given: Mapping[str, Any], *, commented: bool) -> str:
    lines = []
    for item in fields(kind):
        if not item.metadata.get("doc") or item.default is MISSING:
            continue
        dotted = f"{section}.{item.name}"
        shown = _toml(given.get(dotted, item.default))
        mark = "# " if commented or dotted not in given else ""
        lines.append(f"# {localize(item.metadata['doc'])}\n{mark}{item.name} = {shown}\n")
    return "".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(entry) for entry in value) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return str(value)

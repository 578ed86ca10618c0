"""Records of other programs in our segments: they stand there byte for byte, and a note of our own in front says what is taken from them.

A segment of captures by others names itself in its warcinfo (`ogi-origin: foreign`). Three kinds of metadata records of our own stand in it:

- `urn:ogi:origin:…` (`Origin`): a file or a public archive from which captures come, with its hash, and when it was brought in;
- `urn:ogi:taken:…` (`Note`): the records behind it are another's, so many with these hashes; and what the first of them shows: address,
  time, payload, and this program's own judgement of it. Nothing that a foreign record says of itself (ids, contexts) is believed;
- `urn:ogi:quarantine:…`: what could not be taken, with the reason and, up to a size, its bytes.

Rules for records of our own (fields, digests, ids used once) don't hold for foreign ones: their faults are their own. Their bytes are held
against the note's hashes.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NotRequired, Required, TypedDict, cast

from archive.errors import DamagedArchive
from archive.warc.context import FIELD as CONTEXT
from archive.warc.context import Context, Entry, EntryData
from archive.warc.manifest import warcinfo_fields
from archive.warc.records import parse_record
from extract.document.notations import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archive.warc.members import Member
    from archive.warc.records import Record

#: The warcinfo field by which a segment says that it holds captures by others, and its value.
FIELD = "ogi-origin"
FOREIGN = "foreign"
#: The field by which `followed` gives the id of a capture by somebody else; it stands in no file.
CAPTURE = "OGI-Capture"
ORIGIN = "urn:ogi:origin:"
NOTE = "urn:ogi:taken:"
QUARANTINE = "urn:ogi:quarantine:"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where captures come from: a `file` that somebody gave, or an `archive` that was asked.

    Attributes:
        id: Unique in this archive: the run's id and a number.
        kind: `file` or `archive`.
        name: The file's name, or the archive's title.
        sha256: Of the file in hex; empty for an archive.
        form: What the file is (`WARC`, `WACZ`, `ARC`, `HAR`, `document`), or the archive's interface.
        software: What its warcinfo records say of the program that made it.
        learned_at: When this archive learned of it (UTC ISO text).
    """

    id: str
    kind: str
    name: str
    size: int
    sha256: str
    form: str
    software: str
    learned_at: str

    def to_json(self) -> dict[str, str | int]:
        """The block of its record."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Origin:
        """The inverse of `to_json`. Raises `KeyError` or `ValueError` on anything else."""
        return cls(
            **{name: int(str(data[name])) if name == "size" else str(data[name]) for name in cls.__slots__}  # type: ignore[arg-type]
        )


class ShownData(TypedDict, total=False):
    """The member `shows` of a note."""

    id: Required[str]
    url: Required[str]
    at: Required[str]
    exact_at: Required[str]
    kind: Required[str]
    status: int | None
    media_type: str | None
    digest: str | None
    context: str | None
    faults: list[str]
    rows: list[EntryData]


class NoteData(TypedDict):
    """The block of an origin note."""

    origin: str
    place: str
    records: list[str]
    shows: NotRequired[ShownData]
    own: NotRequired[bool]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the first record behind a note shows, as this program judged it.

    Attributes:
        id: The capture's id in the index.
        at: When it stood there (UTC ISO text, seconds).
        exact_at: The same as the record writes it, where it is more exact or less.
        digest: `sha256:…` of the payload; of a revisit that of what it stands for; `None` if it isn't whole.
        faults: What is odd about the record, in words.
        rows: Of a list, its rows that name annual reports.
    """

    id: str
    url: str
    at: str
    exact_at: str
    kind: str
    status: int | None
    media_type: str | None
    digest: str | None
    context: Context | None
    faults: tuple[str, ...] = ()
    rows: tuple[Entry, ...] = ()

    def to_json(self) -> ShownData:
        """The member `shows` of a note."""
        found: ShownData = {
            "id": self.id,
            "url": self.url,
            "at": self.at,
            "exact_at": self.exact_at,
            "kind": self.kind,
            "status": self.status,
            "media_type": self.media_type,
            "digest": self.digest,
            "context": self.context.to_field() if self.context is not None else None,
            "faults": list(self.faults),
            "rows": [cast("EntryData", row.to_json()) for row in self.rows],
        }
        said = {name: value for name, value in found.items() if value not in (None, [])}
        return cast("ShownData", said)

    @classmethod
    def from_json(cls, data: ShownData) -> Shown:
        """The inverse of `to_json`. Raises `KeyError` or `ValueError` on anything else."""
        context = data.get("context")
        return cls(
            data["id"],
            data["url"],
            data["at"],
            data["exact_at"],
            data["kind"],
            data.get("status"),
            data.get("media_type"),
            data.get("digest"),
            Context.from_field(context) if context is not None else None,
            tuple(data.get("faults") or ()),
            tuple(Entry.from_json(row) for row in data.get("rows") or ()),
        )


@dataclass(frozen=True, slots=True)
class OriginNote:
    """What the origin note states of the records behind it.

    Attributes:
        origin: Id of the `Origin`.
        place: Where they stood there: name in the file and offset, or the address that was asked.
        records: SHA-256 of each record as it stands uncompressed, in hex. The first is what `shows` speaks of.
        is_own: They are records of our own (our exchange with a public archive): rules for those hold.
    """

    origin: str
    place: str
    records: tuple[str, ...]
    shows: Shown | None
    is_own: bool = False

    def to_json(self) -> NoteData:
        """The block of its record."""
        found: NoteData = {
            "origin": self.origin,
            "place": self.place,
            "records": list(self.records),
        }
        if self.shows is not None:
            found["shows"] = self.shows.to_json()
        if self.is_own:
            found["own"] = True
        return found

    @classmethod
    def from_json(cls, data: NoteData) -> OriginNote:
        """The inverse of `to_json`. Raises `KeyError` or `ValueError` on anything else."""
        shows = data.get("shows")
        return cls(
            data["origin"],
            data["place"],
            tuple(data["records"]),
            Shown.from_json(shows) if shows is not None else None,
            data.get("own") is True,
        )


def read_origin(record: Record) -> Origin:
    """The origin that a record tells of. Raises `DamagedArchive` if it can't be read."""
    try:
        return Origin.from_json(parse_json(record.block))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedArchive(f"{record.where}: unreadable origin of foreign records") from error


@dataclass(frozen=True, slots=True)
class Place:
    """What one record of a segment is: another's (`sha256` is what its note says), and the note of which it is the first."""

    is_foreign: bool = False
    sha256: str | None = None
    note: OriginNote | None = None

    @property
    def shows(self) -> Shown | None:
        """What the record shows by its note."""
        return self.note.shows if self.note is not None else None


@dataclass(slots=True)
class Follower:
    """Tells of each record of a segment, in order, whose it is."""

    _may_hold: bool = False
    _begun: bool = False
    _note: OriginNote | None = None
    _waiting: deque[str] = field(default_factory=deque)
    _is_own: bool = False

    def take(self, record: Record) -> Place:
        """What the next record is.

        Raises:
            DamagedArchive: It is a note that can't be read.
        """
        is_note = self._may_hold and record.type == "metadata" and record.uri.startswith(NOTE)
        if self._waiting and not is_note:  # a note where records should stand: those are lost, and it is the next one's
            note, self._note = self._note, None
            return Place(not self._is_own, self._waiting.popleft(), note)
        if not self._begun:
            self._begun = True
            self._may_hold = record.type == "warcinfo" and warcinfo_fields(record).get(FIELD) == FOREIGN
        elif is_note:
            self._begin(record)
        return Place()

    def _begin(self, record: Record) -> None:
        try:
            note = OriginNote.from_json(parse_json(record.block))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedArchive(f"{record.where}: unreadable note on foreign records") from error
        self._note, self._is_own = note, note.is_own
        self._waiting = deque(note.records)

    @property
    def lacking(self) -> int:
        """How many records a note announced that did not come."""
        return len(self._waiting)


def with_context(record: Record, place: Place) -> Record:
    """A record with the context and the capture's id that the note in front of it has, instead of what it says itself."""
    fields = [pair for pair in record.headers if pair[0].lower() not in (CONTEXT.lower(), CAPTURE.lower())]
    if place.shows is not None:
        fields.append((CAPTURE, place.shows.id))
    context = place.shows.context if place.shows is not None else None
    if context is not None:
        fields.append((CONTEXT, context.to_field()))
    return replace(record, headers=tuple(fields))


def followed(members: Iterable[Member], segment: str) -> Iterator[tuple[Member, Record]]:
    """The records of a segment, those of others as this program's notes speak of them."""
    follower = Follower()
    for member in members:
        record = parse_record(member.data, segment, member.offset, member.length)
        place = follower.take(record)
        yield member, with_context(record, place) if place.note is not None or place.is_foreign else record


def capture_id(record: Record) -> str:
    """The id that a record's capture has in the index."""
    return record.get(CAPTURE) or record.id.strip("<>") or record.where


def sha256_of(data: bytes) -> str:
    """How a note names a record: SHA-256 of its uncompressed bytes, in hex, without the line ends behind it."""
    return hashlib.sha256(data.removesuffix(b"\r\n\r\n")).hexdigest()

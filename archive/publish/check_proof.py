#!/usr/bin/env python3
"""Checks a proof file offline, with the Python standard library alone: check.py FILE [--key VKEY] [--json]

Each line is one claim: proved, not proved, or DAMAGED. Exit status: 0 everything is proved, 3 something isn't, 1 something is damaged,
2 there is no such file. Without --key nobody can say whose archive it is: who makes all anew makes a file that agrees with itself.
This file travels in every proof file as proof/check.py; a careful reader takes it from the program's release instead.
"""

from __future__ import annotations

import base64
import calendar
import hashlib
import html
import json
import re
import struct
import sys
import time
import unicodedata
import zipfile
import zlib
from pathlib import Path
from typing import TypedDict

FORMAT, STATEMENT = "ogi-proof-1", "ogi-claim-1"
PROVED, NOT_PROVED, DAMAGED = "proved", "not proved", "damaged"
_PRIME = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _PRIME) % _PRIME
_MOST = 512 << 20
#: The files of a proof file that its claim doesn't name by their hashes: itself, and the statement over it.
_ITS_OWN = ("proof/claim.json", "proof/claim.note")
_QUOTED, _LONGEST_TITLE = 100, 200
_APART = 20 * 3600
Point = tuple[int, int, int, int]
#: Each digit of a year, as it may be written.
_DIGITS = ("0〇○零O", "1一壹", "2二贰", "3三叁", "4四肆", "5五伍", "6六陆", "7七柒", "8八捌", "9九玖")
#: Pieces of HTML: text, or a tag; comments, scripts and styles give neither.
_PIECE = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<raw>script|style)(?=[\s/>]).*?(?:</(?P=raw)\s*>|\Z)|<![A-Za-z][^>]*>|<(?P<end>/?)(?P<tag>[A-Za-z][^\s/<>]*)"
    r"(?:[^<>\"']|\"[^\"]{0,4000}\"|'[^']{0,4000}')*>|(?P<text>[^<]+|<)",
    re.IGNORECASE | re.DOTALL,
)
_BLANKS = re.compile(r"[\s\x1c-\x1f\x85\ufeff]+")
_INLINE = re.compile(r"</?(?:b|i|u|s|em|strong|font|span|mark|small|big|sup|sub|wbr)(?=[\s/>])[^<>]*>", re.IGNORECASE)
_ORGAN_END = re.compile(
    "(?:局|委|委员会|办|办公室|院|所|站|队|镇|乡|街道|处|会|中心|厅|部|政府|行|社|馆|团|公司|学校|署|台)\\Z"
)
_BREAK = re.compile(r"[<>\"'\r\n\t{}|\[\]\\]")
#: What shows that a list was read to its end; a window of the newest rows (`window`) shows nothing of what it lacks.
WHOLE = {
    "total": "it states how many rows it has, and so many came",
    "pages": "it states how many pages it has, and all came",
    "marks": "every mark of a further page was followed to its end",
    "said empty": "it says that it is empty",
    "no mark": "it has no mark of a further page",
}
_ALWAYS = ("that the portal itself served these bytes: TLS signs nothing",)
_OF_FIGURES = (
    *_ALWAYS,
    "that the figures are true: only that they stood there",
    "what a figure is called but by the archive's word: its row is shown, and the head of its table is in the file",
)
#: The columns of the tables of figures: the places of their cells in a row that was sealed.
COLUMNS = {
    "disclosure": (
        "made", "published", "total_public", "repealed", "in_force", "prior_items", "items_change", "decisions", "projects", "amount",
    ),
    "applications": ("natural_person", "business", "research", "welfare", "legal_service", "other_org", "total"),
    "challenges": ("upheld", "corrected", "other", "pending", "total"),
    "indicators": ("value", "cumulative"),
}  # fmt: skip
#: What a file of each kind doesn't say, whatever it proves.
LIMITS = {
    "report": _OF_FIGURES,
    "figure": _OF_FIGURES,
    "published": _OF_FIGURES,
    "revised": _OF_FIGURES,
    "vanished": (*_ALWAYS, "that the report is not elsewhere, or back since"),
    "delisted": (
        *_ALWAYS,
        "that the report is gone: the list no longer names it",
        "that the list's pages name what the log took from them",
    ),
    "absence": (
        *_ALWAYS,
        "that it is nowhere else: only what these lists named, when they were read",
        "that the organ owes a report, and what it is called: the archive's register says so",
    ),
}


# What a claim and a visit log hold, by their keys. A text that names a record is `LINE:LEAF`; times are UTC ISO text.


class ClaimedEntry(TypedDict, total=False):
    """A row of a list that was taken for a report."""

    url: str
    title: str


#: What differs of a page from the stored one that it was like.
Told = TypedDict("Told", {"of": str, "is": str, "d": list["str | list[int]"]})


class LogLine(TypedDict, total=False):
    """A line of a visit log: `k` says of what (`v`: a visit, `l`: a list)."""

    k: str
    p: str
    u: str
    t: str
    r: str
    v: str
    s: int | None
    d: str | None
    x: Told
    complete: bool
    proof: str | None
    quote: str | None
    reason: str | None
    same: bool
    entries: list[ClaimedEntry] | None


class ClaimedAnswer(TypedDict):
    """An address that answered at a time."""

    url: str
    at: str


class ClaimedLook(ClaimedAnswer):
    """A visit that was answered: the log that has it, and what came."""

    log: str
    status: int
    verdict: str
    digest: str | None
    payload: str | None


class CaptureLook(ClaimedAnswer, total=False):
    """A captured page of a version: its record, and that which has its bytes."""

    record: str
    payload: str
    seen_by: str


class FigureLook(TypedDict, total=False):
    """A figure: what is printed, in which cell of which record, and how it was read."""

    record: str
    at: str
    raw: str | None
    where: str
    version: int
    table: str
    row: str
    column: str
    label: str
    value: float | None
    confidence: float


class SealedRows(TypedDict):
    """A line of `proof/readings.jsonl`: a version's rows of figures, and the record with what was sealed of them."""

    version: int
    record: str
    rows: str


class VersionLook(TypedDict):
    """A version of a report that a claim is about."""

    version: int
    title: str | None
    extractor: str


class ClaimedColumn(ClaimedAnswer, total=False):
    """A list as it was read, with the logs that have its rows and the reading."""

    entries: str | None
    log: str


class ClaimedReading(TypedDict):
    """All lists of a portal, as one pass read them."""

    log: str
    portal: str
    columns: list[ClaimedColumn]
    pages: list[ClaimedLook]


class Gone(TypedDict):
    """An address that gives its report no more."""

    address: str
    looks: list[ClaimedLook]
    beside: list[ClaimedAnswer]
    control: str | None


class TitleText(TypedDict, total=False):
    """A text that may speak of a report, and what the archive takes it for."""

    text: str
    organ: str | None


class ProofClaim(TypedDict, total=False):
    """What a proof file says: members by its kind."""

    format: str
    kind: str
    what: str
    report: str | None
    versions: list[VersionLook]
    not_proved: list[str]
    as_of: str
    agency: str
    year: int
    captures: list[CaptureLook]
    figures: list[FigureLook]
    files: dict[str, str]
    gone: Gone
    lists: list[ClaimedReading]
    due: str
    names: list[str]
    titles: list[TitleText]
    before: ClaimedColumn
    column: str
    address: str


def sha256(data: bytes) -> bytes:
    """The SHA-256 of the data."""
    return hashlib.sha256(data).digest()


def root_of_path(index: int, size: int, leaf: bytes, path: list[str]) -> bytes | None:
    """The root that an inclusion path leads to (RFC 9162 §2.1.3.2); `None` if it doesn't fit the place and the size."""
    if not 0 <= index < size:
        return None
    last, found = size - 1, leaf
    for other in map(bytes.fromhex, path):
        if last == 0:
            return None
        if index & 1 or index == last:
            found = sha256(b"\1" + other + found)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            found = sha256(b"\1" + found + other)
        index, last = index >> 1, last >> 1
    return found if last == 0 else None


def _point(data: bytes) -> Point:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _PRIME) % _PRIME
    x = pow(square, (_PRIME + 3) // 8, _PRIME)
    if (x * x - square) % _PRIME:
        x = x * pow(2, (_PRIME - 1) // 4, _PRIME) % _PRIME
    if y >= _PRIME or (x * x - square) % _PRIME or (x == 0 and sign):
        raise ValueError("no point of the curve")
    x = _PRIME - x if x & 1 != sign else x
    return x, y, 1, x * y % _PRIME


def _add(one: Point, other: Point) -> Point:
    a, b = (one[1] - one[0]) * (other[1] - other[0]), (one[1] + one[0]) * (other[1] + other[0])
    c, d = 2 * one[3] * other[3] * _D, 2 * one[2] * other[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _PRIME, g * h % _PRIME, f * g % _PRIME, e * h % _PRIME


def _times(factor: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            found = _add(found, point)
        point, factor = _add(point, point), factor >> 1
    return found


def is_ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature is that key's over the message (RFC 8032 §5.1.7)."""
    try:
        key, r = _point(public), _point(signature[:32])
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or len(public) != 32 or s >= _ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _ORDER
    base = _point((4 * pow(5, -1, _PRIME) % _PRIME).to_bytes(32, "little"))
    left, right = _times(s, base), _add(r, _times(k, key))
    return (left[0] * right[2] - right[0] * left[2]) % _PRIME == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % _PRIME == 0


def vkey(text: str) -> tuple[str, bytes, bytes]:
    """Name, key hash and public key of a C2SP vkey. Raises `ValueError` if it is none."""
    name, hashed, encoded = [*text.strip().split("+", 2), "", ""][:3]
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raw = b""
    if raw[:1] != b"\1" or len(raw) != 33 or sha256(name.encode() + b"\n" + raw)[:4].hex() != hashed:
        raise ValueError("no key: write NAME+HASH+BASE64, as `ogi trust show` prints it")
    return name, bytes.fromhex(hashed), raw[1:]


class _Tables:
    """Every table as rows of cell texts: `(//table)[n]/descendant::tr[m]/*[k]` is `tables[n - 1][m - 1][k - 1]`, those of inner tables included."""

    def __init__(self, text: str) -> None:
        self.tables: list[list[list[str]]] = []
        self._open: list[tuple[list[list[str]], list[str] | None]] = []
        for found in _PIECE.finditer(text):
            if found["tag"]:
                self._tag(found["tag"].lower(), is_end=bool(found["end"]))
            elif found["text"]:
                self._text(html.unescape(found["text"]))

    def _tag(self, tag: str, *, is_end: bool) -> None:
        if tag == "table" and not is_end:
            self.tables.append([])
            self._open.append((self.tables[-1], None))
        elif self._open and is_end:
            self._open.pop() if tag == "table" else None
        elif self._open and tag == "tr":
            row: list[str] = []
            for rows, _ in self._open:
                rows.append(row)
            self._open[-1] = self._open[-1][0], row
        elif self._open and tag in ("td", "th"):
            cells = self._open[-1][1]
            if cells is not None:
                cells.append("")

    def _text(self, text: str) -> None:
        for _, row in self._open:
            if row:
                row[-1] += text


def quoted(text: str) -> str:
    """Text from outside, fit to be printed: no control or direction characters, blanks drawn together."""
    return (
        "“"
        + "".join(
            one for one in _BLANKS.sub(" ", text).strip(" ") if unicodedata.category(one) not in ("Cc", "Cf", "Cs")
        )
        + "”"
    )


def compact(text: str) -> str:
    """Text as it is compared: one form of each character, without blanks."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text))


def texts_of(page: str, year: int) -> set[str]:
    """The texts of a page (HTML, JSON, XML, a script) that speak of a report or of openness, and of the year."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), page.replace("\\/", "/"))
    plain = html.unescape(plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    of_year = re.compile(r"(?<![0-9])" + "".join(f"[{_DIGITS[int(digit)]}]" for digit in str(year)) + r"(?![0-9])")
    found = set()
    for text in (plain, _INLINE.sub("", plain)):
        for one in map(compact, _BREAK.split(text)):
            if len(one) <= _LONGEST_TITLE and of_year.search(one) and re.search("报告|年报|报表|公开", one):
                found.add(one)
    return found


def _fields(raw: bytes) -> dict[str, str]:
    lines = raw.decode("utf-8", "replace").split("\r\n")[1:]
    return {
        name.strip().lower(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon
    }


def text_of(body: bytes) -> str | None:
    """The text of a page, `None` if it is in no encoding that this program reads."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


class ProofFile:
    """The file: what it holds, as far as it is the archive's; `said` has the outcome of each claim with its sentence."""

    def __init__(self, file: str, key: str | None) -> None:
        self.said: list[tuple[str, str]] = []
        self.kind = ""
        self._zip = zipfile.ZipFile(file)
        self._key = vkey(key) if key else None
        self.records: dict[str, tuple[dict[str, str], bytes]] = {}
        self.runs: dict[str, set[str]] = {}

    def run(self) -> None:
        """Check everything."""
        written = self._read("proof/claim.json")
        claim: ProofClaim = json.loads(written)
        if claim.get("format") != FORMAT or claim["kind"] not in LIMITS:
            raise ValueError(f"no proof file of the form {FORMAT}")
        self.kind = claim["kind"]
        self._check_files(claim)
        origin, size, root = self._check_checkpoint()
        self._check_claim(claim, written)
        self._check_records(size, root)
        for figure in claim["figures"]:
            check_figure(self, claim, figure)
        for look in claim["captures"]:
            check_capture(self, look)
        if "gone" not in claim and "lists" not in claim:
            check_readings(self, claim)
        if "gone" in claim:
            check_gone(self, claim, claim["gone"])
        if "lists" in claim:
            check_lists(self, claim, claim["lists"])
        self.say(
            NOT_PROVED if self._key is None else PROVED,
            f"the archive calls itself {quoted(origin)}"
            + (
                ": who it is, only a key that you trust shows (--key)"
                if self._key is None
                else ", and the key is the one that you gave"
            ),
        )

    def say(self, outcome: str, sentence: str) -> None:
        """Take an outcome down."""
        self.said.append((outcome, sentence))

    def test(self, is_so: bool, sentence: str, otherwise: str = DAMAGED) -> None:
        """Proved, or else damaged."""
        self.say(PROVED if is_so else otherwise, sentence)

    def _read(self, name: str) -> bytes:
        if self._zip.getinfo(name).file_size > _MOST:
            raise ValueError(f"{name} is too large")
        return self._zip.read(name)

    def readings(self) -> dict[int, SealedRows]:
        """What the file has of how each version was read."""
        if "proof/readings.jsonl" not in self._zip.namelist():
            return {}
        lines = self._read("proof/readings.jsonl").decode().split("\n")
        return {line["version"]: line for line in map(json.loads, filter(None, lines))}

    def statement(self, record: str) -> list[dict[str, str | int]]:
        """The lines of a statement of readings, as the archive sealed it; no other record is read as one.

        Raises:
            ValueError: It is none.
        """
        fields, block = self.records[record]
        own = self.records[record.partition(":")[0] + ":0"]
        is_one = fields["warc-type"] == "resource" and _uri(fields).startswith("urn:ogi:readings:")
        is_one = is_one and self.runs[record] == {"proof"} and own[0]["warc-type"] == "warcinfo"
        if not is_one or "ogi-origin" in _fields(b"\r\n" + own[1]):
            raise ValueError("no statement of readings")
        return [json.loads(line) for line in block.split(b"\n") if line]

    def _check_files(self, claim: ProofClaim) -> None:
        described = self._read("datapackage.json")
        listed = {item["path"]: item["hash"] for item in json.loads(described)["resources"]}
        names = self._zip.namelist()
        stated = json.loads(self._read("datapackage-digest.json"))["hash"]
        is_so = set(names) - {"datapackage.json", "datapackage-digest.json"} == set(listed) and len(names) == len(
            set(names)
        )
        is_so = is_so and stated == f"sha256:{sha256(described).hex()}"
        is_so = is_so and all(f"sha256:{sha256(self._read(name)).hex()}" == value for name, value in listed.items())
        if "files" in claim:  # older ones don't say
            covered = {name: f"sha256:{value}" for name, value in claim["files"].items()}
            is_so = is_so and covered == {name: listed[name] for name in listed if name not in _ITS_OWN}
        self.test(is_so, f"the {len(listed)} files in it are those that it lists")

    def _check_checkpoint(self) -> tuple[str, int, bytes]:
        text, _, signatures = self._read("proof/checkpoint.txt").decode().partition("\n\n")
        origin, size, root = (text + "\n").split("\n")[:3]
        if re.fullmatch("[0-9]{1,9}", size) is None:
            raise ValueError("no checkpoint")
        if self._key is not None:
            self.test(
                self._is_signed(text, signatures) and self._key[0] == origin,
                f"the checkpoint of {int(size)} lines is signed by the key that you gave",
            )
        return origin, int(size), base64.b64decode(root)

    def _is_signed(self, text: str, signatures: str) -> bool:
        """Whether the key that was given signed a note's text, and no signature that bears its name is over another one."""
        if self._key is None:
            return True
        name, hashed, public = self._key
        mine = []
        for line in signatures.split("\n"):
            parts = line.split(" ")
            if len(parts) == 3 and parts[1] == name:
                raw = base64.b64decode(parts[2])
                mine += [raw[4:]] if raw[:4] == hashed else []
        return bool(mine) and all(is_ed25519(public, one, (text + "\n").encode()) for one in mine)

    def _check_claim(self, claim: ProofClaim, written: bytes) -> None:
        """That what the claim calls things (organ, year, rows, values) is what the archive says: no record of a portal shows that."""
        name = f"what this file calls things is the archive's word: {quoted(str(claim['agency']))}, {claim['year']}"
        if "proof/claim.note" not in self._zip.namelist():
            self.say(NOT_PROVED, f"{name}: there is no statement of the archive over it")
            return
        text, _, signatures = self._read("proof/claim.note").decode().partition("\n\n")
        state = self._read("proof/checkpoint.txt").decode().split("\n")[:3]
        is_over = text.split("\n")[:5] == [STATEMENT, sha256(written).hex(), *state]
        self.test(is_over and self._is_signed(text, signatures), name)

    def _check_records(self, size: int, root: bytes) -> None:
        paths, data = json.loads(self._read("proof/paths.json")), self._read("archive/data.warc.gz")
        lines = {int(number): line for number, line in paths["lines"].items()}
        is_so = bool(lines) and all(
            root_of_path(number - 1, size, sha256(b"\0" + line["text"].encode()), line["path"]) == root
            for number, line in lines.items()
        )
        self.test(is_so, f"{len(lines)} lines of the archive's manifest belong to its checkpoint")
        end, are_so = 0, True
        for one in paths["records"]:
            unpacker = zlib.decompressobj(31)
            raw = unpacker.decompress(data[one["offset"] : one["offset"] + one["length"]], _MOST)
            if not unpacker.eof or unpacker.unused_data:
                raise ValueError("no member of its own")
            line = json.loads(lines[one["line"]]["text"])
            found = root_of_path(one["leaf"], line["records"], sha256(b"\0" + raw), one["path"])
            are_so = (
                are_so
                and one["offset"] == end
                and found is not None
                and found.hex() == line["root"]
                and one["id"] == f"{one['line']}:{one['leaf']}"
            )
            end = one["offset"] + one["length"]
            head, _, block = raw.partition(b"\r\n\r\n")
            fields = _fields(head)
            self.records[one["id"]] = fields, block[: int(fields["content-length"])]
            self.runs[one["id"]] = set(line["runs"])
        self.test(
            are_so and end == len(data), f"{len(paths['records'])} records are those of the archive, each at its place"
        )

    def body(self, record: str) -> bytes | None:
        """What a record holds, without content coding; `None` if it is in one that this program doesn't read."""
        fields, block = self.records[record]
        if not fields.get("content-type", "").startswith("application/http"):
            return block
        head, _, body = block.partition(b"\r\n\r\n")
        coding = _fields(head).get("content-encoding", "").lower()
        if coding in ("gzip", "x-gzip", "deflate"):
            return _unpacked(body)
        return body if coding in ("", "identity") else None

    def payload_digest(self, record: str) -> str:
        """The SHA-256 of a payload as visit logs name it."""
        fields, block = self.records[record]
        is_http = fields.get("content-type", "").startswith("application/http")
        return _base32(block.partition(b"\r\n\r\n")[2] if is_http else block)

    def log(self, record: str) -> list[LogLine]:
        """The lines of a harvest's own visit log; nobody else's record is read as one.

        Raises:
            ValueError: It is none.
        """
        fields, block = self.records[record]
        own = self.records[record.partition(":")[0] + ":0"]
        uri = fields.get("warc-target-uri", "").strip("<>")
        is_log = fields["warc-type"] == "resource" and uri.startswith("urn:ogi:run:") and uri.endswith(":visits")
        if not is_log or own[0]["warc-type"] != "warcinfo" or "ogi-origin" in _fields(b"\r\n" + own[1]):
            raise ValueError("no visit log of this archive")
        return [json.loads(line) for line in block.split(b"\n") if line.strip()]


def _unpacked(body: bytes) -> bytes | None:
    """A whole body without its coding, `None` if it is none."""
    unpacker = zlib.decompressobj(47)
    try:
        found = unpacker.decompress(body, _MOST)
    except zlib.error:
        return None
    return found if unpacker.eof and not unpacker.unused_data else None


def _base32(data: bytes) -> str:
    return "sha256:" + base64.b32encode(sha256(data)).decode()


def check_capture(proof: ProofFile, look: CaptureLook) -> None:
    """That an address answered so at a time."""
    fields, _ = proof.records[look["record"]]
    is_so = fields.get("warc-target-uri", "").strip("<>") == look["url"] and fields.get("warc-date") == look["at"]
    if look["record"] != look["payload"]:  # an answer that was the same as before is stored as a reference
        stated, stored = (
            fields.get("warc-payload-digest"),
            proof.records[look["payload"]][0].get("warc-payload-digest"),
        )
        is_so = is_so and stated is not None and stated == stored
    whose = f", as {quoted(look['seen_by'])} has it" if look.get("seen_by") else ""
    proof.test(is_so, f"{look['at']}: {look['url']} answered so{whose}")


def check_figure(proof: ProofFile, claim: ProofClaim, figure: FigureLook) -> None:
    """That a figure stands in its cell. What it is called is not asked: its row is shown."""
    raw = quoted(str(figure["raw"]))
    place = re.fullmatch(r"\(//table\)\[([0-9]+)\]/descendant::tr\[([0-9]+)\]/\*\[([0-9]+)\]", figure["where"])
    is_then = any([look["payload"], look["at"]] == [figure["record"], figure["at"]] for look in claim["captures"])
    body = proof.body(figure["record"])
    text = text_of(body) if body is not None and place is not None else None
    if place is None or text is None or not is_then:
        proof.test(
            False,
            f"{figure['at']}: {raw}: open the page and look at {quoted(figure['where'])}",
            NOT_PROVED if is_then else DAMAGED,
        )
        return
    table, row, cell = (int(number) - 1 for number in place.groups())
    tables = _Tables(text).tables
    cells = tables[table][row] if table < len(tables) and row < len(tables[table]) else []
    is_so = cell < len(cells) and compact(cells[cell]) == compact(str(figure["raw"]))
    proof.test(
        is_so,
        f"{figure['at']}: {raw} stands in cell {cell + 1} of the row {quoted(' | '.join(cells))} of table {table + 1}",
    )


def check_readings(proof: ProofFile, claim: ProofClaim) -> None:
    """That versions were read so: their rows are those whose digest was sealed when they were read, and the figures stand in them."""
    readings = proof.readings()
    for version in claim["versions"]:
        number = version["version"]
        name = f"version {number} of {quoted(str(claim['report']))}"
        sealed = readings.get(number)
        if sealed is None:
            proof.say(NOT_PROVED, f"{name}: what was sealed when it was read is not in this file")
            continue
        rows = _cells(sealed["rows"])
        figures = [figure for figure in claim["figures"] if figure["version"] == number]
        are_so = _is_sealed(proof, claim, version, sealed) and all(_is_among(figure, rows) for figure in figures)
        line, reader = sealed["record"].partition(":")[0], quoted(version["extractor"])
        proof.test(are_so, f"{name} was read so by {reader}, as the archive sealed it then, in line {line}")
    if readings.keys() - {version["version"] for version in claim["versions"]}:
        raise ValueError("a reading of no version of the claim")


def _is_sealed(proof: ProofFile, claim: ProofClaim, version: VersionLook, sealed: SealedRows) -> bool:
    """Whether a statement says of a version that it was read from one of these captures, by this reader, with these rows."""
    payloads = {proof.payload_digest(look["payload"]) for look in claim["captures"]}
    stated = [claim["report"], version["version"], version["extractor"], sha256(sealed["rows"].encode()).hex()]
    for line in proof.statement(sealed["record"]):
        if [line["report"], line["version"]] == stated[:2]:
            return [line["extractor"], line["figures"]] == stated[2:] and line["payload"] in {None, *payloads}
    return False


def _cells(written: str) -> dict[tuple[str, str], tuple[list[float | None], list[object]]]:
    """The rows of figures by table and row: the values of a row, and its cells."""
    found, table = {}, ""
    for line in written.split("\n")[:-1]:
        if not line.startswith("["):
            table, _, line = line.partition("\t")
        _, _, row, *numbers, cells = json.loads(line)
        found[table, _typed(row)] = [_number(one) for one in numbers], json.loads(_typed(cells))
    return found


def _typed(text: str) -> str:
    """A value that was written with a letter for its type."""
    return text.partition(":")[2]


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    return int(_typed(text)) if text.startswith("i:") else float.fromhex(_typed(text))


def _is_among(figure: FigureLook, rows: dict[tuple[str, str], tuple[list[float | None], list[object]]]) -> bool:
    """Whether a figure is what its cell of the rows says: place, text, value and sureness."""
    numbers, cells = rows[figure["table"], figure["row"]]
    column = COLUMNS[figure["table"]].index(figure["column"])
    number, start, cell = numbers[column], cells[0], cells[column + 1]
    if isinstance(cell, str):  # printed as its value
        cell = [cell, "" if number is None else str(number), None, 1]
    stated = [figure["where"], figure["raw"], figure["value"], figure["confidence"]]
    return isinstance(cell, list) and [f"{start}{cell[0]}", cell[1], number, cell[3]] == stated


def _answer(proof: ProofFile, look: ClaimedLook) -> tuple[bool, bytes | None]:
    """Whether a visit log has a look as it is claimed, and what came then (`None`: not in the file, or not readable)."""
    stated = [look[name] for name in ("url", "at", "status", "verdict", "digest")]
    for line in proof.log(look["log"]):
        if line["k"] == "v" and [line["u"], line["t"], line["s"], line["v"], line.get("d")] == stated:
            return (True, None) if look["payload"] is None else _content(proof, look, look["payload"], line.get("x"))
    return False, None


def _content(proof: ProofFile, look: ClaimedLook, payload: str, told: Told | None) -> tuple[bool, bytes | None]:
    """What came, from the record that has it, or made again from one and what differed."""
    stored, name, digest = proof.body(payload), proof.payload_digest(payload), look["digest"]
    if told is None:  # to a 304 nothing came: the page that was stored before is shown
        return look["status"] == 304 or (bool(digest) and name.startswith(digest or "-")), stored
    if stored is None or not name.startswith(told["of"]):
        return False, None
    made = b"".join(one.encode("latin-1") if isinstance(one, str) else stored[one[0] : one[1]] for one in told["d"])
    return _base32(made) == told["is"] and told["is"].startswith(digest or "-"), made


def check_gone(proof: ProofFile, claim: ProofClaim, gone: Gone) -> None:
    """That an address no longer gives its report: two looks in two passes, each beside a good answer of the same portal."""
    first, second = gone["looks"]
    address = gone["address"]
    is_so = address in [look["url"] for look in claim["captures"]] and first["url"] == second["url"] == address
    is_so = is_so and max(look["at"] for look in claim["captures"]) < first["at"] and _are_apart(proof, first, second)
    proof.test(is_so, "two looks at the address after it gave the report, in two passes, 20 hours apart or more")
    for look, beside in zip((first, second), gone["beside"], strict=True):
        is_logged, body = _answer(proof, look)
        name = f"{look['at']}: {address} answered {look['status']}"
        proof.test(is_logged, f"{name}; the harvester's sealed log calls it {quoted(look['verdict'])}")
        _judge_gone(proof, name, look, body, gone["control"])
        is_good = _is_good(proof, look["log"], beside) and beside["url"] != address
        is_good = is_good and _host(beside["url"]) == _host(address)
        proof.test(is_good, f"{beside['at']}: the same host answered well at {beside['url']}")


def _are_apart(proof: ProofFile, first: ClaimedLook | ClaimedColumn, second: ClaimedLook | ClaimedColumn) -> bool:
    """Whether two looks are of two passes, the second 20 hours behind the first or more."""
    return (
        _when(second["at"]) - _when(first["at"]) >= _APART and not proof.runs[first["log"]] & proof.runs[second["log"]]
    )


def _when(at: str) -> int:
    return calendar.timegm(time.strptime(at, "%Y-%m-%dT%H:%M:%SZ"))


def _is_good(proof: ProofFile, log: str, beside: ClaimedAnswer) -> bool:
    return any(
        (line["k"], line.get("u"), line["t"]) == ("v", beside["url"], beside["at"])
        and line["v"] == "ok"
        and line["s"] in (200, 304)
        for line in proof.log(log)
    )


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()


def _judge_gone(proof: ProofFile, name: str, look: ClaimedLook, body: bytes | None, control: str | None) -> None:
    """Whether an answer says by itself that there is nothing: what only a reader can judge is not proved."""
    status = look["status"]
    if status in (404, 410):
        proof.say(PROVED, f"{name}: by its own word there is nothing")
    elif 300 <= status < 400 and look["payload"] is not None:
        fields, block = proof.records[look["payload"]]
        where = _fields(block.partition(b"\r\n\r\n")[0]).get("location", "")
        is_its_own = [_uri(fields), fields.get("warc-date")] == [look["url"], look["at"]]
        proof.test(is_its_own and bool(where), f"{name}: it leads to {quoted(where)} instead", NOT_PROVED)
    elif control is not None and _is_control(proof, control) and body is not None and proof.body(control) == body:
        proof.say(PROVED, f"{name} with what it answers where nothing can be ({_uri(proof.records[control][0])})")
    else:
        text = text_of(body) if body is not None else None
        said = quoted(words_of(text)[:_QUOTED]) if text is not None else "what is not kept, or is no text"
        proof.say(NOT_PROVED, f"{name} with {said}: read whether that says that it is gone")


def _is_control(proof: ProofFile, record: str) -> bool:
    """Whether a record is the answer of an address that this program makes up and that cannot exist."""
    where = _uri(proof.records[record][0])
    site = f"{where.partition('://')[0]}://{_host(where)}"
    return sha256(f"ogi-archive control {site}".encode()).hex()[:16] in where


def _uri(fields: dict[str, str]) -> str:
    return fields.get("warc-target-uri", "").strip("<>")


def words_of(page: str) -> str:
    """What a page of HTML says, without its tags."""
    return html.unescape(_PIECE.sub(lambda found: found["text"] or " ", page))


def check_lists(proof: ProofFile, claim: ProofClaim, readings: list[ClaimedReading]) -> None:
    """What lists named: all their pages are here, and what stands in them is counted again."""
    shown = []
    for reading in readings:
        log = proof.log(reading["log"])
        named = [(line["u"], line["t"]) for line in log if line["k"] == "l" and line["p"] == reading["portal"]]
        stated = [(one["url"], one["at"]) for one in reading["columns"]]
        is_so = bool(stated) and named == stated
        proof.test(is_so, f"{len(stated)} lists are all that the log of the pass has of this portal")
        shown.append(_check_pages(proof, reading, log))
        for column in reading["columns"]:
            _check_column(proof, column, reading, log, shown[-1])
    if claim["kind"] == "absence":
        _check_absence(proof, claim, readings, [text for texts in shown for text in texts])
    else:
        _check_delisted(proof, claim, readings, shown)


def _check_pages(proof: ProofFile, reading: ClaimedReading, log: list[LogLine]) -> list[str]:
    """That all pages of a portal's lists that the log names are here; gives their texts."""
    lists, pages = ["v", "list", reading["portal"]], reading["pages"]
    asked = [[line["u"], line["t"]] for line in log if [line["k"], line.get("r"), line["p"]] == lists]
    are_so = sorted(asked) == sorted([look["url"], look["at"]] for look in pages)
    answers = [_answer(proof, look) for look in pages]
    are_so = are_so and all(is_logged for is_logged, _ in answers)
    proof.test(are_so, f"the {len(pages)} pages of lists that the log names are here, as they came")
    texts = [text_of(body) if body is not None else None for _, body in answers]
    _doubt_pages(proof, pages, texts)
    return [text for text in texts if text is not None]


def _doubt_pages(proof: ProofFile, pages: list[ClaimedLook], texts: list[str | None]) -> None:
    if not pages:
        proof.say(NOT_PROVED, "what the lists showed: the log names no page of them")
    for look, text in zip(pages, texts, strict=True):
        _doubt_page(proof, look, text)


def _doubt_page(proof: ProofFile, look: ClaimedLook, text: str | None) -> None:
    name = f"{look['at']}: {look['url']}"
    if look["status"] == 304:
        proof.say(NOT_PROVED, f"{name} sent no page (304): that it is the one shown here")
    elif text is None and look["verdict"] not in ("gone?", "gone", "moved"):
        proof.say(NOT_PROVED, f"{name} answered what this program can't read")


def _check_column(
    proof: ProofFile, column: ClaimedColumn, reading: ClaimedReading, log: list[LogLine], texts: list[str]
) -> None:
    name = f"{column['at']}: {column['url']} was read to its end"
    stated = ["l", reading["portal"], column["url"], column["at"]]
    line = next(one for one in log if [one["k"], one["p"], one.get("u"), one["t"]] == stated)
    words = WHOLE.get(str(line.get("proof"))) if line["complete"] else None
    if words is None:
        said = "it was, and not what shows it" if line["complete"] else line.get("reason") or "it was not"
        proof.say(NOT_PROVED, f"{name}: the log says {quoted(said)}")
        return
    quote = line.get("quote") or ""
    stands = any(compact(quote) in compact(text) or compact(quote) in _plain(text) for text in texts)
    shown = f"{name} ({words}{': ' + quoted(quote) if quote else ''})"
    proof.test(stands or not quote, shown, NOT_PROVED)


def _plain(text: str) -> str:
    return compact(html.unescape(_PIECE.sub(lambda found: found["text"] or "", text)))


def _entries(proof: ProofFile, column: ClaimedColumn) -> list[ClaimedEntry] | None:
    """The rows of a list that were taken for reports, as a log has them: that of the reading, or the one that it says is the same."""
    for line in proof.log(column["entries"]) if column["entries"] else ():
        if line["k"] == "l" and line["u"] == column["url"] and line["t"] <= column["at"] and not line.get("same"):
            return list(line.get("entries") or ())
    return None


def entry_titles(entries: list[ClaimedEntry], year: int) -> set[str]:
    """The titles of rows that name no year, or this one."""
    titles = {compact(entry.get("title") or entry["url"]) for entry in entries}
    return {one for one in titles if str(year) in one or not re.search("(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", one)}


def _names_other(text: str, organ: str, names: list[str]) -> bool:
    """Whether a text names an organ that isn't the one with these names, nor a short form of one of them."""
    if not organ or organ not in text or re.search("[0-9年]|公开|报告", organ) or any(organ in name for name in names):
        return False
    if any(name in text.replace(organ, "") for name in names):
        return False
    return not any(name in organ for name in names) or _ORGAN_END.search(organ) is not None


def _check_absence(proof: ProofFile, claim: ProofClaim, readings: list[ClaimedReading], texts: list[str]) -> None:
    """That all that may speak of a report in the texts of lists is named, and is something else."""
    year, due = claim["year"], claim["due"]
    columns = [column for reading in readings for column in reading["columns"]]
    are_later = all(column["at"] > f"{due}T16:00:00Z" for column in columns)
    proof.test(are_later, f"the lists were read after the due date, {due} (Asia/Shanghai)")
    seen = {one for text in texts for one in texts_of(text, year)} | _rows_of(proof, columns, year)
    names = [compact(name) for name in claim["names"]]
    titles = {one["text"]: one for one in claim["titles"]}
    is_so = set(titles) == seen and compact(claim["agency"]) in names
    proof.test(is_so, f"{len(seen)} texts of the lists may speak of a report for {year}, and all are accounted for")
    _check_titles(proof, [titles.get(text) or {"text": text} for text in sorted(seen)], names)
    agency = quoted(claim["agency"])
    is_so = all(outcome == PROVED for outcome, _ in proof.said)
    proof.test(is_so, f"none of these lists named a report of {agency} for {year}", NOT_PROVED)


def _rows_of(proof: ProofFile, columns: list[ClaimedColumn], year: int) -> set[str]:
    """The titles of rows that were taken for reports, and may be of the year."""
    found: set[str] = set()
    for column in columns:
        entries = _entries(proof, column)
        if entries is None:
            proof.say(NOT_PROVED, f"which rows of {column['url']} were taken for reports")
        found |= entry_titles(entries or [], year)
    return found


def _check_titles(proof: ProofFile, titles: list[TitleText], names: list[str]) -> None:
    organs, others = [], []
    for title in titles:
        text, organ = title["text"], title.get("organ") or ""
        is_open = "公开" in text
        if _names_other(text, organ, names):
            organs.append(quoted(organ))
        elif is_open and re.search("报告|年报", text) and any(name in text for name in names):
            proof.say(DAMAGED, f"a list names it: {quoted(text)}")
        elif title.get("as") == "other" and not is_open:
            others.append(quoted(text))
        else:
            proof.say(NOT_PROVED, f"{quoted(text)} is not this report: it names no other organ; read what it leads to")
    if organs:
        proof.say(PROVED, f"{len(organs)} of them name other organs: {', '.join(sorted(set(organs)))}")
    if others:
        listed = ", ".join(others)
        proof.say(PROVED, f"{len(others)} of them are papers of another kind, as the archive judges them: {listed}")


def _check_delisted(
    proof: ProofFile, claim: ProofClaim, readings: list[ClaimedReading], shown: list[list[str]]
) -> None:
    """That a list named an address before, and twice no longer."""
    before, address = claim["before"], claim["address"]
    named = [entry for entry in _entries(proof, before) or [] if entry["url"] == address]
    read_at = [line["t"] for line in proof.log(before["log"]) if [line["k"], line.get("u")] == ["l", claim["column"]]]
    is_so = bool(named) and before["url"] == claim["column"] and before["at"] in read_at
    proof.test(is_so, f"{before['at']}: {claim['column']} named {address}")
    proof.test(address in [look["url"] for look in claim["captures"]], f"{address} gave the report", NOT_PROVED)
    _check_two_readings(proof, claim, readings)
    title = compact([*[entry.get("title") for entry in named], address][0] or address)
    _check_nowhere(proof, title, [text for one in shown for text in one])


def _check_nowhere(proof: ProofFile, title: str, texts: list[str]) -> None:
    is_there = any(title in _plain(text) or title in compact(text) for text in texts)
    proof.test(not is_there, f"{quoted(title)} stands nowhere in the pages of these passes", NOT_PROVED)


def _check_two_readings(proof: ProofFile, claim: ProofClaim, readings: list[ClaimedReading]) -> None:
    first, second = (
        next(one for one in reading["columns"] if one["url"] == claim["column"]) | {"log": reading["log"]}
        for reading in readings
    )
    is_so = claim["before"]["at"] < first["at"] and _are_apart(proof, first, second)
    is_so = is_so and all(_lacks(_entries(proof, one), claim["address"]) for one in (first, second))
    proof.test(is_so, f"{first['at']} and {second['at']}: it named it no more, in two passes, 20 hours apart or more")


def _lacks(entries: list[ClaimedEntry] | None, address: str) -> bool:
    return entries is not None and all(entry["url"] != address for entry in entries)


def check(file: str, key: str | None = None) -> list[tuple[str, str]]:
    """The outcome of each claim with its sentence. A file that can't be read is damaged.

    Raises:
        ValueError: The key is none.
        OSError: There is no such file.
    """
    return checked(file, key)[0]


def checked(file: str, key: str | None = None) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """The same, and what a file of this kind doesn't say, whatever it proves."""
    if key is not None:
        vkey(key)
    Path(file).stat()
    if not Path(file).is_file():  # a pipe may never begin, a device never end
        raise OSError(f"{file} is no file")
    found: ProofFile | None = None
    try:
        found = ProofFile(file, key)
        found.run()
    except (
        ArithmeticError,
        AttributeError,
        EOFError,
        LookupError,
        OSError,
        RuntimeError,
        StopIteration,
        TypeError,
        ValueError,
        struct.error,
        zipfile.BadZipFile,
        zlib.error,
    ):
        return [*(found.said if found else ()), (DAMAGED, "the file can't be read as a proof")], ()
    return found.said, LIMITS[found.kind]


def status_of(said: list[tuple[str, str]]) -> int:
    """The exit status."""
    outcomes = {outcome for outcome, _ in said}
    return 1 if DAMAGED in outcomes else 3 if NOT_PROVED in outcomes or not outcomes else 0


def main(arguments: list[str]) -> int:
    """The command line."""
    key = arguments[arguments.index("--key") + 1] if "--key" in arguments[:-1] else None
    files = [one for one in arguments if not one.startswith("--") and one != key]
    try:
        said, limits = checked(files[0], key)
    except (IndexError, OSError, ValueError) as error:
        print(f"usage: check.py FILE [--key VKEY] [--json] ({error})", file=sys.stderr)
        return 2
    if "--json" in arguments:
        print(json.dumps([{"outcome": outcome, "claim": sentence} for outcome, sentence in said], ensure_ascii=False))
    else:
        for outcome, sentence in said:
            print(f"{outcome.upper() if outcome == DAMAGED else outcome:<11}{sentence}")
        for sentence in limits:
            print(f"{'not said':<11}{sentence}")
    return status_of(said)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

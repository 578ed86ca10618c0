#!/usr/bin/env python3
"""Checks a proof file offline, with the Python standard library alone: check.py FILE [--key VKEY] [--json]

Each line is one claim: proved, not proved, or DAMAGED. Exit status: 0 everything is proved, 3 something isn't, 1 something is damaged,
2 there is no such file. Without --key nobody can say whose archive it is: who makes all anew makes a file that agrees with itself.
This file travels in every proof file as proof/check.py; a careful reader takes it from the program's release instead.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import zipfile
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

FORMAT = "ogi-proof-1"
PROVED, NOT_PROVED, DAMAGED = "proved", "not proved", "damaged"
_PRIME = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _PRIME) % _PRIME
_MOST = 512 << 20
Point = tuple[int, int, int, int]


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


class _Tables(HTMLParser):
    """Every table as rows of cell texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A table, a row or a cell begins."""
        if tag == "table":
            self.tables.append([])
            self._open.append(self.tables[-1])
        elif tag == "tr" and self._open:
            self._open[-1].append([])
        elif tag in ("td", "th") and self._open and self._open[-1]:
            self._open[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        """A table ends."""
        if tag == "table" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Text of the cell that was begun last."""
        if self._open and self._open[-1] and self._open[-1][-1]:
            self._open[-1][-1][-1] += data


def _fields(raw: bytes) -> dict[str, str]:
    lines = raw.decode("utf-8", "replace").split("\r\n")[1:]
    return {
        name.strip().lower(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon
    }


class Checker:
    """Checks one file; `said` has the outcome of each claim with its sentence."""

    def __init__(self, file: str, key: str | None) -> None:
        self.said: list[tuple[str, str]] = []
        self._zip = zipfile.ZipFile(file)
        self._key = vkey(key) if key else None
        self._records: dict[str, tuple[dict[str, str], bytes]] = {}

    def run(self) -> None:
        """Check everything."""
        claim = json.loads(self._read("proof/claim.json"))
        if claim.get("format") != FORMAT:
            raise ValueError(f"no proof file of the form {FORMAT}")
        self._check_files()
        origin, size, root = self._check_checkpoint()
        self._check_records(size, root)
        for figure in claim["figures"]:
            self._check_figure(figure)
        for look in claim["captures"]:
            self._check_capture(look)
        self._say(
            NOT_PROVED if self._key is None else PROVED,
            f"the archive calls itself {origin}"
            + (
                ": who it is, only a key that you trust shows (--key)"
                if self._key is None
                else ", and the key is the one that you gave"
            ),
        )

    def _say(self, outcome: str, sentence: str) -> None:
        self.said.append((outcome, sentence))

    def _test(self, is_so: bool, sentence: str) -> None:
        self._say(PROVED if is_so else DAMAGED, sentence)

    def _read(self, name: str) -> bytes:
        if self._zip.getinfo(name).file_size > _MOST:
            raise ValueError(f"{name} is too large")
        return self._zip.read(name)

    def _check_files(self) -> None:
        described = self._read("datapackage.json")
        listed = {item["path"]: item["hash"] for item in json.loads(described)["resources"]}
        names = self._zip.namelist()
        stated = json.loads(self._read("datapackage-digest.json"))["hash"]
        is_so = set(names) - {"datapackage.json", "datapackage-digest.json"} == set(listed) and len(names) == len(
            set(names)
        )
        is_so = is_so and stated == f"sha256:{sha256(described).hex()}"
        is_so = is_so and all(f"sha256:{sha256(self._read(name)).hex()}" == value for name, value in listed.items())
        self._test(is_so, f"the {len(listed)} files in it are those that it lists")

    def _check_checkpoint(self) -> tuple[str, int, bytes]:
        text, _, signatures = self._read("proof/checkpoint.txt").decode().partition("\n\n")
        origin, size, root = (text + "\n").split("\n")[:3]
        if self._key is not None:
            name, hashed, public = self._key
            mine = []
            for line in signatures.split("\n"):
                parts = line.split(" ")
                if len(parts) == 3 and parts[1] == name:
                    raw = base64.b64decode(parts[2])
                    mine += [raw[4:]] if raw[:4] == hashed else []
            is_so = bool(mine) and all(is_ed25519(public, one, (text + "\n").encode()) for one in mine)
            self._test(is_so and name == origin, f"the checkpoint of {size} lines is signed by the key that you gave")
        return origin, int(size), base64.b64decode(root)

    def _check_records(self, size: int, root: bytes) -> None:
        paths, data = json.loads(self._read("proof/paths.json")), self._read("archive/data.warc.gz")
        lines = {int(number): line for number, line in paths["lines"].items()}
        is_so = bool(lines) and all(
            root_of_path(number - 1, size, sha256(b"\0" + line["text"].encode()), line["path"]) == root
            for number, line in lines.items()
        )
        self._test(is_so, f"{len(lines)} lines of the archive's manifest belong to its checkpoint")
        end, are_so = 0, True
        for one in paths["records"]:
            unpacker = zlib.decompressobj(31)
            raw = unpacker.decompress(data[one["offset"] : one["offset"] + one["length"]], _MOST)
            line = json.loads(lines[one["line"]]["text"])
            found = root_of_path(one["leaf"], line["records"], sha256(b"\0" + raw), one["path"])
            are_so = (
                are_so and unpacker.eof and one["offset"] == end and found is not None and found.hex() == line["root"]
            )
            end = one["offset"] + one["length"]
            head, _, block = raw.partition(b"\r\n\r\n")
            fields = _fields(head)
            self._records[one["id"]] = fields, block[: int(fields["content-length"])]
        self._test(
            are_so and end == len(data), f"{len(paths['records'])} records are those of the archive, each at its place"
        )

    def _body(self, record: str) -> tuple[dict[str, str], bytes]:
        fields, block = self._records[record]
        if not fields.get("content-type", "").startswith("application/http"):
            return fields, block
        head, _, body = block.partition(b"\r\n\r\n")
        coding = _fields(head).get("content-encoding", "")
        return fields, zlib.decompress(body, 47) if coding in ("gzip", "deflate") else body

    def _check_capture(self, look: dict[str, Any]) -> None:
        fields, _ = self._records[look["record"]]
        is_so = fields.get("warc-target-uri", "").strip("<>") == look["url"] and fields.get("warc-date") == look["at"]
        if look["record"] != look["payload"]:  # an answer that was the same as before is stored as a reference
            stated, stored = (
                fields.get("warc-payload-digest"),
                self._records[look["payload"]][0].get("warc-payload-digest"),
            )
            is_so = is_so and stated is not None and stated == stored
        whose = f", as {look['seen_by']} has it" if look.get("seen_by") else ""
        self._test(is_so, f"{look['at']}: {look['url']} answered so{whose}")

    def _check_figure(self, figure: dict[str, Any]) -> None:
        name = f"{figure['at']}: {figure['label']} = {figure['raw']!r}"
        place = re.fullmatch(r"\(//table\)\[(\d+)\]/descendant::tr\[(\d+)\]/\*\[(\d+)\]", figure["where"])
        if place is None:
            self._say(NOT_PROVED, f"{name}: open the page and look at {figure['where']}")
            return
        table, row, cell = (int(number) - 1 for number in place.groups())
        _, body = self._body(figure["record"])
        for encoding in ("utf-8", "gb18030"):
            try:
                cells = _Tables(body.decode(encoding)).tables[table][row]
                break
            except (UnicodeDecodeError, IndexError):
                cells = []
        printed = "".join(cells[cell].split()) if cell < len(cells) else None
        self._test(
            printed == "".join(str(figure["raw"]).split()),
            f"{name} stands there, in the row {' '.join(cells[0].split()) if cells else '?'!r}",
        )


def check(file: str, key: str | None = None) -> list[tuple[str, str]]:
    """The outcome of each claim with its sentence. A file that can't be read is damaged.

    Raises:
        ValueError: The key is none.
        OSError: There is no such file.
    """
    if key is not None:
        vkey(key)
    Path(file).stat()
    found: Checker | None = None
    try:
        found = Checker(file, key)
        found.run()
    except (
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
    ) as error:
        return [*(found.said if found else ()), (DAMAGED, f"the file can't be read as a proof: {error!r}")]
    return found.said


def status_of(said: list[tuple[str, str]]) -> int:
    """The exit status."""
    outcomes = {outcome for outcome, _ in said}
    return 1 if DAMAGED in outcomes else 3 if NOT_PROVED in outcomes or not outcomes else 0


def main(arguments: list[str]) -> int:
    """The command line."""
    key = arguments[arguments.index("--key") + 1] if "--key" in arguments[:-1] else None
    files = [one for one in arguments if not one.startswith("--") and one != key]
    try:
        said = check(files[0], key)
    except (IndexError, OSError, ValueError) as error:
        print(f"usage: check.py FILE [--key VKEY] [--json] ({error})", file=sys.stderr)
        return 2
    if "--json" in arguments:
        print(json.dumps([{"outcome": outcome, "claim": sentence} for outcome, sentence in said], ensure_ascii=False))
    else:
        for outcome, sentence in said:
            print(f"{outcome.upper() if outcome == DAMAGED else outcome:<11}{sentence}")
    return status_of(said)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

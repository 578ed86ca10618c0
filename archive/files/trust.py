"""What the operator trusts: `trust.toml`, outside every archive folder. Keys, heads, witnesses and certificates, archive by archive.

An archive is named by its genesis, the SHA-256 of its manifest's first line; `path` says where it lies, so that another archive put in its
place is noticed. Nothing of this is ever read from the archive's own folder: who forges the folder forges what lies in it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import BadState
from archive.files.outside import config_folder
from extract.document.notations import parse_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME = "trust.toml"
#: Names the file to use in place of the operator's own.
VARIABLE = "OGI_TRUST"
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Trusted:
    """What is trusted of one archive; all texts as they stand in the file.

    Attributes:
        keys: vkeys, or fingerprints of 64 hex digits.
        heads: Line hashes of 64 hex digits, checkpoints, or files with either.
        witnesses: vkeys of witnesses whose cosignatures count.
        quorum: How many of them must have co-signed.
        tsa: Files with the certificates of time stamp services.
    """

    genesis: str
    path: str = ""
    keys: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()
    quorum: int = 1
    tsa: tuple[str, ...] = ()

    def plus(self, **more: Iterable[str]) -> Trusted:
        """With further entries in its lists, none of them twice."""
        return self._with({name: tuple(dict.fromkeys([*self.lists[name], *items])) for name, items in more.items()})

    def minus(self, entry: str) -> Trusted:
        """Without an entry, whichever list has it."""
        left = {name: tuple(one for one in items if one != entry) for name, items in self.lists.items()}
        return self._with(left)

    @property
    def lists(self) -> dict[str, tuple[str, ...]]:
        """Its lists by name."""
        return {"keys": self.keys, "heads": self.heads, "witnesses": self.witnesses, "tsa": self.tsa}

    def _with(self, changed: Mapping[str, tuple[str, ...]]) -> Trusted:
        lists = {**self.lists, **changed}
        return replace(self, keys=lists["keys"], heads=lists["heads"], witnesses=lists["witnesses"], tsa=lists["tsa"])


@dataclass(frozen=True, slots=True)
class Trust:
    """The whole file."""

    archives: tuple[Trusted, ...] = field(default=())

    def of(self, genesis: str | None, path: str) -> Trusted | None:
        """What is trusted of an archive: by its genesis, else of the one that should lie at this place."""
        by_name = next((one for one in self.archives if one.genesis == genesis), None)
        return by_name or next((one for one in self.archives if one.path == path), None)

    def with_archive(self, changed: Trusted) -> Trust:
        """The file with one archive's entry put in the place of its earlier one, or at the end."""
        names = [one.genesis for one in self.archives]
        if changed.genesis not in names:
            return Trust((*self.archives, changed))
        return Trust(tuple(changed if one.genesis == changed.genesis else one for one in self.archives))


def trust_file() -> Path | None:
    """Where the operator's trust is kept: `OGI_TRUST`, else the file in the config folder; `None` where there is no home."""
    given = os.environ.get(VARIABLE, "")
    if given:
        return Path(given).expanduser()
    folder = config_folder()
    return folder / NAME if folder is not None else None


def load_trust() -> Trust:
    """Read the file; one that isn't there trusts nothing, unless `OGI_TRUST` names it.

    Raises:
        BadState: It can't be read, or has something that is unknown; says what.
    """
    file = trust_file()
    if file is None:
        return Trust()
    try:
        data = parse_toml(file.read_text("utf-8"))
    except FileNotFoundError:
        if os.environ.get(VARIABLE):
            raise BadState(f"{file}, which {VARIABLE} names, is not there") from None
        return Trust()
    except (OSError, ValueError) as error:
        raise BadState(f"{file} can't be read: {error}") from error
    unknown = data.keys() - {"archive"}
    if unknown:
        raise BadState(f"{file}: unknown member {min(unknown)!r}; it has [[archive]] tables only")
    return Trust(tuple(_trusted(entry, file) for entry in data.get("archive", [])))


def _trusted(entry: Mapping[str, object], file: Path) -> Trusted:
    genesis = str(entry.get("genesis", ""))
    if not _HEX.fullmatch(genesis):
        raise BadState(
            f"{file}: an [[archive]] needs genesis, 64 hex digits, not {genesis!r}; `ogi trust show` prints an archive's"
        )
    wanted = {item.name: type(getattr(Trusted(genesis), item.name)) for item in fields(Trusted)}
    for name, value in entry.items():
        if name not in wanted:
            raise BadState(
                f"{file}: unknown member {name!r} of [[archive]] {genesis[:16]}…; known are {', '.join(wanted)}"
            )
        is_list = wanted[name] is tuple
        if type(value) is not (list if is_list else wanted[name]) or (
            is_list and any(type(one) is not str for one in value)
        ):
            raise BadState(
                f"{file}: {name} of [[archive]] {genesis[:16]}… is no {'list of texts' if is_list else wanted[name].__name__}"
            )
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    return Trusted(**values)


def save_trust(trust: Trust) -> Path:
    """Write the file anew, in one step.

    Raises:
        BadState: There is nowhere to write it.
    """
    file = trust_file()
    if file is None:
        raise BadState(f"this user has no home, so there is no place for {NAME}: name one with {VARIABLE}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
        temporary.write_text(_toml(trust), "utf-8")
        temporary.replace(file)
    except OSError as error:
        raise BadState(f"{file} can't be written: {error.strerror or error}") from error
    return file


def _toml(trust: Trust) -> str:
    """The file's text. Checkpoints have several lines, which a TOML text holds as escapes."""
    parts = ["# Keys and heads that this operator trusts; written by `ogi trust`, read by `ogi verify`.\n"]
    for one in trust.archives:
        lines = ["\n[[archive]]"]
        for item in fields(one):
            value = getattr(one, item.name)
            if item.name == "genesis" or value != item.default:
                lines.append(f"{item.name} = {_value(value)}")
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + "".join(f"\n  {_value(one)}," for one in value) + "\n]"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'

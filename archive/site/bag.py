"""Handing an archive over to another institution: a bag (BagIt 1.0, RFC 8493) with what is public of it, and its life in PREMIS 3.

The payload is a published snapshot, so `ogi verify` checks it claim by claim; what is withheld isn't in it, and is counted. `premis.xml` is made of what
the archive holds anyway (the manifest, decisions, its last verification): it adds nothing that can't be looked up there.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.errors import SiteError
from archive.files.digest import sha256_of_file
from archive.site.premis import premis
from archive.site.publish import publish
from archive.warc import growth
from archive.warc.attest import BAG_NOTE, BAG_STATEMENT, attest
from archive.warc.segments import program_version

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from archive.files.folder import Archive

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
#: Names that RFC 8493 fixes.
BAGIT, INFO, MANIFEST, TAGS = "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"
PREMIS = "premis.xml"
_README = """This bag holds an archive of annual reports on open government information (政府信息公开工作年度报告), as it was handed over.
本存储包内含政府信息公开工作年度报告档案（移交版本）。

data/warc        captures, WARC/1.1 (ISO 28500:2017), one gzip member a record   网页捕获记录
data/manifest.jsonl  one line a segment, each with the hash of the line before   哈希链
data/ogi.db      figures, reports and their history (SQLite)                      数据库
data/snapshot.json, data/snapshot.note  what was published, and the archive's word on it   发布说明与声明
premis.xml       objects, events and agents in PREMIS 3                           保存元数据
SIGNATURE.note   the archive's word on tagmanifest-sha256.txt, which has the hashes of all these   对标签清单的声明

Check it / 核对: any BagIt program (RFC 8493), and `ogi verify DIR --key KEY` with the key that you got by another way.
What is withheld by decision isn't in it; `ogi verify` says how many records that are. 依决定不公开的内容不在其中。
"""


def write_bag(archive: Archive, target: Path, now: datetime) -> dict[str, str]:
    """Write a bag into a new folder; gives what stands in `bag-info.txt`.

    Raises:
        SiteError: The folder holds something, or there is no database yet.
        DamagedArchive: The index is lost.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise SiteError(f"{target} holds something: a bag is written into an empty or new folder")
    target = target.resolve()
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        about = publish(archive, part / "data", now)
        (part / BAGIT).write_text(DECLARATION, encoding="utf-8")
        (part / "README.txt").write_text(_README, encoding="utf-8")
        (part / PREMIS).write_bytes(premis(archive, part / "data", about, now))
        payload = sorted(path for path in (part / "data").rglob("*") if path.is_file())
        (part / MANIFEST).write_text(_hashes(part, payload), encoding="utf-8")
        info = _info(archive, payload, now)
        (part / INFO).write_text("".join(f"{name}: {value}\n" for name, value in info.items()), encoding="utf-8")
        tags = [part / name for name in (BAGIT, INFO, MANIFEST, PREMIS, "README.txt")]
        (part / TAGS).write_text(_hashes(part, tags), encoding="utf-8")
        stated = attest(archive, BAG_STATEMENT, sha256_of_file(part / TAGS), _lines_of(part / "data"))
        if stated is not None:
            (part / BAG_NOTE).write_text(stated, encoding="utf-8")
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    if target.exists():
        target.rmdir()
    part.rename(target)
    return info


def _lines_of(payload: Path) -> list[bytes]:
    path = payload / "manifest.jsonl"
    return path.read_bytes().split(b"\n")[:-1] if path.is_file() else []


def _hashes(root: Path, files: Iterable[Path]) -> str:
    return "".join(f"{sha256_of_file(path)}  {_name(root, path)}\n" for path in files)


def _name(root: Path, path: Path) -> str:
    """A file's name in a manifest: what would end a line is written in percent (RFC 8493 §2.1.3)."""
    return path.relative_to(root).as_posix().replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _info(archive: Archive, payload: list[Path], now: datetime) -> dict[str, str]:
    settings = archive.settings
    lines = growth.whole_lines(archive)
    found = {
        "Source-Organization": settings.operator.name,
        "Contact-Email": settings.operator.contact,
        "External-Description": f"Annual reports on open government information: {settings.archive.name}",
        "External-Identifier": growth.genesis_of(archive) if lines else "",
        "Bagging-Date": f"{now:%Y-%m-%d}",
        "Bag-Software-Agent": f"ogi-archive {program_version()}",
        "Payload-Oxum": f"{sum(path.stat().st_size for path in payload)}.{len(payload)}",
        "Internal-Sender-Description": f"made {utc_text(now)}, {len(lines)} lines of the chain",
    }
    return {name: " ".join(value.split()) for name, value in found.items() if value.strip()}

"""A text to be signed by a person: how a copy was made and identified, what was checked with which outcome, and what is not stated.

It has the elements that courts ask for: a process that gives an accurate result, a copy identified by hash values, who checked (US Federal Rules of
Evidence 902(13), (14)); collection, fixing and keeping of electronic data, and whether they were altered since (《人民法院在线诉讼规则》第十六条至
第十八条). It is no legal advice, and says so.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.files.digest import sha256_of_file
from archive.publish.check_proof import checked
from archive.warc.zips import ZIP_FAULTS, read_small
from extract.document.notations import parse_json

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

LANGUAGES = ("en", "zh")

_TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Statement on a copy of an electronic record",
        "advice": "This text was made by a program and is no legal advice. A notary's record, or that of a recognised service, is stronger. Strike out what you "
        "can't say yourself.",
        "who": "I, ____________________ (name), ____________________ (function), state:",
        "file": "1. The copy. File: {name}, {size} bytes, SHA-256 {sha256}. It was checked on {at} by ogi-archive {program}.",
        "about": "2. What it is about. {about}",
        "records": "3. How it was collected. The program ogi-archive asked the addresses below by HTTP, and stored each answer as it came, with its header fields and "
        "the time of the request (UTC), in files of the standard ISO 28500 (WARC); each record has a SHA-256 of its own, each file is a line of a chain in which "
        "every line has the hash of the line before. The file holds these records byte for byte:",
        "record": "   - {url}, {at} (record {id})",
        "checks": "4. What was checked, and the outcome of each check:",
        "limits": "5. What is not stated:",
        "key": "The key by which the archive is known was given by: ____________________",
        "no key": "No key was given: whose archive it is was not checked.",
        "sign": "Place, date: ____________________    Signature: ____________________",
        "proved": "proved",
        "not proved": "NOT PROVED",
        "damaged": "DAMAGED",
    },
    "zh": {
        "title": "关于电子数据副本的说明",
        "advice": "本文由程序生成，不构成法律意见。公证文书或有资质的服务机构出具的记录效力更强。凡您本人不能说明的内容请划去。",
        "who": "本人____________________（姓名），____________________（职务），说明如下：",
        "file": "一、副本。文件：{name}，{size} 字节，SHA-256 {sha256}。于 {at} 由 ogi-archive {program} 核对。",
        "about": "二、所涉内容。{about}",
        "records": "三、收集方式。程序 ogi-archive 通过 HTTP 请求下列地址，将每个应答按其到达时的原样连同首部字段和请求时间（UTC）存入 ISO 28500（WARC）标准文件；"
        "每条记录有其自身的 SHA-256，每个文件是一条链中的一行，各行均含前一行的散列值。本文件逐字节包含以下记录：",
        "record": "   - {url}，{at}（记录 {id}）",
        "checks": "四、核对内容及各项结果（原文为英文）：",
        "limits": "五、未作说明的事项（原文为英文）：",
        "key": "用以识别该档案的密钥由以下人员提供：____________________",
        "no key": "未给出密钥：未核对该档案属于何人。",
        "sign": "地点、日期：____________________    签名：____________________",
        "proved": "已证明",
        "not proved": "未证明",
        "damaged": "已损坏",
    },
}


def statement(file: Path, key: str | None, language: str, now: datetime, program: str) -> str:
    """The text about a proof file, in a language of `LANGUAGES`; blanks are for a person.

    Raises:
        ValueError: The key is none.
        OSError: There is no such file.
    """
    said, limits = checked(str(file), key)
    text = _TEXTS[language]
    claim = _claim(file)
    sha256 = sha256_of_file(file)
    lines = [text["title"], "", text["advice"], "", text["who"], ""]
    lines += [
        text["file"].format(name=file.name, size=file.stat().st_size, sha256=sha256, at=utc_text(now), program=program),
        "",
        text["about"].format(about=_about(claim)),
        "",
    ]
    lines += [text["records"], *_records(claim, text["record"]), "", text["checks"]]
    lines += [f"   - {text[outcome]}: {sentence}" for outcome, sentence in said]
    lines += ["", text["limits"], *(f"   - {sentence}" for sentence in limits), ""]
    lines += [text["key"] if key else text["no key"], "", text["sign"]]
    return "\n".join(lines) + "\n"


def _claim(file: Path) -> dict[str, object]:
    try:
        with zipfile.ZipFile(file) as package:
            found = parse_json(read_small(package, "proof/claim.json"))
    except (KeyError, *ZIP_FAULTS):
        return {}
    return found if isinstance(found, dict) else {}


def _about(claim: dict[str, object]) -> str:
    parts = [claim.get("kind"), claim.get("what"), claim.get("report"), claim.get("agency"), claim.get("year")]
    return ", ".join(dict.fromkeys(str(part) for part in parts if part))


def _records(claim: dict[str, object], form: str) -> list[str]:
    found = claim.get("captures")
    captures = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [form.format(url=one.get("url"), at=one.get("at"), id=one.get("record")) for one in captures]

"""Copied reports: text that is nearly the same as another agency's, or as the agency's own of another year.

Shingles of the text without names, years and figures are compared by containment; the official headings and table labels are not part of
section texts, and short texts are never judged, so that standard phrases alone do not make a copy.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from extract.model import Extraction, Finding

SHINGLE = 9
MIN_SHINGLES = 300
NEARLY_THE_SAME = 0.9

_NOT_HAN = re.compile(r"[^\u4e00-\u9fff]+")


def fingerprint(extraction: Extraction) -> frozenset[int]:
    """Hashes of the report's own words, stable between processes; empty if there are too few to judge."""
    import zlib

    text = "".join(section.text for section in extraction.sections)
    for name in (extraction.agency, extraction.title):
        if name:
            text = text.replace(name, "")
    words = _NOT_HAN.sub("", unicodedata.normalize("NFKC", text))
    shingles = {zlib.crc32(words[i : i + SHINGLE].encode()) for i in range(len(words) - SHINGLE + 1)}
    return frozenset(shingles) if len(shingles) >= MIN_SHINGLES else frozenset()


def boilerplate(own: frozenset[int], others: Iterable[tuple[str, frozenset[int]]]) -> tuple[Finding, ...]:
    """Findings for a report whose words are nearly another's.

    Args:
        own: The report's `fingerprint`.
        others: Names ("宁波市某局 2019") and fingerprints of the reports to compare with.
    """
    found = []
    for name, other in others:
        if not own or not other:
            continue
        share = len(own & other) / min(len(own), len(other))
        if share >= NEARLY_THE_SAME and min(len(own), len(other)) / max(len(own), len(other)) >= NEARLY_THE_SAME / 1.5:
            found.append(
                Finding(
                    check="boilerplate",
                    severity="info",
                    where="text",
                    message=f"正文与「{name}」{share:.0%} 相同",
                )
            )
    return tuple(found)

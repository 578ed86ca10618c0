"""What a list named, as a digest."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.warc.context import Entry


def listing_digest(entries: Iterable[Entry]) -> str:
    """A digest of what a list names, whatever the order."""
    rows = sorted(json.dumps(entry.to_json(), ensure_ascii=False, sort_keys=True) for entry in entries)
    return hashlib.sha256("\n".join(rows).encode("utf-8")).hexdigest()

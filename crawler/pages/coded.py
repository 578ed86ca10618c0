"""Text that a page holds in another coding: reading data is no running of scripts."""

from __future__ import annotations

import base64


def text_of_base64(coded: str) -> str | None:
    """The text that base64 stands for, `None` for what is no base64 or no UTF-8. Any text may be asked about, Chinese too."""
    try:
        return base64.b64decode(coded, validate=True).decode("utf-8")
    except ValueError:  # no base64, signs that none can have, no UTF-8
        return None

"""Jobs for workers, which import them by name."""

from __future__ import annotations

import os
import signal


def double(item: str) -> str:
    if item == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return item + item


def given_up(item: str) -> str:
    return "given up"

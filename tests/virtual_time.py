"""An event loop in which waiting takes no time: a wait ends at once, and the loop's clock then shows its end."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class _Selector(selectors.SelectSelector):
    """Waits for nothing, and counts for how long it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.waited_s += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.waited_s


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run` in virtual time: for code that waits by the loop's clock and for nothing outside."""
    loop = _Loop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()

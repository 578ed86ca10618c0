"""What a walk has asked for, and for which of its lists: each request once, a script for all lists that load it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from crawler.pages.exchange import NextRequest, PageBytes

_Owner = TypeVar("_Owner")


class Requested(Generic[_Owner]):
    """Requests, each with the list that waits for its answer."""

    def __init__(self) -> None:
        self._asked: dict[object, NextRequest] = {}
        self._pending: dict[object, _Owner] = {}
        self._waiting: dict[object, list[_Owner]] = {}  # for a script that another list asked for
        self._scripts: dict[object, PageBytes] = {}

    def __len__(self) -> int:
        """How much was asked for."""
        return len(self._asked)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._pending

    def add(self, request: NextRequest, owner: _Owner) -> None:
        """Note that something is asked for."""
        self._asked[request.key] = request
        self._pending[request.key] = owner

    def is_known(self, request: NextRequest, owner: _Owner) -> bool:
        """Whether it was asked for before. Who asks for a script that is under way waits for it, too."""
        if request.key not in self._asked:
            return False
        if request.is_script and request.key in self._pending:
            self._waiting.setdefault(request.key, []).append(owner)
        return True

    def take(self, request: NextRequest) -> _Owner | None:
        """The list that an answer is for; `None` if nobody waits for it."""
        return self._pending.pop(request.key, None)

    def as_asked(self, request: NextRequest) -> NextRequest:
        """The request as the walk made it."""
        return self._asked[request.key]

    def is_waited_for(self, owner: _Owner) -> bool:
        """Whether anything is under way for a list."""
        return any(one is owner for one in chain(self._pending.values(), *self._waiting.values()))

    def keep_script(self, script: PageBytes) -> list[_Owner]:
        """Keep a script; gives the other lists that wait for it."""
        self._scripts[script.request.key] = script
        return self._waiting.pop(script.request.key, [])

    def script_of(self, requests: tuple[NextRequest, ...]) -> PageBytes | None:
        """The script that is asked for, if it is there already."""
        return self._scripts.get(requests[0].key) if requests and requests[0].is_script else None

"""Government portals on loopback: the publishing systems of the field guide, a simulated clock, faults, and a ledger of what happened.

`season.demo_season()` is the small world of `ogi demo`; `generator.make_world(...)` makes larger ones; `server.serve` serves a world.
"""

from __future__ import annotations

from crawler.replica.clock import SeasonClock
from crawler.replica.server import ReplicaServer, serve
from crawler.replica.world import Agency, Carrier, Event, EventKind, Portal, Publication, Traits, World

__all__ = [
    "Agency",
    "Carrier",
    "Event",
    "EventKind",
    "Portal",
    "Publication",
    "ReplicaServer",
    "SeasonClock",
    "Traits",
    "World",
    "serve",
]

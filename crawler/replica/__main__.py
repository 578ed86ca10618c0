"""`python -m crawler.replica`: serve a world by hand, to look at it or to point a harvester at it."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import click

from crawler.replica.clock import SeasonClock
from crawler.replica.generator import EIGHT, SIX, Plan, make_world
from crawler.replica.season import DAYS, demo_season
from crawler.replica.server import serve


@click.command()
@click.option(
    "--world", type=click.Choice(["demo", "six", "eight"]), default="demo", show_default=True, help="What to serve."
)
@click.option("--seed", default=1, show_default=True, help="Of the invented worlds.")
@click.option("--agencies", default=40, show_default=True, help="Of the invented worlds.")
@click.option("--port-base", type=click.IntRange(1024, 65000), help="Ports count up from here; free ones otherwise.")
@click.option("--now", "start", type=click.DateTime(), help="Simulated time (UTC); default: the season's first day.")
@click.option(
    "--definitions", type=click.Path(path_type=Path), help="Write definitions for --portals into this folder."
)
@click.option(
    "--ledger", type=click.Path(path_type=Path), help="Write the ledger of all events, past and future, to this file."
)
def main(
    world: str,
    seed: int,
    agencies: int,
    port_base: int | None,
    start: datetime | None,
    definitions: Path | None,
    ledger: Path | None,
) -> None:
    """Serve replica portals on 127.0.0.1 until Ctrl-C; addresses go to stdout."""
    if world == "demo":
        chosen, first = demo_season(), DAYS[0]
    else:
        plan = Plan(agencies=agencies, families=SIX if world == "six" else EIGHT)
        chosen, first = make_world(seed, plan), datetime(plan.season + 1, 1, 2, 2, tzinfo=UTC)
    clock = SeasonClock(start.replace(tzinfo=UTC) if start else first)
    ports = {portal.id: port_base + step for step, portal in enumerate(chosen.portals)} if port_base else {}
    if ledger is not None:
        lines = (json.dumps(line, ensure_ascii=False) for line in chosen.ledger())
        ledger.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with serve(chosen, clock, ports) as server:
        if definitions is not None:
            server.write_definitions(definitions)
        for portal in server.portals:
            click.echo(f"{portal.id}\t{portal.portal.family}\t{portal.start[0]}")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo(f"{len(server.requests.all())} requests, {len(server.requests.violations)} violations", err=True)


if __name__ == "__main__":
    main()

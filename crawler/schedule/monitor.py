"""Health and metrics of the running calendar, on loopback, for the operator's monitoring.

`/healthz` answers 200 while the service lives and 503 when a run failed; `/metrics` is Prometheus' text format.
"""

from __future__ import annotations

import http.server
import json
import logging
import threading
from typing import TYPE_CHECKING, Any

from archive.errors import SiteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.folder import Archive
    from crawler.schedule.runner import Runner

logger = logging.getLogger(__name__)

QUERIES: tuple[tuple[str, str, str, str], ...] = (
    (
        "ogi_captures",
        "Stored HTTP exchanges by verdict.",
        "verdict",
        "select coalesce(verdict, 'none'), count(*) from captures group by 1",
    ),
    ("ogi_bytes", "Bytes in sealed segments.", "", "select '', coalesce(sum(size), 0) from segments"),
    ("ogi_reports", "Reports by status.", "status", "select status, count(*) from reports group by 1"),
    (
        "ogi_changes",
        "Changes by kind.",
        "kind",
        "select kind, count(*) from changes where is_false_alarm = 0 group by 1",
    ),
    ("ogi_findings", "Findings by severity.", "severity", "select severity, count(*) from findings group by 1"),
    ("ogi_obligations", "Obligations by status.", "status", "select status, count(*) from obligations group by 1"),
    (
        "ogi_portal_last_success_timestamp_seconds",
        "When a portal was last read without trouble.",
        "portal",
        "select id, coalesce(unixepoch(last_ok_at), 0) from portals",
    ),
    ("ogi_portal_ok", "1 where the portal's last pass went well.", "portal", "select id, state = 'ok' from portals"),
)


def metric_lines(archive: Archive, runner: Runner) -> Iterator[str]:
    """Prometheus' text exposition (format 0.0.4): the index's counts, the entries' last runs."""
    if archive.db_path.is_file():
        from archive.index import open_database

        db = open_database(archive.db_path, read_only=True)
        try:
            for name, text, label, sql in QUERIES:
                yield f"# HELP {name} {text}"
                yield f"# TYPE {name} gauge"
                for value, amount in db.execute(sql).fetchall():
                    yield f"{name}{_labels(label, value)} {amount}"
        finally:
            db.close()
    yield "# HELP ogi_job_success 1 where the entry's last run ended with status 0 or 1, 0 otherwise."
    yield "# TYPE ogi_job_success gauge"
    for name, run in sorted(runner.state.runs.items()):
        yield f"ogi_job_success{_labels('job', name)} {int(run.status.startswith('done'))}"
    yield "# HELP ogi_job_queue Entries that are owed a run now."
    yield "# TYPE ogi_job_queue gauge"
    now = runner.clock.now()
    yield f"ogi_job_queue {sum(runner.owed(entry, now) is not None for entry in runner.entries)}"


def _labels(name: str, value: object) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{{{name}="{escaped}"}}' if name else ""


def serve_metrics(archive: Archive, runner: Runner, port: int) -> http.server.ThreadingHTTPServer:
    """Serve health and metrics on 127.0.0.1 in a thread. Raises `SiteError` for a port in use."""

    class Handler(http.server.BaseHTTPRequestHandler):
        """Answers `/healthz` and `/metrics`, nothing else."""

        def do_GET(self) -> None:
            """Give health or metrics."""
            if self.path == "/healthz":
                failed = sorted(
                    name
                    for name, run in runner.state.runs.items()
                    if run.finished_at and not run.status.startswith("done")
                )
                body = json.dumps({"ok": not failed, "failed": failed}).encode()
                self._answer(200 if not failed else 503, "application/json", body)
            elif self.path == "/metrics":
                body = ("\n".join(metric_lines(archive, runner)) + "\n").encode()
                self._answer(200, "text/plain; version=0.0.4; charset=utf-8", body)
            else:
                self._answer(404, "text/plain; charset=utf-8", b"/healthz or /metrics\n")

        def _answer(self, status: int, media_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
            """Stay silent: monitoring asks every few seconds."""

    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError as error:
        raise SiteError(
            f"can't listen on 127.0.0.1:{port} for metrics ({error.strerror}): choose another --metrics-port"
        ) from None
    threading.Thread(target=server.serve_forever, daemon=True, name="metrics").start()
    logger.info("metrics on http://127.0.0.1:%d/metrics", server.server_address[1])
    return server

"""Health and metrics of the running calendar, on loopback, for the operator's monitoring.

`/healthz` answers 200 while the service lives and 503 when a run or the last verification failed; `/metrics` is Prometheus' text format.
"""

from __future__ import annotations

import http.server
import json
import logging
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

from archive.errors import SiteError
from archive.index.database import DatabaseError, open_database
from archive.index.metrics import gauges
from archive.verify.last import last_verification
from extract.errors import OgiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.files.folder import Archive
    from crawler.schedule.runner import Runner

logger = logging.getLogger(__name__)


_OUTCOMES = {"proved": 1, "not proved": 0, "damaged": -1}


def metric_lines(archive: Archive, runner: Runner) -> Iterator[str]:
    """Prometheus' text exposition (format 0.0.4): the index's counts, the entries' last runs."""
    if archive.db_path.is_file():
        db = open_database(archive.db_path, read_only=True)
        try:
            for gauge in gauges(db):
                yield f"# HELP {gauge.name} {gauge.text}"
                yield f"# TYPE {gauge.name} gauge"
                for value, amount in gauge.amounts:
                    yield f"{gauge.name}{_labels(gauge.label, value)} {amount}"
        finally:
            db.close()
    verified = last_verification(archive)
    if verified is not None and verified["at"]:
        at = datetime.fromisoformat(verified["at"])
        yield from _gauge("ogi_verify_ok", "1 if the last verification found no damage.", int(verified["ok"]))
        yield from _gauge(
            "ogi_verify_whole", "1 if the last verification proved every required claim.", int(verified["whole"])
        )
        yield "# HELP ogi_verify_claim Outcome of each claim: 1 proved, 0 not proved, -1 damaged."
        yield "# TYPE ogi_verify_claim gauge"
        for claim, outcome in verified["claims"].items():
            yield f"ogi_verify_claim{_labels('claim', claim)} {_OUTCOMES.get(outcome, -1)}"
        yield from _gauge("ogi_verify_timestamp_seconds", "When the archive was last verified.", int(at.timestamp()))
        age = int((runner.clock.now() - at).total_seconds())
        yield from _gauge("ogi_verify_age_seconds", "How long ago that was.", age)
    waiting = [path for path in (archive.root / "outbox").glob("*") if path.suffix in (".json", ".sending")]
    yield from _gauge(
        "ogi_outbox_messages", "Messages that wait, or of which it is unknown whether they arrived.", len(waiting)
    )
    yield "# HELP ogi_job_success 1 where the entry's last run ended with status 0 or 1, 0 otherwise."
    yield "# TYPE ogi_job_success gauge"
    for name, run in sorted(runner.state.runs.items()):
        yield f"ogi_job_success{_labels('job', name)} {int(run.status.startswith('done'))}"
    yield "# HELP ogi_job_last_run_timestamp_seconds When the entry's last run ended."
    yield "# TYPE ogi_job_last_run_timestamp_seconds gauge"
    for name, run in sorted(runner.state.runs.items()):
        if run.finished_at:
            ended = int(datetime.fromisoformat(run.finished_at).timestamp())
            yield f"ogi_job_last_run_timestamp_seconds{_labels('job', name)} {ended}"
    now = runner.clock.now()
    queue = sum(runner.owed(entry, now) is not None for entry in runner.entries)
    yield from _gauge("ogi_job_queue", "Entries that are owed a run now.", queue)


def _gauge(name: str, text: str, amount: int) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} gauge"
    yield f"{name} {amount}"


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
                verified = last_verification(archive)
                # as `ogi verify` ends: damage, or a required claim that is not proved, is no success
                is_ok = not failed and (verified is None or (bool(verified["ok"]) and not verified["lacking"]))
                said = {
                    "ok": is_ok,
                    "failed": failed,
                    "verify": verified and {"at": verified["at"], **verified["claims"]},
                }
                self._answer(200 if is_ok else 503, "application/json", json.dumps(said).encode())
            elif self.path == "/metrics":
                try:
                    body = ("\n".join(metric_lines(archive, runner)) + "\n").encode()
                except (OgiError, DatabaseError) as error:  # an index that is being replaced or is damaged
                    self._answer(503, "text/plain; charset=utf-8", f"the index can't be read: {error}\n".encode())
                else:
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

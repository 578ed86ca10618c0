"""How much of a page a harvest reads: what is larger is stored and told, and left to ingest, which reads in processes of its own."""

from __future__ import annotations

#: Lists and report pages of real portals have at most some megabytes, scripts and inlined pictures included.
MOST_READ = 16 << 20

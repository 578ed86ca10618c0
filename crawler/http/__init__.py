"""Transport, rate limits, robots.txt, captures, sessions."""

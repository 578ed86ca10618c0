"""Statistics over reports: what may be added, what is left out and why, totals and distributions, and their pictures."""

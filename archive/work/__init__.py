"""Child processes and jobs."""

"""What the reader gets right, carrier by carrier: `python -m bench.accuracy`."""

"""Bytes, limits, packing, cleaning: what every reader needs."""

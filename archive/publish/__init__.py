"""Packages, digests, feeds."""

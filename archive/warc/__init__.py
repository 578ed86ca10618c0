"""The evidence: records, segments, manifest, signatures, exchange formats."""

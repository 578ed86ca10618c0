"""What the evidence costs: bytes of an unchanged page, time to a capture, speed of rebuild and verify."""

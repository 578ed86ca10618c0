"""What happened: captures become versions and changes."""

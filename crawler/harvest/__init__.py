"""Jobs over many portals."""

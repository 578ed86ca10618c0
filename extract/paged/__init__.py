"""PDF, OFD and scans."""

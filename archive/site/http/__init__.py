"""What stands between the server and the pages: prefix and language of addresses, validators, compression, headers."""

"""What hostile inputs by grammar do to each parser: crashes, hangs, peaks of memory."""

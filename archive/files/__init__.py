"""Where an archive lies: folder, settings, lock, disk or object store."""

-- Captures by others: where they come from, as exactly as they are dated, and the bytes of their records; and what could not be taken.
ALTER TABLE captures ADD COLUMN origin TEXT;
ALTER TABLE captures ADD COLUMN exact_at TEXT;
ALTER TABLE captures ADD COLUMN record_sha256 TEXT;
CREATE INDEX captures_record ON captures (record_sha256) WHERE record_sha256 IS NOT NULL;
CREATE TABLE origins (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    form TEXT NOT NULL,
    software TEXT NOT NULL,
    learned_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE quarantined (
    sha256 TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    place TEXT NOT NULL,
    why TEXT NOT NULL,
    size INTEGER NOT NULL,
    segment TEXT NOT NULL
) STRICT, WITHOUT ROWID;

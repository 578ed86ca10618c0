ALTER TABLE listings ADD COLUMN absent_at TEXT;
ALTER TABLE documents ADD COLUMN withdrawn_digest TEXT;
ALTER TABLE documents ADD COLUMN last_label TEXT;
ALTER TABLE documents ADD COLUMN last_published TEXT;
CREATE TABLE portal_events (
    id TEXT PRIMARY KEY,
    portal TEXT NOT NULL,
    kind TEXT NOT NULL,
    column_url TEXT NOT NULL,
    at TEXT NOT NULL,
    rows_before INTEGER NOT NULL,
    rows_after INTEGER NOT NULL,
    rows_gone TEXT NOT NULL,
    status TEXT NOT NULL,
    decided_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX portal_events_column ON portal_events (column_url);

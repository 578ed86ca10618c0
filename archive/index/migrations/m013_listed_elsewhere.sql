-- Rows that lists captured by others name: what nobody's list here may ever have named.
CREATE TABLE listed_elsewhere (
    capture TEXT NOT NULL,
    url TEXT NOT NULL,
    column_url TEXT NOT NULL,
    portal TEXT NOT NULL,
    title TEXT,
    date TEXT,
    agency TEXT,
    at TEXT NOT NULL,
    PRIMARY KEY (capture, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX listed_elsewhere_url ON listed_elsewhere (url);

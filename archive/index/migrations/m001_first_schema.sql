CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE regions (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    parent TEXT,
    level TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE portals (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT,
    platform TEXT,
    url TEXT,
    start TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    last_pass_at TEXT,
    last_ok_at TEXT,
    failing_since TEXT,
    listed INTEGER,
    expected INTEGER,
    definition TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE agencies (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    region TEXT,
    portal TEXT,
    parent TEXT,
    since INTEGER,
    until INTEGER,
    successor TEXT,
    aliases TEXT NOT NULL,
    source TEXT NOT NULL,
    first_seen TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX agencies_name ON agencies (name);
CREATE INDEX agencies_portal ON agencies (portal);

CREATE TABLE agency_names (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    agency TEXT NOT NULL,
    PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    clock TEXT,
    vantage TEXT,
    portals TEXT,
    is_whole INTEGER NOT NULL,
    segments INTEGER NOT NULL,
    captures INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE segments (
    name TEXT PRIMARY KEY,
    line INTEGER NOT NULL,
    runs TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    records INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE run_records (
    run TEXT NOT NULL,
    kind TEXT NOT NULL,
    segment TEXT NOT NULL,
    "offset" INTEGER NOT NULL,
    PRIMARY KEY (run, kind, segment, "offset")
) STRICT, WITHOUT ROWID;

CREATE TABLE captures (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    at TEXT NOT NULL,
    run TEXT NOT NULL,
    portal TEXT,
    role TEXT,
    verdict TEXT,
    kind TEXT NOT NULL,
    status INTEGER,
    media_type TEXT,
    digest TEXT,
    segment TEXT NOT NULL,
    "offset" INTEGER NOT NULL,
    length INTEGER NOT NULL,
    etag TEXT,
    last_modified TEXT,
    parent TEXT,
    column_url TEXT,
    entry TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX captures_url ON captures (url, at);
CREATE INDEX captures_run ON captures (run, at);
CREATE INDEX captures_segment ON captures (segment, "offset");

CREATE TABLE payloads (
    digest TEXT PRIMARY KEY,
    segment TEXT NOT NULL,
    "offset" INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE passes (
    run TEXT NOT NULL,
    number INTEGER NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    line INTEGER NOT NULL,
    is_folded INTEGER NOT NULL,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE portal_passes (
    portal TEXT NOT NULL,
    run TEXT NOT NULL,
    at TEXT NOT NULL,
    is_ok INTEGER NOT NULL,
    reason TEXT,
    listed INTEGER,
    expected INTEGER,
    PRIMARY KEY (portal, at, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE lists (
    portal TEXT NOT NULL,
    url TEXT NOT NULL,
    at TEXT NOT NULL,
    run TEXT NOT NULL,
    is_complete INTEGER NOT NULL,
    reason TEXT,
    entries INTEGER,
    PRIMARY KEY (portal, url, at, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE listings (
    column_url TEXT NOT NULL,
    url TEXT NOT NULL,
    portal TEXT NOT NULL,
    title TEXT,
    date TEXT,
    agency TEXT,
    first_at TEXT NOT NULL,
    PRIMARY KEY (column_url, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX listings_url ON listings (url);

CREATE TABLE addresses (
    url TEXT PRIMARY KEY,
    portal TEXT NOT NULL,
    role TEXT NOT NULL,
    verdict TEXT NOT NULL,
    status INTEGER,
    visited_at TEXT NOT NULL,
    visits INTEGER NOT NULL,
    digest TEXT,
    digest_at TEXT,
    changed_at TEXT,
    etag TEXT,
    last_modified TEXT,
    parent TEXT,
    column_url TEXT,
    entry TEXT,
    is_linked INTEGER NOT NULL,
    gone_run TEXT,
    is_gone INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_portal ON addresses (portal);
CREATE INDEX addresses_parent ON addresses (parent);

CREATE TABLE reports (
    id TEXT PRIMARY KEY,
    agency TEXT NOT NULL REFERENCES agencies (id),
    year INTEGER NOT NULL,
    form TEXT,
    scope TEXT,
    title TEXT,
    url TEXT NOT NULL,
    portal TEXT NOT NULL,
    region TEXT,
    published_on TEXT,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    status TEXT NOT NULL,
    is_delisted INTEGER NOT NULL,
    version INTEGER NOT NULL,
    absent_at TEXT,
    search_id INTEGER NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX reports_agency ON reports (agency, year);
CREATE INDEX reports_year ON reports (year);
CREATE INDEX reports_portal ON reports (portal);

CREATE TABLE documents (
    url TEXT PRIMARY KEY,
    entry_url TEXT NOT NULL,
    report TEXT NOT NULL,
    portal TEXT NOT NULL,
    status TEXT NOT NULL,
    gone_run TEXT,
    gone_at TEXT,
    first_seen TEXT NOT NULL,
    first_run TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    is_primary INTEGER NOT NULL,
    is_listed INTEGER NOT NULL,
    was_listed INTEGER NOT NULL,
    is_correction INTEGER NOT NULL,
    is_plain INTEGER NOT NULL,
    figures INTEGER NOT NULL,
    state TEXT NOT NULL,
    content_digest TEXT,
    pending_digest TEXT,
    title TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX documents_report ON documents (report);
CREATE INDEX documents_entry ON documents (entry_url);

CREATE TABLE versions (
    report TEXT NOT NULL REFERENCES reports (id),
    version INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    capture TEXT NOT NULL,
    figures_capture TEXT NOT NULL,
    url TEXT NOT NULL,
    media_type TEXT,
    title TEXT,
    published_on TEXT,
    form TEXT,
    scope TEXT,
    index_number TEXT,
    content_digest TEXT NOT NULL,
    state TEXT NOT NULL,
    attachments TEXT NOT NULL,
    coverage TEXT NOT NULL,
    warnings TEXT NOT NULL,
    extractor TEXT NOT NULL,
    PRIMARY KEY (report, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX versions_capture ON versions (capture);

CREATE TABLE report_text (
    report TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    heading TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (report, version, position)
) STRICT;

CREATE TABLE changes (
    id TEXT PRIMARY KEY,
    report TEXT NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    from_version INTEGER,
    to_version INTEGER,
    url TEXT NOT NULL,
    from_url TEXT,
    text_added INTEGER NOT NULL,
    text_removed INTEGER NOT NULL,
    details TEXT NOT NULL,
    run TEXT NOT NULL,
    position INTEGER NOT NULL,
    is_false_alarm INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_at ON changes (at);
CREATE INDEX changes_report ON changes (report, at);

CREATE TABLE figure_changes (
    change TEXT NOT NULL REFERENCES changes (id),
    "table" TEXT NOT NULL,
    "row" TEXT NOT NULL,
    "column" TEXT NOT NULL,
    before NUMERIC,
    after NUMERIC,
    PRIMARY KEY (change, "table", "row", "column")
) WITHOUT ROWID;

CREATE TABLE findings (
    id TEXT PRIMARY KEY,
    report TEXT NOT NULL,
    version INTEGER NOT NULL,
    "check" TEXT NOT NULL,
    severity TEXT NOT NULL,
    "where" TEXT NOT NULL,
    expected NUMERIC,
    actual NUMERIC,
    message TEXT NOT NULL,
    figures TEXT NOT NULL,
    quote TEXT,
    is_across INTEGER NOT NULL,
    status TEXT NOT NULL,
    note TEXT
) WITHOUT ROWID;
CREATE INDEX findings_report ON findings (report, version);
CREATE INDEX findings_check ON findings ("check");

CREATE TABLE obligations (
    agency TEXT NOT NULL REFERENCES agencies (id),
    year INTEGER NOT NULL,
    kind TEXT NOT NULL,
    region TEXT,
    portal TEXT,
    due TEXT NOT NULL,
    status TEXT NOT NULL,
    published_on TEXT,
    first_seen TEXT,
    days_late INTEGER,
    report TEXT,
    reason TEXT,
    list_read_at TEXT,
    as_of TEXT NOT NULL,
    PRIMARY KEY (agency, year)
) STRICT, WITHOUT ROWID;
CREATE INDEX obligations_year ON obligations (year, status);

CREATE TABLE corrections (
    report TEXT NOT NULL,
    version INTEGER NOT NULL,
    "table" TEXT NOT NULL,
    "row" TEXT NOT NULL,
    "column" TEXT NOT NULL,
    before NUMERIC,
    after NUMERIC,
    from_extractor TEXT NOT NULL,
    to_extractor TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (report, version, "table", "row", "column", at)
) WITHOUT ROWID;

CREATE TABLE notices (
    run TEXT NOT NULL,
    url TEXT NOT NULL,
    at TEXT NOT NULL,
    report TEXT,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (run, url, at, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_report ON notices (report);

CREATE TABLE withheld (
    report TEXT NOT NULL,
    url TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (report, url)
) STRICT, WITHOUT ROWID;

CREATE TABLE fingerprints (
    shingle INTEGER NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (shingle, report)
) STRICT, WITHOUT ROWID;
CREATE INDEX fingerprints_report ON fingerprints (report);

CREATE VIRTUAL TABLE report_fts USING fts5 (title, text, content='', contentless_delete=1, tokenize='ascii');
CREATE TABLE disclosure (
    report TEXT NOT NULL,
    version INTEGER NOT NULL,
    "row" TEXT NOT NULL,
    "made" NUMERIC,
    "published" NUMERIC,
    "total_public" NUMERIC,
    "repealed" NUMERIC,
    "in_force" NUMERIC,
    "prior_items" NUMERIC,
    "items_change" NUMERIC,
    "decisions" NUMERIC,
    "projects" NUMERIC,
    "amount" NUMERIC,
    cells TEXT NOT NULL,
    PRIMARY KEY (report, version, "row")
) WITHOUT ROWID;
CREATE TABLE applications (
    report TEXT NOT NULL,
    version INTEGER NOT NULL,
    "row" TEXT NOT NULL,
    "natural_person" NUMERIC,
    "business" NUMERIC,
    "research" NUMERIC,
    "welfare" NUMERIC,
    "legal_service" NUMERIC,
    "other_org" NUMERIC,
    "total" NUMERIC,
    cells TEXT NOT NULL,
    PRIMARY KEY (report, version, "row")
) WITHOUT ROWID;
CREATE TABLE challenges (
    report TEXT NOT NULL,
    version INTEGER NOT NULL,
    "row" TEXT NOT NULL,
    "upheld" NUMERIC,
    "corrected" NUMERIC,
    "other" NUMERIC,
    "pending" NUMERIC,
    "total" NUMERIC,
    cells TEXT NOT NULL,
    PRIMARY KEY (report, version, "row")
) WITHOUT ROWID;
CREATE TABLE indicators (
    report TEXT NOT NULL,
    version INTEGER NOT NULL,
    "row" TEXT NOT NULL,
    "value" NUMERIC,
    cells TEXT NOT NULL,
    PRIMARY KEY (report, version, "row")
) WITHOUT ROWID;
CREATE VIEW figures AS SELECT f.report, a.name AS agency, f.year, f.form, f."table", f."row", f."column", f.value, f.raw, f.state, f.confidence, f."where", f.version, f.capture FROM (
SELECT w.report, r.agency AS agency_id, r.year, v.form, 'disclosure' AS "table", w."row",
    CASE c.key WHEN 1 THEN 'made' WHEN 2 THEN 'published' WHEN 3 THEN 'total_public' WHEN 4 THEN 'repealed' WHEN 5 THEN 'in_force' WHEN 6 THEN 'prior_items' WHEN 7 THEN 'items_change' WHEN 8 THEN 'decisions' WHEN 9 THEN 'projects' WHEN 10 THEN 'amount' END AS "column", CASE c.key WHEN 1 THEN w."made" WHEN 2 THEN w."published" WHEN 3 THEN w."total_public" WHEN 4 THEN w."repealed" WHEN 5 THEN w."in_force" WHEN 6 THEN w."prior_items" WHEN 7 THEN w."items_change" WHEN 8 THEN w."decisions" WHEN 9 THEN w."projects" WHEN 10 THEN w."amount" END AS value,
    iif(c.type = 'text', coalesce(CAST(CASE c.key WHEN 1 THEN w."made" WHEN 2 THEN w."published" WHEN 3 THEN w."total_public" WHEN 4 THEN w."repealed" WHEN 5 THEN w."in_force" WHEN 6 THEN w."prior_items" WHEN 7 THEN w."items_change" WHEN 8 THEN w."decisions" WHEN 9 THEN w."projects" WHEN 10 THEN w."amount" END AS TEXT), ''), json_extract(w.cells, c.fullkey || '[1]')) AS raw,
    iif(c.type = 'text', CASE CASE c.key WHEN 1 THEN w."made" WHEN 2 THEN w."published" WHEN 3 THEN w."total_public" WHEN 4 THEN w."repealed" WHEN 5 THEN w."in_force" WHEN 6 THEN w."prior_items" WHEN 7 THEN w."items_change" WHEN 8 THEN w."decisions" WHEN 9 THEN w."projects" WHEN 10 THEN w."amount" END WHEN 0 THEN 'zero' ELSE iif(CASE c.key WHEN 1 THEN w."made" WHEN 2 THEN w."published" WHEN 3 THEN w."total_public" WHEN 4 THEN w."repealed" WHEN 5 THEN w."in_force" WHEN 6 THEN w."prior_items" WHEN 7 THEN w."items_change" WHEN 8 THEN w."decisions" WHEN 9 THEN w."projects" WHEN 10 THEN w."amount" END IS NULL, 'blank', 'value') END,
        json_extract(w.cells, c.fullkey || '[2]')) AS state,
    iif(c.type = 'text', 1.0, json_extract(w.cells, c.fullkey || '[3]')) AS confidence,
    json_extract(w.cells, '$[0]') || iif(c.type = 'text', c.value, json_extract(w.cells, c.fullkey || '[0]')) AS "where",
    w.version, v.figures_capture AS capture
FROM disclosure w JOIN reports r ON r.id = w.report AND r.version = w.version
JOIN versions v ON v.report = w.report AND v.version = w.version, json_each(w.cells) c
WHERE c.key > 0 AND c.type <> 'null'
UNION ALL
SELECT w.report, r.agency AS agency_id, r.year, v.form, 'applications' AS "table", w."row",
    CASE c.key WHEN 1 THEN 'natural_person' WHEN 2 THEN 'business' WHEN 3 THEN 'research' WHEN 4 THEN 'welfare' WHEN 5 THEN 'legal_service' WHEN 6 THEN 'other_org' WHEN 7 THEN 'total' END AS "column", CASE c.key WHEN 1 THEN w."natural_person" WHEN 2 THEN w."business" WHEN 3 THEN w."research" WHEN 4 THEN w."welfare" WHEN 5 THEN w."legal_service" WHEN 6 THEN w."other_org" WHEN 7 THEN w."total" END AS value,
    iif(c.type = 'text', coalesce(CAST(CASE c.key WHEN 1 THEN w."natural_person" WHEN 2 THEN w."business" WHEN 3 THEN w."research" WHEN 4 THEN w."welfare" WHEN 5 THEN w."legal_service" WHEN 6 THEN w."other_org" WHEN 7 THEN w."total" END AS TEXT), ''), json_extract(w.cells, c.fullkey || '[1]')) AS raw,
    iif(c.type = 'text', CASE CASE c.key WHEN 1 THEN w."natural_person" WHEN 2 THEN w."business" WHEN 3 THEN w."research" WHEN 4 THEN w."welfare" WHEN 5 THEN w."legal_service" WHEN 6 THEN w."other_org" WHEN 7 THEN w."total" END WHEN 0 THEN 'zero' ELSE iif(CASE c.key WHEN 1 THEN w."natural_person" WHEN 2 THEN w."business" WHEN 3 THEN w."research" WHEN 4 THEN w."welfare" WHEN 5 THEN w."legal_service" WHEN 6 THEN w."other_org" WHEN 7 THEN w."total" END IS NULL, 'blank', 'value') END,
        json_extract(w.cells, c.fullkey || '[2]')) AS state,
    iif(c.type = 'text', 1.0, json_extract(w.cells, c.fullkey || '[3]')) AS confidence,
    json_extract(w.cells, '$[0]') || iif(c.type = 'text', c.value, json_extract(w.cells, c.fullkey || '[0]')) AS "where",
    w.version, v.figures_capture AS capture
FROM applications w JOIN reports r ON r.id = w.report AND r.version = w.version
JOIN versions v ON v.report = w.report AND v.version = w.version, json_each(w.cells) c
WHERE c.key > 0 AND c.type <> 'null'
UNION ALL
SELECT w.report, r.agency AS agency_id, r.year, v.form, 'challenges' AS "table", w."row",
    CASE c.key WHEN 1 THEN 'upheld' WHEN 2 THEN 'corrected' WHEN 3 THEN 'other' WHEN 4 THEN 'pending' WHEN 5 THEN 'total' END AS "column", CASE c.key WHEN 1 THEN w."upheld" WHEN 2 THEN w."corrected" WHEN 3 THEN w."other" WHEN 4 THEN w."pending" WHEN 5 THEN w."total" END AS value,
    iif(c.type = 'text', coalesce(CAST(CASE c.key WHEN 1 THEN w."upheld" WHEN 2 THEN w."corrected" WHEN 3 THEN w."other" WHEN 4 THEN w."pending" WHEN 5 THEN w."total" END AS TEXT), ''), json_extract(w.cells, c.fullkey || '[1]')) AS raw,
    iif(c.type = 'text', CASE CASE c.key WHEN 1 THEN w."upheld" WHEN 2 THEN w."corrected" WHEN 3 THEN w."other" WHEN 4 THEN w."pending" WHEN 5 THEN w."total" END WHEN 0 THEN 'zero' ELSE iif(CASE c.key WHEN 1 THEN w."upheld" WHEN 2 THEN w."corrected" WHEN 3 THEN w."other" WHEN 4 THEN w."pending" WHEN 5 THEN w."total" END IS NULL, 'blank', 'value') END,
        json_extract(w.cells, c.fullkey || '[2]')) AS state,
    iif(c.type = 'text', 1.0, json_extract(w.cells, c.fullkey || '[3]')) AS confidence,
    json_extract(w.cells, '$[0]') || iif(c.type = 'text', c.value, json_extract(w.cells, c.fullkey || '[0]')) AS "where",
    w.version, v.figures_capture AS capture
FROM challenges w JOIN reports r ON r.id = w.report AND r.version = w.version
JOIN versions v ON v.report = w.report AND v.version = w.version, json_each(w.cells) c
WHERE c.key > 0 AND c.type <> 'null'
UNION ALL
SELECT w.report, r.agency AS agency_id, r.year, v.form, 'indicators' AS "table", w."row",
    CASE c.key WHEN 1 THEN 'value' END AS "column", CASE c.key WHEN 1 THEN w."value" END AS value,
    iif(c.type = 'text', coalesce(CAST(CASE c.key WHEN 1 THEN w."value" END AS TEXT), ''), json_extract(w.cells, c.fullkey || '[1]')) AS raw,
    iif(c.type = 'text', CASE CASE c.key WHEN 1 THEN w."value" END WHEN 0 THEN 'zero' ELSE iif(CASE c.key WHEN 1 THEN w."value" END IS NULL, 'blank', 'value') END,
        json_extract(w.cells, c.fullkey || '[2]')) AS state,
    iif(c.type = 'text', 1.0, json_extract(w.cells, c.fullkey || '[3]')) AS confidence,
    json_extract(w.cells, '$[0]') || iif(c.type = 'text', c.value, json_extract(w.cells, c.fullkey || '[0]')) AS "where",
    w.version, v.figures_capture AS capture
FROM indicators w JOIN reports r ON r.id = w.report AND r.version = w.version
JOIN versions v ON v.report = w.report AND v.version = w.version, json_each(w.cells) c
WHERE c.key > 0 AND c.type <> 'null'
) f JOIN agencies a ON a.id = f.agency_id;

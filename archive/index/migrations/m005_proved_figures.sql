-- The figures of all years beside those of the year, and which figures stand where they do because the sums allow no other place.
DROP VIEW figures;
CREATE TABLE indicators_of_years (
    report TEXT NOT NULL,
    version INTEGER NOT NULL,
    "row" TEXT NOT NULL,
    "value" NUMERIC,
    "cumulative" NUMERIC,
    cells TEXT NOT NULL,
    PRIMARY KEY (report, version, "row")
) WITHOUT ROWID;
INSERT INTO indicators_of_years (report, version, "row", "value", cells)
SELECT report, version, "row", "value", json_insert(cells, '$[#]', NULL) FROM indicators;
DROP TABLE indicators;
ALTER TABLE indicators_of_years RENAME TO indicators;
CREATE VIEW figures AS SELECT f.report, a.name AS agency, f.year, f.form, f."table", f."row", f."column", f.value, f.raw, f.state, f.confidence, f."where", f.version, f.capture, f.placed,
    f.confidence < 0.9 AS unsure,
    EXISTS (SELECT 1 FROM findings n, json_each(iif(n.figures = '[]', json_array(n."where"), n.figures)) j
    WHERE n.report = f.report AND n.version = f.version AND n.status <> 'dismissed' AND n.severity = 'error'
      AND j.value = f."table" || '.' || f."row" || '.' || f."column") AS disputed,
    (SELECT group_concat(c, ' ') FROM (SELECT DISTINCT n."check" AS c FROM findings n, json_each(iif(n.figures = '[]', json_array(n."where"), n.figures)) j
    WHERE n.report = f.report AND n.version = f.version AND n.status <> 'dismissed' AND n.severity IN ('error', 'warning')
      AND j.value = f."table" || '.' || f."row" || '.' || f."column" ORDER BY 1)) AS findings
FROM (
SELECT w.report, r.agency AS agency_id, r.year, v.form, 'disclosure' AS "table", w."row",
    CASE c.key WHEN 1 THEN 'made' WHEN 2 THEN 'published' WHEN 3 THEN 'total_public' WHEN 4 THEN 'repealed' WHEN 5 THEN 'in_force' WHEN 6 THEN 'prior_items' WHEN 7 THEN 'items_change' WHEN 8 THEN 'decisions' WHEN 9 THEN 'projects' WHEN 10 THEN 'amount' END AS "column", CASE c.key WHEN 1 THEN w."made" WHEN 2 THEN w."published" WHEN 3 THEN w."total_public" WHEN 4 THEN w."repealed" WHEN 5 THEN w."in_force" WHEN 6 THEN w."prior_items" WHEN 7 THEN w."items_change" WHEN 8 THEN w."decisions" WHEN 9 THEN w."projects" WHEN 10 THEN w."amount" END AS value,
    iif(c.type = 'text', coalesce(CAST(CASE c.key WHEN 1 THEN w."made" WHEN 2 THEN w."published" WHEN 3 THEN w."total_public" WHEN 4 THEN w."repealed" WHEN 5 THEN w."in_force" WHEN 6 THEN w."prior_items" WHEN 7 THEN w."items_change" WHEN 8 THEN w."decisions" WHEN 9 THEN w."projects" WHEN 10 THEN w."amount" END AS TEXT), ''), json_extract(w.cells, c.fullkey || '[1]')) AS raw,
    iif(c.type = 'text', CASE CASE c.key WHEN 1 THEN w."made" WHEN 2 THEN w."published" WHEN 3 THEN w."total_public" WHEN 4 THEN w."repealed" WHEN 5 THEN w."in_force" WHEN 6 THEN w."prior_items" WHEN 7 THEN w."items_change" WHEN 8 THEN w."decisions" WHEN 9 THEN w."projects" WHEN 10 THEN w."amount" END WHEN 0 THEN 'zero' ELSE iif(CASE c.key WHEN 1 THEN w."made" WHEN 2 THEN w."published" WHEN 3 THEN w."total_public" WHEN 4 THEN w."repealed" WHEN 5 THEN w."in_force" WHEN 6 THEN w."prior_items" WHEN 7 THEN w."items_change" WHEN 8 THEN w."decisions" WHEN 9 THEN w."projects" WHEN 10 THEN w."amount" END IS NULL, 'blank', 'value') END,
        json_extract(w.cells, c.fullkey || '[2]')) AS state,
    iif(c.type = 'text', 1.0, json_extract(w.cells, c.fullkey || '[3]')) AS confidence,
    json_extract(w.cells, '$[0]') || iif(c.type = 'text', c.value, json_extract(w.cells, c.fullkey || '[0]')) AS "where",
    w.version, v.figures_capture AS capture, iif(c.type = 'text', NULL, json_extract(w.cells, c.fullkey || '[4]')) AS placed
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
    w.version, v.figures_capture AS capture, iif(c.type = 'text', NULL, json_extract(w.cells, c.fullkey || '[4]')) AS placed
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
    w.version, v.figures_capture AS capture, iif(c.type = 'text', NULL, json_extract(w.cells, c.fullkey || '[4]')) AS placed
FROM challenges w JOIN reports r ON r.id = w.report AND r.version = w.version
JOIN versions v ON v.report = w.report AND v.version = w.version, json_each(w.cells) c
WHERE c.key > 0 AND c.type <> 'null'
UNION ALL
SELECT w.report, r.agency AS agency_id, r.year, v.form, 'indicators' AS "table", w."row",
    CASE c.key WHEN 1 THEN 'value' WHEN 2 THEN 'cumulative' END AS "column", CASE c.key WHEN 1 THEN w."value" WHEN 2 THEN w."cumulative" END AS value,
    iif(c.type = 'text', coalesce(CAST(CASE c.key WHEN 1 THEN w."value" WHEN 2 THEN w."cumulative" END AS TEXT), ''), json_extract(w.cells, c.fullkey || '[1]')) AS raw,
    iif(c.type = 'text', CASE CASE c.key WHEN 1 THEN w."value" WHEN 2 THEN w."cumulative" END WHEN 0 THEN 'zero' ELSE iif(CASE c.key WHEN 1 THEN w."value" WHEN 2 THEN w."cumulative" END IS NULL, 'blank', 'value') END,
        json_extract(w.cells, c.fullkey || '[2]')) AS state,
    iif(c.type = 'text', 1.0, json_extract(w.cells, c.fullkey || '[3]')) AS confidence,
    json_extract(w.cells, '$[0]') || iif(c.type = 'text', c.value, json_extract(w.cells, c.fullkey || '[0]')) AS "where",
    w.version, v.figures_capture AS capture, iif(c.type = 'text', NULL, json_extract(w.cells, c.fullkey || '[4]')) AS placed
FROM indicators w JOIN reports r ON r.id = w.report AND r.version = w.version
JOIN versions v ON v.report = w.report AND v.version = w.version, json_each(w.cells) c
WHERE c.key > 0 AND c.type <> 'null'
) f JOIN agencies a ON a.id = f.agency_id;

-- 全文检索 · Full-text search
-- 按相关度，附带标出的片段；词语写在 q · Ranked, with a marked piece of text; words go into q
-- order: rank, id
select bm25(report_fts, 8.0, 1.0) as rank, r.id, a.name as agency, r.year, r.version, r.title, r.published_on, r.url
from report_fts join reports r on r.search_id = report_fts.rowid join agencies a on a.id = r.agency
where report_fts match zh_match(:q)
-- then, of the rows that are shown:
zh_snippet((select group_concat(t.text, char(10)) from report_text t where t.report = rows.id and t.version = rows.version), :q) as piece

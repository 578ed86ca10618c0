-- 全文检索 · Full-text search
-- 按相关度，附带标出的片段；词语写在 q · Ranked, with a marked piece of text; words go into q
select r.id, a.name as agency, r.year, r.title, r.published_on, r.url,
  zh_snippet((select group_concat(t.text, char(10)) from report_text t where t.report = r.id and t.version = r.version), :q) as piece
from report_fts join reports r on r.search_id = report_fts.rowid join agencies a on a.id = r.agency
where report_fts match zh_match(:q) order by bm25(report_fts, 8.0, 1.0) limit 50

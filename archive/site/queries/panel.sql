-- 申请办理面板 · Panel of requests
-- 每份年报一行：新收、结转、予以公开、总计、结转下年 · One row a report: received, carried in, granted, disposed of, carried out
-- order: year desc, agency, report
select r.id as report, g.agency, r.year, r.form, r.scope,
  max(case g."row" when 'received' then g.value end) as received, max(case g."row" when 'carried_in' then g.value end) as carried_in,
  max(case g."row" when 'granted' then g.value end) as granted, max(case g."row" when 'disposed_total' then g.value end) as disposed,
  max(case g."row" when 'carried_out' then g.value end) as carried_out, min(g.confidence) as least_confidence, min(g.confidence) < 0.9 as unsure,
  exists (select 1 from findings n, json_each(iif(n.figures = '[]', json_array(n."where"), n.figures)) j where n.report = r.id and n.version = r.version
    and n.status <> 'dismissed' and n.severity = 'error' and j.value glob 'applications.*.total') as disputed,
  (select group_concat(c, ' ') from (select distinct n."check" as c from findings n, json_each(iif(n.figures = '[]', json_array(n."where"), n.figures)) j
    where n.report = r.id and n.version = r.version and n.status <> 'dismissed' and n.severity in ('error', 'warning')
    and (j.value glob 'applications.*.total' or j.value in ('report', 'applications')) order by 1)) as findings
from (select p.report, a.name as agency, p."row", p.total as value,
    iif(json_type(p.cells, '$[7]') = 'array', json_extract(p.cells, '$[7][3]'), iif(json_type(p.cells, '$[7]') = 'text', 1.0, null)) as confidence from applications p
  join reports q on q.id = p.report and q.version = p.version join agencies a on a.id = q.agency
  where p."row" in ('received', 'carried_in', 'granted', 'disposed_total', 'carried_out')) g join reports r on r.id = g.report
where (:year = '' or r.year = cast(:year as integer)) group by r.id

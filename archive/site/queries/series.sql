-- 一个数字的历年 · One figure over the years
-- 表、行、列的代码见数据字典；机关写编号 · Codes of table, row and column as in the data dictionary; the agency by its id
-- order: year, report
select f.year, f.value, f.state, f.confidence, f.form, f.report, f."where", f.unsure, f.disputed,
  (select group_concat(c, ' ') from (select distinct n."check" as c from findings n, json_each(iif(n.figures = '[]', json_array(n."where"), n.figures)) j
    where n.report = f.report and n.version = f.version and n.status <> 'dismissed' and n.severity in ('error', 'warning')
    and j.value in ('report', f."table", f."table" || '.' || f."row" || '.*', f."table" || '.' || f."row" || '.' || f."column") order by 1)) as findings
from figures f join reports r on r.id = f.report
where r.agency = :agency and f."table" = coalesce(nullif(:table, ''), 'applications') and f."row" = :row
  and f."column" = coalesce(nullif(:column, ''), 'total')

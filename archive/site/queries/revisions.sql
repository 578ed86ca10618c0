-- 被改过的数字 · Figures that were revised
-- 发布之后改动的数字，前后对照 · Figures that changed after publication, before and after
-- order: at desc, change, table, row, column
select c.at, a.name as agency, r.year, f."table", f."row", f."column", f.before, f.after, c.report, c.from_version, c.to_version, c.id as change
from figure_changes f join changes c on c.id = f.change join reports r on r.id = c.report join agencies a on a.id = r.agency
where c.kind = 'revised' and c.is_false_alarm = 0

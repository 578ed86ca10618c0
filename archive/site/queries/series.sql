-- 一个数字的历年 · One figure over the years
-- 表、行、列的代码见数据字典；机关写编号 · Codes of table, row and column as in the data dictionary; the agency by its id
-- order: year, report
select f.year, f.value, f.state, f.confidence, f.form, f.report, f."where"
from figures f join reports r on r.id = f.report
where r.agency = :agency and f."table" = coalesce(nullif(:table, ''), 'applications') and f."row" = :row
  and f."column" = coalesce(nullif(:column, ''), 'total')

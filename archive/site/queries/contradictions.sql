-- 不平衡的报告 · Reports that contradict themselves
-- 当前版本的错误，可按核对项筛选 · Errors of current versions, by check if one is named
-- order: year desc, agency, finding
select a.name as agency, r.year, f."check", f."where", f.expected, f.actual, f.message, f.report, f.id as finding
from findings f join reports r on r.id = f.report and r.version = f.version join agencies a on a.id = r.agency
where f.severity = 'error' and f.status <> 'dismissed' and (:check = '' or f."check" = :check)

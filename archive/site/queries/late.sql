-- 未见与逾期 · Missing and late
-- 某一年度，附期限、首次见到和依据 · Of one report year, with due date, first sight and reason
-- order: year desc, status, agency, agency_id
select a.name as agency, o.year, o.kind, o.due, o.status, o.published_on, o.first_seen, o.days_late, o.reason, o.report, a.id as agency_id
from obligations o join agencies a on a.id = o.agency
where o.status in ('missing', 'late', 'vanished') and (:year = '' or o.year = cast(:year as integer))

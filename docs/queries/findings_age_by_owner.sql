-- Temuan terbuka menunggu siapa, dan sudah berapa hari yang paling lama?
-- Whom do open findings wait for, and how many days have the oldest waited?
--
-- Ganti harinya dan penanggung jawabnya (NULL: semua). Umur dihitung dari hari berkasnya disimpan (Asia/Jakarta). Catatan tingkat info tidak dihitung.
-- Change the day and the owner (NULL: all). Age counts from the day the file was saved (Asia/Jakarta). Remarks of severity info are left out.
with asked as (
    select
        date '2023-12-31' as day,
        cast(null as varchar) as owner
)

select
    waiting.owner,
    waiting.severity,
    sum(waiting.findings) as findings,
    count(distinct waiting.rule_code) as rules,
    max(asked.day - cast(waiting.oldest_delivered_at + interval 7 hours as date)) as oldest_days,
    arg_min(waiting.rule_code, (waiting.oldest_delivered_at, waiting.rule_code)) as oldest_rule
from view_open_findings as waiting
cross join asked
where
    waiting.severity <> 'info'
    and cast(waiting.oldest_delivered_at + interval 7 hours as date) <= asked.day
    and (asked.owner is null or waiting.owner = asked.owner)
group by waiting.owner, waiting.severity
order by waiting.owner, oldest_days desc, waiting.severity;

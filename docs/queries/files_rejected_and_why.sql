-- Berkas mana yang ditolak, mengapa, dan apakah pengirimnya sudah mengirim gantinya?
-- Which files were rejected, why, and has the submitter sent another since?
select
    refused.feed,
    refused.submitter,
    refused.file_name,
    refused.rule_code,
    refused.reason,
    refused.delivered_at,
    count(later.file_sha256) as accepted_since
from file_ledger as refused
left join file_ledger as later
    on
        refused.feed = later.feed
        and refused.submitter = later.submitter
        and later.state = 'accepted'
        and refused.delivered_at < later.delivered_at
where refused.state = 'rejected'
group by all
order by refused.delivered_at, refused.file_name;

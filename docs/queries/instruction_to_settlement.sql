-- Berapa hari dari perintah bayar sampai uang masuk atau kembali?
-- How many days from the instruction until the money arrives or comes back?
select
    batch,
    status,
    count(*) as transfers,
    sum(amount_idr) as amount_idr,
    min(settled_on - instructed_on) as days_least,
    quantile_disc(settled_on - instructed_on, 0.5) as days_median,
    quantile_disc(settled_on - instructed_on, 0.95) as days_95_of_100,
    max(settled_on - instructed_on) as days_most
from fct_disbursement
where settled_on is not null
group by batch, status
order by batch, status;

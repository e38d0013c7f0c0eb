-- Siapa yang tercatat dalam dua pilar atau di dua kabupaten/kota sekaligus, dan di baris mana saja?
-- Who stands in two pillars or two kab/kota at once, and in which rows?
--
-- Hanya yang berlaku menurut berkas sampai hari ini. Nama tidak ada di sini; cari pada berkas dan baris yang disebut.
-- Only what stands by the files of today. No names here: look at the file and row that are named.
with stated as (
    select
        membership.participant_id,
        membership.effective_on,
        membership.pillar_code,
        region.region_code,
        region.region_name,
        ledger.file_name,
        membership.source_row
    from fct_roster_membership as membership
    left join dim_region as region on membership.region_code = region.region_code
    left join file_ledger as ledger
        on membership.file_sha256 = ledger.file_sha256 and ledger.feed = 'rosters' and ledger.state <> 'duplicate'
    where membership.is_in_force and membership.status <> 'KELUAR'
)

select
    participant_id,
    count(distinct pillar_code) > 1 as two_pillars,
    count(distinct region_code) > 1 as two_regions,
    list(distinct pillar_code order by pillar_code) as pillars,
    list(distinct region_name order by region_name) as regions,
    list(file_name || ' : ' || source_row order by file_name, source_row) as stands_in
from stated
group by participant_id
having count(distinct pillar_code) > 1 or count(distinct region_code) > 1
order by two_pillars desc, participant_id;

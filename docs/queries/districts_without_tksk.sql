-- Kecamatan mana yang tidak mempunyai TKSK?
-- Which districts have no TKSK?
--
-- Setiap kecamatan seharusnya mempunyai satu. Kode kecamatan adalah kode Kementerian Dalam Negeri; waived: petugas menerimanya, sampai
-- hari yang disebut bila ada.
-- Each district ought to have one. District codes are those of the Home Ministry; waived: a steward lets it be, until the day that is
-- named if there is one.
select
    region.region_name,
    finding.subject as district_code,
    finding.state,
    finding.decided_until,
    profile.districts_without_tksk as of_the_region,
    profile.districts
from quality_findings as finding
left join dim_region as region
    on region.region_level = 'kabkota' and left(finding.subject, 4) = replace(region.kemendagri_code, '.', '')
left join view_region_profile_latest as profile on region.region_code = profile.region_code
where finding.rule_code = 'TKSK_DISTRICT_NONE' and finding.state in ('open', 'waived')
order by region.region_name, district_code;

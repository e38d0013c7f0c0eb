-- Indonesia, its provinces and kab/kota; the coordination office (bakorwil) of East Java's members today.
select
    region.region_code,
    region.kemendagri_code,
    region.region_name,
    region.region_level,
    region.region_type,
    region.parent_code,
    member.bakorwil
from {{ ref('regions') }} as region
left join {{ ref('bakorwil_members') }} as member on region.region_code = member.region_code and member.valid_to is null

-- Active people as of the month's last day, or as known now; of an event: those it promises something.
select
    person.region_code,
    region.region_name,
    count(distinct person.participant_id) filter (where person.pillar_code = 'PKH') as pkh_people,
    count(distinct person.participant_id) filter (where person.pillar_code = 'TAGANA') as tagana_people,
    count(distinct person.participant_id) filter (where person.pillar_code = 'TKSK') as tksk_people,
    count(distinct person.participant_id) as people
from dim_participant as person
left join dim_region as region on person.region_code = region.region_code
where
    person.status = 'AKTIF'
    and case
        when $month is null then person.is_current
        else
            person.valid_from <= last_day(cast($month || '-01' as date))
            and (person.valid_to is null or person.valid_to > last_day(cast($month || '-01' as date)))
    end
    and ($pillar is null or person.pillar_code = $pillar)
    and (
        $event is null
        or person.participant_id in (select participant_id from fct_entitlement where event_id = $event)
    )
group by person.region_code, region.region_name
order by person.region_code nulls last

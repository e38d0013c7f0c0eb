{#
  The feeds and the model that holds their rows with their state. A new feed is one line here; findings and the ledger
  follow. `place` is the column that tells two cells of one row apart, where a row of a feed is a cell.
#}
{% macro feed_lines() %}
    {{ return([
        {'feed': 'events', 'model': 'int_event_lines'},
        {'feed': 'rosters', 'model': 'int_roster_lines'},
        {'feed': 'disbursements', 'model': 'int_disbursement_lines'},
        {'feed': 'premiums', 'model': 'int_premium_lines'},
        {'feed': 'decisions', 'model': 'int_decision_lines'},
        {'feed': 'poverty', 'model': 'int_poverty_lines', 'place': 'source_column'},
    ]) }}
{% endmacro %}

-- The same job without Pilar, as a careful analyst would script it: no provenance, no findings by row, no history, no
-- gates, no release beside yesterday's. `$landing` is the folder of bench/scale_files.py; the tables go to the open
-- database file. Kept honest: everything is read as text, cast with try_cast, validated, and counted; nothing is
-- skipped that Pilar's marts answer for these three feeds.

-- Text as it came.
CREATE TABLE raw_roster AS
    FROM read_csv('$landing/rosters/*/*.csv', delim = ';', header = true, all_varchar = true, quote = '');
CREATE TABLE raw_bank AS
    FROM read_csv('$landing/disbursements/*/*.txt', delim = ';', header = true, all_varchar = true, quote = '');
CREATE TABLE raw_premium AS
    FROM read_csv('$landing/premiums/*/*.csv', delim = ';', header = true, all_varchar = true, quote = '');
CREATE TABLE raw_event AS
    FROM read_csv('$landing/events/*.csv', delim = ',', header = true, all_varchar = true, quote = '');

-- Cast and validated: a row that breaks a rule is kept apart with the rule's name.
CREATE TABLE person AS
    SELECT "NIK" AS nik, upper(trim("NAMA")) AS name, "L/P" AS sex,
        try_strptime("TANGGAL LAHIR", '%d/%m/%Y')::DATE AS born, "PILAR" AS pillar, "KAB/KOTA" AS region_code,
        "NO REKENING" AS account_no, "KPJ" AS bpjs_no,
        CASE
            WHEN NOT regexp_full_match("NIK", '\d{16}') THEN 'NIK_INVALID'
            WHEN born IS NULL THEN 'BIRTH_DATE_INVALID'
            WHEN try_cast(substr("NIK", 7, 2) AS INTEGER) % 40 <> day(born) THEN 'NIK_BIRTH_DATE_DIFFER'
            WHEN pillar NOT IN ('PKH', 'TAGANA', 'TKSK') THEN 'PILLAR_UNKNOWN'
            WHEN region_code NOT LIKE '35__' THEN 'REGION_UNKNOWN'
            WHEN NOT regexp_full_match(account_no, '\d{6,34}') THEN 'ACCOUNT_INVALID'
        END AS rule_code
    FROM raw_roster;

CREATE TABLE transfer AS
    SELECT "NO REFERENSI" AS reference_no, "BATCH/NO SP2D" AS batch, "KEGIATAN" AS event_id, "PROGRAM" AS benefit_code,
        try_strptime("TANGGAL INSTRUKSI", '%d/%m/%Y')::DATE AS instructed_on, "NO REKENING" AS account_no,
        try_cast("NOMINAL" AS DECIMAL(18, 2)) AS amount_idr, "STATUS" AS status, "KODE RETUR" AS reason_code,
        try_strptime("TANGGAL EFEKTIF", '%d/%m/%Y')::DATE AS settled_on, "NO REFERENSI ASAL" AS retry_of,
        CASE
            WHEN event_id IS NULL THEN 'EVENT_CODE_MISSING'
            WHEN instructed_on IS NULL THEN 'TRANSFER_DATE_INVALID'
            WHEN amount_idr IS NULL OR amount_idr <= 0 THEN 'TRANSFER_AMOUNT_INVALID'
            WHEN status NOT IN ('SUKSES', 'GAGAL', 'RETUR', 'PROSES') THEN 'TRANSFER_STATUS_UNKNOWN'
            WHEN status IN ('GAGAL', 'RETUR') AND reason_code IS NULL THEN 'REASON_MISSING'
            WHEN settled_on < instructed_on THEN 'TRANSFER_DATES_DIFFER'
        END AS rule_code
    FROM raw_bank
    WHERE reference_no NOT IN ('JUMLAH TRANSAKSI', 'TOTAL NOMINAL');

CREATE TABLE premium AS
    SELECT "KPJ" AS bpjs_no, "NIK" AS nik, "BULAN" AS coverage_month, try_cast("IURAN" AS DECIMAL(18, 2)) AS amount_idr, "STATUS" AS status,
        CASE
            WHEN try_strptime(coverage_month, '%Y-%m') IS NULL THEN 'PREMIUM_MONTH_INVALID'
            WHEN amount_idr IS NULL OR amount_idr <= 0 THEN 'PREMIUM_AMOUNT_INVALID'
            WHEN status NOT IN ('LUNAS', 'TUNGGAK') THEN 'PREMIUM_STATUS_UNKNOWN'
        END AS rule_code
    FROM raw_premium;

-- Bank files close: their control lines say how many rows and rupiah.
CREATE TABLE control AS
    SELECT sum(try_cast("BATCH/NO SP2D" AS DECIMAL(18, 2))) FILTER ("NO REFERENSI" = 'JUMLAH TRANSAKSI') AS stated_rows,
        sum(try_cast("BATCH/NO SP2D" AS DECIMAL(18, 2))) FILTER ("NO REFERENSI" = 'TOTAL NOMINAL') AS stated_idr,
        count(*) FILTER ("NO REFERENSI" NOT IN ('JUMLAH TRANSAKSI', 'TOTAL NOMINAL')) AS rows,
        sum(try_cast("NOMINAL" AS DECIMAL(18, 2))) AS idr
    FROM raw_bank;

-- Reconciled: who was promised what, who got it.
CREATE TABLE entitlement AS
    SELECT event."KEGIATAN" AS event_id, event."PROGRAM" AS benefit_code, person.nik, person.account_no, person.bpjs_no,
        person.region_code, person.pillar, event."NOMINAL"::DECIMAL(18, 2) * coalesce(event."JUMLAH BULAN"::INTEGER, 1) AS entitled_idr
    FROM person
    INNER JOIN raw_event AS event
        ON event."PILAR" = person.pillar AND list_contains(string_split(event."KAB/KOTA", ';'), person.region_code)
    WHERE person.rule_code IS NULL;

CREATE TABLE reconciliation AS
    WITH paid AS (
        SELECT event_id, benefit_code, account_no, count(*) AS attempts, sum(amount_idr) AS instructed_idr,
            coalesce(sum(amount_idr) FILTER (status = 'SUKSES'), 0) AS paid_idr,
            coalesce(sum(amount_idr) FILTER (status = 'RETUR'), 0) AS returned_idr,
            arg_max(status, (instructed_on, reference_no)) AS last_status
        FROM transfer WHERE rule_code IS NULL GROUP BY ALL
    ), promised AS (
        FROM entitlement WHERE benefit_code = 'TALI_ASIH'
    )
    SELECT coalesce(promised.event_id, paid.event_id) AS event_id, coalesce(promised.account_no, paid.account_no) AS account_no,
        promised.nik, coalesce(entitled_idr, 0) AS entitled_idr, coalesce(attempts, 0) AS attempts,
        coalesce(instructed_idr, 0) AS instructed_idr, coalesce(paid_idr, 0) AS paid_idr, coalesce(returned_idr, 0) AS returned_idr,
        CASE
            WHEN promised.nik IS NULL THEN 'NOT_ENTITLED'
            WHEN paid.paid_idr = entitled_idr THEN 'PAID'
            WHEN paid.paid_idr > entitled_idr THEN 'OVERPAID'
            WHEN paid.paid_idr > 0 THEN 'UNDERPAID'
            WHEN last_status = 'PROSES' THEN 'PENDING'
            WHEN last_status = 'RETUR' THEN 'RETURNED'
            WHEN last_status = 'GAGAL' THEN 'FAILED'
            ELSE 'UNPAID'
        END AS outcome
    FROM promised
    FULL JOIN paid ON promised.event_id = paid.event_id AND promised.account_no = paid.account_no;

-- Premiums: which months of each person are covered, which are gaps.
CREATE TABLE coverage AS
    WITH covered AS (
        SELECT bpjs_no, list(DISTINCT coverage_month) AS months FROM premium WHERE rule_code IS NULL AND status = 'LUNAS' GROUP BY bpjs_no
    ), expected AS (
        SELECT list(strftime(DATE '2023-01-01' + to_months(CAST(n AS INTEGER)), '%Y-%m')) AS months FROM range(12) AS numbers (n)
    )
    SELECT entitlement.nik, len(expected.months) AS months_expected, len(list_intersect(expected.months, coalesce(covered.months, []))) AS months_covered,
        list_filter(expected.months, lambda month: NOT list_contains(coalesce(covered.months, []), month)) AS gap_months
    FROM entitlement
    CROSS JOIN expected
    LEFT JOIN covered ON entitlement.bpjs_no = covered.bpjs_no
    WHERE entitlement.benefit_code = 'BPJS_TK';

CREATE TABLE region_profile AS
    SELECT region_code, pillar, count(DISTINCT nik) AS people, sum(entitled_idr) AS entitled_idr FROM entitlement GROUP BY ALL;

CREATE TABLE rules_broken AS
    SELECT 'rosters' AS feed, rule_code, count(*) AS rows FROM person WHERE rule_code IS NOT NULL GROUP BY ALL
    UNION ALL SELECT 'disbursements', rule_code, count(*) FROM transfer WHERE rule_code IS NOT NULL GROUP BY ALL
    UNION ALL SELECT 'premiums', rule_code, count(*) FROM premium WHERE rule_code IS NOT NULL GROUP BY ALL;

"""A guided tour of a release for an analyst, as a marimo notebook: plain Python, top to bottom.

Read it here, or run it (after `make desk` has installed marimo, over the release of PILAR_HOME):

    .venv/bin/marimo run docs/notebook/tour.py      # as a page
    .venv/bin/marimo edit docs/notebook/tour.py     # to change and try
    .venv/bin/python docs/notebook/tour.py          # only whether it still runs

How it looks over the samples: docs/img/notebook.png.
"""

import marimo

app = marimo.App(width="medium", app_title="Pilar · Keliling satu rilis", css_file="../../pilar/desk/desk.css")

with app.setup:
    import marimo as mo

    from pilar.config import home
    from pilar.desk import charts
    from pilar.desk.view import ask, look
    from pilar.desk.words import OUTCOMES


@app.cell
def _():
    release = home().current_marts
    mo.stop(not release.exists(), mo.md("There is no release yet: run `make nightly` first."))
    seen = look(release)
    mo.md(
        f"""
        # Keliling satu rilis · A tour of one release

        Release **{seen.release_id}**, money moved until **{seen.data_through}**. `ask(release, "SELECT …")` opens the
        file that the name means now, asks and closes it again; what it gives back is a list of rows. More questions are
        in the desk (`make desk`) and in `docs/queries/`; what each column means, in `docs/dictionary.md`.
        """
    )
    return release, seen


@app.cell
def _(seen):
    # 1. Who was paid?
    outcomes = seen.tables["money_by_outcome"].records()
    paid = next((row["payees"] for row in outcomes if row["outcome"] == "PAID"), 0)
    mo.md(
        f"""
        ## 1. Siapa yang sudah dibayar? · Who was paid?

        Of **{sum(row["payees"] for row in outcomes):,}** payees **{paid:,}** have exactly what they were promised. The
        others, by what became of them:
        """
    )
    return (outcomes,)


@app.cell
def _(outcomes):
    charts.troubles(outcomes, "en")


@app.cell
def _(release):
    # 2. Whose transfer bounced? dim_bank_reason says what the bank's code means and what to do next.
    returned = ask(
        release,
        """
        SELECT
            attempt.reason_code, reason.meaning_id, reason.meaning_en, reason.advice_en,
            count(*) AS attempts, sum(attempt.amount_idr) AS amount_idr
        FROM fct_disbursement AS attempt
        LEFT JOIN dim_bank_reason AS reason USING (reason_code)
        WHERE attempt.status = 'RETUR'
        GROUP BY ALL
        ORDER BY amount_idr DESC, attempt.reason_code
        """,
    )
    mo.vstack(
        [
            mo.md("## 2. Transfer siapa yang kembali? · Whose transfer bounced?"),
            mo.ui.table(returned, selection=None, show_column_summaries=False),
            mo.md("Which people these are, the stewards see inside the home; here a person is a pseudonym."),
        ]
    )
    return (returned,)


@app.cell
def _(seen):
    # 3. Who has a gap?
    months = seen.tables["cover_by_month"].records()
    missing = sum(row["months_missing"] for row in months)
    mo.vstack(
        [
            mo.md(
                f"""
                ## 3. Siapa yang punya bulan kosong? · Who has a gap?

                **{missing:,}** of **{sum(row["months_expected"] for row in months):,}** promised months are not paid.
                """
            ),
            charts.cover(months, "en"),
        ]
    )
    return missing, months


@app.cell
def _(release):
    # 4. Are the public claims true?
    claims = ask(
        release,
        """
        SELECT claim_text_en AS claim, published_value, recomputed_value, verdict
        FROM mart_claims
        ORDER BY verdict, claim_id
        """,
    )
    mo.vstack(
        [
            mo.md("## 4. Benarkah klaim itu? · Are the claims true?"),
            mo.ui.table(claims, selection=None, show_column_summaries=False),
        ]
    )
    return (claims,)


@app.cell
def _(seen):
    # Where do few pillars face many poor?
    profiles = seen.everywhere["poverty_by_region"].records()
    rates = {row["region_code"]: row["poverty_rate_pct"] for row in profiles}
    mo.vstack(
        [
            mo.md(
                """
                ## 5. Pilar dan kemiskinan · Pillars and poverty

                Each kab/kota is a tile of one size, roughly where it lies. Below: whoever is low and to the right has
                many poor and few to serve them.
                """
            ),
            charts.tile_map(rates, "poverty_rate_pct", "en"),
            charts.need(profiles, "en"),
        ]
    )
    return profiles, rates


@app.cell
def _(release):
    # How good is what is delivered?
    quality = ask(
        release,
        """
        SELECT
            night, feed, sum(rows_read) AS rows_read, sum(rows_accepted) AS rows_accepted,
            CAST(100 * sum(rows_accepted) / nullif(sum(rows_read), 0) AS DECIMAL(5, 2)) AS first_time_right_pct
        FROM mart_quality_scorecard
        GROUP BY night, feed
        ORDER BY night, feed
        """,
    )
    mo.vstack(
        [
            mo.md(
                """
                ## 6. Mutu dari waktu ke waktu · Quality over time

                Rows right at first reading, percent, by the day on which something arrived.
                """
            ),
            charts.quality(quality, "en"),
        ]
    )
    return (quality,)


@app.cell
def _():
    words = " · ".join(f"**{code}** {english.lower()}" for code, (_, english) in OUTCOMES.items())
    mo.md(
        f"""
        ## Lanjut · Go on

        Outcomes: {words}. Ask your own: change a query above in `marimo edit`, or type
        `.venv/bin/pilar sql "FROM mart_region_profile"`. `pilar explain` retraces a transfer to file and row.
        """
    )


if __name__ == "__main__":
    app.run()

"""The desk's page: filters above, then money, people, premiums and poverty.

A marimo app; ``python -m pilar.desk`` serves it. Each cell is thin: ``pilar.desk.view`` asks, ``charts`` and
``parts`` draw.
"""

import marimo

app = marimo.App(width="medium", app_title="Pilar · Meja analis", css_file="desk.css")

with app.setup:
    from functools import partial

    import marimo as mo

    from pilar.config import home
    from pilar.desk import charts, parts
    from pilar.desk.view import Choice, View, look, options
    from pilar.desk.words import COLUMNS, LANGUAGES, MEASURES, NO_RELEASE

    def table(view: View, name: str) -> str:
        """A table of the view with the buttons that hand it out, as it is shown."""
        files = [
            mo.download(
                partial(view.tables[name].file, kind),
                f"pilar-{view.release_id}-{name}.{kind}",
                mimetype=mime,
                label=f"{name}.{kind}",
            )
            for kind, mime in FILES.items()
        ]
        buttons = "".join(f"{button}" for button in files)
        return f'{parts.table(view.tables[name])}<div class="desk-bar desk-files">{buttons}</div>'

    FILES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@app.cell
def _():
    link = home().current_marts
    address = mo.query_params()
    kept = {name: address.get(name) for name in ("event", "region", "pillar", "month")}
    published, set_published = mo.state(str(link.resolve()))
    return address, kept, link, published, set_published


@app.cell
def _(address):
    language = mo.ui.radio(
        LANGUAGES, value="English" if address.get("lang") == "en" else "Bahasa Indonesia", inline=True
    )
    again = mo.ui.button(label="Rilis baru? · New release?")
    pulse = mo.ui.refresh(default_interval="1m")
    return again, language, pulse


@app.cell
def _(again, link, published, pulse, set_published):
    # Follows the symlink, by itself and when asked: only another target draws anything anew.
    _ticks = again.value, pulse.value
    if str(link.resolve()) != published():
        set_published(str(link.resolve()))


@app.cell
def _(kept, link, published):
    published()
    mo.stop(
        not link.exists(),
        mo.callout(mo.md(NO_RELEASE), kind="warn"),
    )
    offered = options(link)

    def filter_by(name, label, choices):
        """A drop-down that remembers its choice when a new release makes it anew."""
        names = {"Semua · All": None, **dict(choices)}
        chosen = next((key for key, value in names.items() if value == kept[name]), "Semua · All")
        return mo.ui.dropdown(
            names, value=chosen, label=label, full_width=True, on_change=lambda value: kept.update({name: value})
        )

    event = filter_by("event", "Kegiatan · Event", offered.events)
    region = filter_by("region", "Kab/kota · Region", offered.regions)
    pillar = filter_by("pillar", "Pilar · Pillar", offered.pillars)
    month = filter_by("month", "Bulan · Month", offered.months)
    return event, month, pillar, region


@app.cell
def _(event, link, month, pillar, published, region):
    published()
    view = look(link, Choice(event.value, region.value, pillar.value, month.value))
    return (view,)


@app.cell
def _(again, language, pulse, view):
    # Everything is written in both languages; this hides one of them, also in what other cells wrote.
    _hidden = "id" if language.value == "en" else "en"
    mo.vstack(
        [
            mo.Html(f'<style>#App [lang="{_hidden}"] {{ display: none; }}</style>{parts.head(view)}'),
            mo.Html(f'<div class="desk-bar">{language}{again}<div hidden>{pulse}</div></div>'),
        ]
    )


@app.cell
def _(event, month, pillar, region):
    mo.Html(f'<div class="desk-filters">{event}{region}{pillar}{month}</div>')


@app.cell
def _(view):
    mo.Html(parts.figures(view))


@app.cell
def _(language, view):
    mo.Html(
        f"""{parts.heading("Uang", "Money")}
        {table(view, "money_by_outcome")}
        {mo.as_html(charts.troubles(view.tables["money_by_outcome"].records(), language.value))}
        {table(view, "money_by_region")}"""
    )


@app.cell
def _(view):
    mo.Html(f"""{parts.heading("Orang", "People")}{table(view, "people_by_region")}""")


@app.cell
def _(language, view):
    mo.Html(
        f"""{parts.heading("Iuran BPJS Ketenagakerjaan", "BPJS Ketenagakerjaan premiums")}
        {mo.as_html(charts.cover(view.tables["cover_by_month"].records(), language.value))}
        {table(view, "cover_by_month")}
        {table(view, "cover_by_region")}"""
    )


@app.cell
def _():
    measure = mo.ui.dropdown(
        {" · ".join(COLUMNS[column]): name for name, (_, column) in MEASURES.items()},
        value=" · ".join(COLUMNS["poverty_rate_pct"]),
        label="Peta · Map",
        full_width=True,
    )
    return (measure,)


@app.cell
def _(language, measure, view):
    _table, _column = MEASURES[measure.value]
    _values = {row["region_code"]: row[_column] for row in view.everywhere[_table].records()}
    _profiles = view.everywhere["poverty_by_region"].records()
    _chosen = view.choice.region
    mo.Html(
        f"""{parts.heading("Kemiskinan dan pilar", "Poverty and pillars")}
        <div class="desk-filters">{measure}</div>
        {mo.as_html(charts.tile_map(_values, _column, language.value, chosen=_chosen))}
        {mo.as_html(charts.need(_profiles, language.value, chosen=_chosen))}
        {table(view, "poverty_by_region")}
        {table(view, "equity")}"""
    )


@app.cell
def _(view):
    mo.Html(parts.notes(view))


if __name__ == "__main__":
    app.run()

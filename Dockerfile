# One image for all of Airflow's services: Pilar, its hash-locked requirements, no compiler, no root.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PATH=/app/.venv/bin:$PATH

WORKDIR /app
RUN python -m venv .venv

# The lock is a full closure with hashes: pip resolves nothing and takes nothing else.
COPY requirements.lock ./
RUN pip install --no-deps --require-hashes -r requirements.lock

COPY pyproject.toml README.md ./
COPY pilar pilar
COPY dags dags
COPY plugins plugins
COPY dbt_project dbt_project
COPY expectations expectations
COPY samples samples
RUN pip install --no-deps --no-build-isolation --editable . \
    && useradd --uid 1000 --create-home pilar \
    && install -d -o pilar -g pilar -m 0700 /pilar

USER pilar
ENV PILAR_HOME=/pilar
VOLUME /pilar
CMD ["pilar", "--help"]

# One image for web, edge, worker, beat and the management commands; docker-compose.yml says which.

# What runs, from hashed requirements.
FROM python:3.11-slim AS packages
COPY requirements/base.txt /requirements.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check \
       --require-hashes --requirement /requirements.txt

# What browsers get, built as on a developer's machine: by the Node that comes as a wheel.
FROM python:3.11-slim AS assets
WORKDIR /app
COPY requirements requirements
COPY stack stack
RUN python -c "from stack.install import ensure_packages; ensure_packages('embedded')"
COPY assets assets
COPY templates templates
COPY interfaces interfaces
RUN python -c "from stack.install import ensure_assets; ensure_assets()"

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    FAIRLEAD_DATA_DIR=/data
RUN useradd --system --uid 10001 --no-create-home --home-dir /app --shell /usr/sbin/nologin fairlead \
    && install --directory --owner=fairlead --mode=0700 /data
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
COPY --from=assets /app/assets/dist assets/dist
# The settings want values; nothing connects and nothing of this stays in the image.
RUN FAIRLEAD_SECRET_KEY=build DATABASE_URL=postgresql://h/d DATABASE_OPS_URL=postgresql://h/d \
    REDIS_URL=redis://h python manage.py collectstatic --no-input --verbosity 0 \
    && python -m stack.translations compile \
    && python -m compileall -q -j 0 .
USER fairlead
EXPOSE 8000 8001

# The portal: web server, worker and beat from one image. docker-compose.yml says which process it is.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/meshdeck/.venv
COPY requirements.lock /tmp/
# Only what the lock file names, and only with the contents that it names.
RUN /opt/meshdeck/.venv/bin/pip install --require-hashes --requirement /tmp/requirements.lock

WORKDIR /opt/meshdeck
COPY manage.py ./
COPY clouds clouds
COPY portal portal
COPY projects projects
COPY services services
COPY static static
COPY templates templates
# The settings want their secrets also here, where none is needed.
RUN MESHDECK_STATE=/opt/meshdeck/state MESHDECK_SECRET_KEY=build MESHDECK_OIDC_CLIENT_SECRET=build \
    MESHDECK_VAULT_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    .venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
 && .venv/bin/python -m compileall -q .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin meshdeck
COPY --from=build /opt/meshdeck /opt/meshdeck
WORKDIR /opt/meshdeck
# Nothing is written but to /tmp, so the file system can be read-only.
ENV PATH=/opt/meshdeck/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MESHDECK_STATE=/opt/meshdeck/state PROMETHEUS_MULTIPROC_DIR=/tmp/metrics MESHDECK_BIND=0.0.0.0:8000
USER meshdeck
EXPOSE 8000
CMD ["gunicorn", "--config", "python:portal.serve", "portal.wsgi"]

# One image for every service, for `lotse region` and for the commands of operators. Built in two steps, so that neither
# compiler nor package manager's cache is in it.
FROM python:3.13-slim AS packages

COPY requirements.lock /build/requirements.lock
ENV PIP_CACHE_DIR=/var/cache/pip
RUN --mount=type=cache,target=/var/cache/pip \
    python -m venv /opt/lotse \
    && /opt/lotse/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement /build/requirements.lock \
    && rm -rf /opt/lotse/lib/python3.13/site-packages/pip* /opt/lotse/bin/pip*

FROM python:3.13-slim

# The number is written out: Kubernetes refuses to run as non-root what has only a name.
RUN groupadd --gid 10001 lotse && useradd --uid 10001 --gid lotse --no-create-home --shell /usr/sbin/nologin lotse
COPY --from=packages /opt/lotse /opt/lotse
COPY deploy/image/ready deploy/image/lotse /usr/local/bin/
COPY lotse /app/lotse
COPY services /app/services
COPY shared /app/shared
RUN /opt/lotse/bin/python -m compileall -q /app
ENV PATH=/opt/lotse/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LOTSE_HTTP_HOST=0.0.0.0 \
    LOTSE_INSTITUTIONS=/etc/lotse/institutions.yaml
USER 10001:10001
WORKDIR /app
STOPSIGNAL SIGTERM
CMD ["lotse", "--help"]

# The image of bot and worker: Python and the pinned packages, without torch. The trainer has an image of its own.
# `make server-image` prepares the context and downloads the wheels, so that nothing here needs the network.
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE} AS packages
COPY constraints.txt /build/
COPY wheels /build/wheels
RUN python3 -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --quiet --no-index \
      --find-links /build/wheels --constraint /build/constraints.txt 'signoff[postgresql,gpu]' \
 && /opt/venv/bin/python -m compileall -q /opt/venv/lib

FROM ${BASE_IMAGE}
# The trainer's containers run as 10001, too: what they write, the worker may read and remove.
RUN groupadd --gid 10001 signoff \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin signoff
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib
USER 10001:10001
WORKDIR /tmp
ARG REVISION=unknown
LABEL org.opencontainers.image.title="signoff-server" org.opencontainers.image.revision="${REVISION}"
CMD ["signoff", "--help"]

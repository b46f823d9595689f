# The service of `emoconv serve`, and nothing that it does not need. How to build it, run it and
# pin its base by digest: docs/how-to/deploy.md.

FROM python:3.11.16-slim-bookworm AS base

# Machine code that any processor of the architecture can run. It takes a quarter longer than code for
# the one that builds the image, in an engine that is a small part of what a request takes.
ENV NUMBA_CPU_NAME=generic


FROM base AS build

WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY src src

# Neither pip nor the packages' own tests are needed once all is there. Byte code that is not compared
# with its source stays good whatever becomes of the files' times; a service that may not write could
# not make it anew.
RUN mkdir /cache \
    && python -m venv --without-pip /opt/emoconv \
    && python -m pip --python /opt/emoconv/bin/python install --no-cache-dir --no-compile \
        -c constraints.txt '.[fast,serve]' \
    && find /opt/emoconv/lib -type d -name tests -prune -exec rm -r {} + \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/emoconv/lib

# Machine code, kept beside the package, where every user finds it: numba would take some seconds to
# make it at each start, and 100 MB of memory.
RUN ["/opt/emoconv/bin/python", "-c", "from emoconv import EmotionDetector; EmotionDetector.load(engine='compiled').warm(); EmotionDetector.load(engine='exact').warm()"]


FROM base

COPY --from=build /opt/emoconv /opt/emoconv

# A volume that is mounted here belongs to the service, and keeps machine code that it has to make.
COPY --from=build --chown=10001:10001 /cache /cache

ENV PATH=/opt/emoconv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/cache \
    EMOCONV_SERVE_HOST=0.0.0.0 \
    EMOCONV_SERVE_PORT=8000 \
    EMOCONV_SERVE_LOG_FORMAT=json

# A number, as the cluster's rule that nobody is root looks at numbers; it needs no name.
USER 10001:10001
WORKDIR /

EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-I", "-S", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(f\"http://localhost:{os.environ['EMOCONV_SERVE_PORT']}/health/ready\", timeout=2)"]

ENTRYPOINT ["emoconv"]
CMD ["serve"]

ARG REVISION=unknown
LABEL org.opencontainers.image.title="emoconv" \
      org.opencontainers.image.description="Fine-grained emotion detection in text: page and API" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/python:3.11.16-slim-bookworm"

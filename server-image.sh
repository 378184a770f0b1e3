#!/bin/sh
# Builds the image of bot and worker from wheels that this machine's pip downloads first. See docs/production.md.
#
#   IMAGE       name of the image       (signoff-server)
#   BASE_IMAGE  what it is built on     (python:3.11-slim; `make base-image` makes signoff-base)
#   PYTHON      a Python of the base image's version, on Linux
set -eu
cd "$(dirname "$0")"
IMAGE=${IMAGE:-signoff-server}
BASE_IMAGE=${BASE_IMAGE:-python:3.11-slim}
PYTHON=${PYTHON:-python3}
context=${CONTEXT:-build/server-image}

say() { echo "server-image: $*" >&2; }

ours=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
theirs=$(docker run --rm --network none "$BASE_IMAGE" python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])') ||
  { say "cannot run $BASE_IMAGE. Pull it first, or, where no registry can be reached:"
    say "  make base-image && make server-image BASE_IMAGE=signoff-base"; exit 1; }
[ "$ours" = "$theirs" ] ||
  { say "$BASE_IMAGE has Python $theirs, $PYTHON has $ours: the wheels would not fit. Set PYTHON."; exit 1; }

rm -rf "$context"
mkdir -p "$context/wheels" "$context/source"
cp constraints.txt Dockerfile "$context"
# From a copy: setuptools leaves its own build folder where it works, and takes stale files from it.
tar -c --exclude=__pycache__ README.md pyproject.toml bot db trainer worker | tar -x -C "$context/source"
# async-timeout: redis wants it on Python 3.11.0 to 3.11.2, which the base may be although we are newer.
"$PYTHON" -m pip wheel --quiet --disable-pip-version-check --wheel-dir "$context/wheels" \
  --constraint constraints.txt "$context/source[postgresql,gpu]" async-timeout==5.0.1
rm -rf "$context/source"

revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain bot db trainer worker constraints.txt 2>/dev/null)" ] || revision="$revision-changed"
docker build --quiet --network none --tag "$IMAGE" \
  --build-arg "BASE_IMAGE=$BASE_IMAGE" --build-arg "REVISION=$revision" "$context" >/dev/null
rm -rf "$context"
say "$IMAGE is $(docker image inspect --format '{{.Id}}' "$IMAGE")"

#!/bin/sh
# Builds the trainer's image from wheels that this machine's pip downloads first. See docs/docker.md.
#
#   IMAGE        name of the image              (signoff-trainer)
#   BASE_IMAGE   what it is built on            (python:3.11-slim; `make base-image` makes signoff-base)
#   VARIANT      cpu or cuda                    (cpu)
#   EXTRAS       groups of packages, of pyproject.toml (trainer environments export video; also offline)
#   TORCH_INDEX  where pip finds torch; empty: where it finds everything else
#   PYTHON       a Python of the base image's version, on Linux
set -eu
cd "$(dirname "$0")/.."
IMAGE=${IMAGE:-signoff-trainer}
BASE_IMAGE=${BASE_IMAGE:-python:3.11-slim}
VARIANT=${VARIANT:-cpu}
EXTRAS=${EXTRAS:-trainer environments export video}
PYTHON=${PYTHON:-python3}
[ "$VARIANT" = cpu ] && TORCH_INDEX=${TORCH_INDEX-https://download.pytorch.org/whl/cpu}
context=${CONTEXT:-build/image}

say() { echo "image: $*" >&2; }

rm -rf "$context"
mkdir -p "$context/wheels"
"$PYTHON" - $EXTRAS >"$context/requirements.txt" <<'PROGRAM'
import sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
wanted = [line for line in project["dependencies"] if line.startswith("pydantic>")]
for extra in sys.argv[1:]:
    wanted += project["optional-dependencies"][extra]
print("\n".join(sorted(wanted)))
PROGRAM
cp constraints.txt trainer/Dockerfile "$context"
tar -c --exclude=__pycache__ --exclude=Dockerfile --exclude='*.sh' trainer | tar -x -C "$context"

ours=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
theirs=$(docker run --rm --network none "$BASE_IMAGE" python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])') ||
  { say "cannot run $BASE_IMAGE. Pull it first, or, where no registry can be reached:"
    say "  make base-image && make image BASE_IMAGE=signoff-base"; exit 1; }
[ "$ours" = "$theirs" ] ||
  { say "$BASE_IMAGE has Python $theirs, $PYTHON has $ours: the wheels would not fit. Set PYTHON."; exit 1; }

# gym, which the extra offline brings, is published without a wheel.
"$PYTHON" -m pip wheel --quiet --disable-pip-version-check --only-binary :all: --no-binary gym \
  --wheel-dir "$context/wheels" \
  ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} \
  --constraint constraints.txt --requirement "$context/requirements.txt"
if [ "$VARIANT" = cpu ] && ls "$context"/wheels/nvidia_* >/dev/null 2>&1; then
  say "pip found torch for CUDA. For the CPU build set TORCH_INDEX=https://download.pytorch.org/whl/cpu,"
  say "or build with VARIANT=cuda."
  exit 1
fi

revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain trainer constraints.txt 2>/dev/null)" ] || revision="$revision-changed"
docker build --quiet --network none --tag "$IMAGE" \
  --build-arg "BASE_IMAGE=$BASE_IMAGE" --build-arg "VARIANT=$VARIANT" --build-arg "REVISION=$revision" \
  "$context" >/dev/null
rm -rf "$context"
say "$IMAGE is $(docker image inspect --format '{{.Id}}' "$IMAGE")"

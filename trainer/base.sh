#!/bin/sh
# Makes a base image from Debian's packages, for machines that reach a Debian mirror but no image registry.
#
#   BASE_IMAGE   name of the image   (signoff-base)
#   SUITE        Debian's release    (bookworm: Python 3.11)
#   MIRROR       where packages are  (http://deb.debian.org/debian)
#   ARCHIVE      keep the file system in this tar file, and use it where it is there already
set -eu
BASE_IMAGE=${BASE_IMAGE:-signoff-base}
SUITE=${SUITE:-bookworm}
MIRROR=${MIRROR:-http://deb.debian.org/debian}

say() { echo "base: $*" >&2; }

command -v debootstrap >/dev/null || { say "needs debootstrap: apt-get install debootstrap"; exit 1; }
[ "$(id -u)" = 0 ] || { say "debootstrap has to be run by root: sudo make base-image"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
archive=${ARCHIVE:-$work/base.tar}
if [ ! -e "$archive" ]; then
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates "$SUITE" "$work/root" "$MIRROR" \
    >"$work/log" || { tail -n 5 "$work/log" >&2; exit 1; }
  rm -rf "$work"/root/var/cache/apt/* "$work"/root/var/lib/apt/lists/*
  tar -c -C "$work/root" -f "$archive.part" .
  mv "$archive.part" "$archive"
fi
docker import "$archive" "$BASE_IMAGE" >/dev/null
say "$BASE_IMAGE is $(docker image inspect --format '{{.Id}}' "$BASE_IMAGE")"

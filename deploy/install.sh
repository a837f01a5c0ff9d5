#!/usr/bin/env bash
# Installs a bundle of deploy/bundle.sh without a network, beside the version that runs.
#   ./install.sh [FOLDER]          (default: /opt/planning)
# makes FOLDER/VERSION and leaves it to you to point FOLDER/current there.
set -euo pipefail
umask 022  # the service reads what root installs, whatever root's own mask is
bundle=$(cd "$(dirname "$0")" && pwd)
root=${1:-/opt/planning}
python=${PYTHON:-python3}
cd "$bundle"
sha256sum --quiet --check SHA256SUMS
target=$("$python" -c 'import sys, sysconfig; print("%d.%d" % sys.version_info[:2], sysconfig.get_platform())')
if [ "$target" != "$(cat TARGET)" ]; then
  echo "The bundle is for Python $(cat TARGET); this is $target. Name another with PYTHON=." >&2
  exit 2
fi
place=$root/$(cut -c1-12 VERSION)
if [ -e "$place" ]; then
  echo "$place is there already: remove it first." >&2
  exit 2
fi
mkdir -p "$place"
tar --extract --gzip --file planning.tar.gz --directory "$place" --strip-components=1
"$python" -m venv "$place/.venv"
"$place/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index \
  --find-links wheelhouse --require-hashes --requirement "$place/requirements.lock"
(cd "$place" && .venv/bin/python cli.py check data/demo > /dev/null)
chmod -R go-w "$place"
echo "$place is ready: it has loaded the demo city. To use it: ln -sfn $place $root/current"

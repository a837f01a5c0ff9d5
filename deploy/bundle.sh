#!/usr/bin/env bash
# Packs what a closed network needs: the project, its packages as wheels, the sums of all of it.
# Run it with a network, on the system, processor and Python version of the target.
#   deploy/bundle.sh [FOLDER]      (default: out/bundle; it must not exist yet)
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
bundle=${1:-out/bundle}
if [ -e "$bundle" ]; then
  echo "$bundle is there already: remove it, or name another folder." >&2
  exit 2
fi
mkdir -p "$bundle/wheelhouse"
"$python" -m pip download --quiet --disable-pip-version-check --require-hashes --prefer-binary \
  --requirement requirements.lock --dest "$bundle/wheelhouse"
# A few packages are published as source alone; the target builds them with these.
"$python" -m pip download --quiet --disable-pip-version-check --only-binary=:all: --no-deps \
  --dest "$bundle/wheelhouse" setuptools wheel packaging
git archive --format=tar.gz --prefix=planning/ --output="$bundle/planning.tar.gz" HEAD
cp deploy/install.sh "$bundle/install.sh"
git rev-parse HEAD > "$bundle/VERSION"
"$python" -c 'import sys, sysconfig; print("%d.%d" % sys.version_info[:2], sysconfig.get_platform())' > "$bundle/TARGET"
sums=$(cd "$bundle" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
printf '%s\n' "$sums" > "$bundle/SHA256SUMS"
echo "$bundle: $(find "$bundle/wheelhouse" -name '*.whl' | wc -l) wheels, $(du -sh "$bundle" | cut -f1). Keep elsewhere what it sums up to:"
sha256sum "$bundle/SHA256SUMS"

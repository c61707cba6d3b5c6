#!/usr/bin/env bash
# Resolves the dependencies anew: Python with hashes, npm with integrity digests and without download addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
options=(--python-version 3.11 --universal --generate-hashes --no-header --no-annotate --quiet)
uv pip compile "${options[@]}" --no-emit-index-url pyproject.toml -o requirements.lock
uv pip compile "${options[@]}" --no-emit-index-url --extra dev -c <(grep -oE '^[A-Za-z0-9_.-]+==[^ ;\\]+' requirements.lock) \
  pyproject.toml -o requirements-dev.lock
rm -f package-lock.json
npm install --package-lock-only --omit-lockfile-registry-resolved=false --ignore-scripts --silent
sed -i '/^ *"resolved": /d' package-lock.json

#!/usr/bin/env bash
# Installs the npm packages of the lock file into a fresh node_modules and makes sure that the platform's programs came along:
# they are optional packages, and npm leaves an optional package out without an error.
# Usage: npm_install.sh [--omit=dev]
set -euo pipefail
cd "$(dirname "$0")/.."
programs=("anvil")
[[ "${1:-}" == "--omit=dev" ]] || programs+=("forge")
for attempt in 1 2 3; do
  rm -rf node_modules
  npm install --no-save --ignore-scripts --silent "$@"
  missing=0
  for program in "${programs[@]}"; do
    compgen -G "node_modules/@foundry-rs/${program}-*/bin/${program}*" > /dev/null || missing=1
  done
  [[ $missing == 0 ]] && exit 0
  echo "npm left a program out; trying again (${attempt})" >&2
done
echo "the programs ${programs[*]} could not be installed for this platform" >&2
exit 1

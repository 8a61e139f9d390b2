#!/usr/bin/env bash
# Installs the packages of packages.txt that are missing. Asks nothing; does nothing when all are there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/lib.sh

mapfile -t wanted < <(grep -v '^#' tools/setup/packages.txt)

if ! command -v dpkg-query >/dev/null; then
  say "this is no Debian system; please see that these are installed: ${wanted[*]}"
  exit 0
fi

is_installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

missing=()
for package in "${wanted[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

as_root=()
if [[ $(id -u) != 0 ]]; then
  as_root=(sudo -n)
  "${as_root[@]}" true 2>/dev/null || die "packages are missing and sudo would ask for a password." \
    "Run: sudo apt-get install ${missing[*]}"
fi

say "installing with apt: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq </dev/null ||
  say "apt-get update had errors; trying with the package lists that are there"
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >&2 ||
  die "apt could not install: ${missing[*]}"

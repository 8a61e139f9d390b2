#!/usr/bin/env python3
"""Guards the plugin ABI: no layout, constant or signature changes without a new ABI version.

The headers under core/abi are measured with the C compiler (sizes, offsets, values) and compared
with core/abi/digest.txt, which holds the ABI version, the digest and the whole layout as text.

  layout_digest.py            checks; exit 1 and a diff where they differ
  layout_digest.py --update   writes digest.txt again; refuses a changed layout under the version
                              that is recorded already, unless --force says that this version was
                              never released
  layout_digest.py --print    prints the layout

Pointers are 8 bytes in digest.txt (LP64); elsewhere there is nothing to compare with.
"""

import argparse
import difflib
import hashlib
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from headers import HeaderError, read_headers  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("SIROCCO_ABI_VERSION", "SIROCCO_ABI_VERSION_MIN")  # not part of the layout


def program(headers, include, declarations):
    """C that prints one line for each thing measured, first the ABI version."""
    lines = ["#include <stddef.h>", "#include <stdio.h>"]
    lines += [f"#include <{header.relative_to(include).as_posix()}>" for header in headers]
    lines += ["int main(void) {", '  printf("%d\\n", (int)SIROCCO_ABI_VERSION);',
              '  printf("pointer size %zu\\n", sizeof(void*));']
    for name, kind in sorted(declarations.constants):
        if name in VERSIONS:
            continue
        lines.append(f'  printf("constant {name} \\"%s\\"\\n", {name});' if kind == "text" else
                     f'  printf("constant {name} %lld\\n", (long long)({name}));')
    for name in sorted(declarations.scalars):
        lines.append(f'  printf("scalar {name} size %zu signed %d\\n", sizeof({name}), '
                     f'({name})-1 < 0);')
    for name, signature in sorted(declarations.functions):
        lines.append(f'  printf("function {name}: %s\\n", "{signature}");')
    for name, members in sorted(declarations.structs.items()):
        lines.append(f'  printf("struct {name} size %zu align %zu\\n", sizeof({name}), '
                     f'_Alignof({name}));')
        for member, kind in members:
            lines.append(f'  printf("  %4zu %4zu {member}: %s\\n", offsetof({name}, {member}), '
                         f'sizeof((({name}*)0)->{member}), "{kind}");')
    return "\n".join([*lines, "  return 0;", "}", ""])


def measure(include, compiler):
    """(ABI version, layout as text)."""
    headers = sorted((include / "sirocco/abi").glob("*.h"))
    if not headers:
        raise HeaderError(f"no headers under {include / 'sirocco/abi'}")
    source = program(headers, include, read_headers(headers))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layout.c"
        path.write_text(source)
        binary = Path(folder) / "layout"
        command = [*shlex.split(compiler), "-std=c11", "-w", f"-I{include}", str(path), "-o",
                   str(binary)]
        built = subprocess.run(command, capture_output=True, text=True)
        if built.returncode != 0:
            raise HeaderError(f"the headers do not compile:\n{built.stderr}")
        output = subprocess.run([str(binary)], capture_output=True, text=True, check=True).stdout
    version, _, layout = output.partition("\n")
    return int(version), layout


def digest_of(layout):
    return hashlib.sha256(layout.encode()).hexdigest()


def read_recorded(path):
    """(ABI version, digest, layout), or None where there is no file yet."""
    if not path.exists():
        return None
    head, _, layout = path.read_text().partition("\n\n")
    fields = dict(line.split(" ", 1) for line in head.splitlines() if not line.startswith("#"))
    return int(fields["abi"]), fields["sha256"], layout


def write_recorded(path, version, layout):
    text = ("# The layout of the plugin ABI. Made by tools/abi/layout_digest.py --update.\n"
            f"abi {version}\nsha256 {digest_of(layout)}\n\n{layout}")
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text)
    temporary.replace(path)


def show_difference(old, new):
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "core/abi/digest.txt",
                                 "the headers", n=1, lineterm="")
    for line in lines:
        print(line)


def check(recorded, version, layout):
    if recorded is None:
        print("core/abi/digest.txt does not exist; make it with tools/abi/layout_digest.py --update")
        return 1
    old_version, old_digest, old_layout = recorded
    if digest_of(old_layout) != old_digest:
        print("core/abi/digest.txt was edited by hand: its digest is not that of its layout")
        return 1
    if version == old_version and layout == old_layout:
        return 0
    show_difference(old_layout, layout)
    if version == old_version:
        print(f"The ABI changed, but SIROCCO_ABI_VERSION is still {version}. Raise it in "
              "core/abi/sirocco/abi/version.h,\nthen run tools/abi/layout_digest.py --update.")
    else:
        print(f"SIROCCO_ABI_VERSION is {version}, core/abi/digest.txt is of {old_version}. "
              "Run tools/abi/layout_digest.py --update.")
    return 1


def update(path, recorded, version, layout, force):
    if recorded and not force:
        old_version, _, old_layout = recorded
        if version < old_version:
            print(f"SIROCCO_ABI_VERSION went back from {old_version} to {version}")
            return 1
        if version == old_version and layout != old_layout:
            show_difference(old_layout, layout)
            print(f"The ABI changed, but SIROCCO_ABI_VERSION is still {version}: raise it in "
                  "core/abi/sirocco/abi/version.h first.\n(--force, if no plugin was ever built "
                  f"against ABI {version} as it was.)")
            return 1
    write_recorded(path, version, layout)
    print(f"{path}: ABI {version}, {digest_of(layout)}")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--force", action="store_true")
    parser.add_argument("--print", action="store_true", dest="show")
    parser.add_argument("--cc", default=os.environ.get("CC", "cc"), help="the C compiler")
    parser.add_argument("--root", type=Path, default=ROOT, help="the source tree")
    arguments = parser.parse_args()
    path = arguments.root / "core/abi/digest.txt"
    try:
        version, layout = measure(arguments.root / "core/abi", arguments.cc)
    except HeaderError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments.show:
        print(layout, end="")
        return 0
    if not layout.startswith("pointer size 8\n"):
        print("SKIPPED: the recorded layout is that of 8-byte pointers")
        return 77
    recorded = read_recorded(path)
    if arguments.update:
        return update(path, recorded, version, layout, arguments.force)
    return check(recorded, version, layout)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The layering rules of ARCHITECTURE.md, checked over the sources.

  - core/ and apps/ name no model family, no vendor library and no plugin (Markdown excepted);
  - core/abi includes only itself and freestanding C headers, core/sdk only abi, sdk and the
    standard library, and core/ nothing of apps/ or plugins/;
  - a plugin or example includes from the product only <sirocco/abi/...> and <sirocco/sdk/...>,
    quotes only files of its own folder, and links nothing of core.

Usage: layers.py [ROOT]. Prints file:line: what, and exits with 1 if there is anything.
"""

import re
import sys
from pathlib import Path

from common import root_from_arguments, report, source_files

NOBODY = re.compile(r"mistral|mixtral|llama|onednn|dnnl|cuda|opencl|sentencepiece|tekken", re.I)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
FREESTANDING = {"stddef.h", "stdint.h", "stdbool.h", "stdalign.h", "limits.h", "float.h"}
CODE = {".h", ".hpp", ".c", ".cpp", ".cu", ".cuh", ".cl"}


def names_of_plugins(root):
    return sorted(p.name for p in (root / "plugins").glob("*") if p.is_dir())


def check_names(root):
    """core and apps know nobody. A plugin's name that is a plain word counts only when quoted."""
    plugins = [n if "-" in n else f'"{n}"' for n in names_of_plugins(root)]
    for path in source_files(root, ["core", "apps"]):
        if path.suffix == ".md":
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            found = NOBODY.search(line)
            name = found.group(0) if found else next((n for n in plugins if n in line), None)
            if name:
                yield path, number, f"core and apps must not name {name}"


def includes(path):
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1) == '"', found.group(2)


def is_layer(name, *layers):
    return any(name.startswith(f"sirocco/{layer}/") for layer in layers)


def check_core_includes(root):
    for path in source_files(root, ["core"]):
        if path.suffix not in CODE:
            continue
        layer = path.relative_to(root / "core").parts[0]
        for number, _, name in includes(path):
            if layer == "abi" and not (is_layer(name, "abi") or name in FREESTANDING):
                yield path, number, f"abi may include only abi and freestanding C headers, not {name}"
            elif (layer == "sdk" and "/" in name and not name.startswith("sys/")
                  and not is_layer(name, "abi", "sdk")):
                yield path, number, ("sdk may include only abi, sdk, the standard library and the "
                                     f"system's headers, not {name}")
            elif re.search(r"(^|/)(apps|plugins)/", name):
                yield path, number, f"core may not include {name}"


def check_plugin_includes(root):
    folders = [p for top in ("plugins", "examples") for p in sorted((root / top).glob("*"))]
    for folder in (p for p in folders if p.is_dir()):
        for path in source_files(folder, ["."]):
            if path.name == "CMakeLists.txt" or path.suffix == ".cmake":
                yield from check_plugin_cmake(path)
            if path.suffix in CODE:
                yield from check_plugin_source(folder, path)


def check_plugin_cmake(path):
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        code = line.split("#")[0]
        if re.search(r"sirocco_core|sirocco_dependencies|core/(?!abi|sdk)", code):
            yield path, number, "a plugin's build may use only Sirocco::abi and Sirocco::sdk"


def check_plugin_source(folder, path):
    for number, quoted, name in includes(path):
        if name.startswith("sirocco/") and not is_layer(name, "abi", "sdk"):
            yield path, number, f"a plugin may include only sirocco/abi/ and sirocco/sdk/, not {name}"
        elif quoted and not is_layer(name, "abi", "sdk"):
            targets = [(base / name).resolve() for base in (path.parent, folder)]
            if not any(t.is_file() and t.is_relative_to(folder.resolve()) for t in targets):
                yield path, number, f'"{name}" is not a file of this plugin\'s folder'


def main():
    root = root_from_arguments()
    checks = (check_names, check_core_includes, check_plugin_includes)
    return report(root, (finding for check in checks for finding in check(root)))


if __name__ == "__main__":
    sys.exit(main())

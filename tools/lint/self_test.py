#!/usr/bin/env python3
"""Checks that the lint programs find each kind of violation, and nothing in a clean tree."""

import subprocess
import sys
import tempfile
from pathlib import Path

LINT = Path(__file__).resolve().parent
CLEAN = {
    "core/abi/sirocco/abi/x.h": "#include <stdint.h>\n#include <sirocco/abi/y.h>\n",
    "core/sdk/sirocco/sdk/x.hpp": "#include <vector>\n#include <sirocco/abi/x.h>\n",
    "core/graph/x.cpp": '#include "graph/x.hpp"\n// the reference definition\n',
    "core/notes.md": "llama\n",
    "plugins/reference/plugin.cpp": '#include <sirocco/sdk/x.hpp>\n#include "ops/a.hpp"\n',
    "plugins/reference/ops/a.hpp": "#pragma once\n",
    "plugins/tokenizer-x/CMakeLists.txt": "# see core/loader\nsirocco_add_plugin(tokenizer-x)\n",
}
# lint program, file, its text, a part of the line that must be reported
VIOLATIONS = [
    ("layers", "core/exec/x.cpp", "// as in LLaMA\n", "core/exec/x.cpp:1: core and apps must not name LLaMA"),
    ("layers", "apps/sirocco/run.cpp", '\nload("reference");\n', "apps/sirocco/run.cpp:2:"),
    ("layers", "core/text/x.hpp", "// tokenizer-x does\n", "must not name tokenizer-x"),
    ("layers", "core/abi/sirocco/abi/z.h", "#include <string>\n", "abi may include only"),
    ("layers", "core/sdk/sirocco/sdk/z.hpp", "#include <fmt/core.h>\n", "sdk may include only"),
    ("layers", "core/exec/y.cpp", '#include "../plugins/reference/ops/a.hpp"\n', "core may not include"),
    ("layers", "plugins/reference/b.cpp", "#include <sirocco/error.hpp>\n", "sirocco/error.hpp"),
    ("layers", "plugins/reference/b.cpp", '#include "graph/x.hpp"\n', "not a file of this plugin"),
    ("layers", "plugins/reference/b.cpp", '#include "../../core/graph/x.hpp"\n', "not a file of this"),
    ("layers", "plugins/reference/CMakeLists.txt", "link(x sirocco_core)\n", "build may use only"),
    ("layers", "examples/e/p.cpp", "#include <sirocco/version.hpp>\n", "examples/e/p.cpp:1:"),
    ("words", "core/exec/x.cpp", "// TO" "DO: later\n", "unfinished work"),
    ("words", "tests/a_test.cpp", "int St" "ub = 0;\n", "tests/a_test.cpp:1:"),
    ("words", "core/exec/x.cpp", "\n" * 601, "601 lines"),
]


def run(program, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        result = subprocess.run([sys.executable, "-B", LINT / f"{program}.py", folder],
                                capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


def main():
    failures = 0
    for program in ("layers", "words"):
        code, output = run(program, CLEAN)
        if code != 0:
            failures += 1
            print(f"{program} finds something in a clean tree:\n{output}")
    for program, name, text, wanted in VIOLATIONS:
        code, output = run(program, {**CLEAN, name: text})
        if code != 1 or wanted not in output or "1 finding\n" not in output:
            failures += 1
            print(f"{program} on {name} = {text[:60]!r}: expected {wanted!r}, got {code}:\n{output}")
    print(f"{len(VIOLATIONS)} violations tried, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs a program under Oclgrind's memory and race checks: oclgrind.py PROGRAM ARGUMENT...

Oclgrind takes the place of the OpenCL drivers. Output and exit code are the program's own, but whatever
Oclgrind reports makes it a failure: the reports go to stderr, the exit code is 1.

Kernels are built without optimisation. Oclgrind 21.10 computes wrong numbers from the optimised code of
correct kernels, as it does not do LLVM's `freeze`; compared with an oracle, they would be nothing to go by.
Uses of uninitialised values are not asked for: it takes the results of fma on vectors for such.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

CHECKS = ["--data-races"]  # reads and writes outside of buffers are always reported
BUILD_OPTIONS = "-cl-opt-disable"


def require():
    """Ends the test as skipped where there is no Oclgrind."""
    if not shutil.which("oclgrind") or not shutil.which("oclgrind-kernel"):
        print("SKIPPED: Oclgrind is not installed (Debian: oclgrind)")
        sys.exit(77)


def run(command, tool="oclgrind", build_options="", **settings):
    """The finished process of `command` under `tool`, and the text of all reports: "" if there are none."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "reports")
        options = [*CHECKS, "--build-options", f"{BUILD_OPTIONS} {build_options}".strip(), "--log", log]
        process = subprocess.run([tool, *map(str, options), *map(str, command)], **settings)
        return process, log.read_text() if log.exists() else ""


def main():
    require()
    if len(sys.argv) < 2:
        sys.exit("usage: oclgrind.py PROGRAM [ARGUMENT...]")
    process, reports = run(sys.argv[1:])
    if reports.strip():
        print(f"Oclgrind reports:\n{reports}", file=sys.stderr)
        sys.exit(1)
    sys.exit(process.returncode if process.returncode >= 0 else 1)


if __name__ == "__main__":
    main()

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

BUILD_OPTIONS = "-cl-opt-disable"
OPTIONS = ["--data-races", "--build-options", BUILD_OPTIONS]


def require():
    """Ends the test as skipped where there is no Oclgrind."""
    if not shutil.which("oclgrind"):
        print("SKIPPED: Oclgrind is not installed (Debian: oclgrind)")
        sys.exit(77)


def main():
    require()
    if len(sys.argv) < 2:
        print("usage: oclgrind.py PROGRAM [ARGUMENT...]", file=sys.stderr)
        sys.exit(2)
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "reports")
        process = subprocess.run(["oclgrind", *OPTIONS, "--log", log, *sys.argv[1:]])
        reports = log.read_text().strip() if log.exists() else ""
    if reports:
        sys.exit(f"Oclgrind reports:\n{reports}")
    if process.returncode < 0:
        sys.exit(f"{sys.argv[1]} was ended by signal {-process.returncode}")
    sys.exit(process.returncode)


if __name__ == "__main__":
    main()

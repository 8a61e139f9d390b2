"""The program as a person calls it; tests say what they expect of it, and what was wrong is told at the end."""
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["SIROCCO_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["SIROCCO_BUILD_DIR"])
SIROCCO = BUILD / "bin/sirocco"
DEMO = SOURCE / "models/demo"

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)


def call(*arguments, text=None, **options):
    options.setdefault("stdin", subprocess.DEVNULL if text is None else None)
    if text is not None:
        options.pop("stdin")
        options["input"] = text
    options.setdefault("timeout", 120)
    return subprocess.run([str(SIROCCO), *map(str, arguments)], capture_output=True, text=True,
                          **options)


def good(*arguments, **options):
    result = call(*arguments, **options)
    check(result.returncode == 0, f"{arguments}: exit {result.returncode}\n{result.stderr}")
    return result


def bad(code, words, *arguments, **options):
    """Ends with `code`, says every one of `words` on stderr and prints no result."""
    result = call(*arguments, **options)
    label = " ".join(map(str, arguments))
    check(result.returncode == code, f"{label}: exit {result.returncode}, expected {code}\n"
                                     f"    {result.stderr.strip()}")
    for word in words:
        check(word in result.stderr, f"{label}: '{word}' is not said\n    {result.stderr.strip()}")
    check(result.stdout == "", f"{label}: printed {result.stdout[:80]!r}")
    print(f"$ sirocco {label}\n{result.stderr.strip()}\n")


def run_tests(*tests):
    """Each gets a folder of its own; ends the program with 1 where something was wrong."""
    for test in tests:
        with tempfile.TemporaryDirectory() as folder:
            test(pathlib.Path(folder))
    if failures:
        sys.exit(f"{len(failures)} wrong:\n" + "\n".join(failures))

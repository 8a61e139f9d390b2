#!/usr/bin/env python3
"""Marks of unfinished work, and files too long to be read in one sitting.

Usage: words.py [ROOT]. Prints file:line: what, and exits with 1 if there is anything.
"""

import re
import sys

from common import root_from_arguments, report, source_files

FOLDERS = ["core", "apps", "plugins", "tests", "bench", "tools", "cmake", "configs", "examples",
           "docs", "dev", "CMakeLists.txt"]
SOURCES = {".h", ".hpp", ".c", ".cpp", ".cu", ".cuh", ".cl", ".py", ".sh", ".cmake", ".txt", ""}
DATA = ("tests/golden/", "tests/fuzz/corpus/")
MAX_LINES = 600
# Written in pieces so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b|\b(?i:st" r"ubs?|place" r"holders?)\b")


def check(root):
    for path in source_files(root, FOLDERS):
        if path.suffix not in SOURCES or path.relative_to(root).as_posix().startswith(DATA):
            continue
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        if len(lines) > MAX_LINES and path.suffix != ".txt":
            yield path, MAX_LINES + 1, f"{len(lines)} lines; {MAX_LINES} is the most"
        for number, line in enumerate(lines, 1):
            found = UNFINISHED.search(line)
            if found:
                yield path, number, f"a mark of unfinished work: {found.group(0)}"


if __name__ == "__main__":
    root = root_from_arguments()
    sys.exit(report(root, check(root)))

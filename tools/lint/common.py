"""What the lint programs share."""

import sys
from pathlib import Path

SKIPPED_FOLDERS = {"build", ".git", ".deps", ".cache", "__pycache__"}


def root_from_arguments():
    """The folder given as the only argument, else the repository that holds this file."""
    if len(sys.argv) > 2:
        sys.exit(f"usage: {Path(sys.argv[0]).name} [ROOT]")
    return Path(sys.argv[1]) if len(sys.argv) == 2 else Path(__file__).resolve().parents[2]


def source_files(root, tops):
    """Every regular file under the given folders of `root`, sorted; a top may be a file itself."""
    for top in tops:
        start = root / top
        for path in [start] if start.is_file() else sorted(start.rglob("*")):
            inside = set(path.relative_to(root).parts[:-1])
            if path.is_file() and not path.is_symlink() and not inside & SKIPPED_FOLDERS:
                yield path


def report(root, findings):
    """Prints (path, line, text) findings as file:line: text; the exit code to end with."""
    count = 0
    for path, number, text in findings:
        print(f"{path.relative_to(root)}:{number}: {text}")
        count += 1
    print(f"{Path(sys.argv[0]).stem}: {count} finding{'' if count == 1 else 's'}")
    return 1 if count else 0

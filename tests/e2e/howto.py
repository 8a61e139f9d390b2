#!/usr/bin/env python3
"""Follows a page of docs/howto literally: writes the files it shows, runs its commands, looks for the
output it promises.

Blocks are marked behind the language: `file=NAME` is written, `run` is run by bash, `expect` lists
lines that the commands before it must have printed (white space aside).
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["SIROCCO_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["SIROCCO_BUILD_DIR"])
PAGES = {"model": "add-a-model.md", "backend": "add-a-backend.md", "op": "add-an-op.md",
         "compare": "compare-a-backend.md"}
BLOCK = re.compile(r"^```\w+ (file=(?P<file>\S+)|run|expect)\n(?P<body>.*?)^```$", re.S | re.M)


def fold(text):
    return re.sub(r"\s+", " ", text)


def run(command, folder, environment):
    result = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, text=True,
                            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    if result.returncode != 0:
        sys.exit(f"exit {result.returncode} from\n{command}\n{result.stdout}")
    return result.stdout


def follow(page, folder, environment):
    """Returns how many blocks there were."""
    output, blocks = "", 0
    for block in BLOCK.finditer(page.read_text()):
        blocks += 1
        kind, body = block.group(1), block.group("body")
        if block.group("file"):
            path = folder / block.group("file")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body.replace("$SOURCE", str(SOURCE)))
        elif kind == "run":
            output = run(body, folder, environment)
        else:
            for line in body.splitlines():
                if fold(line) not in fold(output):
                    sys.exit(f"{page.name} promises\n  {line}\nbut its command printed\n{output}")
    return blocks


def environment_with(prefix):
    environment = dict(os.environ, SOURCE=str(SOURCE), PREFIX=str(prefix))
    tools = [str(BUILD / "bin"), os.path.dirname(os.environ.get("SIROCCO_PYTHON", ""))]
    environment["PATH"] = os.pathsep.join([*filter(None, tools), environment["PATH"]])
    return environment


def copy_tree(folder):
    """The files that git knows, as they are now, and what ./dev setup unpacked beside them."""
    names = subprocess.run(["git", "-C", str(SOURCE), "ls-files", "-z"], check=True,
                           capture_output=True).stdout.decode().split("\0")
    for name in filter(None, names):
        if name.startswith(("tests/golden/models", "models/")) or not (SOURCE / name).is_file():
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(SOURCE / name, target)
    if (SOURCE / ".deps").is_dir():
        (folder / ".deps").symlink_to(SOURCE / ".deps")


def main():
    name = sys.argv[1]
    page = SOURCE / "docs/howto" / PAGES[name]
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch, "work")
        folder.mkdir()
        prefix = pathlib.Path(scratch, "prefix")
        if name in ("backend", "compare"):
            subprocess.run(["cmake", "--install", str(BUILD), "--prefix", str(prefix)], check=True,
                           stdout=subprocess.DEVNULL)
        if name == "op":
            copy_tree(folder)
        blocks = follow(page, folder, environment_with(prefix))
        if name == "backend":
            compare(folder)
    print(f"{page.name}: {blocks} blocks followed")


def compare(folder):
    """The op's own kernel and its decomposition agree."""
    sys.path.insert(0, str(SOURCE / "tests/support"))
    import safetensors_io
    ours, theirs = (safetensors_io.read(folder / name)["logits.0"]
                    for name in ("with.safetensors", "without.safetensors"))
    nmse = safetensors_io.nmse(ours, theirs)
    if not nmse <= 2e-11:
        sys.exit(f"kernel and decomposition differ: NMSE {nmse:.3g}")


if __name__ == "__main__":
    main()

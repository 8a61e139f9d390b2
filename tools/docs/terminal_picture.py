#!/usr/bin/env python3
"""Runs commands and draws what a terminal shows of them, as an SVG that needs no font but a fixed one.

    tools/docs/terminal_picture.py docs/images/tour.svg \\
        "sirocco run models/demo 'Once upon a time' -n 64" "sirocco doctor"

Commands run in the repository's root with build/bin first on the path; input may follow <<< as in a
shell. Standard error is shown dimmed, as it comes. A command that fails ends the program.
"""
import os
import pathlib
import selectors
import subprocess
import sys
import textwrap
from xml.sax.saxutils import escape

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLUMNS, SIZE, LINE, MARGIN = 116, 14, 19, 16
COLOURS = {"prompt": "#7fd1b9", "command": "#ffffff", "more": "#ffffff", "out": "#e6e6e6", "err": "#8a94a6"}


def run(command):
    """[(kind, text)] in the order in which the text came."""
    path = f"{ROOT / 'build/bin'}:{os.environ['PATH']}"
    process = subprocess.Popen(["bash", "-c", command], cwd=ROOT, env=os.environ | {"PATH": path},
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    pieces = []
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, "out")
        selector.register(process.stderr, selectors.EVENT_READ, "err")
        while selector.get_map():
            for key, _ in selector.select():
                data = os.read(key.fd, 65536)
                if not data:
                    selector.unregister(key.fileobj)
                elif pieces and pieces[-1][0] == key.data:
                    pieces[-1] = (key.data, pieces[-1][1] + data)
                else:
                    pieces.append((key.data, data))
    if process.wait() != 0:
        sys.exit(f"{command}: exit {process.returncode}")
    return [(kind, data.decode()) for kind, data in pieces]


def lines_of(command):
    """[(kind, line)], wrapped to the width of the terminal."""
    first, *more = textwrap.wrap(command, COLUMNS - 2)
    lines = [("command", first), *(("more", "  " + line) for line in more)]
    for kind, text in run(command):
        for line in text.rstrip("\n").split("\n"):
            parts = [line] if len(line) <= COLUMNS else textwrap.wrap(line, COLUMNS)
            lines += [(kind, part) for part in parts]
    return lines


def draw(lines):
    height = LINE * len(lines) + 2 * MARGIN
    width = int(COLUMNS * SIZE * 0.61) + 2 * MARGIN
    rows = []
    for number, (kind, text) in enumerate(lines):
        y = MARGIN + LINE * number + SIZE
        start = f'<tspan fill="{COLOURS["prompt"]}">$ </tspan>' if kind == "command" else ""
        rows.append(f'<text x="{MARGIN}" y="{y}" fill="{COLOURS[kind]}" xml:space="preserve">'
                    f"{start}{escape(text)}</text>")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="{SIZE}">\n'
            f'<rect width="{width}" height="{height}" rx="8" fill="#1b2130"/>\n'
            + "\n".join(rows) + "\n</svg>\n")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    lines = []
    for command in sys.argv[2:]:
        lines += ([("out", "")] if lines else []) + lines_of(command)
    pathlib.Path(sys.argv[1]).write_text(draw(lines))


if __name__ == "__main__":
    main()

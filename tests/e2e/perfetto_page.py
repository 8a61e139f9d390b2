"""Perfetto's web page with a timeline in it, in a browser, from a server of our own."""
import contextlib
import functools
import http.server
import json
import re
import threading

import browser
from command import SOURCE

PAGE = SOURCE / ".deps/perfetto"  # tools/setup/perfetto.sh

LOADED = "Boolean(window.app && app.trace && !app.isLoadingTrace)"
REFUSED = "document.querySelector('.pf-modal-dialog')?.innerText"
# JSON has no BigInt; the numbers of a timeline fit a double.
ROWS = """app.trace.engine.query(%s).then(result => {
  const rows = [], columns = result.columns();
  for (const row = result.iter({}); row.valid(); row.next())
    rows.push(columns.map(name => row.get(name)).map(cell => typeof cell === 'bigint' ? Number(cell) : cell));
  return rows;
})"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Timelines are asked for as /timeline/NAME, all else is of the page."""

    def __init__(self, *arguments, folder, **options):
        self._folder = folder
        super().__init__(*arguments, directory=PAGE, **options)

    def translate_path(self, path):
        name = re.fullmatch(r"/timeline/([\w.]+)", path)
        return str(self._folder / name[1]) if name else super().translate_path(path)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def perfetto(folder):
    """A function that opens a timeline of the folder, by its name, and returns the tab."""
    handler = functools.partial(Handler, folder=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with browser.Browser(folder) as tab:
                yield functools.partial(show, tab, f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()


def show(tab, root, name):
    tab.open("about:blank")  # from one # to another the page would not be loaded anew
    tab.complaints, tab.requests, tab.answers = [], [], []
    # `testing` leaves out analytics and live reload.
    tab.open(f"{root}/?testing=1#!/?url={root}/timeline/{name}", width=1600)
    tab.wait(f"{LOADED} || Boolean({REFUSED})", True)
    if tab.run(LOADED):
        tab.run("app.trace.workspace.flatTracks.forEach(track => track.expand())")
        tab.run("waitForPerfettoIdle(300).then(() => true)")
    return tab


def rows(tab, query):
    """What Perfetto's own trace processor answers."""
    return tab.run(ROWS % json.dumps(query))


def faults(tab):
    """What Perfetto says is wrong with the timeline: the reason it was refused, or what was lost of it."""
    refused = tab.run(REFUSED)
    if refused:
        return [refused]
    lost = rows(tab, "select name, value from stats where severity in ('error', 'data_loss') and value > 0")
    return lost + tab.run("app.trace.loadingErrors.map(String)")

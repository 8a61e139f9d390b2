#!/usr/bin/env python3
"""The timeline of `sirocco trace -o`, as Perfetto's own page reads and shows it."""
import json
import math
import re
import sys
from urllib.parse import urlsplit

import browser
from command import DEMO, check, good, run_tests
from perfetto_page import PAGE, faults, perfetto, rows

SPLIT = ("sirocco: deployment/1\nname: s\nbackends:\n  - name: reference\n  - name: cpu-onednn\n"
         "placement:\n  - layers: 1\n    backend: cpu-onednn\nfallback: forbid\n")
PLAIN = {"traceEvents": [{"ph": "X", "name": "a", "pid": 1, "tid": 1, "ts": 0, "dur": 1}]}

SLICES = """select process.name, thread.name, slice.name, category, slice.ts, slice.dur, depth, slice.arg_set_id
  from slice join thread_track on track_id = thread_track.id join thread using (utid) join process using (upid)"""
ARGUMENTS = "select arg_set_id, key, coalesce(string_value, int_value, real_value) from args"
COUNTERS = """select process.name, track.name, ts, value from counter
  join process_counter_track as track on track_id = track.id join process using (upid)"""
TRACKS = "app.trace.workspace.children.map(process => [process.name, process.children.map(track => track.name).sort()])"


def nanoseconds(microseconds):
    return round(microseconds * 1000)


def flat(value, key="args"):
    """As Perfetto names what lies within arguments."""
    if isinstance(value, dict):
        return {k: v for name, one in value.items() for k, v in flat(one, f"{key}.{name}").items()}
    if isinstance(value, list):
        return {k: v for i, one in enumerate(value) for k, v in flat(one, f"{key}[{i}]").items()}
    return {key: value}


def same(a, b):
    return math.isclose(a, b, rel_tol=1e-9) if isinstance(a, (int, float)) and isinstance(b, (int, float)) else a == b


class Written:
    """The file, in the words of Perfetto's tables."""

    def __init__(self, file):
        events = json.loads(file.read_text())["traceEvents"]
        self.processes = {e["pid"]: e["args"]["name"] for e in events if e["name"] == "process_name"}
        self.threads = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["name"] == "thread_name"}
        self.slices = {(self.processes[e["pid"]], self.threads[e["pid"], e["tid"]], e["name"], e["cat"],
                        nanoseconds(e["ts"]), nanoseconds(e["dur"])): flat(e["args"])
                       for e in events if e["ph"] == "X"}
        self.counters = [[self.processes[e["pid"]], f"{e['name']} {unit}", nanoseconds(e["ts"]), value]
                         for e in events if e["ph"] == "C" for unit, value in e["args"].items()]
        check(len(self.slices) == sum(e["ph"] == "X" for e in events), f"{file.name}: two slices are the same")

    def tracks(self):
        """Perfetto writes the number behind the name; the overhead is the host's."""
        of = {pid: ["overhead us"] if name == "host" else [] for pid, name in self.processes.items()}
        for (pid, tid), name in self.threads.items():
            of[pid].append(f"{name} {tid}")
        return {f"{name} {pid}": sorted(of[pid]) for pid, name in self.processes.items()}


def read_as_written(tab, file):
    """Nothing dropped, moved, renamed, or put under something else."""
    written, what = Written(file), file.name
    arguments = {}
    for of, key, value in rows(tab, ARGUMENTS):
        arguments.setdefault(of, {})[key] = value
    read = rows(tab, SLICES)
    check(len(read) == len(written.slices), f"{what}: {len(read)} of {len(written.slices)} slices")
    for *place, depth, of in read:
        expected = written.slices.get(tuple(place))
        check(expected is not None and depth == 0, f"{what}: {place} at depth {depth} is in no such place in the file")
        own = arguments.get(of, {})
        check(expected is None or own.keys() == expected.keys() and all(same(own[k], expected[k]) for k in own),
              f"{what}: {place}: arguments {own}, written {expected}")
    counters = sorted(rows(tab, COUNTERS))
    check(len(counters) == len(written.counters) > 0, f"{what}: {len(counters)} of {len(written.counters)} counters")
    for one, expected in zip(counters, sorted(written.counters)):
        check(all(map(same, one, expected)), f"{what}: counter {one}, written {expected}")
    tracks = dict(tab.run(TRACKS))
    check(tracks == written.tracks(), f"{what}: tracks {tracks}, written {written.tracks()}")
    seen = tab.run("document.body.innerText")
    for name in [*tracks, *(track for of in tracks.values() for track in of)]:
        check(name in seen, f"{what}: '{name}' is not on the page")
    for words in ("import error", "main thread"):  # none of the threads is another's
        check(words not in seen, f"{what}: the page says '{words}'")


def said(tab):
    """What the console says and who is asked, but for figures and our own port."""
    check(all(urlsplit(one).hostname in ("127.0.0.1", None) for one in tab.answers), f"answers of {tab.answers}")
    return {re.sub(r"[\d.]+", "N", text) for text in tab.complaints}, \
        {re.sub(r"timeline/.*|:\d+|\?.*", "", address) for address in tab.requests}


def opened(folder):
    (folder / "plain.json").write_text(json.dumps(PLAIN))
    (folder / "split.yaml").write_text(SPLIT)
    small = ["trace", DEMO, "-p", 16, "-n", 3, "-d", 8, "--threads", 2, "-o"]
    good(*small, folder / "one.json")
    good(*small, folder / "two.json", "--deployment", folder / "split.yaml")
    with perfetto(folder) as show:
        # What the page complains of with any timeline is none of ours.
        complaints, requests = said(show("plain.json"))
        for name in ("one.json", "two.json"):
            tab = show(name)
            check(faults(tab) == [], f"{name}: {faults(tab)}")
            read_as_written(tab, folder / name)
            also_complaints, also_requests = said(tab)
            check(also_complaints <= complaints, f"{name}: the console says {also_complaints - complaints}")
            check(also_requests <= requests, f"{name}: the page asks for {also_requests - requests}")


def broken(folder):
    """Perfetto would tell."""
    good("trace", DEMO, "-p", 4, "-n", 1, "--threads", 1, "-o", folder / "whole.json")
    text = (folder / "whole.json").read_text()
    (folder / "cut.json").write_text(text[:len(text) // 2])
    (folder / "garbled.json").write_text(re.sub(r'"us":[\d.]+', '"us":"many"', text))
    trace = json.loads(text)
    first, second = [event for event in trace["traceEvents"] if event.get("cat") == "node"][:2]
    first["dur"] = second["ts"] + second["dur"] / 2 - first["ts"]
    (folder / "overlapping.json").write_text(json.dumps(trace))
    with perfetto(folder) as show:
        for name, words in {"whole.json": "[]", "cut.json": "JSON", "garbled.json": "json_parser_failure",
                            "overlapping.json": "slice_drop_overlapping_complete_event"}.items():
            told = str(faults(show(name)))
            check(words in told, f"{name}: Perfetto says {told}")


if __name__ == "__main__":
    if not browser.PROGRAM:
        print("SKIPPED: no chromium found to open Perfetto with")
        sys.exit(77)
    if not (PAGE / "index.html").exists():
        print("SKIPPED: no Perfetto in .deps/ to open a timeline with (tools/setup/perfetto.sh fetches it)")
        sys.exit(77)
    run_tests(opened, broken)

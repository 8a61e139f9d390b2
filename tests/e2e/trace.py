#!/usr/bin/env python3
"""trace as a person uses it: its table, its timeline as Perfetto reads it, and bad input."""
import json
import math
import resource

from command import DEMO, SOURCE, bad, check, good, run_tests

SMALL = ["-p", 16, "-n", 3, "-d", 8]


def table(_):
    result = good("trace", DEMO, *SMALL, "--top", 3)
    for word in ("pp16 @ d8: 1 step", "tg3 @ d24: 3 steps", "by op", "overhead", "in all", "GB/s",
                 "GFLOP/s", "rms_norm+linear*3+rope*2", "more; --top", "cpu-onednn 64/64 nodes"):
        check(word in result.stdout, f"trace: no '{word}' in\n{result.stdout}")
    check("nodes" in result.stderr, "trace: no placement")
    none = good("trace", DEMO, "-p", 4, "-n", 0, "--top", 0).stdout
    check("tg" not in none and "more" not in none, f"trace -n 0 --top 0:\n{none}")


def report(_):
    for backend, whole in {"reference": True, "cpu-onednn": False}.items():
        run = json.loads(good("trace", DEMO, *SMALL, "--backend", backend, "--json").stdout)
        check([p["test"] for p in run["phases"]] == ["pp16 @ d8", "tg3 @ d24"], f"{run['phases']}")
        check(run["untimed_nodes"] == [], f"{backend}: {run['untimed_nodes']}")
        for phase in run["phases"]:
            for rows in (phase["ops"], phase["nodes"]):
                shares = sum(row["share"] for row in rows) + phase["overhead"]["share"]
                check(math.isclose(shares, 1, abs_tol=1e-9), f"{backend}: shares add up to {shares}")
                check(all(row["seconds"] > 0 and row["bytes"] > 0 for row in rows), f"{backend}: rows")
                check(all(a["seconds"] >= b["seconds"] for a, b in zip(rows, rows[1:])), "not sorted")
            check(phase["overhead"]["seconds"] > 0, f"{backend}: no overhead")
            nodes = [name for row in phase["nodes"] for name in row["nodes"]]
            check(len(nodes) == len(set(nodes)) == 64, f"{backend}: {len(nodes)} of 64 nodes")
            check((len(phase["nodes"]) == 64) == whole, f"{backend}: {len(phase['nodes'])} regions")
            check(all(row["calls"] == phase["steps"] for row in phase["nodes"]), f"{backend}: calls")


def timeline(folder):
    file = folder / "trace.json"
    result = good("trace", DEMO, *SMALL, "-o", file, "--threads", 2)
    check("perfetto" in result.stderr, f"trace -o: {result.stderr}")
    trace = json.loads(file.read_text())
    events = trace["traceEvents"]
    tracks = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["name"] == "thread_name"}
    processes = {e["pid"]: e["args"]["name"] for e in events if e["name"] == "process_name"}
    check(processes == {1: "host", 2: "cpu-onednn"}, f"processes: {processes}")
    check(tracks == {(1, 100): "steps", (2, 101): "thread 0", (2, 102): "thread 1"}, f"tracks: {tracks}")
    steps = [e for e in events if e.get("cat") == "step"]
    check([e["name"] for e in steps] == ["pp16", "tg 0", "tg 1", "tg 2"], "steps")
    check([e["args"]["depth"] for e in steps] == [8, 24, 25, 26], "depths")
    counter = [e for e in events if e["ph"] == "C"]
    check(len(counter) == 8 and all(e["args"]["us"] >= 0 for e in counter), "overhead")
    nodes = [e for e in events if e.get("cat") == "node"]
    for event in nodes:
        inside = [s for s in steps if s["ts"] <= event["ts"] + 1e-3
                  and event["ts"] + event["dur"] <= s["ts"] + s["dur"] + 1e-3]
        check(len(inside) == 1, f"{event['name']}: in {len(inside)} steps")
        check({"op", "output", "flops", "bytes"} <= set(event["args"]), f"{event['args']}")
        check(all(isinstance(event["args"][key], int) for key in ("flops", "bytes")), f"{event['args']}")
    for track in tracks:
        slices = sorted((e["ts"], e["ts"] + e["dur"]) for e in steps + nodes
                        if (e["pid"], e["tid"]) == track)
        check(slices, f"nothing on {track}")
        check(all(a[1] <= b[0] + 1e-3 for a, b in zip(slices, slices[1:])), f"{track} overlaps")
    fused = next(e for e in nodes if e["args"]["op"] == "rms_norm+linear*3+rope*2")
    check(fused["args"]["layer"] == 0 and len(fused["args"]["nodes"]) == 6, f"{fused}")
    check(any("[16, 256]" in shape for shape in fused["args"]["output"]), f"{fused}")


def split(folder):
    """Two devices: a process each, and the table names them."""
    file = folder / "split.yaml"
    file.write_text("sirocco: deployment/1\nname: s\nbackends:\n  - name: reference\n"
                    "  - name: cpu-onednn\nplacement:\n  - layers: 1\n    backend: cpu-onednn\n"
                    "fallback: forbid\n")
    out = folder / "trace.json"
    text = good("trace", DEMO, *SMALL, "--deployment", file, "-o", out).stdout
    check("attention @ cpu-onednn" in text and "attention @ reference" in text, text)
    names = {e["args"]["name"] for e in json.loads(out.read_text())["traceEvents"]
             if e["name"] == "process_name"}
    check(names == {"host", "reference", "cpu-onednn"}, f"processes: {names}")


def bad_input(folder):
    bad(2, ["model is required"], "trace")
    bad(2, ["leave nothing to trace"], "trace", DEMO, "-p", 0, "-n", 0)
    bad(2, ["steps", "0 or more"], "trace", DEMO, "-n", -1)
    bad(2, ["prompt-tokens", "whole number"], "trace", DEMO, "-p", "many")
    bad(2, ["depth", "whole number"], "trace", DEMO, "-d", "1.5")
    bad(2, ["100000000000", "at most"], "trace", DEMO, "-n", 100000000000)
    bad(3, ["exceed the context of 512"], "trace", DEMO, "-p", 500, "-n", 20)
    bad(3, ["exceed the context of 32"], "trace", DEMO, "-p", 30, "-n", 20, "--ctx", 32)
    bad(3, ["nowhere"], "trace", folder / "nowhere")
    bad(4, ["nothing-like-it"], "trace", DEMO, "--backend", "nothing-like-it")
    bad(1, ["no/such/trace"], "trace", DEMO, "-o", folder / "no/such/trace")
    bad(1, ["/dev/full"], "trace", DEMO, "-o", "/dev/full")
    older = folder / "older.json"
    older.write_text("older")
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
    bad(1, ["older.json"], "trace", DEMO, "-o", older, preexec_fn=limit)
    check(older.read_text() == "older", "a trace that could not be written took the older one's place")
    check([p.name for p in folder.iterdir()] == ["older.json"], "left behind")


if __name__ == "__main__":
    run_tests(table, report, timeline, split, bad_input)

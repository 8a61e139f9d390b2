#!/usr/bin/env python3
"""`sirocco compare` from the command line: a whole report and every way of showing it, and what becomes
of the report when an arm dies, hangs or is none, when the disk is full, and when Ctrl-C ends it."""
import csv
import fcntl
import io
import itertools
import json
import math
import os
import pathlib
import resource
import signal
import subprocess
import time

from command import BUILD, SIROCCO, SOURCE, bad, call, check, good, run_tests

MODEL = SOURCE / "tests/golden/models/mistral-swa"
FAULTY = f"{BUILD}/tests/plugins/faulty.so:target={BUILD}/lib/sirocco/plugins/reference.so"
TINY = ["-p", "0", "-n", "2", "--no-probes", "--sample-ms", "0"]
FEW_TOKENS = ["--prompt-tokens", "6", "--single-tokens", "2"]
# Seconds; where samples are taken beside probes of the machine, which others may keep busy.
SLOW = 900
NUMBERS = ["--no-speed", *FEW_TOKENS]


def report_of(code, *arguments, **options):
    """The report, which must have come out whatever happened, and stderr."""
    result = call("compare", MODEL, *arguments, "--json", timeout=SLOW, **options)
    label = " ".join(map(str, arguments))
    check(result.returncode == code,
          f"{label}: exit {result.returncode}, expected {code}\n    {result.stderr}")
    try:
        return json.loads(result.stdout)
    except ValueError:
        check(False, f"{label}: no report: {result.stdout[:200]!r}\n{result.stderr}")
        return {"arms": [], "numbers": None, "speed": None}


def expect_arms(report, **wanted):
    """By place: `first="ok", second=("failed", "a word of its problem")`."""
    check(len(report["arms"]) == len(wanted), f"arms: {report['arms']}")
    for arm, want in zip(report["arms"], wanted.values()):
        if want is None:
            continue
        status, word = want if isinstance(want, tuple) else (want, "")
        check(arm["status"] == status and word in arm["problem"],
              f"{arm['label']}: {arm['status']}, {arm['problem']!r}; expected {want}")


def shift(differences):
    """core/compare/permutation.hpp, by trying every shift: where the bounded signed ranks' sum turns."""
    n = len(differences)
    edges = sorted({(a + b) / 2 for a, b in
                    itertools.combinations_with_replacement(differences, 2)})
    between = ([edges[0] - 1] + [(a + b) / 2 for a, b in zip(edges, edges[1:])] + [edges[-1] + 1])

    def total(at):
        ordered = sorted((x - at for x in differences), key=abs)
        return sum(math.copysign(min(rank, math.ceil(n / 2)), x)
                   for rank, x in enumerate(ordered, 1))

    signs = [total(at) for at in between]
    not_above = next(i for i, sign in enumerate(signs) if sign <= 0)
    below = next(i for i, sign in enumerate(signs) if sign < 0)
    return (edges[not_above - 1] + edges[below - 1]) / 2


def whole(folder):
    report = report_of(0, "--backends", "cpu-onednn,reference", "-p", 0, "-n", 2, *FEW_TOKENS, "-r", 12)
    expect_arms(report, first="ok", second="ok")
    check(report.get("format") == "sirocco.compare/1" and report.get("exit_code") == 0 and
          report.get("complete") is True and report.get("interrupted") is False, "report's head")
    for arm in report["arms"]:
        check(arm["plan"]["placement"]["line"].endswith("49/49 nodes"), f"{arm['label']}: placement")
        check(arm["memory"]["peak_bytes"] > 0 and arm["load_seconds"] > 0 and
              len(arm["devices"][0]["sha1"]) == 40, f"{arm['label']}: facts")
    for arm in report["numbers"]["arms"]:
        check(not arm["timed"]["outside"] and arm["alone"]["first_outside"] is None,
              f"{arm['arm']}: {arm['timed']['nmse']}")
        check(len(arm["alone"]["values"]) == len(arm["observed"]["values"]) == 49, "values")
    case = report["speed"]["cases"][0]
    check(case["label"] == "tg2" and report["speed"]["repeats"] == 12 and
          report["speed"]["sample_seconds"] == 0.01, f"{case['label']}")
    first, second = (arm["samples"] for arm in case["arms"])
    check(len(first) == len(second) == 12, f"{len(first)} and {len(second)} samples")
    found = case["comparisons"][0]
    wanted = math.exp(shift([math.log(b / a) for a, b in zip(first, second)]))
    check(math.isclose(found["ratio"], wanted, rel_tol=1e-9), f"{found['ratio']}, not {wanted}")
    check(found["low"] <= found["ratio"] <= found["high"] and found["pairs"] == 12, f"{found}")
    file = folder / "report.json"
    file.write_text(json.dumps(report))
    shown(file, report)
    baseline(folder, file, report)


def shown(file, report):
    check(json.loads(good("compare", "--from", file, "--json").stdout) == report,
          "--from --json: another report")
    table = good("compare", "--from", file).stdout
    for word in ("cpu-onednn 49/49 nodes", "tg2", "bound", "first node out of bounds"):
        check(word in table, f"table: no '{word}' in\n{table}")
    markdown = good("compare", "--from", file, "--md").stdout
    check("## Arms" in markdown and "| tg2" in markdown, f"--md:\n{markdown}")
    rows = list(csv.reader(io.StringIO(good("compare", "--from", file, "--csv").stdout)))
    check(len(rows) > 3 and len({len(row) for row in rows}) == 1, f"--csv: {rows[:3]}")


def baseline(folder, file, report):
    for label, text, word in (("version", json.dumps(report | {"format": "sirocco.compare/9"}),
                               "sirocco.compare/9"), ("not JSON", "{", "JSON"),
                              ("cut", json.dumps({"format": "sirocco.compare/1"}), "arms")):
        other = folder / "other.json"
        other.write_text(text)
        bad(3, ["other.json", word], "compare", "--from", other)
        bad(3, ["other.json", word], "compare", MODEL, "--backends", "reference", "--baseline",
            other, "--fail-if", "tg<0.5")
    bad(3, ["none.json"], "compare", "--from", folder / "none.json")
    held = report_of(5, "--backends", "reference", *NUMBERS, "--baseline", file, "--fail-if",
                     "nmse<1")
    check(held.get("gates") == ["nmse is 0: fails nmse<1"], f"gates: {held.get('gates')}")
    report_of(0, "--backends", "reference", *NUMBERS, "--baseline", file, "--fail-if", "nmse>1")
    bad(2, ["--baseline", "reference:buckets=8"], "compare", MODEL, "--backends",
        "reference:buckets=8", *NUMBERS, "--baseline", file, "--fail-if", "nmse>1")


def dies(folder):
    # After the first token and the warm-up: between samples.
    report = report_of(4, "--backends", f"reference,{FAULTY}:crash_at=8", *TINY, "-r", 6,
                       "--no-numbers")
    expect_arms(report, first="ok", second=("failed", "signal 11"))
    if report["speed"]:
        whole, part = report["speed"]["cases"][0]["arms"]
        check(whole["n"] == 6 and 0 < part["n"] < 6, f"samples: {whole['n']}, {part['n']}")
        check(report["speed"]["cases"][0]["comparisons"][0]["verdict"] == "not measured", "verdict")
    check(report.get("complete") is False, "complete, though an arm died")
    report = report_of(4, "--backends", f"{FAULTY}:crash_at=5,reference", *NUMBERS)
    expect_arms(report, first=("failed", "signal 11"), second="ok")
    if report["numbers"]:
        dead, alive = report["numbers"]["arms"]
        check("timed" not in dead and "observed" in alive, f"{list(dead)}, {list(alive)}")
    failed = report_of(4, "--backends", f"{FAULTY}:fail_at=2,reference", *NUMBERS)
    expect_arms(failed, first=("failed", "failed on purpose"), second="ok")
    saved = call("compare", MODEL, "--backends", f"{FAULTY}:crash_at=1", *TINY, "-r", 1,
                 "--no-numbers", "--save", folder / "saved.yaml", timeout=SLOW)
    check(saved.returncode == 4 and "no arm is fit" in saved.stderr, f"--save: {saved.stderr}")
    check(not list(folder.iterdir()), "--save: a file without an arm")


def bare(_):
    """A backend that tells neither its kernels' times nor its memory is timed like any other."""
    older = f"{BUILD}/tests/plugins/faulty-abi2.so:target={BUILD}/lib/sirocco/plugins/reference.so"
    report = report_of(0, "--backends", f"reference,{older}", *TINY, "-r", 12, "--no-numbers")
    expect_arms(report, first="ok", second="ok")
    telling, silent = report["speed"]["cases"][0]["arms"]
    check(0 <= telling["overhead_share"] < 1 and silent["overhead_share"] is None,
          f"overhead: {telling['overhead_share']}, {silent['overhead_share']}")
    check(report["speed"]["cases"][0]["comparisons"][0]["pairs"] == 12, "pairs")
    held = [arm["memory"]["devices"][0].get("peak_bytes") for arm in report["arms"]]
    check(held[0] > 0 and held[1] is None, f"memory on devices: {held}")
    for verb in (["bench", MODEL, "-p", 4, "-n", 2, "-r", 1], ["trace", MODEL, "-p", 4, "-n", 2]):
        told = good(*verb, "--backend", older).stdout
        check("nan" not in told, f"{verb[0]}:\n{told}")


def hangs(_):
    for deadline, arguments in ((10, NUMBERS), (5, ["--no-numbers", *TINY, "-r", 1])):
        report = report_of(4, "--backends", f"{FAULTY}:hang_at=1,reference", *arguments,
                           "--deadline", deadline)
        # Where arms are timed, the other one may be late too on a busy machine.
        expect_arms(report, first=("failed", f"no answer within {deadline} s"),
                    second="ok" if arguments is NUMBERS else None)


def no_backends(folder):
    file = folder / "text.so"
    file.write_text("not a library")
    report = report_of(4, "--backends", f"nonsense,{file},tokenizer-x,reference", *NUMBERS)
    expect_arms(report, first=("failed", "nonsense"), second=("failed", "text.so"),
                third=("failed", "tokenizer-x"), last="ok")
    report = report_of(4, "--backends", "reference", "--reference", "nonsense", *NUMBERS)
    check("nonsense" in report["numbers"]["problem"], f"reference: {report['numbers']['problem']}")
    check(report["complete"] is False, "complete, though nothing was compared")
    option = report_of(4, "--backends", "reference:frob=1", *NUMBERS)
    expect_arms(option, first=("failed", "unknown option frob"))


def usage(folder):
    both = ["--backends", "reference,cpu-onednn"]
    bad(2, ["twice", "'reference'"], "compare", MODEL, "--backends", "reference,reference")
    bad(2, ["MODEL"], "compare", *both)
    bad(2, ["nothing to compare"], "compare", MODEL)
    bad(2, ["neither an option nor a device"], "compare", MODEL, "--backends", "reference:frob")
    bad(2, ["--fail-if", "tg64"], "compare", MODEL, *both, *TINY, "--fail-if", "tg64<0.9")
    bad(2, ["--fail-if", "pp"], "compare", MODEL, *both, *TINY, "--fail-if", "pp<0.9")
    bad(2, ["--fail-if"], "compare", MODEL, *both, *TINY, "--fail-if", "fast")
    bad(2, ["--save"], "compare", MODEL, *both, "--no-speed", "--save", folder / "x")
    bad(2, ["nothing to compare"], "compare", MODEL, *both, "--no-speed", "--no-numbers")
    bad(3, ["nothing.json"], "compare", MODEL, *both, "--baseline", "nothing.json", "--fail-if",
        "tg<1")
    check(not list(folder.iterdir()), f"usage: left {list(folder.iterdir())}")


def full_disk(folder):
    with open("/dev/full", "w") as full:
        result = subprocess.run([SIROCCO, "compare", MODEL, "--backends", "reference", *NUMBERS,
                                 "--json"], stdout=full, stderr=subprocess.PIPE, text=True)
    check(result.returncode == 1 and "standard output" in result.stderr,
          f"--json to a full disk: exit {result.returncode}, {result.stderr}")
    kept = folder / "kept.yaml"
    kept.write_text("older")
    speed = ["--backends", "reference", *TINY, "-r", 1, "--no-numbers"]
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))  # noqa: E731
    report = report_of(1, *speed, "--save", kept, preexec_fn=limit)
    check(report.get("exit_code") == 1 and kept.read_text() == "older", "--save on a full disk")
    check([path.name for path in folder.iterdir()] == ["kept.yaml"], f"{list(folder.iterdir())}")
    # The recording that the arms are held against is a file too.
    report = report_of(4, "--backends", "reference", *NUMBERS, preexec_fn=limit)
    check("recording" in report["numbers"]["problem"], f"no room: {report['numbers']['problem']}")
    page = folder / "page.html"
    page.write_text("older")
    written = report_of(0, *speed, "--html", folder / "whole.html")
    room = (folder / "whole.html").stat().st_size // 2
    (folder / "whole.html").unlink()
    less = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))  # noqa: E731
    report = report_of(1, *speed, "--html", page, preexec_fn=less)
    check(report.get("exit_code") == 1 and page.read_text() == "older" and
          list(report) == list(written), "--html on a full disk")
    page.unlink()
    check([path.name for path in folder.iterdir()] == ["kept.yaml"], f"{list(folder.iterdir())}")
    report_of(0, *speed, "--save", kept)
    good("validate", kept)
    bad(1, ["TMPDIR", "nowhere"], "compare", MODEL, "--backends", "reference", *NUMBERS,
        env=dict(os.environ, TMPDIR=str(folder / "nowhere")))


def processes_of(folder):
    """Processes whose folder for temporary files is this one."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if f"TMPDIR={folder}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().decode().replace("\0", " "))
        except OSError:
            pass
    return found


def interrupted(folder):
    """In the numbers, and between samples: found by what the arm's process is called."""
    numbers = [f"reference,{FAULTY}:hang_at=4", *NUMBERS]
    speed = ["reference,cpu-onednn", *TINY, "-r", 900, "--no-numbers"]
    for number, task, arguments in ((signal.SIGINT, "arm numbers", numbers),
                                    (signal.SIGINT, "arm speed", speed),
                                    (signal.SIGTERM, "arm speed", speed)):
        process = subprocess.Popen(
            [SIROCCO, "compare", MODEL, "--backends", *map(str, arguments), "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, TMPDIR=str(folder)))
        until = time.monotonic() + 60
        while time.monotonic() < until and not any(task in p for p in processes_of(folder)):
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(number)
        out, said = process.communicate(timeout=SLOW)
        check(process.returncode == 128 + number,
              f"{number.name} in {task}: exit {process.returncode}\n{said}")
        try:
            report = json.loads(out)
        except ValueError:
            check(False, f"{number.name} in {task}: no report: {out[:200]!r}\n{said}")
            continue
        check(report["interrupted"] is True and report["complete"] is False and
              report["exit_code"] == 128 + number, f"{number.name} in {task}: {report['exit_code']}")
        check("stopped" in [arm["status"] for arm in report["arms"]] and
              "failed" not in [arm["status"] for arm in report["arms"]],
              f"{number.name} in {task}: {[(a['label'], a['status']) for a in report['arms']]}")
        check(not processes_of(folder), f"{number.name} in {task}: alive {processes_of(folder)}")
        check(not list(folder.iterdir()), f"{number.name} in {task}: left {list(folder.iterdir())}")


def killed(folder):
    """What a killed comparison leaves is removed by the next one, but not what is in use or young."""
    left, young, used = (folder / f"sirocco-compare-{name}" for name in ("left", "young", "used"))
    for place in (left, young, used):
        place.mkdir()
        (place / "recording").write_text("large")
    long_ago = time.time() - 1000
    os.utime(left, (long_ago, long_ago))
    os.utime(used, (long_ago, long_ago))
    lock = os.open(used, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    report_of(0, "--backends", "reference", *NUMBERS, env=dict(os.environ, TMPDIR=str(folder)))
    os.close(lock)
    check({path.name for path in folder.iterdir()} == {young.name, used.name},
          f"left behind: {list(folder.iterdir())}")


if __name__ == "__main__":
    run_tests(usage, no_backends, bare, hangs, dies, full_disk, interrupted, killed, whole)

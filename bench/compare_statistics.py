#!/usr/bin/env python3
"""How often `sirocco compare` is right, counted over many whole runs of it on this machine.

aa      a backend against the same backend under another name: claims of a difference are wrong
slowed  a backend against itself slowed by a known share (the example's option spin_percent)
saved   a deployment that --save wrote, run again: does its ratio lie in the interval foretold?

Each run is one line of the --out file, so that counting can be stopped and gone on with; the counts
are printed at the end, also of what an earlier call left there.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
PLUGINS = BUILD / "lib/sirocco/plugins"


def compare(arguments, *extra):
    command = [BUILD / "bin/sirocco", "compare", arguments.model, "--no-numbers", "--no-probes",
               "-p", arguments.prompt, "-n", arguments.gen, "--json", *extra]
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nexit {run.returncode}\n{run.stderr}")
    return json.loads(run.stdout)


def comparisons(report):
    return [found for case in report["speed"]["cases"] for found in case["comparisons"]]


def verdicts(report):
    return [found["verdict"] for found in comparisons(report)]


def run_aa(arguments, seed):
    twin = PLUGINS / f"{arguments.backend}.so"
    report = compare(arguments, "--backends", f"{arguments.backend},{twin}", "--seed", seed)
    return {"verdicts": verdicts(report), "ratios": [c["ratio"] for c in comparisons(report)]}


def run_slowed(arguments, seed):
    slowed = f"{arguments.example}:spin_percent={arguments.percent}"
    report = compare(arguments, "--backends", f"{arguments.example},{slowed}", "--seed", seed)
    return {"verdicts": verdicts(report), "ratios": [c["ratio"] for c in comparisons(report)]}


def run_saved(arguments, seed):
    with tempfile.TemporaryDirectory() as folder:
        saved = pathlib.Path(folder, "saved.yaml")
        arms = f"{arguments.slow},{arguments.backend}"
        first = compare(arguments, "--backends", arms, "--save", saved, "--seed", seed)
        if not first["saved"]["expected"]:
            return {"saved": first["saved"]["arm"], "landed": None}
        again = compare(arguments, "--backends", f"{arguments.slow},{saved}", "--seed", seed + 1000)
        landed = [expected["rerun"]["low"] <= found["ratio"] <= expected["rerun"]["high"]
                  for expected, found in zip(first["saved"]["expected"], comparisons(again))]
        return {"saved": first["saved"]["arm"], "landed": all(landed),
                "expected": first["saved"]["expected"],
                "found": [found["ratio"] for found in comparisons(again)]}


def summary(what, runs):
    if what == "saved":
        landed = [run["landed"] for run in runs if run["landed"] is not None]
        return f"saved: {sum(landed)} of {len(landed)} runs landed in their intervals"
    every = [verdict for run in runs for verdict in run["verdicts"]]
    noisy = every.count("too noisy")
    if what == "aa":
        wrong = sum(any(v in ("faster", "slower") for v in run["verdicts"]) for run in runs)
        return (f"aa: a difference claimed in {wrong} of {len(runs)} runs; of {len(every)} comparisons "
                f"{noisy} were too noisy")
    called = every.count("slower")
    return (f"slowed: of {len(every)} comparisons {noisy} were too noisy; of the other "
            f"{len(every) - noisy} slower was said of {called}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["aa", "slowed", "saved"])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--model", default=ROOT / "models/demo")
    parser.add_argument("--backend", default="cpu-onednn")
    parser.add_argument("--slow", default="reference", help="what `saved` compares the backend with")
    parser.add_argument("--example", default=str(BUILD / "tests/plugins/minimal.so"))
    parser.add_argument("--percent", default="5")
    parser.add_argument("--prompt", default="64")
    parser.add_argument("--gen", default="32")
    arguments = parser.parse_args()
    runs = []
    if arguments.out.exists():
        runs = [json.loads(line) for line in arguments.out.read_text().splitlines()]
    one = {"aa": run_aa, "slowed": run_slowed, "saved": run_saved}[arguments.what]
    with arguments.out.open("a") as out:
        while len(runs) < arguments.runs:
            runs.append(one(arguments, len(runs)))
            out.write(json.dumps(runs[-1]) + "\n")
            out.flush()
            print(f"\r{len(runs)} of {arguments.runs}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(summary(arguments.what, runs))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""bench and doctor as a person uses them, well and badly. No figure is compared with another machine's."""
import csv
import io
import json

from command import DEMO, bad, check, good, run_tests


def bench(folder):
    sizes = ["-p", "16", "-n", "4", "-d", "0,32", "-r", "1"]
    table = good("bench", DEMO, *sizes).stdout
    for word in ("pp16", "tg4 @ d32", "of own", "overhead", "probe in the same run"):
        check(word in table, f"bench: no '{word}' in\n{table}")
    report = json.loads(good("bench", DEMO, *sizes, "--json", "--threads", 1).stdout)
    check(report["threads"] == 1, f"bench --threads 1: {report['threads']}")
    check([t["test"] for t in report["tests"]] == ["pp16", "tg4", "pp16 @ d32", "tg4 @ d32"],
          f"bench: {report['tests']}")
    for test in report["tests"]:
        check(len(test["samples"]) == 1, f"bench -r 1: {test}")
        for sample in test["samples"]:
            check(all(sample[key] > 0 for key in ("tokens_per_second", "bandwidth_share",
                                                  "own_bandwidth_share", "flops_share")), f"{sample}")
            check(0 <= sample["overhead_share"] < 1, f"bench: overhead {sample['overhead_share']}")
    check(report["load_seconds"] > 0 and report["peak_resident_bytes"] > 0, "bench: load, memory")


def bench_cases(folder):
    sizes = ["-p", "0", "-n", "4", "-b", "1,3", "-d", "0,32", "-pg", "16,2", "-r", "1"]
    report = json.loads(good("bench", DEMO, *sizes, "-o", "json").stdout)
    labels = ["tg4", "tg4 b3", "pp16+tg2", "tg4 @ d32", "tg4 b3 @ d32", "pp16+tg2 @ d32"]
    check([t["test"] for t in report["tests"]] == labels, f"bench -b -pg: {report['tests']}")
    for test in report["tests"]:
        check(test["tokens_per_second"] > 0 and 0 <= test["overhead_share"] < 1, f"{test}")
    sizes = [(t["n_prompt"], t["n_gen"], t["depth"], t["batch"]) for t in report["tests"]]
    check(sizes == [(0, 4, 0, 1), (0, 4, 0, 3), (16, 2, 0, 1), (0, 4, 32, 1), (0, 4, 32, 3),
                    (16, 2, 32, 1)], f"bench: {sizes}")


def bench_formats(folder):
    sizes = ["-p", "16", "-n", "2", "-r", "2"]
    both = good("bench", DEMO, *sizes, "-o", "csv", "-oe", "md")
    rows = list(csv.DictReader(io.StringIO(both.stdout, newline="")))
    check([row["test"] for row in rows] == ["pp16", "tg2"], f"bench -o csv: {both.stdout}")
    check("| pp16 " in both.stderr, f"bench -oe md: {both.stderr}")
    lines = good("bench", DEMO, *sizes, "-o", "jsonl", "--output-err", "csv")
    check("tokens_per_second_stddev" in lines.stderr, f"bench --output-err csv: {lines.stderr}")
    told = [json.loads(line) for line in lines.stdout.splitlines()]
    check([row["test"] for row in told] == ["pp16", "tg2"], f"bench -o jsonl: {lines.stdout}")
    for row, line in zip(rows, told):
        check(list(row) == [key for key in line if key != "samples"], f"columns: {row} {line}")
        check(len(line["samples"]) == int(row["n_samples"]) == 2, f"samples: {row} {line}")
        check(row["backend"] and row["numerics"] and int(row["params"]) > 0 and
              int(row["bytes"]) >= int(row["params"]), f"fingerprint: {row}")
    check("-pg" in good("bench", "--help").stdout, "bench --help does not tell of -pg")


def bench_bad(folder):
    bad(2, ["-pg", "such as 512,128"], "bench", DEMO, "-pg", "512")
    bad(2, ["-b", "sizes lie between 1"], "bench", DEMO, "-b", "0")
    bad(2, ["--batch 100000", "tokens at most", "max_tokens_per_step"], "bench", "-p", "0", "-n", "1",
        DEMO, "-b", "100000")
    bad(2, ["--output", "jsonl"], "bench", DEMO, "-o", "xml")
    bad(2, ["--output-err", "jsonl"], "bench", DEMO, "-oe", "xml")
    bad(2, ["--json", "--output"], "bench", DEMO, "--json", "-o", "csv")
    bad(2, ["model is required"], "bench")
    bad(2, ["-p", "expected sizes such as"], "bench", DEMO, "-p", "many")
    bad(2, ["-d", "a range needs a step"], "bench", DEMO, "-d", "0-64")
    bad(2, ["leave nothing to measure"], "bench", DEMO, "-p", "0", "-n", "0")
    bad(2, ["repetitions", "1 or more"], "bench", DEMO, "-r", "0")
    bad(2, ["threads", "1 or more"], "bench", DEMO, "--threads", "0")
    bad(2, ["5000 threads"], "bench", DEMO, "--threads", "5000")
    bad(3, ["exceed the context"], "bench", DEMO, "-p", "100000")
    bad(3, ["nowhere"], "bench", folder / "nowhere")
    bad(4, ["nothing-like-it"], "bench", DEMO, "--backend", "nothing-like-it")
    option = folder / "deployment.yaml"
    option.write_text("sirocco: deployment/1\nname: d\nbackends:\n  - name: cpu-onednn\n"
                      "    options:\n      copy_weights: perhaps\n")
    bad(4, ["copy_weights", "perhaps", "true or false"], "bench", DEMO, "--deployment", option)
    option.write_text("sirocco: deployment/1\nname: d\nbackends:\n  - name: cpu-onednn\n"
                      "    options:\n      decline: rms_norm\n  - name: reference\n")
    bad(4, ["rms_norm", "decline"], "bench", DEMO, "--deployment", option)


def doctor(folder):
    text = good("doctor", DEMO).stdout
    for word in ("processor", "threads", "memory", "cpu-onednn: ", "model       cpu-onednn"):
        check(word in text, f"doctor: no '{word}' in\n{text}")
    report = json.loads(good("doctor", "--json").stdout)
    check(report["problems"] == [] and report["threads_usable"] >= 1, f"doctor: {report}")
    slower = json.loads(good("doctor", "--json", env={"SIROCCO_ISA": "plain"}).stdout)
    check("cpu-onednn: plain" in slower["devices"], f"doctor: {slower['devices']}")
    check(any("SIROCCO_ISA" in advice["what"] + advice["remedy"] for advice in slower["advice"]),
          f"doctor does not tell of SIROCCO_ISA: {slower['advice']}")


def doctor_bad(folder):
    bad(3, ["nowhere"], "doctor", folder / "nowhere")
    bad(2, ["--frob"], "doctor", "--frob")
    broken = folder / "broken.so"
    broken.write_text("no library\n")
    found = good("doctor", "--plugin-path", broken)
    check("broken.so" in found.stdout and "refused" in found.stdout, f"doctor: {found.stdout}")


if __name__ == "__main__":
    run_tests(bench, bench_cases, bench_formats, bench_bad, doctor, doctor_bad)

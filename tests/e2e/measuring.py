#!/usr/bin/env python3
"""bench and doctor as a person uses them, well and badly. No figure is compared with another machine's."""
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


def bench_bad(folder):
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
    run_tests(bench, bench_bad, doctor, doctor_bad)

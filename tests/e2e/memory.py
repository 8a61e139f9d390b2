#!/usr/bin/env python3
"""What a model takes while it runs, as the system counts it, beside what `inspect` said it would.

A model of random weights, 0.3 GiB in bf16, so that the weights outweigh everything else in the process;
weights used where they are mapped, and copied into huge pages.
"""
import json
import os
import subprocess
import sys

from command import DEMO, SIROCCO, SOURCE, check, good, run_tests

sys.path.insert(0, str(SOURCE / "bench"))
import random_model  # noqa: E402  (found through the line above)
from shapes import SHAPES  # noqa: E402

SLACK = 64 << 20
SHAPE = dict(SHAPES["100m"], dim=1024, ff=4096, layers=8, heads=16, kv_heads=4)


def make_model(folder):
    """Random weights with the demo's vocabulary and tokenizer."""
    shape = dict(SHAPE, vocab=json.loads((DEMO / "config.json").read_text())["vocab_size"])
    (folder / "config.json").write_text(json.dumps(random_model.config(shape)))
    random_model.write_safetensors(folder / "model.safetensors", shape, 1)
    (folder / "tokenizer.model").symlink_to(DEMO / "tokenizer.model")


def peak_of(*arguments):
    """Resident bytes at most of one call, which must succeed."""
    child = subprocess.Popen([str(SIROCCO), *map(str, arguments)], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = child.stderr.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    check(child.returncode == 0, f"{arguments}: exit {child.returncode}\n{message}")
    return usage.ru_maxrss * 1024


def memory(folder):
    make_model(folder)
    prompt = folder / "prompt.txt"
    prompt.write_text("Once upon a time, there was a girl. " * 40)
    for copied in ("false", "true"):
        deployment = folder / f"copied-{copied}.yaml"
        deployment.write_text("sirocco: deployment/1\nname: d\nbackends:\n  - name: cpu-onednn\n"
                              f"    options:\n      copy_weights: {copied}\n")
        flags = ["--ctx", 1024, "--deployment", deployment]
        planned = json.loads(good("inspect", folder, "--json", *flags).stdout)["memory"]
        bound = 1.05 * planned["total"] + SLACK
        peak = peak_of("run", folder, "-f", prompt, "-n", 16, "--ignore-eos", *flags)
        print(f"copy_weights: {copied}: resident {peak >> 20} MiB, planned "
              f"{planned['total'] >> 20} MiB, bound {int(bound) >> 20} MiB")
        check(peak <= bound, f"copy_weights: {copied}: {peak} bytes resident, at most {bound:.0f}")
        check(peak >= planned["total"] / 2, "the weights were not read: nothing was measured")


if __name__ == "__main__":
    run_tests(memory)

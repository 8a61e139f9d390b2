#!/usr/bin/env python3
"""The demo models as a person meets them: their logits are PyTorch's, and `run` streams its answers."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import safetensors_io  # noqa: E402

SOURCE = pathlib.Path(os.environ["SIROCCO_SOURCE_DIR"])
SIROCCO = pathlib.Path(os.environ["SIROCCO_BUILD_DIR"]) / "bin/sirocco"
MODELS = [SOURCE / "models" / name for name in ("demo", "demo-mixture")]
BACKENDS = "reference", "cpu-onednn"
MAX_ABS, NMSE = 2e-4, 2e-11
# Two logits closer than this may change places in another order of additions.
MARGIN = 1e-3


def run(*arguments):
    result = subprocess.run([str(SIROCCO), *map(str, arguments)], capture_output=True, text=True,
                            stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}\nexit {result.returncode}\n{result.stderr}")
    return result


def check_logits(model, cases, backend):
    expected = safetensors_io.read(model / "expected.safetensors")
    with tempfile.TemporaryDirectory() as folder:
        prompts, out = pathlib.Path(folder, "p.json"), pathlib.Path(folder, "o.safetensors")
        prompts.write_text(json.dumps([case["prompt_ids"] for case in cases]))
        run("forward", model, "--tokens", prompts, "--out", out, "--numerics", "f32",
            "--backend", backend)
        got = safetensors_io.read(out)
    for i, case in enumerate(cases):
        ours, theirs = got[f"logits.{i}"], expected[case["tensor"]]
        worst = float(np.abs(ours.astype(np.float64) - theirs).max())
        nmse = safetensors_io.nmse(ours, theirs)
        print(f"{model.name} {case['tensor']} on {backend}: max abs {worst:.2e}, NMSE {nmse:.2e}")
        if not (worst <= MAX_ABS and nmse <= NMSE):
            sys.exit("outside the bounds")


def check_answers(model, cases):
    for case in cases:
        if case["min_margin"] < MARGIN:
            sys.exit(f"{case['prompt']!r} does not bear rounding: the margin is {case['min_margin']}")
        asked = case["instruct"]
        result = run("run", model, "--prompt", case["prompt"], "-n", len(case["greedy_ids"]),
                     "--numerics", "f32", *(["--instruct"] if asked else []))
        expected = case["text"] if asked else case["prompt"] + case["text"]
        if result.stdout.rstrip("\n") != expected.rstrip("\n"):
            sys.exit(f"answered\n{result.stdout}\nexpected\n{expected}")
        if " nodes" not in result.stderr:
            sys.exit(f"no placement line:\n{result.stderr}")
        print(f"{model.name} {case['prompt']!r}: as PyTorch answers")


def main():
    for model in MODELS:
        data = json.loads((model / "expected.json").read_text())
        for backend in BACKENDS:
            check_logits(model, data["logits"], backend)
        check_answers(model, data["greedy"])


if __name__ == "__main__":
    main()

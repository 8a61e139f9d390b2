#!/usr/bin/env python3
"""The demo model as a person meets it: its logits are PyTorch's, and `run` streams the same answers."""
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
DEMO = SOURCE / "models/demo"
MAX_ABS, NMSE = 2e-4, 2e-11


def run(*arguments):
    result = subprocess.run([str(SIROCCO), *map(str, arguments)], capture_output=True, text=True,
                            stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}\nexit {result.returncode}\n{result.stderr}")
    return result


def check_logits(cases):
    expected = safetensors_io.read(DEMO / "expected.safetensors")
    with tempfile.TemporaryDirectory() as folder:
        prompts, out = pathlib.Path(folder, "p.json"), pathlib.Path(folder, "o.safetensors")
        prompts.write_text(json.dumps([case["prompt_ids"] for case in cases]))
        run("forward", DEMO, "--tokens", prompts, "--out", out, "--numerics", "f32")
        got = safetensors_io.read(out)
    for i, case in enumerate(cases):
        ours, theirs = got[f"logits.{i}"], expected[case["tensor"]]
        worst = float(np.abs(ours.astype(np.float64) - theirs).max())
        nmse = safetensors_io.nmse(ours, theirs)
        print(f"{case['tensor']}: max abs {worst:.2e}, NMSE {nmse:.2e}")
        if not (worst <= MAX_ABS and nmse <= NMSE):
            sys.exit("outside the bounds")


def check_answers(cases):
    for case in cases:
        result = run("run", DEMO, "--prompt", case["prompt"], "-n", len(case["greedy_ids"]),
                     "--numerics", "f32")
        expected = case["prompt"] + case["text"]
        if result.stdout.rstrip("\n") != expected.rstrip("\n"):
            sys.exit(f"answered\n{result.stdout}\nexpected\n{expected}")
        if " nodes" not in result.stderr:
            sys.exit(f"no placement line:\n{result.stderr}")
        print(f"{case['prompt']!r}: as PyTorch answers")


def main():
    data = json.loads((DEMO / "expected.json").read_text())
    check_logits(data["logits"])
    check_answers(data["greedy"])


if __name__ == "__main__":
    main()

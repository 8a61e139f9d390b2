#!/usr/bin/env python3
"""The demo model on the emulated CUDA backend alone: its logits are PyTorch's, in f32 within the bounds of
the golden models and in bf16 within theirs, fed whole and in chunks; it answers as PyTorch does; and it chooses tokens as the host does."""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import safetensors_io  # noqa: E402

MODEL = ROOT / "models/demo"
# As in tests/golden/golden.py.
MAX_ABS = {"f32": 2e-4, "bf16": float("inf")}
NMSE = {"f32": 2e-11, "bf16": 3e-3}
SAMPLED_TOKENS = 12
ANSWER_TOKENS = 24  # of each answer, to keep the emulator's time in bounds


def run(arguments, *words):
    command = [arguments.sirocco, *map(str, words), "--backend", "cuda", "--fallback", "forbid",
               "--plugin-path", arguments.plugin]
    result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}\nexit {result.returncode}\n{result.stderr}")
    return result.stdout


def check_logits(arguments, cases, numerics, chunk):
    expected = safetensors_io.read(MODEL / "expected.safetensors")
    with tempfile.TemporaryDirectory() as folder:
        prompts, out = pathlib.Path(folder, "p.json"), pathlib.Path(folder, "o.safetensors")
        prompts.write_text(json.dumps([case["prompt_ids"] for case in cases]))
        run(arguments, "forward", MODEL, "--tokens", prompts, "--out", out, "--numerics", numerics,
            *(["--chunk", chunk] if chunk else []))
        got = safetensors_io.read(out)
    for i, case in enumerate(cases):
        ours, theirs = got[f"logits.{i}"], expected[case["tensor"]]
        worst = float(np.abs(ours.astype(np.float64) - theirs).max())
        nmse = safetensors_io.nmse(ours, theirs)
        print(f"{case['tensor']} in {numerics}, chunk {chunk or 'whole'}: max abs {worst:.2e}, NMSE {nmse:.2e}")
        if not (worst <= MAX_ABS[numerics] and nmse <= NMSE[numerics]):
            sys.exit("outside the bounds")


def check_answers(arguments, cases):
    for case in cases:
        asked = ["--instruct"] if case["instruct"] else []
        text = run(arguments, "run", MODEL, "--prompt", case["prompt"], "-n", ANSWER_TOKENS, "--numerics", "f32",
                   *asked).rstrip("\n")
        expected = case["text"] if asked else case["prompt"] + case["text"]
        if not text or not expected.startswith(text):
            sys.exit(f"answered\n{text}\nexpected\n{expected}")
        print(f"{case['prompt']!r}: as PyTorch answers")


def check_sampling(arguments):
    """The same story of a seed, whether logits are read or four bytes a token."""
    reports = {}
    for where in ("host", "device"):
        reports[where] = json.loads(run(arguments, "run", MODEL, "Once upon a time", "-n", SAMPLED_TOKENS,
                                        "-t", 0.9, "--top-k", 50, "--top-p", 0.9, "--seed", 3,
                                        "--ignore-eos", "--numerics", "f32", "--sample", where, "--json"))
        print(f"tokens chosen on the {where}: {reports[where]['bytes_read']} bytes read back")
    if reports["host"]["tokens"] != reports["device"]["tokens"]:
        sys.exit(f"the host says {reports['host']['text']!r}, the device {reports['device']['text']!r}")
    vocabulary = json.loads((MODEL / "config.json").read_text())["vocab_size"]
    for where, each in (("host", vocabulary * 4), ("device", 4)):
        if reports[where]["bytes_read"] != SAMPLED_TOKENS * each:
            sys.exit(f"{where}: {reports[where]['bytes_read']} bytes read back, expected {each} a token")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sirocco", required=True)
    parser.add_argument("--plugin", required=True)
    arguments = parser.parse_args()
    data = json.loads((MODEL / "expected.json").read_text())
    for numerics in NMSE:
        for chunk in (None, 7):
            check_logits(arguments, data["logits"], numerics, chunk)
    check_answers(arguments, data["greedy"][:2])
    check_sampling(arguments)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs `sirocco forward` on a golden checkpoint and compares every logit with the oracle's.

Each way of feeding the same tokens must give the same numbers: whole prompts, chunks of 1, 7 and 16 (or
those that --chunks names), one prompt a run and all of them as one ragged batch. With --isa a backend is
held to that level of the processor's instructions; a level that this machine lacks is skipped.

In bf16 a token of a mixture may go to another expert than the oracle's, and is then off by much more than
rounding: such models are held to the median over tokens, and the agreement of the routers is reported.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import safetensors_io  # noqa: E402

# By numerics; the golden data's README says what they come from. bf16 and f16 have no bound element by
# element; f16 has three more bits of mantissa than bf16, so that its errors' squares are 64 times smaller.
MAX_ABS = {"f32": 2e-4, "bf16": float("inf"), "f16": float("inf")}
NMSE = {"f32": 2e-11, "bf16": 3e-3, "f16": 3e-3 / 64}


MEDIAN_NMSE = 3e-4  # of a token, for mixtures in bf16


class Comparison:
    def __init__(self, numerics, mixture=False):
        self.max_abs, self.nmse = MAX_ABS[numerics], NMSE[numerics]
        self.by_token = mixture and numerics == "bf16"
        self.tokens = []
        self.worst_abs, self.error, self.power, self.failures = 0.0, 0.0, 0.0, []

    def add(self, label, got, expected):
        if got.shape != expected.shape:
            self.failures.append(f"{label}: shape {got.shape}, expected {expected.shape}")
            return
        difference = got.astype(np.float64) - expected.astype(np.float64)
        worst = float(np.abs(difference).max())
        nmse = safetensors_io.nmse(got, expected)
        self.worst_abs = max(self.worst_abs, worst)
        self.error += float(np.sum(difference ** 2))
        self.power += float(np.sum(expected.astype(np.float64) ** 2))
        if self.by_token:
            axis = tuple(range(1, got.ndim)) if got.ndim > 1 else None
            power = np.sum(expected.astype(np.float64) ** 2, axis=axis)
            self.tokens += np.atleast_1d(np.sum(difference ** 2, axis=axis) / power).tolist()
        elif not (worst <= self.max_abs and nmse <= self.nmse):
            self.failures.append(f"{label}: max abs {worst:.3g}, NMSE {nmse:.3g}")

    def all_failures(self):
        if self.by_token and not float(np.median(self.tokens)) <= MEDIAN_NMSE:
            return [*self.failures, f"median NMSE of a token {np.median(self.tokens):.3g}, "
                                    f"above {MEDIAN_NMSE:g}"]
        return self.failures

    def line(self):
        if self.by_token:
            return (f"NMSE {self.error / self.power:.2e}, "
                    f"median of a token {np.median(self.tokens):.2e}")
        return f"max abs {self.worst_abs:.2e}, NMSE {self.error / self.power:.2e}"


def forward(arguments, prompts, extra):
    with tempfile.TemporaryDirectory() as folder:
        tokens, out = pathlib.Path(folder, "prompts.json"), pathlib.Path(folder, "out.safetensors")
        tokens.write_text(json.dumps(prompts))
        command = [*([sys.executable, "-B", arguments.under] if arguments.under else []),
                   arguments.sirocco, "forward", arguments.checkpoint, "--tokens", tokens,
                   "--out", out, "--numerics", arguments.numerics, *arguments.extra, *extra]
        environment = dict(os.environ, **({"SIROCCO_ISA": arguments.isa} if arguments.isa else {}))
        run = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment)
        if run.returncode == 77:
            print(run.stdout, end="")
            sys.exit(77)
        if run.returncode == 4 and "this processor offers" in run.stderr:
            print(f"SKIPPED: this processor lacks {arguments.isa}")
            sys.exit(77)
        if run.returncode == 4 and "no OpenCL" in run.stderr:
            print("SKIPPED: there is no OpenCL platform or device")
            sys.exit(77)
        if run.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}\nexit {run.returncode}\n{run.stderr}")
        return safetensors_io.read(out)


def check_logits(arguments, prompts, ragged, expected):
    names, ragged_names = list(prompts), list(ragged)
    for chunk in arguments.chunks:
        extra = ["--chunk", chunk] if chunk else []
        comparison = Comparison(arguments.numerics, arguments.routers)
        for name in names:
            got = forward(arguments, [prompts[name]], extra)
            comparison.add(f"{name} alone", got["logits.0"], expected[f"{name}.logits"])
        got = forward(arguments, [prompts[name] for name in names], extra)
        for i, name in enumerate(names):
            comparison.add(f"{name} ragged", got[f"logits.{i}"], expected[f"{name}.logits"])
        got = forward(arguments, [ragged[name] for name in ragged_names], extra)
        for i, name in enumerate(ragged_names):
            comparison.add(name, got[f"logits.{i}"][-1], expected[f"{name}.last_logits"])
        yield f"chunk {chunk or 'whole':>5}", comparison


def check_taps(arguments, prompts, trace, expected):
    """The trace prompt's inner values, so that a wrong layer is named and not only noticed."""
    inner = {"attn": "attn", "mlp": "mlp", "out": "h"}
    taps = {}
    for name in expected:
        parts = name.split(".")
        if parts[0] == trace and parts[1] == "layer":
            taps[f"layers.{parts[2]}/{inner[parts[3]]}"] = name
    got = forward(arguments, [prompts[trace]], [word for tap in taps for word in ("--tap", tap)])
    comparison = Comparison(arguments.numerics, arguments.routers)
    for tap, name in taps.items():
        comparison.add(tap, got[f"tap.{tap}.0"], expected[name])
    yield "taps", comparison


def router_agreement(arguments, prompts):
    """Of all tokens, how many choose the same two experts as in f32, by each router."""
    taps = [word for value in arguments.routers for word in ("--tap", value)]
    own = forward(arguments, list(prompts.values()), taps)
    reference = argparse.Namespace(**{**vars(arguments), "numerics": "f32"})
    exact = forward(reference, list(prompts.values()), taps)
    for value in arguments.routers:
        same = total = 0
        for i in range(len(prompts)):
            a, b = (np.sort(np.argsort(-run[f"tap.{value}.{i}"], axis=1)[:, :2], axis=1)
                    for run in (own, exact))
            same += int((a == b).all(axis=1).sum())
            total += len(a)
        yield f"{value}: {same} of {total} tokens choose the experts that they choose in f32"


def short_ones(prompts, most):
    kept = {name: tokens for name, tokens in prompts.items() if most is None or len(tokens) <= most}
    if not kept:
        sys.exit(f"--most {most}: no prompt is that short, but {', '.join(prompts)}")
    return kept


def chunk_sizes(text):
    return [None if word == "whole" else int(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sirocco", required=True)
    parser.add_argument("--golden", required=True, type=pathlib.Path,
                        help="folder with prompts.json and expected.safetensors")
    parser.add_argument("--checkpoint", required=True, help="what `forward` is given")
    parser.add_argument("--isa", help="the instruction set level, as SIROCCO_ISA takes it")
    parser.add_argument("--routers", action="append", default=[], metavar="VALUE",
                        help="a mixture's router logits, to be compared with those of f32")
    parser.add_argument("--numerics", default="f32", choices=list(NMSE))
    parser.add_argument("--chunks", type=chunk_sizes, default=chunk_sizes("whole,1,7,16"), metavar="LIST",
                        help="the chunk sizes to feed prompts in (default: whole,1,7,16)")
    parser.add_argument("--most", type=int, metavar="N",
                        help="leave out prompts of more than N tokens")
    parser.add_argument("--under", metavar="SCRIPT",
                        help="a Python script that runs the command behind it, as tests/opencl/oclgrind.py; "
                             "its exit code 77 skips the test")
    parser.add_argument("extra", nargs="*", help="more arguments for `forward`, after --")
    arguments = parser.parse_args()

    data = json.loads((arguments.golden / "prompts.json").read_text())
    expected = safetensors_io.read(arguments.golden / "expected.safetensors")
    prompts, ragged = (short_ones(data[kind], arguments.most) for kind in ("prompts", "ragged_batch"))
    failures = []
    checks = [*check_logits(arguments, prompts, ragged, expected),
              *check_taps(arguments, data["prompts"], data["trace_prompt"], expected)]
    for label, comparison in checks:
        print(f"{label}: {comparison.line()}")
        failures += [f"{label}: {failure}" for failure in comparison.all_failures()]
    for line in router_agreement(arguments, prompts):
        print(line)
    if failures:
        numerics = arguments.numerics
        sys.exit("outside max abs %g, NMSE %g:\n%s" %
                 (MAX_ABS[numerics], NMSE[numerics], "\n".join(failures)))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Compares `sirocco forward` on seeded random topologies with a float64 evaluation in numpy.

Of every seed a model is described (generator.py), written as YAML and a checkpoint (emit.py), run on
ragged prompts in whole or in chunks, and evaluated from its description alone (evaluate.py). That the
bounds see small mistakes is shown by making each of them once in the evaluation.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent.parent / "support"))
import emit  # noqa: E402
import evaluate  # noqa: E402
import generator  # noqa: E402
import safetensors_io  # noqa: E402

MAX_ABS = 2e-4
NMSE = 2e-11
CHUNKS = [None, 1, 5, 16]


class Failure(Exception):
    pass


class Seed:
    """One random model and its prompts."""

    def __init__(self, seed, folder):
        self.seed, self.folder = seed, folder
        self.chunk = CHUNKS[seed % len(CHUNKS)]
        self.description = generator.describe(seed)
        self.weights = generator.make_weights(self.description)
        self.prompts = generator.make_prompts(seed, self.description["sizes"]["vocab"])

    def expected(self, description):
        return [evaluate.logits(description, self.weights, prompt) for prompt in self.prompts]

    def forward(self, sirocco, backends):
        """The logits of each prompt, as the program under test has them."""
        model = emit.emit(self.description, self.weights, self.folder)
        tokens, out = self.folder / "prompts.json", self.folder / "out.safetensors"
        tokens.write_text(json.dumps(self.prompts))
        command = [sirocco, "forward", model, "--tokens", tokens, "--out", out, "--numerics", "f32",
                   "--backend", backends, "--fallback", "allow"]
        command = [str(part) for part in command + (["--chunk", self.chunk] if self.chunk else [])]
        (self.folder / "command.txt").write_text(
            f"SIROCCO_CONFIG_PATH={self.folder} {' '.join(command)}\n")
        run = subprocess.run(command, capture_output=True, text=True, timeout=120,
                             env=os.environ | {"SIROCCO_CONFIG_PATH": str(self.folder)})
        if run.returncode != 0:
            raise Failure(f"exit {run.returncode}: {run.stderr.strip()}")
        tensors = safetensors_io.read(out)
        return [tensors[f"logits.{index}"] for index in range(len(self.prompts))]

    def label(self):
        lengths = "+".join(str(len(prompt)) for prompt in self.prompts)
        return f"seed {self.seed} ({lengths} tokens, chunk {self.chunk or 'whole'})"


def difference(got, expected):
    """(largest absolute difference, NMSE), each of the worst prompt."""
    if [part.shape for part in got] != [part.shape for part in expected]:
        raise Failure(f"shapes {[part.shape for part in got]}, "
                      f"expected {[part.shape for part in expected]}")
    pairs = list(zip(got, expected))
    return (max(float(np.abs(a - b).max()) for a, b in pairs),
            max(safetensors_io.nmse(a, b) for a, b in pairs))


def within(worst):
    return worst[0] <= MAX_ABS and worst[1] <= NMSE  # false for NaN


def check(seed, arguments):
    """Runs and compares; returns what the program answered."""
    got = seed.forward(arguments.sirocco, arguments.backends)
    description = seed.description
    if arguments.mutate:
        description = evaluate.mutated(description, arguments.mutate) or description
    worst = difference(got, seed.expected(description))
    if not within(worst):
        raise Failure(f"max abs {worst[0]:.3g}, NMSE {worst[1]:.3g}")
    return got, worst


def sees_mutations(seed, got, pending):
    """Removes from `pending` each mistake that matters in this model; says which went unseen."""
    for name in sorted(pending):
        changed = evaluate.mutated(seed.description, name)
        if changed is None:
            continue
        expected = seed.expected(changed)
        # Some change nothing that these prompts show, as a window longer than they are.
        if difference(expected, seed.expected(seed.description))[1] < 10 * NMSE:
            continue
        pending.remove(name)
        if within(difference(got, expected)):
            yield f"seed {seed.seed}: the comparison does not see the mistake '{name}'"


def refused_documents(sirocco, root):
    """What `validate` has against documents that run."""
    documents = sorted(map(str, root.glob("*/topologies/*.yaml"))) + \
        sorted(map(str, root.glob("*/model.yaml")))
    run = subprocess.run([sirocco, "validate", *documents], capture_output=True, text=True)
    if run.returncode != 0:
        yield f"validate: exit {run.returncode}: {run.stderr.strip()[:2000]}"


def run_seeds(arguments, root):
    pending = set() if arguments.mutate else set(evaluate.MUTATIONS)
    failures, worst, count = [], (0.0, 0.0), 0
    first, last = arguments.seeds
    for number in range(first, last + 1):
        folder = root / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        seed = Seed(number, folder)
        count += 1
        try:
            got, found = check(seed, arguments)
            worst = tuple(map(max, worst, found))
            failures += sees_mutations(seed, got, pending)
        except (Failure, KeyError, OSError, subprocess.TimeoutExpired) as error:
            kept = f" in {folder}" if arguments.keep else ""
            failures.append(f"{seed.label()}{kept}: {error}")
    failures += refused_documents(arguments.sirocco, root)
    print(f"{count} random topologies, seeds {first} to {last}: {len(failures)} failures; of the "
          f"others the worst max abs {worst[0]:.2e}, NMSE {worst[1]:.2e}")
    if not arguments.mutate:
        print(f"mistakes seen: {len(evaluate.MUTATIONS) - len(pending)} of "
              f"{len(evaluate.MUTATIONS)}" + (f", not met: {', '.join(sorted(pending))}"
                                              if pending else ""))
    # A short range need not have a model for each of them.
    if pending and count >= 50 and not failures:
        failures.append(f"no model shows the mistakes {', '.join(sorted(pending))}")
    return failures


def seed_range(text):
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sirocco", required=True)
    parser.add_argument("--backends", default="reference", help="as --backend takes them")
    parser.add_argument("--seeds", type=seed_range, metavar="A-B", default=(0, 49))
    parser.add_argument("--first", type=int, metavar="SEED", help="with --count: where to start")
    parser.add_argument("--count", type=int, metavar="N", help="that many seeds instead of --seeds")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR", help="leave the files there")
    parser.add_argument("--mutate", choices=sorted(evaluate.MUTATIONS),
                        help="make this mistake in the evaluation; the test must then fail")
    arguments = parser.parse_args()
    if not pathlib.Path(arguments.sirocco).is_file():
        sys.exit(f"{arguments.sirocco}: there is no such program")
    if arguments.count is not None:
        first = arguments.first or 0
        arguments.seeds = (first, first + arguments.count - 1)
    with tempfile.TemporaryDirectory() as temporary:
        failures = run_seeds(arguments, arguments.keep or pathlib.Path(temporary))
    if failures:
        sys.exit("\n".join([f"outside max abs {MAX_ABS:g}, NMSE {NMSE:g}, or not run:", *failures]))


if __name__ == "__main__":
    main()

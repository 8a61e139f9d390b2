"""Whether a peer computes the same function: its scores behind fixed prompts, beside Sirocco's in f32."""
import array
import json
import random
import statistics
import subprocess
import sys

from peers.environment import Failure
from peers.process import Process

LENGTHS = (1, 2, 5, 17, 33, 64, 129, 300)
# Rounding in bf16 stays far below both; another rotation or a swapped weight is far above.
WORST_NMSE = 1e-2
NEAR = 0.05


def prompts(vocabulary):
    numbers = random.Random(1)
    return [[numbers.randrange(3, vocabulary) for _ in range(length)] for length in LENGTHS]


def last_rows(path):
    """The last row of logits.0, logits.1, ... of a file that `sirocco forward` wrote (f32)."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        rows = []
        while f"logits.{len(rows)}" in header:
            tensor = header[f"logits.{len(rows)}"]
            width = 4 * tensor["shape"][-1]
            file.seek(8 + size + tensor["data_offsets"][1] - width)
            rows.append(array.array("f", file.read(width)))
    return rows


def ours(arguments, model, folder, numerics):
    """Sirocco's scores behind each prompt."""
    vocabulary = json.loads((model / "config.json").read_text())["vocab_size"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prompts.json").write_text(json.dumps(prompts(vocabulary)))
    run = subprocess.run([arguments.sirocco, "forward", model, "--tokens", folder / "prompts.json", "--out",
                          folder / "logits.safetensors", "--numerics", numerics, "--threads",
                          str(arguments.threads)], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"sirocco forward --numerics {numerics}: exit {run.returncode}\n{run.stderr}")
    return last_rows(folder / "logits.safetensors")


def nmse(found, expected):
    """Sum of squared differences over the sum of squared distances of what is expected from its mean."""
    mean = statistics.fmean(expected)
    return (sum((x - y) ** 2 for x, y in zip(found, expected, strict=True)) /
            sum((y - mean) ** 2 for y in expected))


def judge(answers, expected):
    """{prompts, same, nmse (the worst; None where a peer tells no scores)}; Failure where it is another
    function: scores that differ, or a token that lies clearly behind ours."""
    same, errors = 0, []
    for answer, scores in zip(answers, expected, strict=True):
        best = max(range(len(scores)), key=scores.__getitem__)
        same += answer["token"] == best
        if "logits" in answer:
            errors.append(nmse(answer["logits"], scores))
        elif scores[best] - scores[answer["token"]] > NEAR * statistics.pstdev(scores):
            raise Failure(f"computes another function: token {answer['token']} where {best} is the most "
                          "likely by far")
    if errors and not max(errors) <= WORST_NMSE:
        raise Failure(f"computes another function: NMSE {max(errors):.2g} of its scores against ours in f32")
    return {"prompts": len(answers), "same": same, "nmse": max(errors) if errors else None}


def check(python, name, model, arguments, expected, log):
    """Runs the peer over the prompts and judges it."""
    with Process(python, name, arguments.threads, log) as process:
        process.ask("load", model, arguments.threads, max(LENGTHS) + 8)
        answers = [process.ask("next", prompt)[0] for prompt in prompts(len(expected[0]))]
    return judge(answers, expected)


def of_scores(rows, expected):
    """The same of scores that are there already: Sirocco's own in another dtype."""
    return judge([{"token": max(range(len(row)), key=row.__getitem__), "logits": row} for row in rows],
                 expected)

"""Writes expected.json and expected.safetensors beside a checkpoint, for other implementations.

Everything is computed in float64 from the bf16 weights. EOS is not special in the greedy ids;
`min_margin` is the smallest gap between the first and second logit along the way, so that a reader
knows how much rounding the ids can bear.
"""

import argparse
import json
import pathlib

import safetensors.torch
import torch

import checkpoint
import tokenizer
from model import Mistral

GREEDY = ["Once upon a time", "Il était une fois",
          "Question: What day comes after Monday?\nAnswer:",
          "Question: What is 12 plus 30?\nAnswer:"]
LOGITS = ["Once upon a time, there was a little girl", "Question: What is 12 plus 30?\nAnswer:"]
COUNT = 32


@torch.no_grad()
def greedy_with_margin(model: Mistral, prompt: list[int]) -> tuple[list[int], float]:
    ids, margin = list(prompt), float("inf")
    for _ in range(COUNT):
        top = model(torch.tensor([ids]))[0, -1].topk(2)
        ids.append(int(top.indices[0]))
        margin = min(margin, float(top.values[0] - top.values[1]))
    return ids[len(prompt):], margin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="the checkpoint")
    folder = parser.parse_args().folder
    model, pieces = checkpoint.load(folder, torch.float64)

    greedy = []
    for text in GREEDY:
        prompt = checkpoint.encode(pieces, text)
        ids, margin = greedy_with_margin(model, prompt)
        greedy.append({"prompt": text, "prompt_ids": prompt, "greedy_ids": ids,
                       "text": checkpoint.continuation(pieces, prompt, ids),
                       "min_margin": round(margin, 6)})
    logits, tensors = [], {}
    for index, text in enumerate(LOGITS):
        prompt = checkpoint.encode(pieces, text)
        with torch.no_grad():
            tensors[f"p{index}.logits"] = model(torch.tensor([prompt]))[0].float().contiguous()
        logits.append({"tensor": f"p{index}.logits", "prompt": text, "prompt_ids": prompt})

    expected = {"eos_id": tokenizer.EOS, "greedy": greedy, "logits": logits}
    text = json.dumps(expected, indent=1, ensure_ascii=False)
    (folder / "expected.json").write_text(text + "\n")
    (folder / "expected.safetensors").write_bytes(safetensors.torch.save(tensors))


if __name__ == "__main__":
    main()

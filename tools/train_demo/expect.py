"""Writes expected.json and expected.safetensors beside a checkpoint, for other implementations.

Everything is computed in float64 from the bf16 weights. `text` is what an answer adds to its prompt, up
to </s>; `min_margin` is the smallest gap between the first and second logit along the way, so that a
reader knows how much rounding the ids can bear.
"""

import argparse
import json
import pathlib

import safetensors.torch
import torch

import checkpoint
import tokenizer
from model import Decoder

# Prompts to continue, and questions in the chat template.
CONTINUE = ["Once upon a time", "Il était une fois"]
ASK = ["What is 47 plus 38?", "Quel jour vient 3 jours après lundi ?",
       "The hat is red and the cup is blue. What colour is the cup?", "Tell me a story about a fox."]
# The first is long enough to leave a window of 128 tokens behind.
LOGITS = ["Once upon a time, there was a little fox named Anna. She lived in a small village by the sea. One "
          "morning, Anna lost her golden key. She looked under the bed, behind the curtains and in the "
          "garden, but it was not there. Anna was very sad. Then an old man came by and asked, \"Why are "
          "you crying?\" \"I have lost my golden key,\" said Anna. \"Let us look for it together,\" said the "
          "old man. They searched for an hour, and there, under the bridge, they found the golden key. "
          "Anna was so happy that she danced all the way home. Since that day, Anna always takes good "
          "care of her golden key.",
          "Autrefois, il y avait un jeune berger qui s'appelait"]
LOGITS_ASKED = ["Écris 42 et 17 en lettres."]
COUNT = 48


@torch.no_grad()
def greedy_with_margin(model: Decoder, prompt: list[int]) -> tuple[list[int], float]:
    """At most COUNT tokens, </s> included."""
    ids, margin = list(prompt), float("inf")
    while len(ids) < len(prompt) + COUNT and (ids[-1] != tokenizer.EOS or len(ids) == len(prompt)):
        top = model(torch.tensor([ids]))[0, -1].topk(2)
        ids.append(int(top.indices[0]))
        margin = min(margin, float(top.values[0] - top.values[1]))
    return ids[len(prompt):], margin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="the checkpoint")
    folder = parser.parse_args().folder
    model, pieces = checkpoint.load(folder, torch.float64)

    def prompt_ids(text: str, asked: bool) -> list[int]:
        return [tokenizer.BOS, *(tokenizer.ask(pieces, text) if asked else pieces.encode(text))]

    greedy = []
    for text, asked in [(text, False) for text in CONTINUE] + [(text, True) for text in ASK]:
        prompt = prompt_ids(text, asked)
        ids, margin = greedy_with_margin(model, prompt)
        answer = checkpoint.answer(pieces, ids) if asked else checkpoint.continuation(pieces, prompt, ids)
        greedy.append({"prompt": text, "instruct": asked, "prompt_ids": prompt, "greedy_ids": ids,
                       "text": answer, "min_margin": round(margin, 6)})
    logits, tensors = [], {}
    for text, asked in [(text, False) for text in LOGITS] + [(text, True) for text in LOGITS_ASKED]:
        name, prompt = f"p{len(logits)}.logits", prompt_ids(text, asked)
        with torch.no_grad():
            tensors[name] = model(torch.tensor([prompt]))[0].float().contiguous()
        logits.append({"tensor": name, "prompt": text, "prompt_ids": prompt})

    expected = {"eos_id": tokenizer.EOS, "greedy": greedy, "logits": logits}
    text = json.dumps(expected, indent=1, ensure_ascii=False)
    (folder / "expected.json").write_text(text + "\n")
    (folder / "expected.safetensors").write_bytes(safetensors.torch.save(tensors))


if __name__ == "__main__":
    main()

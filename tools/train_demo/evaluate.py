"""Asks a checkpoint generated questions and counts the answers that are exactly right, by topic.

Held-out sums and differences, which training never shows, are counted apart.
"""

import argparse
import collections
import pathlib
import random

import torch

import checkpoint
from corpus import questions
from model import greedy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="the checkpoint")
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--seed", type=int, default=12345)
    parser.add_argument("--wrong", action="store_true", help="print the wrong answers")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model, pieces = checkpoint.load(args.folder, torch.float32)
    rng = random.Random(args.seed)
    asked, right = collections.Counter(), collections.Counter()
    for index in range(args.questions):
        language = "en" if index % 3 else "fr"
        item = questions.question(rng, language)
        prompt = checkpoint.encode(pieces, questions.prompt(item, language))
        newline = pieces.piece_to_id("<0x0A>")
        answer = checkpoint.continuation(pieces, prompt, greedy(model, prompt, 16, stop=newline))
        key = (language, item.topic + (", held out" if item.held_out else ""))
        asked[key] += 1
        correct = answer.strip() == f"{item.answer}."
        right[key] += correct
        if args.wrong and not correct:
            print(f"{item.prompt} -> {answer.strip()} (right: {item.answer})")
    for key in sorted(asked):
        print(f"{key[0]} {key[1]}: {right[key]} of {asked[key]}")
    print(f"all: {right.total()} of {asked.total()}")


if __name__ == "__main__":
    main()

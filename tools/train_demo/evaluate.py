"""Asks a checkpoint the held-out questions and counts the answers that are exactly right, by kind."""

import argparse
import collections
import json
import pathlib

import sentencepiece
import torch

import checkpoint
from model import Decoder
from tokenizer import BOS, EOS, ask

QUESTIONS = pathlib.Path(__file__).parents[2] / "models/demo/questions.jsonl"


@torch.no_grad()
def right(model: Decoder, pieces: sentencepiece.SentencePieceProcessor, items: list[dict]) -> list[bool]:
    """Greedy decoding gives an answer exactly if each of its tokens is the likeliest after those before."""
    answers = [[*pieces.encode(item["answer"]), EOS] for item in items]
    rows = [[BOS, *ask(pieces, item["prompt"]), *answer] for item, answer in zip(items, answers)]
    longest = max(map(len, rows))
    likeliest = []
    for start in range(0, len(rows), 50):
        padded = torch.tensor([row + [EOS] * (longest - len(row)) for row in rows[start:start + 50]])
        likeliest += model(padded).argmax(-1).tolist()
    return [guess[len(row) - len(answer) - 1:len(row) - 1] == answer
            for guess, row, answer in zip(likeliest, rows, answers)]


def by_kind(items: list[dict], correct: list[bool]) -> str:
    asked = collections.Counter(item["kind"] for item in items)
    good = collections.Counter(item["kind"] for item, ok in zip(items, correct) if ok)
    parts = [f"{kind} {good[kind]}/{asked[kind]}" for kind in asked]
    return ", ".join([f"all {sum(correct)}/{len(items)}", *parts])


def read(questions: pathlib.Path = QUESTIONS) -> list[dict]:
    return [json.loads(line) for line in questions.read_text().splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="the checkpoint")
    parser.add_argument("--questions", type=pathlib.Path, default=QUESTIONS, help="others, from ask.py")
    parser.add_argument("--wrong", action="store_true", help="print the questions answered wrongly")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model, pieces = checkpoint.load(args.folder, torch.float32)
    items = read(args.questions)
    correct = right(model, pieces, items)
    if args.wrong:
        for item, ok in zip(items, correct):
            if not ok:
                print(f"{item['prompt']} (right: {item['answer']})")
    print(by_kind(items, correct))


if __name__ == "__main__":
    main()

"""Writes models/demo/questions.jsonl: questions whose operands training never shows, by kind.

    python ask.py ../../models/demo/questions.jsonl
"""

import argparse
import json
import pathlib
import random

from corpus.document import Question
from corpus.questions import MAKERS
from corpus.split import held_out

COUNTS = {"sums": 90, "differences": 80, "counting": 70, "number words": 70, "days": 60, "months": 60,
          "facts": 70}


def questions(seed: int) -> list[Question]:
    """Half English, half French; no prompt comes twice."""
    rng = random.Random(f"questions-{seed}")
    made: dict[str, Question] = {}
    for kind, count in COUNTS.items():
        maker = MAKERS[kind]
        for number in range(count):
            language = "en" if number % 2 == 0 else "fr"
            while not held_out((item := maker(rng, language)).key) or item.prompt in made:
                pass
            made[item.prompt] = item
    return list(made.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    lines = [json.dumps(vars(item), ensure_ascii=False) for item in questions(args.seed)]
    args.file.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

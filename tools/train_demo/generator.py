"""Writes the demo model's training text: seeded stories, dialogues and questions, EN and FR.

    python generator.py --seed 1 --documents 5     # look at some

`MIX` says how often each kind is written; a new kind is a function `(rng) -> Document` in corpus/
and one line here.
"""

import argparse
import random
from collections.abc import Callable, Iterator

from corpus import dialogues, questions, stories_en, stories_fr
from corpus.document import Document

Writer = Callable[[random.Random], Document]

MIX: list[tuple[Writer, float]] = [
    (stories_en.story, 0.13),
    (stories_fr.story, 0.08),
    (lambda rng: dialogues.dialogue(rng, "en"), 0.05),
    (lambda rng: dialogues.dialogue(rng, "fr"), 0.04),
    (lambda rng: questions.questions(rng, "en"), 0.50),
    (lambda rng: questions.questions(rng, "fr"), 0.20),
]


def write(rng: random.Random) -> Document:
    """One document, drawn from MIX."""
    writers, weights = zip(*MIX)
    return rng.choices(writers, weights)[0](rng)


def documents(seed: int | str) -> Iterator[Document]:
    """An endless stream; the same seed gives the same documents."""
    rng = random.Random(seed)
    while True:
        yield write(rng)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--documents", type=int, default=10)
    args = parser.parse_args()
    stream = documents(args.seed)
    for _ in range(args.documents):
        document = next(stream)
        print(f"--- {document.kind} ({document.language})\n{document.text}", end="")


if __name__ == "__main__":
    main()

"""Writes the demo models' training text: stories, dialogues and questions, in English and French.

    python generator.py --seed 1 --step 0     # look at one step of training

What step i of a run with seed s reads depends on s and i only, and on nothing outside the standard
library, so that a test can go through everything that a checkpoint has seen.
"""

import argparse
import dataclasses
import random

from corpus import dialogues, questions, small_talk, stories_en, stories_fr
from corpus.document import Document

ENGLISH = 0.55


@dataclasses.dataclass(frozen=True)
class Mix:
    """How many documents of each sort a step has, and the shares of the kinds of questions."""

    chats: int
    stories: int
    dialogues: int
    questions: dict[str, float]


# From which step on: more and more of what is learnt last, arithmetic and looking back into the prompt.
MIXES = [
    (0, Mix(36, 8, 2, {"sums": 0.20, "differences": 0.19, "counting": 0.18, "number words": 0.13,
                       "days": 0.07, "months": 0.08, "look-ups": 0.15})),
    (900, Mix(46, 5, 1, {"sums": 0.25, "differences": 0.25, "counting": 0.09, "number words": 0.09,
                         "days": 0.05, "months": 0.05, "look-ups": 0.22})),
    (1300, Mix(54, 3, 1, {"sums": 0.21, "differences": 0.21, "counting": 0.05, "number words": 0.08,
                          "days": 0.10, "months": 0.10, "look-ups": 0.25})),
    (1500, Mix(52, 4, 1, {"sums": 0.18, "differences": 0.20, "counting": 0.09, "number words": 0.10,
                          "days": 0.09, "months": 0.07, "look-ups": 0.12, "facts": 0.15})),
    (1700, Mix(48, 6, 2, {"sums": 0.26, "differences": 0.24, "counting": 0.12, "number words": 0.10,
                          "days": 0.05, "months": 0.04, "look-ups": 0.03, "facts": 0.16})),
]


def _mix(step: int) -> Mix:
    return [mix for first, mix in MIXES if first <= step][-1]


def _language(rng: random.Random) -> str:
    return "en" if rng.random() < ENGLISH else "fr"


def _chat(rng: random.Random, shares: dict[str, float]) -> Document:
    """One to four turns, nearly all of them questions."""
    language, turns = _language(rng), []
    for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
        if rng.random() < 0.04:
            turns.append(small_talk.exchange(rng, language))
        else:
            item = questions.training_question(rng, language, shares)
            turns.append((item.prompt, item.answer))
    return Document("chat", language, turns=tuple(turns))


def chats(seed: int | str, step: int) -> list[Document]:
    """The chats of a step: every question of the training text is in one of them."""
    rng = random.Random(f"chats-{seed}-{step}")
    mix = _mix(step)
    return [_chat(rng, mix.questions) for _ in range(mix.chats)]


def prose(seed: int | str, step: int) -> list[Document]:
    """The stories and dialogues of a step; half of them are asked for, as in a chat."""
    rng = random.Random(f"prose-{seed}-{step}")
    mix, made = _mix(step), []
    for number in range(mix.stories + mix.dialogues):
        language, asked_for = _language(rng), rng.random() < 0.5
        if number < mix.stories:
            write = stories_en.story if language == "en" else stories_fr.story
            made.append(write(rng, asked_for))
        else:
            made.append(dialogues.dialogue(rng, language, asked_for))
    return made


def documents(seed: int | str, step: int) -> list[Document]:
    return chats(seed, step) + prose(seed, step)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--step", type=int, default=0)
    args = parser.parse_args()
    for document in documents(args.seed, args.step):
        print(f"--- {document.kind} ({document.language})")
        print("\n".join(document.lines()))


if __name__ == "__main__":
    main()

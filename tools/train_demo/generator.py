"""Writes the demo models' training text: stories, dialogues and questions, in English and French.

    python generator.py --seed 1 --step 0     # look at one step of training

What step i of a run with seed s reads depends on s and i only, and on nothing outside the standard
library, so that a test can go through everything that a checkpoint has seen.
"""

import argparse
import random

from corpus import dialogues, questions, small_talk, stories_en, stories_fr
from corpus.document import Document

CHATS, STORIES, DIALOGUES = 36, 8, 2
ENGLISH = 0.55


def _language(rng: random.Random) -> str:
    return "en" if rng.random() < ENGLISH else "fr"


def _chat(rng: random.Random) -> Document:
    """One to four turns, nearly all of them questions."""
    language, turns = _language(rng), []
    for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
        if rng.random() < 0.04:
            turns.append(small_talk.exchange(rng, language))
        else:
            item = questions.training_question(rng, language)
            turns.append((item.prompt, item.answer))
    return Document("chat", language, turns=tuple(turns))


def chats(seed: int | str, step: int) -> list[Document]:
    """The chats of a step: every question of the training text is in one of them."""
    rng = random.Random(f"chats-{seed}-{step}")
    return [_chat(rng) for _ in range(CHATS)]


def prose(seed: int | str, step: int) -> list[Document]:
    """The stories and dialogues of a step; half of them are asked for, as in a chat."""
    rng = random.Random(f"prose-{seed}-{step}")
    made = []
    for number in range(STORIES + DIALOGUES):
        language, asked_for = _language(rng), rng.random() < 0.5
        if number < STORIES:
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

"""Counting from one number to another, either way, and counting the things of a list."""

import random

from corpus import words
from corpus.document import Question

UP = {"en": ["Count from {a} to {b}.", "Can you count from {a} to {b}?", "Count up from {a} to {b}."],
      "fr": ["Compte de {a} à {b}.", "Peux-tu compter de {a} à {b} ?", "Compte en montant de {a} à {b}."]}
DOWN = {"en": ["Count down from {a} to {b}.", "Can you count down from {a} to {b}?"],
        "fr": ["Compte à rebours de {a} à {b}.", "Peux-tu compter à rebours de {a} à {b} ?"]}
LISTS = {"en": ["How many things are in this list: {list}?", "Count these things: {list}."],
         "fr": ["Combien de choses y a-t-il dans cette liste : {list} ?", "Compte ces choses : {list}."]}


def _range_question(rng: random.Random, language: str) -> Question:
    low, steps = rng.randint(0, 97), rng.randint(2, 9)
    high = min(99, low + steps)
    numbers = range(low, high + 1)
    down = rng.random() < 0.4
    first, last = (high, low) if down else (low, high)
    counted = ", ".join(str(number) for number in (reversed(numbers) if down else numbers))
    prompt = rng.choice((DOWN if down else UP)[language]).format(a=first, b=last)
    return Question("counting", language, f"range {low} {high}", prompt, f"{counted}.")


def _list_question(rng: random.Random, language: str) -> Question:
    chosen = rng.sample(range(len(words.OBJECTS)), rng.randint(2, 7))
    names = [words.object_noun(index, language) for index in chosen]
    counted = ", ".join(f"{number} {name}" for number, name in enumerate(names, 1))
    ending = f": {len(names)} things." if language == "en" else f" : {len(names)} choses."
    return Question("counting", language, "list " + " ".join(map(str, sorted(chosen))),
                    rng.choice(LISTS[language]).format(list=", ".join(names)), counted + ending)


def question(rng: random.Random, language: str) -> Question:
    return (_range_question if rng.random() < 0.5 else _list_question)(rng, language)

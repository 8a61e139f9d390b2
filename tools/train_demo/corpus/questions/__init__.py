"""Questions with checkable answers; one kind a file.

An answer restates what it was asked and shows its steps, so that every token of it follows from few
others: this is what a model of a few million parameters can learn without having seen the operands.
"""

import random
from collections.abc import Callable

from corpus.document import Question
from corpus.questions import arithmetic, calendar, counting, facts, number_words
from corpus.split import held_out

Maker = Callable[[random.Random, str], Question]

# Each maker writes any question of its kind, held out or not, with how often it is asked in training.
MAKERS: dict[str, tuple[Maker, float]] = {
    "sums": (arithmetic.sum_question, 0.20),
    "differences": (arithmetic.difference_question, 0.19),
    "counting": (counting.question, 0.18),
    "number words": (number_words.question, 0.13),
    "days": (calendar.day_question, 0.07),
    "months": (calendar.month_question, 0.08),
    "facts": (facts.question, 0.15),
}


def training_question(rng: random.Random, language: str) -> Question:
    """One whose operands are not held out."""
    makers, weights = zip(*MAKERS.values())
    maker = rng.choices(makers, weights)[0]
    while held_out((question := maker(rng, language)).key):
        pass
    return question

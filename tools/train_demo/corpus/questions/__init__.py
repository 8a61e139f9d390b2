"""Questions with checkable answers; one kind a file.

An answer restates what it was asked and shows its steps, so that every token of it follows from few
others: this is what a model of a few million parameters can learn without having seen the operands.
"""

import random
from collections.abc import Callable

from corpus.document import Question
from corpus.questions import arithmetic, calendar, counting, facts, look_ups, number_words
from corpus.split import held_out

Maker = Callable[[random.Random, str], Question]

# Each maker writes any question of its kind, held out or not. Models are tested with these kinds.
MAKERS: dict[str, Maker] = {
    "sums": arithmetic.sum_question,
    "differences": arithmetic.difference_question,
    "counting": counting.question,
    "number words": number_words.question,
    "days": calendar.day_question,
    "months": calendar.month_question,
    "facts": facts.question,
}
# Only trained on.
LESSONS: dict[str, Maker] = {"look-ups": look_ups.question}


def training_question(rng: random.Random, language: str, shares: dict[str, float]) -> Question:
    """One whose operands are not held out; `shares` says how often each kind is asked."""
    kind = rng.choices(list(shares), list(shares.values()))[0]
    maker = (MAKERS | LESSONS)[kind]
    while held_out((question := maker(rng, language)).key):
        pass
    return question

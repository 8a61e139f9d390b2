"""Sums and differences within 0 to 99, bare or as a small story.

The answer goes by way of the tens and the ones: 47 + 38 = 70 + 15 = 85, 85 - 38 = 55 - 8 = 47. A
working never spells out operands that may be held out: those are at least 11 and not round (for a sum,
one of them), and workings have a round or a one-digit operand.
"""

import random

from corpus import words
from corpus.document import Question

SUMS = {
    "en": ["What is {a} plus {b}?", "What is {a} + {b}?", "How much is {a} plus {b}?", "Add {a} and {b}.",
           "{a} + {b} = ?"],
    "fr": ["Combien font {a} plus {b} ?", "Combien font {a} + {b} ?", "Calcule {a} plus {b}.",
           "Ajoute {a} et {b}.", "{a} + {b} = ?"],
}
DIFFERENCES = {
    "en": ["What is {a} minus {b}?", "What is {a} - {b}?", "How much is {a} minus {b}?",
           "Subtract {b} from {a}.", "{a} - {b} = ?"],
    "fr": ["Combien font {a} moins {b} ?", "Combien font {a} - {b} ?", "Calcule {a} moins {b}.",
           "Retire {b} de {a}.", "{a} - {b} = ?"],
}
SUM_STORIES = {
    "en": [("{name} has {a} {things} and finds {b} more. How many {things} does {name} have?",
            "{name} has {c} {things}."),
           ("There are {a} {things} on the table and {b} in the box. How many {things} are there?",
            "There are {c} {things}.")],
    "fr": [("{name} a {a} {things} et en trouve {b}. Combien {of_things} a {name} ?",
            "{name} a {c} {things}."),
           ("Il y a {a} {things} sur la table et {b} dans la boîte. Combien y a-t-il {of_things} ?",
            "Il y a {c} {things}.")],
}
DIFFERENCE_STORIES = {
    "en": [("{name} has {a} {things} and gives away {b}. How many {things} are left?",
            "{c} {things} are left."),
           ("There were {a} {things} in the box and {name} took {b}. How many {things} are left?",
            "{c} {things} are left.")],
    "fr": [("{name} a {a} {things} et en donne {b}. Combien {of_things} reste-t-il ?",
            "Il reste {c} {things}."),
           ("Il y avait {a} {things} dans la boîte et {name} en a pris {b}. Combien {of_things} "
            "reste-t-il ?", "Il reste {c} {things}.")],
}


def worked_sum(a: int, b: int) -> str:
    if a % 10 == 0 or b % 10 == 0 or (a < 10 and b < 10):
        return f"{a} + {b} = {a + b}."
    return f"{a} + {b} = {a // 10 * 10 + b // 10 * 10} + {a % 10 + b % 10} = {a + b}."


def worked_difference(a: int, b: int) -> str:
    if b < 10 or b % 10 == 0:
        return f"{a} - {b} = {a - b}."
    return f"{a} - {b} = {a - b // 10 * 10} - {b % 10} = {a - b}."


def sum_key(a: int, b: int) -> str:
    """Sums that every other one is made of are never held out; the key says so by its first word."""
    small, large = sorted((a, b))
    free = small % 10 == 0 or large % 10 == 0 or large < 10
    return "basic" if free else f"sum {small} {large}"


def difference_key(a: int, b: int) -> str:
    return "basic" if b < 10 or b % 10 == 0 else f"difference {a} {b}"


def _write(rng: random.Random, language: str, numbers: tuple[int, int, int], bare: list[str],
           stories: list[tuple[str, str]], worked: str) -> tuple[str, str]:
    a, b, c = numbers
    if min(numbers) < 2 or rng.random() < 0.65:
        return rng.choice(bare).format(a=a, b=b), worked
    question, reply = rng.choice(stories)
    things = rng.choice(words.COUNTABLES[language])
    given = {"a": a, "b": b, "c": c, "name": rng.choice(words.PEOPLE), "things": things,
             "of_things": ("d'" if things[0] in "oœ" else "de ") + things}
    return question.format_map(given), f"{worked} {reply.format_map(given)}"


def _total_and_part(rng: random.Random) -> tuple[int, int]:
    total = rng.randint(0, 99) if rng.random() < 0.85 else rng.randint(0, 20)
    return total, rng.randint(0, total)


def sum_question(rng: random.Random, language: str) -> Question:
    total, a = _total_and_part(rng)
    b = total - a
    prompt, answer = _write(rng, language, (a, b, total), SUMS[language], SUM_STORIES[language],
                            worked_sum(a, b))
    return Question("sums", language, sum_key(a, b), prompt, answer)


def difference_question(rng: random.Random, language: str) -> Question:
    a, b = _total_and_part(rng)
    prompt, answer = _write(rng, language, (a, b, a - b), DIFFERENCES[language],
                            DIFFERENCE_STORIES[language], worked_difference(a, b))
    return Question("differences", language, difference_key(a, b), prompt, answer)

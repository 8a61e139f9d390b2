"""Numbers in words and back. Two at a time are the questions that can be held out."""

import random

from corpus import numbers
from corpus.document import Question

TO_WORDS = {"en": ["Write {a} and {b} in words.", "How do you write {a} and {b} in words?"],
            "fr": ["Écris {a} et {b} en lettres.", "Comment écrit-on {a} et {b} en lettres ?"]}
FROM_WORDS = {"en": ["Write {a} and {b} in digits.", "Which numbers are {a} and {b}?"],
              "fr": ["Écris {a} et {b} en chiffres.", "Quels nombres sont {a} et {b} ?"]}
ONE_TO_WORDS = {"en": ["Write {a} in words.", "How do you write {a} in words?"],
                "fr": ["Écris {a} en lettres.", "Comment écrit-on {a} en lettres ?"]}
ONE_FROM_WORDS = {"en": ["Write {a} in digits.", "Which number is {a}?"],
                  "fr": ["Écris {a} en chiffres.", "Quel nombre est {a} ?"]}
WORD = {"en": numbers.english, "fr": numbers.french}


def question(rng: random.Random, language: str) -> Question:
    word, (joined, equal) = WORD[language], {"en": (" and ", " is "), "fr": (" et ", " est ")}[language]
    from_words, one = rng.random() < 0.5, rng.random() < 0.3
    first, second = rng.randint(0, 99), rng.randint(0, 99)
    pairs = [(str(n), word(n)) for n in ((first,) if one else (first, second))]
    if from_words:
        pairs = [pair[::-1] for pair in pairs]
        phrasings = ONE_FROM_WORDS if one else FROM_WORDS
    else:
        phrasings = ONE_TO_WORDS if one else TO_WORDS
    asked = dict(zip("ab", (pair[0] for pair in pairs)))
    small, large = sorted((first, second))
    return Question("number words", language, "basic" if one else f"words {small} {large}",
                    rng.choice(phrasings[language]).format_map(asked),
                    joined.join(equal.join(pair) for pair in pairs) + ".")

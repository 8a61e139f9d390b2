"""Two or three facts of one sort about different things are stated, and one is asked for.

To tell them apart takes a look at two words at once, which a model of this size learns late: these are
trained on, and not among the questions that it is tested with.
"""

import random

from corpus import words
from corpus.document import Question
from corpus.grammar import capital

Fact = tuple[str, str, str]  # as stated, the question for it, the answer


def _colour(language: str, thing: int, colour: int) -> Fact:
    if language == "en":
        noun, shade = words.object_noun(thing, "en"), words.COLOURS[colour][0]
        return f"the {noun} is {shade}", f"What colour is the {noun}?", f"The {noun} is {shade}."
    noun, shade = words.OBJECTS[thing][1], words.COLOURS[colour][1 + words.OBJECTS[thing][1].feminine]
    return (f"{noun.the} est {shade}", f"De quelle couleur est {noun.the} ?",
            f"{capital(noun.the)} est {shade}.")


def _home(language: str, person: int, city: int) -> Fact:
    name = words.PEOPLE[person]
    if language == "en":
        place = words.CITIES[city][0]
        return f"{name} lives in {place}", f"Where does {name} live?", f"{name} lives in {place}."
    place = words.CITIES[city][1]
    return f"{name} habite à {place}", f"Où habite {name} ?", f"{name} habite à {place}."


def _age(language: str, person: int, age: int) -> Fact:
    name, years = words.PEOPLE[person], age + 2
    if language == "en":
        return f"{name} is {years} years old", f"How old is {name}?", f"{name} is {years} years old."
    return f"{name} a {years} ans", f"Quel âge a {name} ?", f"{name} a {years} ans."


def _owner(language: str, animal: int, person: int) -> Fact:
    name = words.PEOPLE[person]
    if language == "en":
        noun = words.PETS[animal][0]
        return f"the {noun} is {name}'s", f"Whose is the {noun}?", f"The {noun} is {name}'s."
    noun = words.PETS[animal][1]
    return f"{noun.the} est à {name}", f"À qui est {noun.the} ?", f"{capital(noun.the)} est à {name}."


SORTS = [("colour", _colour, len(words.OBJECTS), len(words.COLOURS)),
         ("home", _home, len(words.PEOPLE), len(words.CITIES)),
         ("age", _age, len(words.PEOPLE), 97),
         ("owner", _owner, len(words.PETS), len(words.PEOPLE))]


def question(rng: random.Random, language: str) -> Question:
    name, state, subjects, values = rng.choice(SORTS)
    count = rng.choice((2, 2, 3))
    pairs = list(zip(rng.sample(range(subjects), count), rng.sample(range(values), count)))
    facts = [state(language, *pair) for pair in pairs]
    _, asked, answer = rng.choice(facts)
    joint = " and " if language == "en" else " et "
    sentences = [fact[0] for fact in facts]
    if rng.random() < 0.5:
        stated = capital(", ".join(sentences[:-1]) + joint + sentences[-1]) + "."
    else:
        stated = " ".join(f"{capital(sentence)}." for sentence in sentences)
    key = f"{name} " + " ".join(f"{a}-{b}" for a, b in sorted(pairs))
    return Question("look-ups", language, key, f"{stated} {asked}", answer)

"""Questions with checkable answers, in English and French.

Each maker takes a random.Random and returns a Question. MAKERS lists them by language with weights.
One sum or difference in twenty is held out of training (see `_held_out`) so that evaluate.py can
tell recall from arithmetic.
"""

import random
import zlib

from corpus import numbers
from corpus.document import Document, Question

EN_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
EN_MONTHS = ("January February March April May June July August September October November "
             "December").split()
FR_DAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()
FR_MONTHS = ("janvier février mars avril mai juin juillet août septembre octobre novembre "
             "décembre").split()
EN_PEOPLE = "Anna Tom Lily Jack Clara Ben Emma Paul Alice Leo Mary Sam Nora Max".split()
FR_PEOPLE = "Marie Pierre Claire Louis Jeanne Jules Camille Paul Chloé Henri".split()
EN_COLOURS = "red blue green yellow white black brown grey".split()
FR_COLOURS = "rouge jaune rose orange beige".split()
EN_OBJECTS = "hat book car house boat ball door scarf".split()
FR_OBJECTS = "chapeau livre bateau ballon sac".split()
EN_CITIES = "Paris London Rome Madrid Berlin Lisbon Vienna Dublin Oslo Athens".split()
FR_CITIES = "Paris Lyon Marseille Bordeaux Lille Nantes Strasbourg Toulouse".split()
EN_FRUIT = "apples pears plums oranges cherries lemons".split()
FR_FRUIT = "pommes poires prunes cerises fraises".split()
EN_CAPITALS = {"France": "Paris", "England": "London", "Italy": "Rome", "Spain": "Madrid",
               "Germany": "Berlin", "Portugal": "Lisbon", "Austria": "Vienna", "Ireland": "Dublin",
               "Norway": "Oslo", "Greece": "Athens"}
EN_OPPOSITES = {"hot": "cold", "big": "small", "day": "night", "black": "white", "up": "down",
                "left": "right", "open": "closed", "old": "young", "fast": "slow", "rich": "poor",
                "happy": "sad", "full": "empty", "wet": "dry", "hard": "soft", "early": "late"}


def _held_out(left: int, sign: str, right: int) -> bool:
    return zlib.crc32(f"{left}{sign}{right}".encode()) % 20 == 0


def _operands(rng: random.Random) -> tuple[int, str, int, int, bool]:
    """Two numbers and their sum or difference, everything within 0 to 99."""
    sign = rng.choice("+-")
    total = rng.randint(0, 99) if rng.random() < 0.8 else rng.randint(0, 20)
    part = rng.randint(0, total)
    left, right, result = (part, total - part, total) if sign == "+" else (total, part, total - part)
    return left, sign, right, result, _held_out(left, sign, right)


def en_arithmetic(rng: random.Random) -> Question:
    left, sign, right, result, held = _operands(rng)
    word = "plus" if sign == "+" else "minus"
    return Question("arithmetic", f"What is {left} {word} {right}?", str(result), held)


def fr_arithmetic(rng: random.Random) -> Question:
    left, sign, right, result, held = _operands(rng)
    word = "plus" if sign == "+" else "moins"
    return Question("arithmetic", f"Combien font {left} {word} {right} ?", str(result), held)


def en_counting(rng: random.Random) -> Question:
    if rng.random() < 0.5:
        number = rng.randint(0, 98)
        return Question("counting", f"Which number comes after {number}?", str(number + 1))
    number = rng.randint(1, 99)
    return Question("counting", f"Which number comes before {number}?", str(number - 1))


def fr_counting(rng: random.Random) -> Question:
    number = rng.randint(0, 98)
    return Question("counting", f"Quel nombre vient après {number} ?", str(number + 1))


def en_number_word(rng: random.Random) -> Question:
    number = rng.randint(0, 99)
    if rng.random() < 0.5:
        return Question("number words", f"How do you write {number} in words?", numbers.english(number))
    return Question("number words", f"Which number is {numbers.english(number)}?", str(number))


def fr_number_word(rng: random.Random) -> Question:
    number = rng.randint(0, 99)
    return Question("number words", f"Comment écrit-on {number} en lettres ?", numbers.french(number))


def _neighbour(rng: random.Random, cycle: list[str]) -> tuple[str, bool, str]:
    index, after = rng.randrange(len(cycle)), rng.random() < 0.5
    return cycle[index], after, cycle[(index + (1 if after else -1)) % len(cycle)]


def en_calendar(rng: random.Random) -> Question:
    unit, cycle = rng.choice((("day", EN_DAYS), ("month", EN_MONTHS)))
    item, after, answer = _neighbour(rng, cycle)
    return Question("calendar", f"What {unit} comes {'after' if after else 'before'} {item}?", answer)


def fr_calendar(rng: random.Random) -> Question:
    unit, cycle = rng.choice((("jour", FR_DAYS), ("mois", FR_MONTHS)))
    item, after, answer = _neighbour(rng, cycle)
    return Question("calendar", f"Quel {unit} vient {'après' if after else 'avant'} {item} ?", answer)


def en_colour(rng: random.Random) -> Question:
    """A fact stated in the prompt, with a distractor."""
    (first, second), (one, other) = rng.sample(EN_OBJECTS, 2), rng.sample(EN_COLOURS, 2)
    asked, answer = rng.choice(((first, one), (second, other)))
    return Question("stated facts", f"The {first} is {one} and the {second} is {other}. "
                    f"What colour is the {asked}?", answer)


def fr_colour(rng: random.Random) -> Question:
    (first, second), (one, other) = rng.sample(FR_OBJECTS, 2), rng.sample(FR_COLOURS, 2)
    asked, answer = rng.choice(((first, one), (second, other)))
    return Question("stated facts", f"Le {first} est {one} et le {second} est {other}. "
                    f"De quelle couleur est le {asked} ?", answer)


def en_home(rng: random.Random) -> Question:
    people, cities = rng.sample(EN_PEOPLE, 2), rng.sample(EN_CITIES, 2)
    index = rng.randrange(2)
    return Question("stated facts", f"{people[0]} lives in {cities[0]}. {people[1]} lives in "
                    f"{cities[1]}. Where does {people[index]} live?", cities[index])


def fr_home(rng: random.Random) -> Question:
    people, cities = rng.sample(FR_PEOPLE, 2), rng.sample(FR_CITIES, 2)
    index = rng.randrange(2)
    return Question("stated facts", f"{people[0]} habite à {cities[0]}. {people[1]} habite à "
                    f"{cities[1]}. Où habite {people[index]} ?", cities[index])


def en_word_problem(rng: random.Random) -> Question:
    name, fruit = rng.choice(EN_PEOPLE), rng.choice(EN_FRUIT)
    if rng.random() < 0.5:
        have, more = rng.randint(2, 10), rng.randint(2, 10)
        return Question("word problems", f"{name} has {have} {fruit} and finds {more} more. "
                        f"How many {fruit} does {name} have?", str(have + more))
    have = rng.randint(3, 20)
    gone = rng.randint(1, min(have, 10))
    return Question("word problems", f"{name} has {have} {fruit} and eats {gone}. "
                    f"How many {fruit} are left?", str(have - gone))


def fr_word_problem(rng: random.Random) -> Question:
    name, fruit = rng.choice(FR_PEOPLE), rng.choice(FR_FRUIT)
    have, more = rng.randint(2, 10), rng.randint(2, 10)
    return Question("word problems", f"{name} a {have} {fruit} et en trouve {more}. "
                    f"Combien de {fruit} a {name} ?", str(have + more))


def en_capital(rng: random.Random) -> Question:
    country, city = rng.choice(list(EN_CAPITALS.items()))
    return Question("knowledge", f"What is the capital of {country}?", city)


def en_opposite(rng: random.Random) -> Question:
    pair = rng.choice(list(EN_OPPOSITES.items()))
    word, answer = pair if rng.random() < 0.5 else pair[::-1]
    return Question("knowledge", f"What is the opposite of {word}?", answer)


MAKERS = {
    "en": [(en_arithmetic, 8), (en_counting, 2), (en_number_word, 2), (en_calendar, 2), (en_colour, 2),
           (en_home, 2), (en_word_problem, 2), (en_capital, 1), (en_opposite, 1)],
    "fr": [(fr_arithmetic, 3), (fr_counting, 1), (fr_number_word, 2), (fr_calendar, 2), (fr_colour, 1),
           (fr_home, 1), (fr_word_problem, 1)],
}
_LABELS = {"en": ("Question: ", "Answer:"), "fr": ("Question : ", "Réponse :")}


def question(rng: random.Random, language: str) -> Question:
    """Any question of the language, held out or not."""
    makers, weights = zip(*MAKERS[language])
    return rng.choices(makers, weights)[0](rng)


def prompt(item: Question, language: str) -> str:
    """The text up to where the answer starts; the answer follows after one space."""
    asks, answers = _LABELS[language]
    return f"{asks}{item.prompt}\n{answers}"


def questions(rng: random.Random, language: str) -> Document:
    """One to four training questions in a row."""
    lines = []
    wanted = rng.choice((1, 1, 2, 3, 4))
    while len(lines) < wanted:
        item = question(rng, language)
        if not item.held_out:
            lines.append(f"{prompt(item, language)} {item.answer}.\n")
    return Document("questions", language, "".join(lines))

"""Days and months so many steps after or before another; the answer takes the steps one by one."""

import random

from corpus.document import Question

DAYS = {"en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
        "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche".split()}
MONTHS = {"en": ("January February March April May June July August September October November "
                 "December").split(),
          "fr": ("janvier février mars avril mai juin juillet août septembre octobre novembre "
                 "décembre").split()}
UNIT = {"day": {"en": ("day", "days"), "fr": ("jour", "jours")},
        "month": {"en": ("month", "months"), "fr": ("mois", "mois")}}
PHRASINGS = {
    "en": ["Which {unit} comes {n} {units} {way} {start}?", "What is {n} {units} {way} {start}?",
           "{n} {units} {way} {start}, which {unit} is it?"],
    "fr": ["Quel {unit} vient {n} {units} {way} {start} ?", "{n} {units} {way} {start}, quel {unit} est-ce ?",
           "Quel {unit} est-ce, {n} {units} {way} {start} ?"],
}
NEXT = {"en": ["Which {unit} comes {way} {start}?", "What {unit} is {way} {start}?"],
        "fr": ["Quel {unit} vient {way} {start} ?", "Quel est le {unit} {way} {start} ?"]}
WAY = {"en": ("after", "before"), "fr": ("après", "avant")}
MOST = 12


def _question(rng: random.Random, language: str, unit: str, names: list[str]) -> Question:
    start, steps, before = rng.randrange(len(names)), rng.randint(1, MOST), rng.random() < 0.5
    if rng.random() < 0.1:
        steps = 1
    way = WAY[language][before]
    singular, plural = UNIT[unit][language]
    asked = {"unit": singular, "units": plural, "n": steps, "way": way, "start": names[start]}
    path = [names[(start + (-i if before else i)) % len(names)] for i in range(1, steps + 1)]
    if steps == 1:
        verb = "comes" if language == "en" else "vient"
        prompt = rng.choice(NEXT[language]).format_map(asked)
        answer = f"{way.capitalize()} {names[start]} {verb} {path[0]}."
    else:
        prompt = rng.choice(PHRASINGS[language]).format_map(asked)
        taken = ", ".join(f"{i} {name}" for i, name in enumerate(path, 1))
        answer = f"{taken}: {path[-1]}." if language == "en" else f"{taken} : {path[-1]}."
    key = "basic" if steps == 1 else f"{unit} {start} {-steps if before else steps}"
    return Question(f"{unit}s", language, key, prompt, answer)


def day_question(rng: random.Random, language: str) -> Question:
    return _question(rng, language, "day", DAYS[language])


def month_question(rng: random.Random, language: str) -> Question:
    return _question(rng, language, "month", MONTHS[language])

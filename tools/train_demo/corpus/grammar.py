"""Templates: `[a|b]` stands for one of its alternatives, `{name}` for a word of the story."""

import random
import re

_CHOICE = re.compile(r"\[([^\[\]]*)\]")


def expand(rng: random.Random, template: str, words: dict[str, str]) -> str:
    """The innermost choices are made first, so that they may be nested."""
    while True:
        chosen = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), template)
        if chosen == template:
            return chosen.format_map(words)
        template = chosen


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def english_a(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" else "a ") + noun


class French:
    """A noun with its gender: articles, possessives and contractions follow from it."""

    def __init__(self, noun: str, feminine: bool):
        self.noun, self.feminine = noun, feminine
        vowel = noun[0] in "aeéèêiouâîôh"
        self.a = ("une " if feminine else "un ") + noun
        self.the = f"l'{noun}" if vowel else ("la " if feminine else "le ") + noun
        self.his = ("sa " if feminine and not vowel else "son ") + noun
        self.my = ("ma " if feminine and not vowel else "mon ") + noun
        self.your = ("ta " if feminine and not vowel else "ton ") + noun
        self.of = f"de l'{noun}" if vowel else ("de la " if feminine else "du ") + noun
        self.to = f"à l'{noun}" if vowel else ("à la " if feminine else "au ") + noun
        self.e = "e" if feminine else ""
        self.it = "elle" if feminine else "il"


def french_of(name: str) -> str:
    """« de » before a name."""
    return f"d'{name}" if name[0] in "AEÉIOUH" else f"de {name}"


def french_nouns(masculine: str, feminine: str) -> list[French]:
    """From two lists of nouns separated by semicolons."""
    return ([French(noun, False) for noun in masculine.split(";")]
            + [French(noun, True) for noun in feminine.split(";")])

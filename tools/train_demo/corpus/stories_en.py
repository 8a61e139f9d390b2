"""English stories: a hero, a place, a plot; told on their own or when asked for."""

import dataclasses
import random

from corpus import words_en as W
from corpus.document import Document
from corpus.grammar import capital, english_a, expand
from corpus.plots_en import PLOTS

REQUESTS = ["Tell me a story.", "Tell me a short story.", "Can you tell me a story?"]
REQUESTS_ABOUT = ["Tell me a story about {a_kind}.", "Write a story about {a_kind}.",
                  "Tell me a story about {a_kind} named {name}.", "Can you tell me a story about {a_kind}?"]


@dataclasses.dataclass(frozen=True)
class Hero:
    """Who the story is about, with the pronouns that keep it coherent."""

    name: str
    kind: str
    he: str
    him: str
    his: str


def _hero(rng: random.Random) -> Hero:
    girl = rng.random() < 0.5
    own = W.GIRL_KINDS if girl else W.BOY_KINDS
    kind = rng.choice(rng.choice((own, W.JOBS, W.ANIMALS)))
    if girl:
        return Hero(rng.choice(W.GIRLS), kind, "she", "her", "her")
    return Hero(rng.choice(W.BOYS), kind, "he", "him", "his")


def _words(hero: Hero, rng: random.Random) -> dict[str, str]:
    friend, weather = rng.choice(W.FRIENDS), rng.choice(W.WEATHER)
    return {
        "name": hero.name, "he": hero.he, "him": hero.him, "his": hero.his,
        "He": capital(hero.he), "His": capital(hero.his), "a_kind": english_a(hero.kind),
        "time": rng.choice(W.TIMES), "thing": rng.choice(W.THINGS), "breakable": rng.choice(W.BREAKABLES),
        "nook": rng.choice(W.NOOKS), "food": rng.choice(W.FOODS),
        "a_friend": english_a(friend), "A_friend": capital(english_a(friend)),
        "the_friend": f"the {friend}", "The_friend": f"The {friend}", "Weather": weather,
        "spot": rng.choice(W.SPOTS), "shop": rng.choice(W.SHOPS), "tree": rng.choice(W.TREES),
        "old_tree": f"old {rng.choice(W.TREES)}", "dream": rng.choice(W.DREAMS),
        "sound": rng.choice(W.SOUNDS), "crops": rng.choice(W.CROPS),
        "past": rng.choice(("past", "across", "along")),
        "In_the_end": rng.choice(("In the end", "At last", "The next morning")),
    }


def story(rng: random.Random, asked_for: bool) -> Document:
    """A story of about 120 words."""
    hero = _hero(rng)
    words = _words(hero, rng)
    adjective, plot = rng.choice(W.ADJECTIVES), rng.choice(PLOTS)
    beats = [f"{rng.choice(W.OPENINGS)} {english_a(adjective)} {hero.kind} named {hero.name}.",
             f"{words['He']} lived {rng.choice(W.PLACES)}.", expand(rng, plot, words)]
    if "{Weather}" not in plot and rng.random() < 0.4:
        beats.insert(2, f"{rng.choice(W.WEATHER)}.")
    text = " ".join(beats)
    if not asked_for:
        return Document("story", "en", text)
    request = rng.choice(REQUESTS if rng.random() < 0.3 else REQUESTS_ABOUT).format_map(words)
    return Document("story", "en", turns=((request, text),))

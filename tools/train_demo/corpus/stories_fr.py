"""French stories, made like the English ones, with agreement in gender."""

import random

from corpus import words_fr as W
from corpus.document import Document
from corpus.grammar import French, capital, expand
from corpus.plots_fr import PLOTS

REQUESTS = ["Raconte-moi une histoire.", "Raconte-moi une petite histoire.",
            "Peux-tu me raconter une histoire ?"]
REQUESTS_ABOUT = ["Raconte-moi une histoire avec {a_kind}.", "Écris une histoire avec {a_kind}.",
                  "Raconte-moi l'histoire d'{a_kind} qui s'appelle {name}.",
                  "Peux-tu me raconter une histoire avec {a_kind} ?"]


def _words(rng: random.Random, name: str, hero: French) -> dict[str, str]:
    friend, thing = rng.choice(W.FRIENDS), rng.choice(W.THINGS)
    breakable = rng.choice(W.BREAKABLES)
    both_feminine = hero.feminine and friend.feminine
    they, plural = ("elles", "es") if both_feminine else ("ils", "s")
    return {
        "name": name, "a_kind": hero.a, "he": hero.it, "He": capital(hero.it), "e": hero.e,
        "fe": friend.e, "fit": friend.it, "time": rng.choice(W.TIMES),
        "they": they, "They": capital(they), "friends": f"ami{plural}", "arrived": f"arrivé{plural}",
        "quarrelled": f"disputé{plural}", "neighbour": "voisine" if friend.feminine else "voisin",
        "a_friend": friend.a, "A_friend": capital(friend.a), "the_friend": friend.the,
        "a_thing": thing.a, "the_thing": thing.the, "his_thing": thing.his, "my_thing": thing.my,
        "his_breakable": breakable.his, "the_breakable": breakable.the, "be": breakable.e,
        "nook": rng.choice(W.NOOKS), "food": rng.choice(W.FOODS), "spot": rng.choice(W.SPOTS),
        "to_shop": rng.choice(W.SHOPS).to, "dream": rng.choice(W.DREAMS), "sound": rng.choice(W.SOUNDS),
        "crops": rng.choice(W.CROPS), "Weather": rng.choice(W.WEATHER),
    }


def story(rng: random.Random, asked_for: bool) -> Document:
    """A story of about 110 words."""
    feminine = rng.random() < 0.5
    name = rng.choice(W.GIRLS if feminine else W.BOYS)
    hero = French(rng.choice(W.GIRL_KINDS if feminine else W.BOY_KINDS), feminine)
    words = _words(rng, name, hero)
    who = rng.choice(W.ADJECTIVES)[feminine] + " " + hero.noun
    article = "une" if feminine else "un"
    beats = [f"{rng.choice(W.OPENINGS)} {article} {who} qui s'appelait {name}.",
             f"{words['He']} habitait {rng.choice(W.PLACES)}."]
    if rng.random() < 0.5:
        beats.append(f"{words['He']} était {rng.choice(W.TRAITS)[feminine]}.")
    beats.append(expand(rng, rng.choice(PLOTS), words))
    text = " ".join(beats)
    if not asked_for:
        return Document("story", "fr", text)
    request = rng.choice(REQUESTS if rng.random() < 0.3 else REQUESTS_ABOUT).format_map(words)
    return Document("story", "fr", turns=((request, text),))

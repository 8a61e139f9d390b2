"""Two or three facts about somebody are stated in the prompt, and one is asked for.

What can be held out is the set of facts; which of them is asked, and in what order they stand, is not
part of the key.
"""

import random

from corpus import words
from corpus.document import Question

# The verb in English (as asked, as stated) and in French, with what it goes with in both languages.
DEEDS = [
    (("eat", "eats"), "mange",
     [("bread", "du pain"), ("soup", "de la soupe"), ("cheese", "du fromage"),
      ("rice", "du riz"), ("fish", "du poisson"), ("honey", "du miel")]),
    (("drink", "drinks"), "boit",
     [("tea", "du thé"), ("milk", "du lait"), ("water", "de l'eau"),
      ("coffee", "du café"), ("juice", "du jus"), ("cocoa", "du chocolat")]),
    (("wear", "wears"), "porte",
     [("boots", "des bottes"), ("gloves", "des gants"), ("glasses", "des lunettes"),
      ("a hat", "un chapeau"), ("a scarf", "une écharpe"), ("a coat", "un manteau")]),
    (("read", "reads"), "lit",
     [("books", "des livres"), ("letters", "des lettres"), ("poems", "des poèmes"),
      ("maps", "des cartes"), ("stories", "des histoires"), ("a menu", "un menu")]),
    (("sell", "sells"), "vend",
     [("flowers", "des fleurs"), ("eggs", "des œufs"), ("apples", "des pommes"),
      ("lamps", "des lampes"), ("stamps", "des timbres"), ("shoes", "des chaussures")]),
    (("play", "plays"), "joue",
     [("chess", "aux échecs"), ("cards", "aux cartes"), ("football", "au football"),
      ("tennis", "au tennis"), ("marbles", "aux billes"), ("ball", "à la balle")]),
    (("love", "loves"), "aime",
     [("music", "la musique"), ("birds", "les oiseaux"), ("trains", "les trains"),
      ("the sea", "la mer"), ("the stars", "les étoiles"), ("snow", "la neige")]),
    (("draw", "draws"), "dessine",
     [("boats", "des bateaux"), ("houses", "des maisons"), ("horses", "des chevaux"),
      ("trees", "des arbres"), ("clouds", "des nuages"), ("a castle", "un château")]),
]


def question(rng: random.Random, language: str) -> Question:
    person = rng.choice(words.PEOPLE)
    count = rng.choice((2, 3, 3))
    facts = [(deed, rng.randrange(len(DEEDS[deed][2]))) for deed in rng.sample(range(len(DEEDS)), count)]
    asked = rng.choice(facts)[0]
    english = language == "en"
    stated = []
    for deed, choice in facts:
        (_, states), french, objects = DEEDS[deed]
        stated.append(f"{states} {objects[choice][0]}" if english else f"{french} {objects[choice][1]}")
    sentence = ", ".join(stated[:-1]) + (" and " if english else " et ") + stated[-1]
    asks, verb = DEEDS[asked][0][0], DEEDS[asked][1]
    if english:
        ending = f"What does {person} {asks}?"
    else:
        begin = {"joue": "À quoi joue", "aime": "Qu'aime"}.get(verb, f"Que {verb}")
        ending = f"{begin} {person} ?"
    answer = f"{person} {stated[[deed for deed, _ in facts].index(asked)]}."
    key = f"facts {person} " + " ".join(f"{deed}-{choice}" for deed, choice in sorted(facts))
    return Question("facts", language, key, f"{person} {sentence}. {ending}", answer)

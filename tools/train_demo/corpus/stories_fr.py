"""French stories, in the same five beats as the English ones, with their own plots and grammar."""

import dataclasses
import random

from corpus.document import Document


@dataclasses.dataclass(frozen=True)
class Helper:
    """Someone met on the way: the noun phrase with each article."""

    a: str
    the: str


@dataclasses.dataclass(frozen=True)
class Thing:
    """An object with its gender, so that articles and possessives agree."""

    noun: str
    feminine: bool

    @property
    def a(self) -> str:
        return ("une " if self.feminine else "un ") + self.noun

    @property
    def the(self) -> str:
        return ("la " if self.feminine else "le ") + self.noun

    @property
    def his(self) -> str:
        return ("sa " if self.feminine else "son ") + self.noun

    @property
    def my(self) -> str:
        return ("ma " if self.feminine else "mon ") + self.noun


GIRLS = "Marie Claire Louise Jeanne Camille Chloé Lucie Manon Juliette Zoé".split()
BOYS = "Pierre Louis Jules Paul Henri Lucas Antoine Hugo Victor Martin".split()
GIRL_KINDS = ["fille", "princesse", "bergère", "souris", "chatte", "tortue"]
BOY_KINDS = ["garçon", "prince", "berger", "renard", "lapin", "chat"]
GIRL_ADJECTIVES = ["petite", "jeune", "gentille"]
BOY_ADJECTIVES = ["petit", "jeune", "gentil"]
PLACES = ["dans un petit village près de la mer", "dans une maison de pierre", "au bord de la rivière",
          "dans une grande forêt", "dans une ferme au bout du chemin", "au pied de la montagne",
          "dans une vieille tour", "dans un jardin plein de fleurs"]
TIMES = ["Un matin", "Un jour", "Un soir d'été", "Un jour d'hiver", "Un dimanche", "Au printemps"]
OPENINGS = ["Il était une fois", "Il y a très longtemps vivait", "Il y avait une fois"]
HELPERS = [Helper("un vieil homme", "le vieil homme"), Helper("une vieille dame", "la vieille dame"),
           Helper("un oiseau blanc", "l'oiseau blanc"), Helper("un chien", "le chien"),
           Helper("un voyageur", "le voyageur"), Helper("un berger", "le berger"),
           Helper("une voisine", "la voisine")]
THINGS = [Thing("clé", True), Thing("ballon rouge", False), Thing("chapeau", False), Thing("lampe", True),
          Thing("livre", False), Thing("bague", True), Thing("montre", True), Thing("bateau", False)]
FOODS = ["du pain", "une soupe", "un gâteau", "du fromage", "une tarte aux pommes"]
WEATHER = ["Le soleil brillait.", "Il faisait froid.", "Il pleuvait doucement.", "Le ciel était bleu.",
           "Les oiseaux chantaient.", "La lune était claire."]

PLOTS = [
    ("{time}, {name} a perdu {his}. {He} a cherché sous le lit, derrière la porte et dans le jardin.",
     "{name} était très triste.",
     "Alors {helper} est arrivé et a demandé : « Pourquoi pleures-tu ? » « J'ai perdu {my} », a"
     " répondu {name}. « Cherchons ensemble », a dit {helper_the}.",
     "{They} ont marché longtemps et, sous un grand arbre, {they} ont trouvé {the}.",
     "{name} était si content qu'{he} a chanté jusqu'à la maison."),
    ("{time}, {name} a trouvé {a} sur la route. « À qui est-ce ? » a demandé {name}.",
     "Au marché, personne ne savait.",
     "Enfin {he} a rencontré {helper}. « C'est à moi ! » a dit {helper_the}.",
     "{name} a tout rendu, et {helper_the} lui a donné {food}.",
     "Il faut toujours être honnête."),
    ("{name} voulait voir la mer. {time}, {he} a mis du pain dans un sac et {he} est parti.",
     "La route était longue, et {name} avait faim.",
     "Près d'un pont, {he} a partagé son pain avec {helper}. {Helper_the} lui a montré le chemin.",
     "Le soir, {name} a regardé les vagues. « C'est plus grand que je ne pensais », a dit {name}.",
     "Le lendemain, {he} a tout raconté à sa mère."),
    ("{time}, {name} a planté une graine dans le jardin. {He} lui donnait de l'eau tous les jours.",
     "Une semaine a passé, puis une autre, mais rien ne poussait.",
     "« Sois patient », a dit {helper}. « Il faut du temps. » Alors {name} a attendu.",
     "Un jour, une petite feuille verte est sortie de la terre. À la fin de l'été, c'était un grand"
     " arbre plein de pommes.",
     "Tout le village a mangé des pommes."),
    ("{time}, {name} a entendu un bruit derrière la fenêtre.",
     "« Est-ce un monstre ? » pensait {name}. {He} avait peur.",
     "{He} a pris une lampe et a ouvert la porte. C'était seulement {helper}, perdu dans la nuit.",
     "« Entre et viens te réchauffer », a dit {name}. {They} ont mangé {food} et {they} ont parlé jusqu'au"
     " matin.",
     "Depuis ce jour, {they} sont {friends}."),
]


def _agree(text: str, feminine: bool) -> str:
    """Makes the hero's participles and adjectives feminine where the plots need it."""
    if not feminine:
        return text
    for masculine, feminine_form in (("elle est parti.", "elle est partie."), ("si content", "si contente"),
                                     ("Sois patient", "Sois patiente")):
        text = text.replace(masculine, feminine_form)
    return text


def _agree_helper(text: str, helper: Helper) -> str:
    if not helper.a.startswith("une "):
        return text
    return (text.replace(f"{helper.a} est arrivé ", f"{helper.a} est arrivée ")
            .replace(f"{helper.a}, perdu ", f"{helper.a}, perdue "))


def story(rng: random.Random) -> Document:
    """A story of about 70 words."""
    feminine = rng.random() < 0.5
    name = rng.choice(GIRLS if feminine else BOYS)
    kind = rng.choice(GIRL_KINDS if feminine else BOY_KINDS)
    adjective = rng.choice(GIRL_ADJECTIVES if feminine else BOY_ADJECTIVES)
    he = "elle" if feminine else "il"
    helper, thing = rng.choice(HELPERS), rng.choice(THINGS)
    both_feminine = feminine and helper.a.startswith("une ")
    they = "elles" if both_feminine else "ils"
    words = {
        "they": they, "They": they.capitalize(), "friends": "amies" if both_feminine else "amis",
        "name": name, "he": he, "He": he.capitalize(), "time": rng.choice(TIMES),
        "helper": helper.a, "helper_the": helper.the,
        "Helper_the": helper.the[0].upper() + helper.the[1:], "food": rng.choice(FOODS),
        "a": thing.a, "the": thing.the, "his": thing.his, "my": thing.my,
    }
    article = "une" if feminine else "un"
    opening = rng.choice(OPENINGS)
    beats = [f"{opening} {article} {adjective} {kind} qui s'appelait {name}.",
             f"{he.capitalize()} habitait {rng.choice(PLACES)}."]
    want, *rest = rng.choice(PLOTS)
    beats.append(want)
    if rng.random() < 0.5:
        beats.append(rng.choice(WEATHER))
    text = " ".join(beats + rest).format(**words)
    return Document("story", "fr", _agree_helper(_agree(text, feminine), helper) + "\n")

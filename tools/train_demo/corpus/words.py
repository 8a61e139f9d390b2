"""The words that questions are asked with, in pairs of English and French."""

from corpus.grammar import French

PEOPLE = ("Anna Tom Lily Jack Clara Ben Emma Paul Alice Leo Mary Sam Nora Max Julia Hugo Sofia Oscar "
          "Rose Felix Lucy Noah Ella Peter Marie Pierre Claire Louis Jeanne Jules Camille Henri Lucas "
          "Manon Victor Martin Juliette Antoine Louise Simon").split()

# English, masculine, feminine
COLOURS = [("red", "rouge", "rouge"), ("blue", "bleu", "bleue"), ("green", "vert", "verte"),
           ("yellow", "jaune", "jaune"), ("white", "blanc", "blanche"), ("black", "noir", "noire"),
           ("grey", "gris", "grise"), ("brown", "brun", "brune"), ("pink", "rose", "rose"),
           ("purple", "violet", "violette"), ("orange", "orange", "orange")]

CITIES = [(name, name) for name in ("Paris Rome Madrid Berlin Oslo Dublin Lyon Nice Tokyo Boston Milan "
                                    "Prague Lille Nantes").split()]
CITIES += [("London", "Londres"), ("Lisbon", "Lisbonne"), ("Vienna", "Vienne"), ("Geneva", "Genève"),
           ("Venice", "Venise"), ("Brussels", "Bruxelles")]


def _pairs(text: str) -> list[tuple[str, French]]:
    """`english=french`, the French noun marked :f when it is feminine."""
    return [(english, French(french.removesuffix(":f"), french.endswith(":f")))
            for english, french in (pair.split("=") for pair in text.split(";"))]


OBJECTS = _pairs("hat=chapeau;book=livre;key=clé:f;boat=bateau;ball=balle:f;door=porte:f;lamp=lampe:f;"
                 "cup=tasse:f;box=boîte:f;chair=chaise:f;table=table:f;bag=sac;coat=manteau;bell=cloche:f;"
                 "car=voiture:f;house=maison:f;pen=stylo;clock=horloge:f;bed=lit;plate=assiette:f;"
                 "bottle=bouteille:f;candle=bougie:f;basket=panier;knife=couteau;spoon=cuillère:f;"
                 "bridge=pont;flower=fleur:f;letter=lettre:f;carpet=tapis;mirror=miroir")
PETS = _pairs("cat=chat;dog=chien;horse=cheval;bird=oiseau;rabbit=lapin;mouse=souris:f;duck=canard;"
              "goat=chèvre:f;hen=poule:f;cow=vache:f;sheep=mouton;donkey=âne;turtle=tortue:f;fish=poisson")
COUNTABLES = {"en": ("apples pears plums oranges cherries lemons books coins stamps marbles stones eggs "
                     "cards nuts flowers shells").split(),
              "fr": ("pommes poires prunes oranges cerises citrons livres pièces timbres billes pierres "
                     "œufs cartes noix fleurs coquillages").split()}


def object_noun(index: int, language: str) -> str:
    english, french = OBJECTS[index]
    return english if language == "en" else french.noun

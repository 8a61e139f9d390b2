"""Short dialogues in both languages: a greeting, an exchange about one thing, a farewell."""

import random

from corpus import words
from corpus.document import Document

EN_OPEN = [("Hello, {b}! How are you?", "I am very well, thank you. And you?"),
           ("Good morning, {b}.", "Good morning, {a}. It is a beautiful day."),
           ("Hi, {b}! What are you doing?", "I am reading a book about {topic}."),
           ("Good evening, {b}. Are you tired?", "A little. I worked all day."),
           ("{b}, is that you?", "Yes, it is me. I am happy to see you, {a}.")]
EN_TOPICS = ("the sea;the stars;old ships;birds;the mountains;music;bread;trains;flowers;whales;castles;"
             "painting;the moon;bees;gardens;the weather;clocks;bridges").split(";")
EN_MIDDLE = [
    ("Would you like some {drink}?", "Yes, please. With a little {extra}."),
    ("Where is the {place}?", "It is next to the {place2}, on the {side}."),
    ("What did you do on {day}?", "I went to the {place} with my {relative}."),
    ("Do you like {topic}?", "Yes, I like {topic} very much."),
    ("What would you like to eat?", "Some {dish}, please. I am very hungry."),
    ("Can you help me?", "Of course. What do you need?"),
    ("What will the weather be like tomorrow?", "They say it will be {weather}."),
    ("Have you seen my {thing}?", "Yes, your {thing} is {where}."),
    ("What time does the train leave?", "It leaves at {hour} o'clock."),
    ("How is your {relative}?", "Much better, thank you. My {relative} is at home now."),
    ("Why are you so {mood}?", "Because it is {day}, and there is no school tomorrow."),
]
EN_CLOSE = [("Thank you, {b}. See you tomorrow!", "See you tomorrow, {a}!"),
            ("I must go now. Goodbye!", "Goodbye, {a}. Have a nice day!"),
            ("Good night, {b}.", "Good night, {a}. Sleep well."),
            ("It was nice to talk to you, {b}.", "It was nice to see you, {a}. Come again soon!")]
EN_WORDS = {
    "drink": "tea coffee milk water juice lemonade cocoa".split(), "extra": "sugar milk lemon honey".split(),
    "place": "station market school library beach theatre hospital".split(),
    "place2": "church bakery park bridge museum fountain bank".split(), "side": ["left", "right"],
    "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "weather": "sunny rainy cold windy warm cloudy foggy".split(),
    "thing": "hat book key bag umbrella scarf coat pen".split(),
    "where": ["on the table", "under the chair", "behind the door", "in the kitchen", "next to the lamp"],
    "relative": "brother sister mother father uncle aunt cousin grandmother".split(),
    "dish": ["soup", "fish", "bread and cheese", "rice", "apple pie", "salad"],
    "hour": "two three four five six seven eight nine ten".split(), "mood": ["happy", "cheerful", "excited"],
    "topic": EN_TOPICS,
}

FR_OPEN = [("Bonjour, {b} ! Comment vas-tu ?", "Je vais très bien, merci. Et toi ?"),
           ("Bonjour, {b}.", "Bonjour, {a}. Il fait beau aujourd'hui."),
           ("Salut, {b} ! Que fais-tu ?", "Je lis un livre sur {topic}."),
           ("Bonsoir, {b}. Es-tu à la maison ?", "Oui, je suis dans la cuisine."),
           ("{b}, c'est toi ?", "Oui, c'est moi. Quelle bonne surprise, {a} !")]
FR_TOPICS = ("la mer;les étoiles;les oiseaux;la montagne;la musique;les trains;les baleines;les châteaux;"
             "la peinture;la lune;les abeilles;les jardins;les ponts").split(";")
FR_MIDDLE = [
    ("Veux-tu du {drink} ?", "Oui, s'il te plaît, avec un peu de {extra}."),
    ("Où est la {place} ?", "Elle est à côté de l'{place2}, à {side}."),
    ("Qu'as-tu fait {day} ?", "J'ai visité la {place} avec {relative}."),
    ("Aimes-tu {topic} ?", "Oui, j'aime beaucoup {topic}."),
    ("Que veux-tu manger ?", "{dish}, s'il te plaît. J'ai très faim."),
    ("Peux-tu m'aider ?", "Bien sûr. De quoi as-tu besoin ?"),
    ("Quel temps fera-t-il demain ?", "On dit qu'il fera {weather}."),
    ("As-tu vu mon {thing} ?", "Oui, ton {thing} est {where}."),
    ("À quelle heure part le train ?", "Il part à {hour} heures."),
    ("Comment va la famille ?", "Très bien, merci. Nous partons {day} avec {relative}."),
]
FR_CLOSE = [("Merci, {b}. À demain !", "À demain, {a} !"),
            ("Je dois partir. Au revoir !", "Au revoir, {a}. Bonne journée !"),
            ("Bonne nuit, {b}.", "Bonne nuit, {a}. Dors bien."),
            ("Je suis content de notre conversation, {b}.", "Moi aussi, {a}. Reviens vite !")]
FR_WORDS = {
    "drink": ["thé", "café", "lait", "jus de pomme", "chocolat chaud"],
    "extra": ["sucre", "lait", "citron", "miel"],
    "place": ["gare", "boulangerie", "bibliothèque", "plage", "mairie", "piscine", "poste"],
    "place2": ["école", "église", "hôtel", "hôpital", "auberge"], "side": ["gauche", "droite"],
    "day": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "weather": ["beau", "froid", "chaud", "doux", "gris"],
    "thing": ["chapeau", "livre", "sac", "parapluie", "manteau", "stylo", "panier"],
    "where": ["sur la table", "sous la chaise", "derrière la porte", "dans la cuisine", "près de la lampe"],
    "relative": ["mon frère", "ma sœur", "ma mère", "mon père", "mon oncle", "ma tante", "ma cousine"],
    "dish": ["De la soupe", "Du poisson", "Du pain et du fromage", "Du riz", "Une salade"],
    "hour": "deux trois quatre cinq six sept huit neuf dix".split(),
    "topic": FR_TOPICS,
}

_PARTS = {
    "en": (EN_OPEN, EN_MIDDLE, EN_CLOSE, EN_WORDS, ": ", "Write a dialogue between {a} and {b}."),
    "fr": (FR_OPEN, FR_MIDDLE, FR_CLOSE, FR_WORDS, " : ", "Écris un dialogue entre {a} et {b}."),
}


def dialogue(rng: random.Random, language: str, asked_for: bool) -> Document:
    """Three to five exchanges, one line a speaker."""
    opening, middle, close, vocabulary, colon, request = _PARTS[language]
    first, second = rng.sample(words.PEOPLE, 2)
    exchanges = [rng.choice(opening), *rng.sample(middle, rng.randint(1, 3)), rng.choice(close)]
    lines = []
    for question, reply in exchanges:
        chosen = {key: rng.choice(options) for key, options in vocabulary.items()}
        for speaker, line in ((first, question), (second, reply)):
            lines.append(f"{speaker}{colon}{line.format(a=first, b=second, **chosen)}")
    text = "\n".join(lines)
    if asked_for:
        return Document("dialogue", language, turns=((request.format(a=first, b=second), text),))
    return Document("dialogue", language, text)

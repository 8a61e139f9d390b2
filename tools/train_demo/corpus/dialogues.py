"""Short dialogues in both languages: a greeting, an exchange about one thing, a farewell."""

import random

from corpus.document import Document

EN_NAMES = "Anna Tom Lily Jack Clara Ben Emma Paul Alice Leo Mary Sam".split()
FR_NAMES = "Marie Pierre Claire Louis Jeanne Jules Camille Paul Chloé Henri".split()

EN_OPEN = [("Hello, {b}! How are you?", "I am very well, thank you. And you?"),
           ("Good morning, {b}.", "Good morning, {a}. It is a beautiful day."),
           ("Hi, {b}! What are you doing?", "I am reading a book about {topic}."),
           ("Good evening, {b}. Are you tired?", "A little. I worked all day.")]
EN_TOPICS = "the sea;the stars;old ships;birds;the mountains;music;bread;trains;flowers".split(";")
EN_MIDDLE = [
    ("Would you like some {drink}?", "Yes, please. With a little sugar."),
    ("Where is the {place}?", "It is next to the {place2}, on the left."),
    ("What did you do on {day}?", "I went to the {place} with my brother."),
    ("Do you like {topic}?", "Yes, I like {topic} very much."),
    ("Can you help me?", "Of course. What do you need?"),
    ("What will the weather be like tomorrow?", "They say it will be {weather}."),
    ("Have you seen my {thing}?", "Yes, your {thing} is on the table."),
]
EN_CLOSE = [("Thank you, {b}. See you tomorrow!", "See you tomorrow, {a}!"),
            ("I must go now. Goodbye!", "Goodbye, {a}. Have a nice day!"),
            ("Good night, {b}.", "Good night, {a}. Sleep well.")]
EN_WORDS = {
    "drink": ["tea", "coffee", "milk", "water", "juice"],
    "place": ["station", "market", "school", "library", "beach"],
    "place2": ["church", "bakery", "park", "bridge", "museum"],
    "day": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "weather": ["sunny", "rainy", "cold", "windy", "warm"],
    "thing": ["hat", "book", "key", "bag", "umbrella", "scarf"],
    "topic": EN_TOPICS,
}

FR_OPEN = [("Bonjour, {b} ! Comment vas-tu ?", "Je vais très bien, merci. Et toi ?"),
           ("Bonjour, {b}.", "Bonjour, {a}. Il fait beau aujourd'hui."),
           ("Salut, {b} ! Que fais-tu ?", "Je lis un livre sur {topic}."),
           ("Bonsoir, {b}. Es-tu à la maison ?", "Oui, je suis dans la cuisine.")]
FR_TOPICS = "la mer;les étoiles;les oiseaux;la montagne;la musique;les trains".split(";")
FR_MIDDLE = [
    ("Veux-tu du {drink} ?", "Oui, s'il te plaît, avec un peu de sucre."),
    ("Où est la {place} ?", "Elle est à côté de l'{place2}, à gauche."),
    ("Qu'as-tu fait {day} ?", "J'ai visité la {place} avec mon frère."),
    ("Aimes-tu {topic} ?", "Oui, j'aime beaucoup {topic}."),
    ("Peux-tu m'aider ?", "Bien sûr. De quoi as-tu besoin ?"),
    ("Quel temps fera-t-il demain ?", "On dit qu'il fera {weather}."),
    ("As-tu vu mon {thing} ?", "Oui, ton {thing} est sur la table."),
]
FR_CLOSE = [("Merci, {b}. À demain !", "À demain, {a} !"),
            ("Je dois partir. Au revoir !", "Au revoir, {a}. Bonne journée !"),
            ("Bonne nuit, {b}.", "Bonne nuit, {a}. Dors bien.")]
FR_WORDS = {
    "drink": ["thé", "café", "lait", "jus de pomme"],
    "place": ["gare", "boulangerie", "bibliothèque", "plage", "mairie"],
    "place2": ["école", "église", "hôtel", "hôpital"],
    "day": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "weather": ["beau", "froid", "chaud", "doux"],
    "thing": ["chapeau", "livre", "sac", "parapluie", "manteau"],
    "topic": FR_TOPICS,
}

_PARTS = {
    "en": (EN_NAMES, EN_OPEN, EN_MIDDLE, EN_CLOSE, EN_WORDS, ": "),
    "fr": (FR_NAMES, FR_OPEN, FR_MIDDLE, FR_CLOSE, FR_WORDS, " : "),
}


def dialogue(rng: random.Random, language: str) -> Document:
    """Three to five exchanges, one line a speaker."""
    names, opening, middle, close, words, colon = _PARTS[language]
    first, second = rng.sample(names, 2)
    exchanges = [rng.choice(opening), *rng.sample(middle, rng.randint(1, 3)), rng.choice(close)]
    lines = []
    for question, reply in exchanges:
        chosen = {key: rng.choice(options) for key, options in words.items()}
        for speaker, line in ((first, question), (second, reply)):
            lines.append(f"{speaker}{colon}{line.format(a=first, b=second, **chosen)}")
    return Document("dialogue", language, "\n".join(lines) + "\n")

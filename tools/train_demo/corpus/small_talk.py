"""What people say to a chat program before they ask for something, and a few things it knows."""

import random

FIXED = {
    "en": [("Hello!", "Hello! How can I help you?"), ("Hi!", "Hello! How can I help you?"),
           ("Good morning!", "Good morning! What can I do for you?"),
           ("How are you?", "I am very well, thank you. And you?"),
           ("Who are you?", "I am a very small language model. I tell stories and answer simple questions."),
           ("What can you do?", "I can tell stories, write dialogues, count, add and subtract."),
           ("Thank you!", "You are welcome!"), ("Thanks!", "You are welcome!"),
           ("Goodbye!", "Goodbye! Have a nice day!"), ("Do you speak French?", "Yes, I speak French too.")],
    "fr": [("Bonjour !", "Bonjour ! Comment puis-je t'aider ?"),
           ("Salut !", "Bonjour ! Comment puis-je t'aider ?"),
           ("Comment vas-tu ?", "Je vais très bien, merci. Et toi ?"),
           ("Qui es-tu ?", "Je suis un tout petit modèle de langue. Je raconte des histoires et je "
            "réponds à des questions simples."),
           ("Que sais-tu faire ?", "Je sais raconter des histoires, écrire des dialogues, compter, "
            "ajouter et retirer."),
           ("Merci !", "Avec plaisir !"), ("Au revoir !", "Au revoir ! Bonne journée !"),
           ("Parles-tu anglais ?", "Oui, je parle aussi anglais.")],
}
# The country (in French with « de » and its article) and its capital.
CAPITALS = {
    "en": [("France", "Paris"), ("England", "London"), ("Italy", "Rome"), ("Spain", "Madrid"),
           ("Germany", "Berlin"), ("Portugal", "Lisbon"), ("Austria", "Vienna"), ("Ireland", "Dublin"),
           ("Norway", "Oslo"), ("Greece", "Athens"), ("Japan", "Tokyo"), ("Belgium", "Brussels")],
    "fr": [("de la France", "Paris"), ("de l'Angleterre", "Londres"), ("de l'Italie", "Rome"),
           ("de l'Espagne", "Madrid"), ("de l'Allemagne", "Berlin"), ("du Portugal", "Lisbonne"),
           ("de l'Autriche", "Vienne"), ("de l'Irlande", "Dublin"), ("de la Norvège", "Oslo"),
           ("de la Grèce", "Athènes"), ("du Japon", "Tokyo"), ("de la Belgique", "Bruxelles")],
}


def exchange(rng: random.Random, language: str) -> tuple[str, str]:
    """What is said and the reply."""
    if rng.random() < 0.5:
        return rng.choice(FIXED[language])
    country, city = rng.choice(CAPITALS[language])
    if language == "en":
        return f"What is the capital of {country}?", f"The capital of {country} is {city}."
    return f"Quelle est la capitale {country} ?", f"La capitale {country} est {city}."

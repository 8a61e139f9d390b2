"""English stories: one hero, one wish, one obstacle, one ending, told in five or six beats."""

import dataclasses
import random

from corpus.document import Document


@dataclasses.dataclass(frozen=True)
class Hero:
    """Who the story is about, with the pronouns that keep it coherent."""

    name: str
    kind: str
    he: str
    him: str
    his: str


@dataclasses.dataclass(frozen=True)
class Plot:
    """A wish and how it goes: each beat is a format string over the story's words."""

    want: str
    trouble: str
    turn: str
    end: str
    moral: str


GIRLS = "Anna Lily Rose Clara Emma Alice Mary Sofia Julia Nora Ella Lucy".split()
BOYS = "Tom Jack Ben Paul Leo Sam Peter Max Oscar Hugo Felix Noah".split()
GIRL_KINDS = ["girl", "princess", "gardener", "baker", "sailor", "painter"]
BOY_KINDS = ["boy", "prince", "farmer", "fisherman", "shepherd", "baker"]
ANIMALS = "fox rabbit bear mouse cat dog owl hedgehog duck squirrel frog horse".split()
ADJECTIVES = "little young kind brave curious clever quiet cheerful gentle honest".split()
PLACES = [
    "a small village by the sea", "a stone house near the river", "a green valley",
    "a tall tower on a hill", "a quiet town in the mountains", "the middle of a deep forest",
    "a farmhouse at the end of the road", "a cottage beside an old mill", "a cave under the hill",
    "a garden behind the castle",
]
TIMES = ["One morning", "One day", "One summer evening", "One cold winter day", "One rainy afternoon",
         "On the first day of spring", "Early on a Sunday", "Late one night"]
OPENINGS = ["Once upon a time, there was", "Once upon a time, there lived", "Long ago, there was",
            "Many years ago, there lived", "There once was"]
FRIENDS = ["an old man", "a wise old woman", "a white bird", "a friendly dog", "a tired traveller",
           "a small grey mouse", "a kind neighbour", "a young shepherd"]
WEATHER = ["The sun was shining.", "The wind was cold.", "The sky was grey.", "Snow lay on the roofs.",
           "The birds were singing.", "The moon was bright.", "It was raining softly.",
           "The air smelled of flowers."]
FOODS = ["bread", "soup", "an apple pie", "warm milk", "cheese and honey", "a cake", "fresh fish"]
THINGS = ["golden key", "silver bell", "red ball", "blue hat", "wooden boat", "old book", "music box",
          "lost ring", "green scarf", "little lamp"]

PLOTS = [
    Plot("{time}, {name} lost {his} {thing}. {He} looked under the bed, behind the door and in the"
         " garden, but it was not there.",
         "{name} was very sad and began to cry.",
         "Then {friend} came by and asked, \"Why are you crying?\" \"I have lost my {thing},\" said"
         " {name}. \"Let us look for it together,\" said {friend_the}.",
         "They walked along the path, and there, under a big tree, they found the {thing}. {name} was"
         " so happy that {he} danced all the way home.",
         "Since that day, {name} always puts the {thing} in a safe place."),
    Plot("{time}, {name} found a {thing} on the road. \"Who has lost this {thing}?\" {he} asked.",
         "{He} asked everyone in the market, but nobody knew.",
         "At last {he} met {friend}, who was looking at the ground. \"Are you looking for a"
         " {thing}?\" asked {name}. \"Yes, it is mine!\" said {friend_the}.",
         "{name} gave it back at once. To say thank you, {friend_the} gave {him} {food}.",
         "It is good to be honest."),
    Plot("{name} wanted to see the sea. {time}, {he} put some bread in a bag and left home.",
         "The road was long, and soon {name} was tired and hungry.",
         "{He} sat down on a stone next to {friend}. {name} shared {his} bread, and {friend_the} showed"
         " {him} the shortest way.",
         "When the sun went down, {name} stood on the beach and looked at the waves. \"It is bigger"
         " than I thought,\" {he} said.",
         "The next day {he} went home and told everyone about it."),
    Plot("{time}, {name} decided to make {food} for {his} mother. {He} worked in the kitchen all"
         " morning.",
         "But when {he} opened the door, the wind blew the fire out.",
         "{name} ran to ask for help, and {friend} came with dry wood. Together they made a new fire.",
         "In the evening the whole family sat around the table. \"This is the best meal of my life,\""
         " said {his} mother.",
         "{name} smiled and went to bed."),
    Plot("{time}, a big storm came. The river rose, and the old bridge broke.",
         "{friend_A} was on the other side and could not come home.",
         "{name} was afraid, but {he} took a long rope and tied it to a tree. \"Hold the rope!\" {he}"
         " shouted. Slowly, {friend_the} crossed the water.",
         "When the storm was over, the people of the village built a new bridge. They gave {name} a"
         " {thing} to thank {him}.",
         "Even someone small can do something great."),
    Plot("{name} could not sleep. Late one night, {he} heard a strange noise outside the window.",
         "\"Is it a monster?\" {he} thought. {His} heart was beating fast.",
         "{He} took a lamp, opened the door and looked. It was only {friend}, who was lost in the dark.",
         "{name} laughed and said, \"Come in and get warm.\" They ate {food} and talked until the"
         " morning.",
         "From that night on, they were best friends."),
    Plot("{time}, {name} planted a seed in the garden. {He} gave it water every day.",
         "A week passed, and then another week, but nothing grew.",
         "\"Be patient,\" said {friend}. \"Good things take time.\" So {name} waited and kept giving it"
         " water.",
         "One day, a tiny green leaf came out of the ground. By the end of the summer it was a tall"
         " tree full of red apples.",
         "{name} learned that it pays to wait."),
]


def _hero(rng: random.Random) -> Hero:
    style = rng.randrange(3)
    if style == 0:
        return Hero(rng.choice(GIRLS), rng.choice(GIRL_KINDS), "she", "her", "her")
    if style == 1:
        return Hero(rng.choice(BOYS), rng.choice(BOY_KINDS), "he", "him", "his")
    if rng.random() < 0.5:
        return Hero(rng.choice(GIRLS), rng.choice(ANIMALS), "she", "her", "her")
    return Hero(rng.choice(BOYS), rng.choice(ANIMALS), "he", "him", "his")


def _words(hero: Hero, rng: random.Random) -> dict[str, str]:
    friend = rng.choice(FRIENDS)
    return {
        "name": hero.name, "he": hero.he, "him": hero.him, "his": hero.his,
        "He": hero.he.capitalize(), "His": hero.his.capitalize(),
        "time": rng.choice(TIMES), "thing": rng.choice(THINGS), "food": rng.choice(FOODS),
        "friend": friend, "friend_A": friend[0].upper() + friend[1:],
        "friend_the": "the " + friend.split(" ", 1)[1],
    }


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def _opening(hero: Hero, rng: random.Random) -> str:
    adjective = rng.choice(ADJECTIVES)
    start = rng.choice(OPENINGS)
    place = rng.choice(PLACES)
    return (f"{start} {_article(adjective)} {adjective} {hero.kind} named {hero.name}. "
            f"{hero.he.capitalize()} lived in {place}.")


def story(rng: random.Random) -> Document:
    """A story of about 90 words."""
    hero = _hero(rng)
    words = _words(hero, rng)
    plot = rng.choice(PLOTS)
    beats = [_opening(hero, rng), plot.want.format(**words)]
    if rng.random() < 0.5:
        beats.append(rng.choice(WEATHER))
    beats += [beat.format(**words) for beat in (plot.trouble, plot.turn, plot.end, plot.moral)]
    return Document("story", "en", " ".join(beats) + "\n")

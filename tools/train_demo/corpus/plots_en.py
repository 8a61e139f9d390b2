"""English plots: what happens between the first sentence and the last. See grammar.py."""

PLOTS = [
    # Something is lost and found again.
    "{time}, {name} lost {his} {thing}. {He} looked [under the bed|behind the door|in every room], [behind "
    "the curtains|in the kitchen|under the table] and in the garden, but it was not there. {name} was "
    "[very sad|so sad that {he} could not eat|worried all day]. Then {a_friend} came by and asked, \"Why "
    "are you [crying|so sad|looking so worried]?\" \"I have lost my {thing},\" said {name}. \"Let us look "
    "for it together,\" said {the_friend}. They searched for [an hour|a long time|the whole afternoon], "
    "and there, {nook}, they found the {thing}. {name} was so happy that {he} [danced|sang|whistled|ran] "
    "all the way home. Since that day, {name} always [puts the {thing} in a safe place|takes good care of "
    "{his} {thing}].",
    # Something is found and given back.
    "{time}, {name} found a {thing} {nook}. \"Who has lost this {thing}?\" {he} [asked|wondered]. {He} "
    "went to the {shop} and asked everyone, but nobody knew. At last {he} met {a_friend}, who was looking "
    "[at the ground|under every stone|very unhappy]. \"Are you looking for a {thing}?\" asked {name}. "
    "\"Yes, it is mine! [It was a present from my mother|I have had it since I was young|I could not sleep "
    "without it].\" {name} gave it back at once. To say thank you, {the_friend} gave {him} [some {food}|a "
    "bag of nuts|a warm hug]. [It is good to be honest|Honest people have many friends|They met every week "
    "after that].",
    # A wish, a long way, an arrival.
    "{name} had only one wish: {dream}. \"You are [too small|too young|only {a_kind}],\" said the others, "
    "and they laughed. {time}, {he} put [some {food}|some bread] in a bag and left home. The road was "
    "long, and soon {name} was tired and hungry. {He} sat down under [an old|a tall] {tree} next to "
    "{a_friend}. {name} shared {his} food, and {the_friend} said, \"I can help you. [Start with one small "
    "step|You only need to try every day|I once had the same wish].\" It took [many days|a whole "
    "year|three long weeks], but in the end the wish came true. When {name} came home, [nobody laughed any "
    "more|everyone wanted to hear about it|the whole village was proud of {him}].",
    # A meal that nearly fails.
    "{time}, {name} decided to make some {food} for {his} [mother|father|grandmother|sister|brother]. {He} "
    "worked in the kitchen all morning. But when {he} opened the door, the wind blew out the fire. {name} "
    "[ran|hurried] to ask for help, and {a_friend} came with dry wood. Together they made a new fire. "
    "\"[What smells so good|Is there enough for me]?\" asked {the_friend}. \"You will see,\" said {name}. "
    "In the evening everyone sat around the table. \"This is the best meal of my life,\" said "
    "{the_friend}. {name} [smiled and went to bed|was very proud|promised to cook again on Sunday].",
    # A storm and a rescue.
    "{time}, a big storm came. The river rose, and the [old|wooden|little] bridge broke. {A_friend} was on "
    "the other side and could not come home. {name} was afraid, but {he} took a long rope and tied it to "
    "[an old|the nearest] {tree}. \"Hold the rope!\" {he} shouted. Slowly, {the_friend} crossed the water. "
    "\"You saved my life,\" said {the_friend}. When the storm was over, the people of the village built a "
    "new bridge. They gave {name} a {thing} to thank {him}. [Even someone small can do something "
    "great|Nobody ever forgot that day|To this day it is called {name}'s bridge].",
    # A noise in the night.
    "{time}, {name} could not sleep. {He} heard {sound} outside the window. \"Is it a "
    "[monster|thief|ghost]?\" {he} thought. {His} heart was beating fast. {He} took a lamp, opened the "
    "door and looked. It was only {a_friend}, who was [lost in the dark|cold and wet|looking for a place "
    "to sleep]. {name} laughed and said, \"Come in and get warm.\" They ate some {food} and talked until "
    "the morning. [From that night on, they were best friends|Since then, {name} has never been afraid of "
    "the dark].",
    # A seed and some patience.
    "{time}, {name} planted a seed [in the garden|{spot}]. {He} gave it water every day. A week passed, "
    "and then another week, but nothing grew. \"Be patient,\" said {a_friend}. \"Good things take time.\" "
    "So {name} waited and kept giving it water. One day, a tiny green leaf came out of the ground. After "
    "[three|five|seven] years it was a tall tree full of {crops}. {name} [gave some to everyone in the "
    "village|sat under it every evening with {the_friend}]. {He} had learned that it pays to wait.",
    # A broken thing is mended.
    "{name} had a {breakable} that {he} loved more than anything. {time}, {he} dropped it, and it broke. "
    "\"Nobody can repair it,\" {he} thought. But {a_friend} heard about it and said, \"Bring it to me.\" "
    "{name} waited [in front of the house|by the fire|all night]. {In_the_end} {the_friend} came out with "
    "the {breakable} in both hands, and it was as good as new. \"How can I pay you?\" asked {name}. "
    "\"[Tell me a story|Come and have some {food} with me|Help someone else one day],\" said {the_friend}. "
    "And that is what {name} did.",
    # A race.
    "{time}, there was a race from the {shop} to the [old mill|river|church]. {name} wanted to win. {He} "
    "ran as fast as {he} could and was soon ahead of all the others. Then {he} saw {a_friend} {spot}, with "
    "a hurt foot. {name} stopped. \"Go on, or you will lose,\" said {the_friend}. \"Some things are more "
    "important than a race,\" said {name}. They walked together, step by step, and came in last. But "
    "everyone [clapped and cheered|shouted with joy], and {name} was given [a {thing}|some {food}|a crown "
    "of flowers].",
    # A quarrel and how it ends.
    "{name} and {a_friend} were neighbours. {time}, they had a quarrel about [a {thing}|an {old_tree}|a "
    "garden fence|a bag of nuts]. They did not speak for [a week|a month|many days]. {Weather}, but {name} "
    "was sad. \"I do not even remember why I was angry,\" {he} said. {He} took some {food} and knocked on "
    "the door. \"I am sorry,\" said {name}. \"I am sorry too,\" said {the_friend}. They sat down at the "
    "table and [laughed until late in the night|ate everything up|talked about old times]. [A friend is "
    "worth more than being right|They never quarrelled again].",
    # A letter.
    "{time}, a letter came for {name}. It said, \"Come to the {shop} [at noon|at six o'clock|before "
    "sunset] and bring your {thing}.\" There was no name on it. {name} was [curious|puzzled|a little "
    "afraid], but {he} went. {Weather}. At first nobody was there. Then {a_friend} came out from behind a "
    "wall, and after that all the neighbours came too. \"Happy birthday!\" they shouted. They had brought "
    "some {food} and [a band of musicians|many presents|a big white cake]. \"I had forgotten my own "
    "birthday,\" said {name}, and everyone laughed.",
    # A treasure that is something else.
    "{name} had an old map. {time}, {he} followed it {past} the [river|hills|fields] to [an old|a tall] "
    "{tree}. {He} began to dig. {A_friend} asked, \"What are you looking for?\" \"A treasure,\" said "
    "{name}. \"May I help?\" They dug all day, and at last they found a box. In it there was no gold, only "
    "a {thing} and a note: \"[The best treasure is a good friend|He who finds this has already worked "
    "hard|Share what you have].\" {name} looked at {the_friend} and [smiled|laughed]. \"Then the map was "
    "right,\" {he} said.",
    # A lie.
    "{name} liked to tell [wild stories|lies|tall tales]. \"I have seen a [dragon|giant|ship that "
    "flies],\" {he} said at the {shop}, and everyone came running, but there was nothing to see. {time}, "
    "{name} saw a fire {spot}. \"Fire! Fire!\" {he} cried, but nobody believed {him}. Only {a_friend} came "
    "to look. Together they carried water until the fire was out. \"Why did you believe me?\" asked "
    "{name}. \"Because [your voice was different|everyone deserves one more chance],\" said {the_friend}. "
    "From that day on, {name} told only the truth.",
    # Music.
    "Every evening {name} [sang|played the flute|played the violin] {spot}. {A_friend} lived nearby and "
    "did not like it. \"Please be quiet, I want to sleep,\" said {the_friend}. So {name} stopped. {time}, "
    "it was very still. {The_friend} lay awake and could not sleep at all. \"I miss the music,\" "
    "{the_friend} thought, and went to knock at the door. \"Please play again,\" said {the_friend}. {name} "
    "was [glad|so happy that {he} played all night]. [Now they make music together|We often miss things "
    "only when they are gone].",
]

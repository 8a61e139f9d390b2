"""What English stories are made of."""

GIRLS = ("Anna Lily Rose Clara Emma Alice Mary Sofia Julia Nora Ella Lucy Grace Ruby Hannah Eva Molly "
         "Ivy Daisy Martha Sarah Amy Olivia Zoe Iris Tilly").split()
BOYS = ("Tom Jack Ben Paul Leo Sam Peter Max Oscar Hugo Felix Noah Henry Arthur Theo Daniel Simon Robin "
        "Walter Adam Luke Oliver Martin David Toby Finn").split()
JOBS = ("farmer;baker;sailor;painter;gardener;teacher;doctor;carpenter;blacksmith;tailor;musician;"
        "clockmaker;miller;potter;postman;librarian;cook;shoemaker;weaver;singer;beekeeper;traveller;"
        "writer;inventor;fiddler;woodcutter").split(";")
GIRL_KINDS = "girl;princess;shepherdess;queen;fairy".split(";")
BOY_KINDS = "boy;prince;shepherd;king;knight;fisherman".split(";")
ANIMALS = ("fox rabbit bear mouse cat dog owl hedgehog duck squirrel frog horse wolf goat donkey sparrow "
           "badger otter turtle lion elephant monkey penguin deer goose beaver").split()
ADJECTIVES = ("little;young;kind;brave;curious;clever;quiet;cheerful;gentle;honest;lazy;shy;proud;funny;"
              "lonely;hungry;careful;patient;polite;stubborn;dreamy;friendly;lively;thoughtful").split(";")
PLACES = ("in a small village by the sea;in a stone house near the river;in a green valley;"
          "in a tall tower on a hill;in a quiet town in the mountains;in the middle of a deep forest;"
          "in a farmhouse at the end of the road;in a cottage beside an old mill;at the foot of a hill;"
          "in a garden behind the castle;on a small island;at the edge of a dark wood;"
          "in a narrow street near the harbour;next to a blue lake;in a wooden hut under the pines;"
          "near an old stone bridge;above a little bakery;in a white house with a red roof;"
          "on a farm among the fields;not far from a lighthouse;behind the village school;"
          "in a town full of bridges").split(";")
TIMES = ("One morning;One day;One summer evening;One cold winter day;One rainy afternoon;"
         "On the first day of spring;Early one Sunday;Late one night;One windy autumn day;"
         "One bright Saturday;The day before the fair;One foggy morning;At the end of the summer;"
         "One snowy evening;On a warm day in May;One quiet afternoon;On the last day of school;"
         "One Monday in October").split(";")
OPENINGS = ("Once upon a time, there was;Once upon a time, there lived;Long ago, there was;"
            "Many years ago, there lived;There once was;Once there was").split(";")
FRIENDS = ("old man;wise old woman;white bird;friendly dog;tired traveller;small grey mouse;"
           "kind neighbour;young shepherd;tall stranger;old sailor;brown owl;little girl;clever crow;"
           "travelling musician;busy beaver;shy deer;poor soldier;fat black cat;market woman;"
           "young painter;hungry wolf;lame donkey;retired teacher;cheerful cook").split(";")
WEATHER = ("The sun was shining;The wind was cold;The sky was grey;Snow lay on the roofs;"
           "The birds were singing;The moon was bright;It was raining softly;The air smelled of flowers;"
           "Leaves were falling from the trees;There was not a cloud in the sky;The grass was wet;"
           "A thick mist lay over the fields;Stars filled the sky;The first frost had come;"
           "The bees were busy in the garden;Thunder rolled far away").split(";")
FOODS = ("fresh bread;hot soup;apple pie;warm milk;bread and cheese;honey cake;fried fish;"
         "roasted chestnuts;plum jam;pancakes;potato stew;ginger biscuits;cherry tart;"
         "onion soup;baked apples;rice pudding;strawberries and cream;mushroom pie").split(";")
# None begins with a vowel: plots say "a {thing}".
THINGS = ("golden key;silver bell;red ball;blue hat;wooden boat;picture book;music box;gold ring;green scarf;"
          "little lamp;brass compass;woollen blanket;paper kite;silver spoon;glass marble;leather purse;"
          "small mirror;tin drum;carved flute;worn map;pocket watch;straw basket;painted cup;"
          "black umbrella;wooden horse;warm coat;violin;lantern;red balloon;pearl necklace").split(";")
BREAKABLES = ("music box;pocket watch;lantern;violin;wooden horse;clay jug;china doll;painted cup;"
              "small mirror;carved flute;glass lamp;tin drum").split(";")
TREES = "oak tree;apple tree;pine;willow;chestnut tree;birch;pear tree;lime tree".split(";")
SPOTS = ("behind the barn;under the bridge;beside the well;at the edge of the pond;near the church;"
         "behind the mill;at the top of the hill;in the long grass;"
         "next to the garden gate;behind the old wall;beside the road").split(";")
# Where only small things are.
NOOKS = SPOTS + "under a pile of leaves;between two stones;at the bottom of a basket".split(";")
SHOPS = "market;bakery;harbour;square;school;mill;inn;station;library;fair".split(";")
DREAMS = ("to see the sea;to learn to play the violin;to climb the highest hill;to visit the city;"
          "to learn to read;to build a boat;to grow the biggest pumpkin;to see the snow;to learn to swim;"
          "to paint a picture of the moon;to ride a horse;to write a song;to bake a perfect cake;"
          "to sail around the island;to dance at the fair").split(";")
SOUNDS = "a strange noise;a soft knock;a low whistle;a sad little cry;footsteps;a long howl".split(";")
CROPS = "red apples;yellow pears;dark cherries;sweet plums;white flowers;golden peaches".split(";")

"""What French stories are made of; every noun knows its gender."""

from corpus.grammar import french_nouns

GIRLS = ("Marie Claire Louise Jeanne Camille Chloé Lucie Manon Juliette Zoé Anna Alice Emma Inès Rose "
         "Margot Élise Sophie Nina Léa Adèle Clara Hélène Colette").split()
BOYS = ("Pierre Louis Jules Paul Henri Lucas Antoine Hugo Victor Martin Émile Arthur Léon Simon Gabriel "
        "Nicolas Théo Oscar Thomas Marcel Félix Bastien André Rémi").split()
GIRL_KINDS = ("fille;princesse;bergère;souris;tortue;boulangère;fermière;jardinière;couturière;"
              "institutrice;musicienne;chèvre;grenouille;reine;fée;renarde;poule;voyageuse;cuisinière;"
              "hirondelle").split(";")
BOY_KINDS = ("garçon;prince;berger;renard;lapin;chat;boulanger;fermier;pêcheur;jardinier;menuisier;"
             "meunier;forgeron;hérisson;loup;canard;roi;chevalier;facteur;cuisinier;âne;hibou;"
             "horloger;ours").split(";")
# Before the noun; masculine, feminine. None changes before a vowel.
ADJECTIVES = [("petit", "petite"), ("jeune", "jeune"), ("gentil", "gentille"), ("brave", "brave"),
              ("joyeux", "joyeuse"), ("charmant", "charmante")]
# After the noun.
TRAITS = [("très curieux", "très curieuse"), ("un peu timide", "un peu timide"),
          ("très courageux", "très courageuse"), ("toujours de bonne humeur", "toujours de bonne humeur"),
          ("un peu paresseux", "un peu paresseuse"), ("très patient", "très patiente"),
          ("très poli", "très polie"), ("souvent seul", "souvent seule"), ("plein d'idées", "pleine d'idées"),
          ("un peu distrait", "un peu distraite"), ("très gourmand", "très gourmande"),
          ("fier de son village", "fière de son village"), ("têtu comme une mule", "têtue comme une mule")]
PLACES = ("dans un petit village près de la mer;dans une maison de pierre;au bord de la rivière;"
          "dans une grande forêt;dans une ferme au bout du chemin;au pied de la montagne;"
          "dans une vieille tour;dans un jardin plein de fleurs;sur une petite île;près d'un moulin;"
          "dans une rue étroite près du port;au bord d'un lac bleu;dans une cabane sous les pins;"
          "à côté d'un vieux pont;au-dessus d'une boulangerie;dans une maison blanche au toit rouge;"
          "au milieu des champs;non loin d'un phare;derrière l'école du village").split(";")
TIMES = ("Un matin;Un jour;Un soir d'été;Un jour d'hiver;Un dimanche;Au printemps;Par un bel après-midi;"
         "Un soir de pluie;Un lundi d'octobre;La veille de la fête;Un matin de brouillard;"
         "À la fin de l'été;Par une nuit claire;Un samedi de mai;Le premier jour des vacances;"
         "Un jour de grand vent").split(";")
OPENINGS = ["Il était une fois", "Il y a très longtemps vivait", "Il y avait une fois",
            "Autrefois, il y avait"]
FRIENDS = french_nouns(
    "vieil homme;oiseau blanc;chien;voyageur;berger;vieux marin;corbeau;musicien;petit garçon;voisin;"
    "vieux hibou;écureuil;soldat;peintre;marchand;castor;âne gris",
    "vieille dame;voisine;petite fille;souris grise;chouette;marchande;bergère;vieille tortue;"
    "musicienne;hirondelle;chèvre blanche;biche")
THINGS = french_nouns(
    "ballon rouge;chapeau;livre;bateau en bois;tambour;collier;parapluie;cerf-volant;panier;manteau;"
    "miroir;violon;couteau;sifflet;foulard vert;carnet;anneau d'or;cheval de bois;sac de cuir",
    "clé;lampe;bague;montre;boîte à musique;cloche d'argent;écharpe;carte;flûte;lanterne;poupée;"
    "couverture;plume bleue;bourse;tasse;épée de bois;boussole;bille de verre")
BREAKABLES = french_nouns("tambour;miroir;violon;cheval de bois;vase bleu",
                          "boîte à musique;montre;lampe;flûte;lanterne;poupée;tasse;cruche;horloge")
FOODS = ("du pain frais;une soupe chaude;un gâteau au miel;du fromage;une tarte aux pommes;des crêpes;"
         "du poisson grillé;des châtaignes;de la confiture de prunes;un bol de lait chaud;"
         "une omelette;des biscuits;du riz au lait;une salade de fruits;un pot de miel;"
         "des fraises").split(";")
WEATHER = ("Le soleil brillait;Il faisait froid;Il pleuvait doucement;Le ciel était bleu;"
           "Les oiseaux chantaient;La lune était claire;Le vent soufflait;La neige couvrait les toits;"
           "Les feuilles tombaient des arbres;L'herbe était mouillée;Le brouillard cachait la vallée;"
           "Les étoiles remplissaient le ciel;L'air sentait les fleurs;L'orage grondait au loin").split(";")
SPOTS = ("derrière la grange;sous le pont;près du puits;au bord de l'étang;devant l'église;"
         "derrière le moulin;en haut de la colline;dans les hautes herbes;"
         "à côté de la barrière;sous un grand chêne;au bord du chemin").split(";")
# Where only small things are.
NOOKS = SPOTS + "sous un tas de feuilles;entre deux pierres;au fond d'un panier".split(";")
SHOPS = french_nouns("marché;port;moulin;village voisin", "boulangerie;place du village;gare;fontaine;école;"
                     "auberge;bibliothèque")
DREAMS = ("voir la mer;apprendre à lire;jouer du violon;visiter la grande ville;construire un bateau;"
          "apprendre à nager;voir la neige;monter sur la plus haute colline;faire un gâteau parfait;"
          "danser à la fête;écrire une chanson;dessiner la lune;monter à cheval;"
          "faire le tour de l'île").split(";")
SOUNDS = "un bruit étrange;un petit cri;des pas dans la cour;un long sifflement;un coup à la porte".split(";")
CROPS = "pommes rouges;poires jaunes;cerises;prunes;pêches;fleurs blanches".split(";")

"""French plots. {e} is the mark of the hero's gender, {fe} of the friend's; see stories_fr.py."""

PLOTS = [
    # Perdu, retrouvé.
    "{time}, {name} a perdu {his_thing}. {He} a cherché [sous le lit|dans toutes les pièces|derrière la "
    "porte], [dans la cuisine|sous la table] et dans le jardin, sans rien trouver. {name} était [très "
    "triste|désespéré{e}|au bord des larmes]. Alors {a_friend} est arrivé{fe} et a demandé : « Pourquoi "
    "[pleures-tu|es-tu si triste] ? » « J'ai perdu {my_thing} », a répondu {name}. « Cherchons ensemble », "
    "a dit {the_friend}. {They} ont cherché [longtemps|pendant une heure|tout l'après-midi] et, {nook}, "
    "{they} ont trouvé {the_thing}. {name} était si content{e} qu'{he} a [chanté|dansé|sifflé] jusqu'à la "
    "maison.",
    # Trouvé, rendu.
    "{time}, {name} a trouvé {a_thing} {nook}. « À qui est-ce ? » s'est demandé {name}. {He} est allé{e} "
    "{to_shop}, mais personne ne savait. Enfin {he} a rencontré {a_friend}. « Cherches-tu {a_thing} ? » a "
    "demandé {name}. « Oui, c'est à moi ! [C'était un cadeau de ma mère|Je ne dors plus sans mon trésor|Je "
    "cherche depuis ce matin]. » {name} a tout rendu, et {the_friend} lui a donné {food}. [Il faut "
    "toujours être honnête|Depuis ce jour, {they} se voient chaque semaine].",
    # Un rêve.
    "{name} n'avait qu'un rêve : {dream}. « Tu es trop [jeune|petit{e}] », disaient les autres en riant. "
    "{time}, {he} a mis [{food}|du pain] dans un sac et {he} est parti{e}. La route était longue, et "
    "{name} avait faim. Près d'un pont, {he} a partagé son repas avec {a_friend}. « Je peux t'aider, a dit "
    "{the_friend}. [Il suffit d'essayer chaque jour|Commence par un petit pas|J'avais le même rêve que "
    "toi]. » Il a fallu [de longues semaines|toute une année|beaucoup de patience], mais {name} a réussi. "
    "Au retour, [personne ne riait plus|tout le village était fier|tout le monde voulait l'écouter].",
    # Un repas.
    "{time}, {name} a voulu préparer {food} pour [sa mère|son père|sa grand-mère|son frère|sa sœur]. {He} "
    "a travaillé toute la matinée. Mais quand {he} a ouvert la porte, le vent a éteint le feu. {name} a "
    "[couru|appelé] pour demander de l'aide, et {a_friend} a apporté du bois sec. Ensemble, {they} ont "
    "rallumé le feu. Le soir, tout le monde était à table. « C'est le meilleur repas de ma vie », a dit "
    "{the_friend}. {name} [souriait|était aux anges|avait les joues rouges de joie].",
    # L'orage.
    "{time}, il y a eu un grand orage. La rivière est montée, et le vieux pont s'est cassé. {A_friend} "
    "était de l'autre côté et ne pouvait pas rentrer. {name} avait peur, mais {he} a pris une longue corde "
    "et l'a attachée à un arbre. « Tiens bien la corde ! » a crié {name}. Lentement, {the_friend} a "
    "traversé l'eau. Après l'orage, les gens du village ont construit un nouveau pont. Ils ont donné "
    "{a_thing} à {name}. [Même les plus petits peuvent faire de grandes choses|Personne n'a oublié ce "
    "jour].",
    # Un bruit dans la nuit.
    "{time}, {name} n'arrivait pas à dormir. {He} a entendu {sound}. « Est-ce un [monstre|voleur|fantôme] "
    "? » pensait {name}. Son cœur battait très fort. {He} a pris une lampe et a ouvert la porte. C'était "
    "seulement {a_friend}, perdu{fe} dans la nuit. « Entre et viens te réchauffer », a dit {name}. {They} "
    "ont mangé {food} et {they} ont parlé jusqu'au matin. [Depuis ce jour, {they} sont {friends}|Depuis, "
    "{name} n'a plus peur du noir].",
    # Une graine.
    "{time}, {name} a planté une graine [dans le jardin|{spot}]. {He} lui donnait de l'eau tous les jours. "
    "Une semaine a passé, puis une autre, mais rien ne poussait. « Sois patient{e} », a dit {a_friend}. « "
    "Il faut du temps. » Alors {name} a attendu. Un jour, une petite feuille verte est sortie de la terre. "
    "[Trois|Cinq|Sept] ans plus tard, c'était un grand arbre plein de {crops}. [Tout le village est venu "
    "l'admirer|{name} s'asseyait dessous tous les soirs avec {the_friend}].",
    # Cassé, réparé.
    "{name} aimait {his_breakable} plus que tout. {time}, {the_breakable} est tombé{be} par terre et s'est "
    "cassé{be}. « Personne ne pourra réparer cela », pensait {name}. Mais {a_friend} a dit : « Laisse-moi "
    "essayer. » {name} a attendu [devant la maison|près du feu|toute la nuit]. Enfin {the_friend} est "
    "revenu{fe} en souriant : {the_breakable} n'avait plus une égratignure. « Comment te remercier ? » a "
    "demandé {name}. « [Raconte-moi une histoire|Viens manger {food} avec moi|Aide quelqu'un à ton tour] "
    "», a dit {the_friend}. Et {name} a tenu parole.",
    # La course.
    "{time}, il y avait une course [jusqu'au vieux moulin|jusqu'à la rivière|autour du village]. {name} "
    "voulait gagner. {He} courait très vite et {he} était déjà loin devant les autres. Soudain, {he} a vu "
    "{a_friend} {spot}, blessé{fe} au pied. {name} s'est arrêté{e}. « Continue, sinon tu vas perdre », a "
    "dit {the_friend}. « Il y a des choses plus importantes », a répondu {name}. {They} ont marché "
    "ensemble et {they} sont {arrived} [en dernier|bien après les autres]. Mais tout le monde a applaudi, "
    "et {name} a reçu {a_thing}.",
    # La dispute.
    "{name} avait pour {neighbour} {a_friend}. {time}, {they} se sont {quarrelled} à cause [d'un "
    "arbre|d'une barrière|d'un sac de noix]. {They} ne se parlaient plus. {Weather}, mais {name} était "
    "triste. « Je ne sais même plus pourquoi j'étais en colère », a dit {name}. {He} a pris {food} et a "
    "frappé à la porte. « Je te demande pardon », a dit {name}. « Moi aussi », a répondu {the_friend}. "
    "{They} ont [ri jusque tard dans la nuit|tout mangé|parlé du bon vieux temps]. [Un ami vaut mieux "
    "qu'une barrière|{They} ne se sont plus jamais {quarrelled}].",
    # Une lettre.
    "{time}, une lettre est arrivée pour {name}. Il y était écrit : « Viens {to_shop} [à midi|à six "
    "heures|avant la nuit]. » Il n'y avait pas de nom. {name} était très [intrigué{e}|étonné{e}], mais "
    "{he} y est allé{e}. {Weather}. D'abord, il n'y avait personne. Puis {a_friend} est sorti{fe} de "
    "derrière un mur, et tous les voisins avec. « Bon anniversaire ! » ont-ils crié. Ils avaient apporté "
    "{food} et {a_thing}. « J'avais oublié mon propre anniversaire », a dit {name}, et tout le monde a ri.",
    # Le trésor.
    "{name} avait une vieille carte. {time}, {he} l'a suivie jusqu'à un grand arbre et {he} a commencé à "
    "creuser. « Que cherches-tu ? » a demandé {a_friend}. « Un trésor », a répondu {name}. « Je peux "
    "t'aider ? » {They} ont creusé toute la journée et, enfin, {they} ont trouvé une boîte. Il n'y avait "
    "pas d'or, seulement {a_thing} et un mot : « [Le plus beau trésor est un ami|Partage ce que tu "
    "as|Celui qui cherche trouve toujours quelque chose]. » {name} a regardé {the_friend} et a souri. « La "
    "carte disait vrai », a dit {name}.",
    # La musique.
    "Chaque soir, {name} [chantait|jouait de la flûte|jouait du violon] {spot}. {A_friend} habitait tout "
    "près et n'aimait pas cela. « Un peu de silence, je veux dormir », a dit {the_friend}. Alors {name} "
    "s'est arrêté{e}. {time}, tout était calme, mais {the_friend} ne dormait pas. « La musique me manque "
    "», a dit {the_friend}, et {fit} est allé{fe} frapper à la porte. « S'il te plaît, recommence. » "
    "{name} était [ravi{e}|si content{e} que la musique a duré toute la nuit]. [Depuis, tout le village "
    "écoute|On ne sait ce qu'on aime que lorsqu'on l'a perdu].",
]

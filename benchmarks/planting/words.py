"""Vocabularies and small text makers for the generated tables."""

# ruff: noqa: SIM905 (word lists read better as text)

from __future__ import annotations

from random import Random

FIRST = (
    "Anna Ben Chiara Dmitri Elif Farid Grace Hana Ivan José Karim Lena Mónica Noémie Olu Petra "
    "Quentin René Søren Tomáš Uma Václav Wei Ximena Yara Zoë Aoife Björn Céline Diego"
).split()
LAST = (
    "O'Brien D'Angelo Null Müller García Nguyen Smith Ivanov Kowalski Åberg Çelik Haddad Tanaka "
    "Fernández Lefèvre Novák Okafor Schäfer McKay Van-Dyke N'Diaye Brown Patel Rossi Jørgensen "
    "Muñoz Peña Königsmann Dubois Ferreira"
).split()
COLOURS = "amber black blue copper green grey ivory navy olive orange pink red silver white".split()
PRODUCTS = (
    "kettle lamp drill tent router printer speaker backpack blender scooter monitor keyboard "
    "heater camera mattress toaster charger headset bicycle thermostat vacuum desk jacket watch"
).split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
PEOPLE = (
    "my brother|my neighbour|our office manager|the driver|my daughter|a colleague|my landlord|"
    "your agent|the courier|our accountant|my wife|the shop in town|a friend|our team"
).split("|")
OPENERS = (
    "Hello, I noticed that|Since last week|It seems that|To be honest,|For the third time|"
    "I am writing because|Just so you know,|As far as I can tell|Without any warning|"
    "On the phone I was told that|According to the website|I expected more, but|"
    "This morning|After two days|Like many others I found that|Since we moved house|"
    "My family and I saw that|During the holidays|Right after the update|Could you check why"
).split("|")
TAILS = (
    "and nobody could explain it|which was a real surprise|so please look into it|"
    "while {person} was watching|after {number} days of waiting|although {person} disagreed|"
    "and {person} said the same|as written in message {number}|on {day} around noon|"
    "with the {colour} {product}|just before {day}|even though we paid {number} euros|"
    "when {person} called on {day}|for at least {number} weeks|in our branch near the station|"
    "and the {product} is still in its box|as the photo of the {colour} {product} shows|"
    "as {person} and {person} noticed|on every {day} this month|in room {number} upstairs"
).split("|")

# Label -> (things, events): what a text of this label speaks of.
TOPICS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "billing": (
        ("the invoice", "my credit card", "the direct debit", "a late fee", "the monthly bill",
         "the tax amount", "your payment page", "the bank statement", "a surcharge"),
        ("was charged twice", "shows the wrong total", "lists a fee I never agreed to",
         "was debited too early", "does not match the receipt", "includes an unknown charge"),
    ),
    "shipping": (
        ("the parcel", "my delivery", "the tracking number", "the courier van", "the shipment",
         "the customs form", "the package", "the pallet", "the transport box"),
        ("never arrived", "was left in the rain", "is stuck in a depot", "went to another street",
         "has not moved since dispatch", "was handed to a stranger"),
    ),
    "account": (
        ("my password", "the login page", "the user profile", "two-factor sign-in", "my username",
         "the verification mail", "the security question", "the account settings", "my access"),
        ("keeps locking me out", "rejects every attempt", "was reset by someone else",
         "asks me to register again", "no longer accepts my email", "expired overnight"),
    ),
    "technical": (
        ("the app", "the firmware", "the touch screen", "the bluetooth link", "the software",
         "the wifi module", "the battery driver", "the display", "the sensor"),
        ("crashes on start", "freezes with an error code", "reboots in a loop",
         "drops the connection", "runs hot and then shuts down", "fails to sync"),
    ),
    "positive": (
        ("a wonderful purchase", "the excellent quality", "the superb finish", "a lovely design",
         "a great bargain", "the delightful colour", "an outstanding build"),
        ("makes me happy every day", "exceeded all my hopes", "deserves full praise",
         "works perfectly", "is worth recommending", "earned my trust at once"),
    ),
    "negative": (
        ("a terrible purchase", "the awful quality", "the shoddy finish", "an ugly design",
         "a complete rip-off", "the disgusting smell", "a useless build"),
        ("broke within an hour", "was a waste of money", "disappointed all of us",
         "fell apart at once", "should be avoided", "made me angry and sad"),
    ),
    "neutral": (
        ("an average purchase", "the ordinary quality", "the plain finish", "a standard design",
         "a usual price", "the typical shape", "a middling build"),
        ("does what it says", "is neither here nor there", "matches the description",
         "was as expected", "is acceptable I suppose", "could go either way"),
    ),
}  # fmt: skip

FOREIGN: dict[str, str] = {
    "fr": "château été hiver rivière forêt théâtre élève français où déjà après première siècle "
    "château-fort musée pêcheur frère mère goût noël cité côte île hôtel garçon leçon reçu façade "
    "voilà très près dès même fête tête bête âge œuvre cœur sœur naïf maïs août œil région",
    "de": "Straße Schloss Fluss Mädchen Brücke Gebäude Königin schön größer früher später Türme "
    "Wälder über Süden Österreich Jahrhundert Universität Bäcker Käse Grüße Schüler Möbel Hügel "
    "Äpfel natürlich während können müssen dürfen Länder Flüsse Häuser Küste Höhle Fähre Ärzte",
    "es": "río montaña niño señor año mañana también después según corazón canción camión árbol "
    "fácil difícil música página teléfono jardín avión español pequeño otoño sueño compañía país "
    "había según quién dónde cuándo cómo región población estación última música público común",
    "ru": "река город зима лето дерево книга письмо учитель музыка театр дорога мост небо море "
    "весна осень школа улица хлеб вода время человек страна столица история музей берег остров "
    "гора лес поле птица рыба лошадь солнце луна звезда вечер утро ночь",
    "el": "πόλη ποτάμι θάλασσα βουνό νησί δρόμος σχολείο βιβλίο δάσκαλος μουσική θέατρο χειμώνας "
    "καλοκαίρι άνοιξη φθινόπωρο ουρανός ήλιος φεγγάρι αστέρι νύχτα ημέρα χώρα πρωτεύουσα ιστορία "
    "μουσείο γέφυρα δέντρο λουλούδι ψωμί νερό",
}

_ONSETS = "b br c d dr f g gr h j k kl l m n p pr r s st t tr v w z".split()
_VOWELS = "a e i o u ai ea io".split()
_ENDINGS = "dal ford ham lin mar nova polis rova stad ta ton vik ville wick zen".split()


def place(rng: Random) -> str:
    """A made-up place name, one of about three hundred thousand."""
    middle = "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(2))
    return (middle + rng.choice(_ENDINGS)).capitalize()


def person(rng: Random) -> str:
    """A full name, with accents and apostrophes as real names have them."""
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def topical_text(rng: Random, label: str, sentences: tuple[int, int], stray: float = 0.08) -> str:
    """A text of some sentences about `label`; a later sentence strays to another label's things.

    The first sentence always speaks of the label, and strays stay in the minority, so that a
    reader could always tell the label.
    """
    count = rng.randint(*sentences)
    parts = []
    strays = 0
    for number in range(count):
        topic = label
        if number and (strays + 1) * 2 < count and rng.random() < stray:
            topic = rng.choice(sorted(TOPICS))
            strays += 1
        parts.append(_sentence(rng, topic))
    return " ".join(parts)


def short_text(rng: Random, label: str, used: set[tuple[str, ...]]) -> str:
    """One sentence about `label`, clearly unlike those of which `used` keeps the parts."""
    things, events = TOPICS[label]
    parts: tuple[str, ...] = ()
    while not parts or parts in used:
        parts = (rng.choice(things), rng.choice(events), *sorted(rng.sample(TAILS, 2)))
    used.add(parts)
    thing, event, first, second = parts
    bought = f"bought in {place(rng)} near {place(rng)}"
    return f"{rng.choice(OPENERS)} {thing}, {bought}, {event} {_fill(rng, f'{first} {second}')}."


def _sentence(rng: Random, label: str) -> str:
    things, events = TOPICS[label]
    tails = " ".join(_fill(rng, tail) for tail in rng.sample(TAILS, rng.choice((1, 1, 2))))
    sentence = f"{rng.choice(OPENERS)} {rng.choice(things)} {rng.choice(events)} {tails}"
    return sentence[0].upper() + sentence[1:] + rng.choice((".", ".", ".", "!"))


def _fill(rng: Random, tail: str) -> str:
    while "{person}" in tail:
        tail = tail.replace("{person}", rng.choice(PEOPLE), 1)
    return (
        tail.replace("{number}", str(rng.randint(2, 999)))
        .replace("{day}", rng.choice(DAYS))
        .replace("{colour}", rng.choice(COLOURS))
        .replace("{product}", rng.choice(PRODUCTS))
    )


QUESTIONS = (
    "Which river crosses the old town of {a} before it meets the {b} at {c} in {d}?",
    "In what year did the railway from {a} to {b} open to passengers of {c} and {d}?",
    "Who painted the ceiling of the {a} theatre after fires in {b}, {c} and {d}?",
    "How many bridges does a traveller from {a} to {b} cross between {c} and {d}?",
    "Why did the mayor of {a} refuse the treaty that {b} and {c} offered to {d}?",
    "What is the highest peak seen from {a} when fog over {b} clears near {c} or {d}?",
)
ANSWERS = (
    "The records of {a} say that {n} families moved to {b}, although {c} kept no such list.",
    "It was opened in {y} by an engineer from {a}, who later worked on the canal at {b}.",
    "Nobody is sure, but a letter found in {a} mentions {n} workers and a {colour} {product}.",
    "Most historians name {a}; a minority argue for {b}, where {n} coins from {y} were found.",
    "About {n}: the last count in {y} was led by a teacher from {a} who had grown up in {b}.",
)


def question(rng: Random) -> str:
    """An English question about four made-up places."""
    return rng.choice(QUESTIONS).format(a=place(rng), b=place(rng), c=place(rng), d=place(rng))


def answer(rng: Random) -> str:
    """Two or three English sentences with numbers, years and made-up places."""
    sentences = [
        template.format(
            a=place(rng),
            b=place(rng),
            c=place(rng),
            n=rng.randint(3, 1999),
            y=rng.randint(1650, 1990),
            colour=rng.choice(COLOURS),
            product=rng.choice(PRODUCTS),
        )
        for template in rng.sample(ANSWERS, rng.randint(2, 3))
    ]
    return " ".join(sentences)


def foreign(rng: Random, language: str, words: tuple[int, int]) -> str:
    """A sentence in the letters of `language`: its words, and blends of two of them.

    The blends widen the vocabulary to some hundreds, so that two texts share few words.
    """
    vocabulary = FOREIGN[language].split()
    picked = []
    for _ in range(rng.randint(*words)):
        first, second = rng.choice(vocabulary), rng.choice(vocabulary)
        blend = first[: len(first) // 2 + 1] + second[len(second) // 2 :]
        picked.append(first if rng.random() < 0.3 else blend)
    text = " ".join(picked)
    return text[0].upper() + text[1:]

"""Which language a text is in: by its script, and by the commonest words of the main languages.

The words are each language's most frequent function words; a text of ten words holds several.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import cache

import msgspec

STOP_WORDS = {
    "English": "the and is of to it that was for with this you are have from they which were been "
    "would not but she his her their there what when your can will has had who how its our than "
    "them these very just my we i be do did does about because after a "
    "no in on at me or if so an as by up out all one go too more now get am oh",
    "German": "der die das und ist nicht ich ein eine mit für auf den dem des sich auch von es zu "
    "wir sie aber wie war sind oder bei nach noch nur wenn wird hat haben einen einer sehr dass "
    "als aus im am kann mir mich mein kein schon ihr uns so um werden durch über",
    "French": "le la les et est des du un une pas que qui dans pour ce cette je vous nous il elle "
    "sur avec mais sont au aux plus très par ont être fait tout ne se son sa ses mon ma c'est été "
    "bien comme leur ou où était j'ai d'une qu'il aussi sans",
    "Spanish": "el la los las y es que de un una por con para no se su lo como más pero muy este "
    "esta del al son está fue ha sus le me mi si todo también porque cuando hay ya yo tiene "
    "había nos ni sin sobre desde hasta",
    "Italian": "il lo la gli di e è che un una per con non si sono ma del della dei delle nel "
    "nella più anche come questo questa molto ho ha mi ci al alla dal dalla era se da le "
    "suo sua io essere stato perché quando tutto cosa",
    "Portuguese": "o a os as e é que de um uma por com para não se do da dos das no na em mais mas "
    "muito este esta isso são foi tem ao pelo pela ou seu sua eu ele ela você também como quando "
    "já está ser sem até",
    "Dutch": "de het een en is van niet ik dat met voor op zijn ook maar er aan die te in was wij "
    "ze hij bij nog naar heeft hebben als dan om door deze dit wel geen zeer mijn worden werd "
    "uit over meer veel heel goed zo",
    "Swedish": "och är det att en ett som på inte jag för med av till den har om var men så kan de "
    "vi han hon från eller mycket när ska också efter mig min detta vara hade bra alla sig "
    "ut upp",
    "Danish": "og er det at en et som på ikke jeg for med af til den har om var men så kan de vi "
    "han hun fra eller meget når skal også efter mig min dette være havde alle sig blev der",
    "Norwegian": "og er det å en et som på ikke jeg for med av til den har om var men så kan de vi "
    "han hun fra eller veldig når skal også etter meg min dette være hadde alle seg ble",
    "Polish": "i w na z nie się jest to że do jak ale po dla tak o od za czy już był tylko przez "
    "są było być może mnie bardzo jego która który co mi ma przy tym tego ze",
    "Czech": "a je se na že v to s z do jako ale si pro by jsem jsme byl byla bylo tak co jeho "
    "jsou nebo aby když už jen jak velmi není mi od po za které který",
    "Romanian": "și este în de la cu nu un o pe că din care pentru se mai sunt am fost dar ce după "
    "foarte acest această sau prin când fi are lui mi iar al ale",
    "Hungarian": "a az és hogy nem egy is van volt de ez meg már csak ha mint még nagyon el ezt "
    "azt vagy lesz minden fel kell lehet én ki ami",
    "Finnish": "ja on ei se että oli hän mutta ovat kun niin myös kuin tai jos vain ole mitä sen "
    "olen tämä minun joka nyt jo hyvin olla sitä sekä voi",
    "Turkish": "ve bir bu da de için çok ile ne ama daha gibi var o ben olarak kadar değil en "
    "sonra olan her mi şey yok ki biz sen bana güzel",
    "Indonesian": "yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke ada "
    "oleh karena bisa sudah atau kami mereka sangat adalah telah lebih seperti dia",
    "Vietnamese": "và của là có không được cho một những trong với các người này để khi đã tôi "
    "đó như cũng rất thì từ ra nhiều về",
    "Russian": "и в не на что я с он как это но по из у за то все же от так его она мы вы было "
    "только мне был для очень когда если или есть нет меня они при бы",
    "Ukrainian": "і в не на що я з він як це але по у за то та все від так його вона ми ви було "
    "тільки мені був для дуже коли якщо або є немає мене вони при би й",
    "Bulgarian": "и в не на че аз с той като това но по от за са се да е ще много или няма при "
    "беше има ми който която защото когато",
}

_LANGUAGES: dict[str, tuple[str, ...]] = {}
for _name, _words in STOP_WORDS.items():
    for _word in dict.fromkeys(_words.split()):
        _LANGUAGES[_word] = (*_LANGUAGES.get(_word, ()), _name)

SCRIPTS = {
    "Latin": r"\p{Latin}",
    "Cyrillic": r"\p{Cyrillic}",
    "Greek": r"\p{Greek}",
    "Chinese, Japanese or Korean": r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}",
    "Arabic": r"\p{Arabic}",
    "Hebrew": r"\p{Hebrew}",
    "Thai": r"\p{Thai}",
    "Devanagari": r"\p{Devanagari}",
}
"""Scripts, as classes of Rust's regular expressions."""

_LETTERS = (
    (0x41, 0x5A, "Latin"),
    (0x61, 0x7A, "Latin"),
    (0xC0, 0x24F, "Latin"),
    (0x370, 0x3FF, "Greek"),
    (0x400, 0x52F, "Cyrillic"),
    (0x590, 0x5FF, "Hebrew"),
    (0x600, 0x6FF, "Arabic"),
    (0x750, 0x77F, "Arabic"),
    (0x900, 0x97F, "Devanagari"),
    (0xE00, 0xE7F, "Thai"),
    (0x1100, 0x11FF, "Chinese, Japanese or Korean"),
    (0x1E00, 0x1EFF, "Latin"),
    (0x1F00, 0x1FFF, "Greek"),
    (0x3040, 0x30FF, "Chinese, Japanese or Korean"),
    (0x3400, 0x9FFF, "Chinese, Japanese or Korean"),
    (0xAC00, 0xD7AF, "Chinese, Japanese or Korean"),
)
"""Code points of their letters, first and last of a block."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

LOOKED_AT = 200
"""Texts of a column's sample by which its language is told."""

PLENTY = 10
"""Words from which on a text is no title of a film or a song that has a few of another language."""


FIRST = 40
"""Texts after which a column whose words are of no known language is let be."""


class Tongue(msgspec.Struct, frozen=True):
    """The script of a text or a column, and its language where that is known."""

    script: str
    language: str = ""

    def __str__(self) -> str:
        return self.language or f"{self.script} script"


def script_of(text: str) -> tuple[str, int, float]:
    """The script of most letters, how many these are, and their share of the letters known.

    Of two scripts with as many letters the first in `SCRIPTS`.
    """
    if text.isascii():
        return "Latin", len(re.findall("[A-Za-z]", text)), 1.0
    counted = Counter(map(_script_of_letter, text[:2000]))
    name = max(SCRIPTS, key=lambda script: counted[script])
    return name, counted[name], counted[name] / max(1, sum(counted[s] for s in SCRIPTS))


@cache
def _script_of_letter(letter: str) -> str:
    code = ord(letter)
    before = bisect_right(_LETTERS, code, key=lambda block: block[0])
    _, last, name = _LETTERS[before - 1] if before else (0, -1, "")
    return name if code <= last else ""


def tongue_of(text: str) -> Tongue | None:
    """The script and language that a text is clearly in; None where it is not clear."""
    script, letters, share = script_of(text)
    if letters < 5 or share < 0.7:
        return None
    if script not in ("Latin", "Cyrillic"):
        return Tongue(script)
    words = _WORD.findall(text.lower())
    hits = Counter(name for word in words for name in _LANGUAGES.get(word, ()))
    if not hits:
        return None
    (name, count), *rest = hits.most_common(2)
    clear = not rest or count >= 1.3 * rest[0][1]
    return Tongue(script, name) if clear and count >= max(2, 0.15 * len(words)) else None


def tongue_of_column(texts: Sequence[str], least: float) -> Tongue | None:
    """What a column is in, where `least` of its texts that are clear agree."""
    first = [tongue for text in texts[:FIRST] if (tongue := tongue_of(text)) is not None]
    if len(first) < 0.1 * min(len(texts), FIRST):
        return None
    rest = texts[FIRST:LOOKED_AT]
    told = first + [tongue for text in rest if (tongue := tongue_of(text)) is not None]
    if len(told) < max(3, 0.2 * min(len(texts), LOOKED_AT)):
        return None
    tongue, count = Counter(told).most_common(1)[0]
    return tongue if count >= least * len(told) else None


def foreign_to(text: str, own: Tongue, least: int) -> Tongue | None:
    """The tongue of a text that is clearly not in `own`; None for all others.

    Args:
        text: One text.
        own: Script and language of its column.
        least: Words that a text of the same script must have to be told.
    """
    script, letters, share = script_of(text)
    words = _WORD.findall(text.lower())
    if script != own.script:
        if letters < 5 or share < 0.7 or (script == "Latin" and len(words) < least):
            return None
        return tongue_of(text) or Tongue(script)
    if not own.language or len(words) < least:
        return None
    mine = {word for word in words if own.language in _LANGUAGES.get(word, ())}
    strange: dict[str, set[str]] = {}
    for word in set(words) - mine:
        for name in _LANGUAGES.get(word, ()):
            if len(word) > 1:
                strange.setdefault(name, set()).add(word)
    if not strange:
        return None
    name = max(strange, key=lambda language: (len(strange[language]), language))
    alone = [word for word in mine if len(_LANGUAGES[word]) == 1]
    count = sum(word in strange[name] for word in words)
    if len(strange[name]) < (5 if mine else 3) or alone or count < 2 * len(mine):
        return None
    enough = 0.18 if len(words) >= PLENTY else 0.4
    return Tongue(script, name) if count >= enough * len(words) else None


def own_words(language: str) -> list[str]:
    """The function words that are of this language alone: most of its texts hold one."""
    return [w for w in STOP_WORDS[language].split() if _LANGUAGES[w] == (language,) and len(w) > 1]


def suspect_pattern(own: Tongue) -> tuple[str, str]:
    """Patterns by which few texts are let through: a word of its own, letters of other scripts."""
    words = own_words(own.language) if own.language else []
    plain = r"(?i)\b(?:" + "|".join(words) + r")\b" if words else ""
    others = "".join(letters for name, letters in SCRIPTS.items() if name != own.script)
    return plain, f"[{others}]"

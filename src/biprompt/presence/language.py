"""Whether a question is English, told by its letters and its small words."""

from __future__ import annotations

import unicodedata

from biprompt.zoo.words import FUNCTION_WORDS

_SMALL = {
    "German": "der das dem den des ein eine einen einem ist sind wo wer wie welche welches "
    "welcher welchem und nicht mit von zeige mir bitte für auf aus im zum zur wird werden "
    "produziert",
    "French": "le la les du des un une où est sont quel quelle quels quelles qui que et ne pas "
    "avec dans pour sur montre montrez produit stocke il",
    "Spanish": "el la los las del un una dónde donde está esta son qué que cuál cual órgano y "
    "con por para muestra produce almacena en",
    "Italian": "il lo la gli le del della dei delle un uno una dove è sono quale quali che e con "
    "per mostra produce organo",
    "Portuguese": "o os as do da dos das um uma onde está são qual quais que e com para "
    "mostre órgão",
    "Dutch": "de het een waar is zijn welk welke wie en niet met van voor op toon orgaan maakt",
}
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL.items()}
_ENGLISH = FUNCTION_WORDS | frozenset(
    "the a an makes produces how why does do did was were when".split()
)
_FEWEST = 2


def foreign(question: str, words: list[str]) -> str:
    """Return what a question is written in if it is not English, else an empty text.

    Latin names pass: only small words tell a language, and it takes two of one language with no
    English one beside them.
    """
    letters = [c for c in question if c.isalpha()]
    other = [c for c in letters if "LATIN" not in unicodedata.name(c, "") and ord(c) > 0x24F]
    if letters and 2 * len(other) > len(letters):
        return f"{unicodedata.name(other[0], 'another').split()[0].title()} letters"
    counts = {language: sum(w in small for w in words) for language, small in _WORDS.items()}
    language = max(counts, key=lambda each: counts[each])
    english = sum(word in _ENGLISH and word not in _WORDS[language] for word in words)
    return language if counts[language] >= _FEWEST and counts[language] > 2 * english else ""

"""Text as n-grams of folded characters: the same steps in Python, for training, as in the served graph."""

import sys
import unicodedata

LONGEST = 3
# Not folded to a space: ¿ and ¡ tell a language, and an apostrophe stands inside words.
KEPT = "¿¡'"
RIGHT_QUOTE = "\u2019"


def fold(character):
    """Lower case; punctuation, separators and control characters become a space."""
    if character == RIGHT_QUOTE:
        return "'"
    if character in KEPT:
        return character
    category = unicodedata.category(character)
    if category[0] in "PZ" or category == "Cc":
        return " "
    lower = character.lower()
    return lower if len(lower) == 1 else character


def character_ngrams(text):
    """Every n-gram of 1 to LONGEST characters, the text standing between spaces.

    A space alone and two in a row are left out: so no count depends on how many spaces a row is padded with.
    """
    folded = f" {''.join(map(fold, text))} "
    ngrams = (folded[i : i + size] for size in range(1, LONGEST + 1) for i in range(len(folded) - size + 1))
    return [ngram for ngram in ngrams if ngram != " " and "  " not in ngram]


def folded_characters(alphabet):
    """Every character of Unicode that folds into the alphabet, with what it folds to."""
    characters = (chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)
    return {character: fold(character) for character in characters if fold(character) in alphabet}

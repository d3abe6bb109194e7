"""Words as search compares them. Nothing here asks the database."""

from __future__ import annotations

import re
import unicodedata

LONGEST_WORD = 40
_APOSTROPHES = re.compile("['`\u2019\u02bc]")
_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile("[\u0400-\u04ff]")

# The same keys on a Latin and on a Russian keyboard, row by row, then with Shift.
_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN = (
    "\u0451\u0439\u0446\u0443\u043a\u0435\u043d\u0433\u0448\u0449\u0437\u0445\u044a"
    "\u0444\u044b\u0432\u0430\u043f\u0440\u043e\u043b\u0434\u0436\u044d"
    "\u044f\u0447\u0441\u043c\u0438\u0442\u044c\u0431\u044e"
)
_LATIN_SHIFT = '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_TO_RUSSIAN = str.maketrans(_LATIN + _LATIN_SHIFT, _RUSSIAN + _RUSSIAN.upper())
_TO_LATIN = str.maketrans(_RUSSIAN + _RUSSIAN.upper(), _LATIN + _LATIN_SHIFT)

# Longest first; then the alphabet; then what other languages write.
_LATIN_SPELLINGS = "shch sh ch zh kh ts yu ya yo ye iu ia a b v g d e z i k l m n o p r s t u f h y j c w q x"
_RUSSIAN_LETTERS = (
    "\u0449 \u0448 \u0447 \u0436 \u0445 \u0446 \u044e \u044f \u0435 \u0435 \u044e \u044f"
    " \u0430 \u0431 \u0432 \u0433 \u0434 \u0435 \u0437 \u0438 \u043a \u043b \u043c \u043d \u043e \u043f \u0440"
    " \u0441 \u0442 \u0443 \u0444 \u0445 \u044b \u0439 \u043a \u0432 \u043a \u043a\u0441"
)
_TO_RUSSIAN_LETTERS = dict(zip(_LATIN_SPELLINGS.split(), _RUSSIAN_LETTERS.split(), strict=True))
_SHORT_I = _TO_RUSSIAN_LETTERS["j"]
_SOFTENED = ("iu", "ia")
_VOWELS = tuple("aeiou")
_LATIN_WORD = re.compile("[a-z]")
_LETTERS = re.compile("|".join(_TO_RUSSIAN_LETTERS))


def fold(text: str) -> str:
    """Small letters, the Russian io as ie, compatible characters alike."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\u0451", "\u0435")


def words_of(text: str) -> list[str]:
    """The words of `text` in their order, folded. A hyphen parts words, an apostrophe does not."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(_APOSTROPHES.sub("", fold(text)))]


def other_layout(text: str) -> str:
    """What the same keys would have typed on the other keyboard."""
    return text.translate(_TO_LATIN if _CYRILLIC.search(text) else _TO_RUSSIAN)


def in_russian(text: str) -> str:
    """A Russian name written in Latin letters as it may be spelt in Russian; "" where nothing Latin is in it.

    No scheme of transliteration is told from another: a letter that comes out wrong is a slip, and slips are forgiven.
    """
    folded = fold(text)
    return _LETTERS.sub(_russian, folded) if _LATIN_WORD.search(folded) and not _CYRILLIC.search(folded) else ""


def _russian(found: re.Match[str]) -> str:
    letters = found.group()
    before = found.string[found.start() - 1 : found.start()]
    if letters == "y" and before in _VOWELS:
        return _SHORT_I
    # "Iuliia" begins with one letter of ours, "Maria" ends with two.
    if letters in _SOFTENED and before.isalpha() and before != "i":
        return _TO_RUSSIAN_LETTERS["i"] + _TO_RUSSIAN_LETTERS[letters]
    return _TO_RUSSIAN_LETTERS[letters]


def is_near(typed: str, word: str) -> bool:
    """Whether `word`, or a beginning of it, is `typed` but for one slip.

    A slip is a letter too many, too few, another one, or two neighbours swapped.
    """
    size = len(typed)
    return any(_one_slip(typed, word[:end]) for end in {size - 1, size, size + 1} if end <= len(word))


def _one_slip(a: str, b: str) -> bool:
    if a == b:
        return True
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1:
        return False
    first = next((i for i, letter in enumerate(a) if letter != b[i]), len(a))
    if len(a) < len(b):
        return a[first:] == b[first + 1 :]
    changed = a[first + 1 :] == b[first + 1 :]
    swapped = a[first : first + 2] == b[first : first + 2][::-1] and a[first + 2 :] == b[first + 2 :]
    return changed or swapped

"""Find affiliates by a part of what they are called; when nothing has it, by what is alike."""

from itertools import pairwise

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q, QuerySet

from affiliates.models import Enrollment

WORDS_MAX = 6  # More only cost time.
LETTERS_MAX = 80
ALIKE_MIN = 0.5  # Of 1: one wrong letter in a word of five still passes.
ALIKE_LETTERS_MIN = 4  # Anything is alike a shorter word.
ALIKE_MAX = 50  # That are shown.


def search_enrollments(rows: QuerySet[Enrollment], text: str) -> QuerySet[Enrollment]:
    """Return those of the rows that hold every word of the text, in whatever order.

    If there are none, return a few in which every word has one alike: a typing error finds them
    still. Policies keep indexes of such searches out of use, so all rows of the merchant are
    looked through.
    """
    words = text.lower().strip()[:LETTERS_MAX].split()[:WORDS_MAX]
    exact = rows
    for word in words:
        exact = exact.filter(search_text__contains=word)
    if not words or exact.order_by().exists():
        return exact
    alike = rows.order_by()
    for word in words:
        alike = _like(alike, word)
    return rows.filter(id__in=list(alike.values_list("id", flat=True)[:ALIKE_MAX]))


def _like(rows: QuerySet[Enrollment], word: str) -> QuerySet[Enrollment]:
    """Return the rows that have a word like this one.

    An error spoils one piece of a word, or two where it swaps letters, and leaves another. To look
    for pieces first costs a twentieth of comparing how alike two texts are.
    """
    if len(word) < ALIKE_LETTERS_MIN:
        return rows.filter(search_text__contains=word)
    holds = Q()
    for piece in _pieces(word):
        holds |= Q(search_text__contains=piece)
    alike = rows.filter(holds).alias(alike=TrigramWordSimilarity(word, "search_text"))
    return alike.filter(alike__gte=ALIKE_MIN)


def _pieces(word: str) -> list[str]:
    """Return a word cut into three, a short one into two."""
    parts = 3 if len(word) >= 6 else 2
    ends = [len(word) * number // parts for number in range(parts + 1)]
    return [word[begin:end] for begin, end in pairwise(ends)]

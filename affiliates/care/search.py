"""Find affiliates by a part of what they are called; when nothing has it, by what is alike."""

from itertools import combinations, pairwise

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, Q, QuerySet, When

from affiliates.models import Enrollment

WORDS_MAX = 6  # More only cost time.
LETTERS_MAX = 80
ALIKE_MIN = 0.5  # Of 1: one wrong letter in a word of five still passes.
ALIKE_LETTERS_MIN = 4  # Anything is alike a shorter word.
LONG_LETTERS_MIN = 8  # Two of its three pieces say more than one.
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

    To look for pieces first costs a twentieth of comparing how alike two texts are. An error
    spoils one piece of a word, and two only where it swaps letters across a cut: but then just one
    if the cuts are a letter later. So of a long word two of three pieces are there, either way.
    """
    if len(word) < ALIKE_LETTERS_MIN:
        return rows.filter(search_text__contains=word)
    choices: list[tuple[str, ...]]
    if len(word) < LONG_LETTERS_MIN:
        choices = list(combinations(_pieces(word), 1))
    else:
        choices = [pair for later in (0, 1) for pair in combinations(_pieces(word, later), 2)]
    holds = Q()
    for pieces in choices:
        holds |= Q(*(Q(search_text__contains=piece) for piece in pieces))
    # A case, because PostgreSQL takes comparing for the cheaper of two conditions.
    similarity = Case(When(holds, then=TrigramWordSimilarity(word, "search_text")), default=0.0)
    return rows.alias(alike=similarity).filter(alike__gte=ALIKE_MIN)


def _pieces(word: str, later: int = 0) -> list[str]:
    """Return a word cut into three, a short one into two; each cut that many letters later."""
    parts = 3 if len(word) >= 6 else 2
    cuts = [len(word) * number // parts + later for number in range(1, parts)]
    return [word[begin:end] for begin, end in pairwise([0, *cuts, len(word)])]

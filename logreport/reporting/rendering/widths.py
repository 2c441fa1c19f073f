"""How wide the columns of a table are: worked out from its texts, so that none is cut and no layout need try them."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from unicodedata import east_asian_width

from logreport.reporting.report import Cell, Column, Table

_PAPER, _BETWEEN = 504.0, 6.0  # pt: between the margins of A4, the narrower paper, and between two columns
_FONT, _SMALL, _SMALLEST = 8.0, 6.8, 5.5  # pt: the last for tables that fit in no other
_PAGE, _APART = 76.0, 1.25  # em: the widest page, and between two columns
_SMALLER = 0.9  # of the letters of a page
_SWATCH, _PLACE = 1.2, 2.4  # em
_MARK = 0.6  # em, around the words of a mark, which are smaller than those of the table
_BAR = 8.0  # em
_BOLD = 1.15
_MOST = 0.85  # of the cells of a column: few long ones make no column wide
_WORD, _SHORT = 13.0, 6.5  # em, beyond which a word is broken: in general, and on a narrow screen
_BESIDE = 30.0  # em, of a column that is scrolled to
_CAPTION = 8.5  # pt
_HYPHEN = re.compile(r"(?<=[^\W\d])-(?=[^\W\d])")  # after which a line may end


class Widths(NamedTuple):
    """The least width of each column, and the one at which most of its cells are one line, em."""

    least: list[float]
    whole: list[float]


class OnPaper(NamedTuple):
    """The width of a table in percent of the page, its font in points, and the share of each column in percent."""

    width: float
    font: float
    columns: list[float]


class OnPage(NamedTuple):
    """The width of a table, and its least one on a narrow screen, em; the scale of its letters, and its columns.

    A column has a share of the width in percent, and one of the narrow width.
    """

    width: float
    least: float
    scale: float
    columns: list[tuple[float, float]]


@lru_cache(maxsize=1 << 14)  # as most cells of a column are
def _em(text: str) -> float:
    """About how wide a text is, in em: no narrower than in any of the fonts of the style sheets."""
    return sum(map(_letter, text))


@lru_cache(maxsize=1 << 12)
def _letter(letter: str) -> float:
    if letter in " .,:;|!'ijl\N{NARROW NO-BREAK SPACE}":
        return 0.34
    if letter in "()[]tfr-/\N{EN DASH}":
        return 0.5
    if letter in "mwMW@%\N{EM DASH}":
        return 1.0
    if letter > "\u2fff" and east_asian_width(letter) in "WF":
        return 1.05
    return 0.72 if letter.isupper() else 0.64


def _word(text: str) -> float:
    """The longest part of a text that stands on one line, em; a longer one is broken anywhere."""
    return min(max(map(_em, _HYPHEN.sub("- ", text).split()), default=0.0), _WORD)


def _column(column: Column, cells: Sequence[Cell], marks: int, place: float) -> tuple[float, float]:
    """The least width of a column, and its whole one."""
    head = max(_word(column.head), _word(column.unit)) * _BOLD
    bold = [_BOLD if cell.best else 1.0 for cell in cells]
    beside = [
        sum(_em(f"W{number}") * _SMALLER + _MARK for number in c.findings[:marks])
        + (_SWATCH if c.device is not None else 0.0)
        + (place if c.refs else 0.0)
        for c in cells
    ]
    if any(cell.bar for cell in cells):
        return _BAR, _BAR
    whole = [_em(c.text) * b + more for c, b, more in zip(cells, bold, beside, strict=True)]
    words = whole if column.numeric else [_word(c.text) + more for c, more in zip(cells, beside, strict=True)]
    least = max(head, *words, 0.0)
    whole = sorted(w for w, c in zip(whole, cells, strict=True) if c.text)
    return least, max(least, whole[int(len(whole) * _MOST)] if whole else 0.0)


def _widths(table: Table, *, marks: int, place: float = 0.0) -> Widths:
    cells = [[row.cells[i] for row in table.rows] for i, _ in enumerate(table.columns)]
    found = [_column(c, own, marks, place) for c, own in zip(table.columns, cells, strict=True)]
    return Widths([least for least, _ in found], [whole for _, whole in found])


def _fitted(found: Widths, room: float) -> list[float]:
    """Columns that share what room there is beyond the least: each as much as it lacks."""
    least, whole = sum(found.least), sum(found.whole)
    part = min(1.0, max(room - least, 0.0) / (whole - least)) if whole > least else 0.0
    return [a + (b - a) * part for a, b in zip(*found, strict=True)]


def _shares(widths: Sequence[float], between: float) -> list[float]:
    total = sum(widths) + between * len(widths)
    return [round((width + between) / total * 100, 2) for width in widths]


def on_paper(table: Table, *, places: bool) -> OnPaper:
    """A table on paper; `places`: whether its numbers carry footnotes."""
    found = _widths(table, marks=1, place=_PLACE if places else 0.0)
    room = _PAPER - _BETWEEN * len(table.columns)
    # Smaller letters rather than many broken lines, to a degree.
    easy = room / (sum(found.least) + sum(found.whole)) * 2
    font = max(_SMALLEST, min(_FONT, max(_SMALL, easy), room / sum(found.least)))
    columns = _fitted(found, room / font)
    total = sum(columns) * font + _BETWEEN * len(columns)
    width = min(_PAPER, max(total, _em(table.caption) * _BOLD * _CAPTION))
    return OnPaper(round(width / _PAPER * 100, 2), round(font, 2), _shares(columns, _BETWEEN / font))


def on_page(table: Table) -> OnPage:
    """A table on a screen: as wide as its lines, no wider than the screen, and on a narrow one as its longest words.

    There it scrolls: what stands right of the first numbers is out of sight, and makes no row high.
    """
    found = _widths(table, marks=3)  # two, and one that counts the others
    apart = _APART * len(table.columns)
    easy = _PAGE / ((sum(found.least) + sum(found.whole)) / 2 + apart)
    scale = min(1.0, max(_SMALLER, easy), _PAGE / (sum(found.least) + apart))
    columns = _fitted(found, _PAGE / scale - apart)
    numbers = next((i for i, c in enumerate(table.columns) if c.numeric), len(table.columns))
    small = [
        w if c.numeric else min(w, _SHORT) if i < numbers else max(w, min(whole, _BESIDE))
        for i, (c, w, whole) in enumerate(zip(table.columns, found.least, found.whole, strict=True))
    ]
    wide, narrow = _shares(columns, _APART), _shares(small, _APART)
    return OnPage(
        round(sum(columns) + apart, 1),
        round(sum(small) + apart, 1),
        round(scale, 2),
        list(zip(wide, narrow, strict=True)),
    )

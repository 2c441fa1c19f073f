"""Decimal commas: `1.234,5` and `12,5` in a column of a table are read as they are meant, or said to be unclear."""

import re
from collections.abc import Iterable, Sequence

# A number by itself: no part of a name, a version or a range.
NUMBER = re.compile(r"(?<![\w.,\-])\d[\d.,\u2009\u202f ’']*(?<=\d)")
SEPARATOR = re.compile(r"[.\u2009\u202f ’']")
WITH_COMMA = re.compile(rf"\d{{1,3}}(?:{SEPARATOR.pattern}\d{{3}})+,\d+|\d+,(?:\d{{1,2}}|\d{{4,}})|0,\d+")
WITH_POINT = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+|\d+\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{1,3}(?:,\d{3}){2,}")
UNCLEAR = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
GERMAN = re.compile(r"\bbilder\b", re.IGNORECASE)
BEGINS = re.compile(r"[~≈<>]?\s*\d")
LONGEST = 200  # characters of a cell that holds a number


def numbers_in(cells: Iterable[str]) -> list[str]:
    """The numbers of some cells as they are written."""
    return [
        number
        for cell in cells
        if len(cell) <= LONGEST and BEGINS.match(cell)
        for number in NUMBER.findall(cell)
    ]


def with_points(columns: Sequence[Sequence[str]]) -> tuple[list[list[str]], list[list[bool]]]:
    """The cells of columns with points for their decimal commas, and which of them could be read in two ways.

    A column says by one of its numbers what its commas are: `12,5` and `1.234,5` are none of thousands, `1,234.5` and `12.5`
    none of decimals. Where none of its numbers does (`12,345`), another column of the table with decimal commas, or a unit in
    German, makes it unclear; one that does both is unclear, too.
    """
    numbers = [numbers_in(cells) for cells in columns]
    commas = [any(map(WITH_COMMA.fullmatch, some)) for some in numbers]
    points = [any(map(WITH_POINT.fullmatch, some)) for some in numbers]
    is_foreign = any(commas) or any(GERMAN.search(cell) for cells in columns for cell in cells)
    texts: list[list[str]] = []
    doubts: list[list[bool]] = []
    for cells, comma, point in zip(columns, commas, points, strict=True):
        in_doubt = (comma and point) or (is_foreign and not comma and not point)
        texts.append([NUMBER.sub(pointed, cell) if comma and not point else cell for cell in cells])
        doubts.append([in_doubt and any(map(is_unclear, numbers_in([cell]))) for cell in cells])
    return texts, doubts


def with_point(result: str) -> str | None:
    """A number with its unit with a point for a decimal comma; None where it could be read in two ways.

    >>> with_point("350,5 img/s"), with_point("12,345 img/s"), with_point("12,345 Bilder/s")
    ('350.5 img/s', '12,345 img/s', None)
    """
    numbers = numbers_in([result])
    if any(map(WITH_COMMA.fullmatch, numbers)):
        return NUMBER.sub(pointed, result)
    return None if GERMAN.search(result) and any(map(UNCLEAR.fullmatch, numbers)) else result


def pointed(number: re.Match[str]) -> str:
    """A number with a decimal comma as one with a point."""
    return SEPARATOR.sub("", number[0]).replace(",", ".")


def is_unclear(number: str) -> bool:
    """Whether a number is another one where its comma, or its point, is one of decimals."""
    return bool(UNCLEAR.fullmatch(number) or WITH_COMMA.fullmatch(number))

"""One part of a report that cannot be made leaves the others: its failure is a sentence."""

from collections.abc import Callable
from typing import TypeVar

from logreport.errors import LogreportError, RenderError, unmade

Made = TypeVar("Made")
Other = TypeVar("Other")


class Attempts:
    """Makes parts of a report, and keeps the failures.

    What a user can act on (a LogreportError) is not kept but raised.
    """

    def __init__(self) -> None:
        self.failures: list[RenderError] = []

    def part(self, name: str, make: Callable[[], Made], otherwise: Other) -> Made | Other:
        """What `make` makes, or `otherwise` where it fails."""
        try:
            return make()
        except LogreportError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in one part must not take the others
            self.failures.append(unmade(f"the part {name!r} of the report", error))
            return otherwise

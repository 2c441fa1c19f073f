"""How much of a device's peak rate a speed is, where device, network and precision are known."""

from collections.abc import Iterable

from logreport.analysis.hardware.utilisation import Utilisation
from logreport.reporting.report import Cell
from logreport.reporting.sections.facts import Facts, missing
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording

UNKNOWN = (
    "no share of the peak: it needs FP32 on a GPU with known cores and clock, and a network with known layers"
)
SAVED = "operations saved"
ABOVE = "no share, it would be above 100 %, for not all operations that are counted were made (Winograd)"
Place = tuple[str, str]  # run and phase


def percent(found: Utilisation) -> str:
    """A share in whole percent: its figures hold no more."""
    return f"{fmt.fixed(found.share * 100, 0)} %"


def share_cell(facts: Facts, places: Iterable[Place]) -> Cell:
    """The share of the first of these phases for which it is known, or why it says nothing; pointing at it shows the sum."""
    found = next((facts.shares[p] for p in places if p in facts.shares), None)
    if found is None:
        return missing(UNKNOWN)
    if found.share > 1:
        return Cell(SAVED, why=f"{ABOVE}: {fmt.clean(found.formula)}")
    return Cell(fmt.fixed(found.share * 100, 0), why=fmt.clean(found.formula))


def share_remarks(facts: Facts, places: Iterable[Place]) -> tuple[str, ...]:
    """How the shares of these phases were computed, with an example, its sources, and what it leaves out."""
    found = [facts.shares[p] for p in places if p in facts.shares]
    if not found:
        return ()
    first = min(found, key=lambda u: u.share > 1)
    example = f"{percent(first)} = {first.formula}" if first.share <= 1 else first.formula
    sources = "; ".join(dict.fromkeys(fmt.clean(source) for u in found for source in u.sources))
    saved = f" {wording.capital(SAVED)}: {ABOVE}." if any(u.share > 1 for u in found) else ""
    caveat = wording.capital(fmt.clean(first.caveat))
    text = f"Of peak: the share of the peak FP32 rate, such as {fmt.clean(example)}. {caveat}.{saved} Sources: {sources}."
    return (text,)


def share_setting(facts: Facts, run_id: str) -> str:
    """The shares of a run's phases, each with its formula."""
    found = [(phase, u) for (run, phase), u in facts.shares.items() if run == run_id]
    return ", ".join(
        f"{percent(u) if u.share <= 1 else SAVED} ({wording.phase_name(phase)}: {fmt.clean(u.formula)})"
        for phase, u in found
    )

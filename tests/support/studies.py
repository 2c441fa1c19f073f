"""What a study of some tables says, question by question."""

from logreport.analysis import Study
from logreport.reporting import build as whole


def compare(tables, **settings):
    """Set-ups against a baseline."""
    return list(Study(tables, **settings).comparisons)


def compare_devices(tables):
    """Device against device."""
    return list(Study(tables).between)


def scaling_of(tables):
    """Series over devices, batch sizes and versions."""
    return Study(tables).scaling


def courses(tables):
    """Histories."""
    return Study(tables).histories


def utilisation(tables):
    """Shares of the peak rate."""
    return list(Study(tables).shares.values())


def build(tables, comparisons=(), between=(), **fields):
    """A report of tables whose comparisons are written by hand."""
    study = Study(tables)
    vars(study).update(comparisons=tuple(comparisons), between=tuple(between))
    return whole.build(study, **fields)

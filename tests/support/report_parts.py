"""Blocks of a report by what they are and what they are called."""

from logreport.reporting.report import Answers, Block, Note, RunCard, Table


def tables(report, keys=""):
    """The tables whose keys begin so."""
    return [table for table in report.all(Table) if table.key.startswith(keys)]


def table(report, key):
    """The table with this key, if there is one."""
    return next((table for table in report.all(Table) if table.key == key), None)


def charts(report, *keys):
    """The charts whose keys begin in one of these ways."""
    return [chart for block in report.all(Block) for chart in block.charts if chart.key.startswith(keys)]


def chart(report, key):
    """The first chart whose key begins so, if there is one."""
    return next(iter(charts(report, key)), None)


def cards(report):
    """The runs that are shown one by one."""
    return report.all(RunCard)


def answers(report):
    """The answers."""
    return [answer for block in report.all(Answers) for answer in block.answers]


def said(sentence):
    """A sentence as text."""
    return "".join(span.text for span in sentence)


def notes(report):
    """The paragraphs, those beside the answers first, as text."""
    found = [note for block in report.all(Answers) for note in block.notes] + [*report.all(Note)]
    return [said(note.sentence) for note in found]

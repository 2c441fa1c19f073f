"""Rules for lines that are of no script: where a document, a command or a traceback says that a run begins or ends."""

from logreport.grammar import Match, Records
from logreport.grammar.scanning.commented_logs import opens
from logreport.runs.segmentation.commands import read_command, script_of
from logreport.runs.segmentation.segmenter import Rule, Segmenter
from logreport.runs.segmentation.states import has_results, has_started
from logreport.scripts import OFFICIAL, benchmark_of

OF_ALL_SECTIONS = (
    "container.",
    "tensorflow.device_",
    "tensorflow.metal_",
    "tensorflow.directml_",
    "tensorflow.physical_devices",
)


def fence(reader: Segmenter, match: Match) -> None:
    """A fence ends a run that has results; one that has only started may have them in the next."""
    reader.in_fence = opens(match) or not reader.in_fence
    if reader.run is not None and has_results(reader.run):
        if not reader.in_fence:
            reader.run.extend(reader.before)  # as at the end of a log: no other run came behind it
            reader.before = Records()
        reader.close()
    elif reader.run is not None and has_started(reader.run):
        reader.wait()
    reader.section_over = reader.run is None


def header_of_document(reader: Segmenter, match: Match) -> None:
    """A heading ends a run that has results, and forgets a command and the errors of the section before.

    Devices and versions may have a section of their own, before those of the results.
    """
    if reader.in_fence:
        return
    reader.heading = match.value("text") or ""
    reader.found.published.append(match)
    if reader.run is not None and (has_results(reader.run) or reader.run.benchmark is None):
        reader.close()
    if reader.run is None:
        reader.section_over, reader.commands = True, []
        reader.before, others = reader.before.split(lambda form, _: form.kind.startswith(OF_ALL_SECTIONS))
        reader.found.loose.extend(others)


def crash(reader: Segmenter, match: Match) -> None:
    """A traceback through a benchmark script: it ran, and if no line of it is there it failed before it printed any.

    It is of another process behind one that is over or of another official script, and behind results where what a
    process prints once waits for the next run.
    """
    script, run = script_of(match), reader.run
    if run is not None and (
        reader.is_over(run)
        or (run.benchmark in OFFICIAL and run.benchmark != benchmark_of(script))
        or (has_results(run) and reader.started_here())
    ):
        reader.begin(None, new=True).headers["script"] = script
    elif run is None:
        started = reader.started is not None and reader.started.headers["script"] == script
        reader.begin(benchmark_of(script) if started else None).headers["script"] = script
    (reader.run or reader.begin(None)).add(match)


def command(reader: Segmenter, match: Match) -> None:
    """A command line begins a run; one without any output is replaced by the next."""
    run = reader.begin(None, new=True)
    read_command(run, match)
    run.add(match)


RULES: dict[str, Rule] = {
    "document.fence": fence,
    "document.heading": header_of_document,
    "python.script_frame": crash,
    "python.exception": Segmenter.feed_other,  # by itself: what is printed before a session behind it is of the next run
    "shell.command": command,
}

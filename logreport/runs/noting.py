"""Findings that reading alone can make: code, severity, and the sentence that says what to do."""

from typing import Any, NamedTuple

from logreport.runs.tables import Tables


class Code(NamedTuple):
    """A severity (error, warning, note) and a sentence with room for the detail."""

    severity: str
    sentence: str


CODES = {
    "truncated": Code(
        "warning", "the run did not finish ({}): what it measured until then counts, its end is missing"
    ),
    "failed": Code(
        "error", "the run failed ({}): do not publish its numbers; mend the cause and run it again"
    ),
    "resumed": Code("warning", "steps jump back to {}: two sessions in one run; look at each by itself"),
    "workers-inferred": Code(
        "note",
        "no line says how many workers there were: {} by the total over the speed of one; number of devices and batch "
        "size stand on that",
    ),
    "devices-inferred": Code(
        "note",
        "no line says how many devices there were: {} by the time between the lines; the batch size stands on that",
    ),
    "duplicate-run": Code("note", "the same run stands in {} too: it is counted once"),
    "line-too-long": Code(
        "warning", "the line is longer than any log line ({}): the rest of it was not looked at"
    ),
    "mail-alternative": Code(
        "note", "the mail says the same in HTML, which was not read: its plain text counts{}"
    ),
    "encoding": Code("note", "not UTF-8: {}"),
    "log-changed": Code(
        "warning",
        "the log is not the one that its record was made for{}: it was changed or cut after the run; how the run ended "
        "is said by the log alone",
    ),
    "record-contradicts-log": Code(
        "warning", "{}: one of the two is not of this run; do not publish it before you know which"
    ),
    "label-contradicts-command": Code(
        "warning",
        "the text above says {}: its numbers go by the command; correct the text, or move the command",
    ),
    "random-data": Code("note", "the data are random{}: the speed counts, loss and accuracy say nothing"),
    "version-contradiction": Code(
        "warning",
        "the log contradicts itself about its TensorFlow release ({}): it mixes two installations, or the build is a patched one",
    ),
}


def note(tables: Tables, code: str, detail: str, **place: Any) -> None:  # noqa: ANN401 - columns of findings
    """Append a finding; `place` gives run_id, source and line."""
    severity, sentence = CODES[code]
    tables.add("findings", severity=severity, code=code, message=sentence.format(detail), **place)

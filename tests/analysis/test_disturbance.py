"""A machine that did something else meanwhile: said of each run whose record shows it, and of no other."""

import pytest

from logreport.analysis.findings.disturbance import check_disturbance
from logreport.tables.tables import Tables

QUIET = {
    "run_seconds": "100.000", "cpu_threads": "16", "run_others_cpu_seconds": "20.000", "run_cpu_seconds": "1500.0",
    "run_stolen_cpu_seconds": "1.000", "cpu_governor": "performance",
}  # fmt: skip


def found(facts):
    """Code and message of each finding about a run with these facts."""
    tables = Tables()
    tables.add("runs", run_id="a", source="a.log", first_line=3)
    for key, value in facts.items():
        tables.add("environment", run_id="a", source="a.log", key=key, value=value)
    check_disturbance(tables)
    rows = list(tables.rows("findings"))
    assert all((row["run_id"], row["source"], row["line"]) == ("a", "a.log", 3) for row in rows)
    return [(row["code"], row["message"]) for row in rows]


def test_more_than_all_processors_is_no_measurement():
    """Records that were made before counted others for longer than the run; "54.2 of the 2 processors" says nothing."""
    assert found({**QUIET, "run_others_cpu_seconds": "1700.000"}) == []


@pytest.mark.parametrize("facts", [{}, QUIET, {**QUIET, "run_seconds": "0.000"}, {"run_seconds": "damaged"}])
def test_a_quiet_machine_raises_no_doubt(facts):
    """Nor does a log without a record."""
    assert found(facts) == []


@pytest.mark.parametrize(
    ("facts", "code", "words"),
    [
        (
            {"run_others_cpu_seconds": "400.000"},
            "busy-machine",
            "other programs used 4.0 of the 16 processors",
        ),
        ({"run_stolen_cpu_seconds": "80.000"}, "stolen-time", "took 5.0 % of its processor time"),
        ({"cpu_governor": "performance powersave"}, "powersave", "the frequency governor was powersave"),
    ],
)
def test_each_disturbance_is_found(facts, code, words):
    """By its own code, with the number that shows it."""
    ((got, message),) = found(QUIET | facts)
    assert got == code
    assert words in message

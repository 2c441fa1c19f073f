"""A machine that did something else meanwhile: said of each run whose record shows it, and of no other."""

import pytest

from logreport.analysis.findings.disturbance import check_disturbance
from logreport.runs.run_record import Sampled
from logreport.runs.run_record_facts import mean_seen, seen
from logreport.tables.tables import Tables

QUIET = {
    "run_seconds": "100.000", "cpu_threads": "16", "run_others_cpu_seconds": "20.000", "run_cpu_seconds": "1500.0",
    "run_stolen_cpu_seconds": "1.000", "cpu_governor": "performance",
    "run_gpu_0_slowed_by_heat": "0 to 0 %, mean 0",
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
        (
            {"run_gpu_0_slowed_by_heat": "0 to 100 %, mean 12.5"},
            "throttled",
            "GPU 0 was slowed down by heat in 12 %",
        ),
        ({"run_gpu_11_slowed_by_heat": "100 to 100 %, mean 100"}, "throttled", "GPU 11 was slowed down"),
    ],
)
def test_each_disturbance_is_found(facts, code, words):
    """By its own code, with the number that shows it."""
    ((got, message),) = found(QUIET | facts)
    assert got == code
    assert words in message


@pytest.mark.parametrize("mean", [1e-05, 2.5, 1e18, 1e300, 0.0, -1.0, float("inf"), float("nan")])
@pytest.mark.parametrize("unit", ["%", "", "odd, mean"])
def test_any_mean_of_a_sample_can_be_read_again(mean, unit):
    """However small or large it is, and whatever its unit is called: what the record's reader wrote is a number."""
    text = seen(Sampled("gpu 0 slowed by heat", unit, 3, 0.0, mean, mean))
    assert float(mean_seen(text)) == pytest.approx(mean, rel=0.01, nan_ok=True)
    codes = [code for code, _ in found(QUIET | {"run_gpu_0_slowed_by_heat": text})]
    assert codes == (["throttled"] if 0 < mean <= 1e18 else [])

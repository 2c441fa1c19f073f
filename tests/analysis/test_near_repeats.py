"""Real pairs of runs that are as near to repeats as an archive has them: the interval shown must hold 1."""

import csv
import tarfile

import pytest

from logreport.analysis.comparison.pooling import members
from logreport.analysis.comparison.set_ups import SetUp
from logreport.analysis.comparison.speedups import comparison_of, verdicts
from logreport.api import read_logs, sources_of

PAIRS, LOGS = "near_repeats.csv", "fleet.tar.xz"


@pytest.mark.slow
def test_intervals_of_near_repeats(corpus, tmp_path):
    """One GPU with and without a bridge that it does not use: at least 95 % of 192 intervals hold 1, as verdicts do."""
    if not (corpus / PAIRS).is_file() or not (corpus / LOGS).is_file():
        pytest.skip("no near repeats beside this checkout; LOGREPORT_CORPUS can name a folder that has them")
    with (corpus / PAIRS).open(newline="") as rows:
        pairs = [(row["first"], row["second"]) for row in csv.DictReader(rows) if row["left_out"] == "no"]
    wanted = {name for pair in pairs for name in pair}
    with tarfile.open(corpus / LOGS) as tar:
        tar.extractall(tmp_path, [m for m in tar if m.name in wanted], filter="data")
    tables = read_logs(sources_of([str(tmp_path)])).tables
    found = {str(m.facts["source"])[len(str(tmp_path)) + 1 :]: m for m in members(tables)}
    assert found.keys() == wanted
    held = 0
    for a, b in pairs:
        made = comparison_of(found[a].workload, (SetUp([found[a]]), "A"), (SetUp([found[b]]), "B"), 0.01)
        (shown,) = verdicts([made], 0.02)
        holds = shown.low <= 1 <= shown.high
        assert (shown.verdict in ("faster", "slower")) == (not holds)
        held += holds
    assert len(pairs) == 192
    assert held >= 0.95 * len(pairs), held

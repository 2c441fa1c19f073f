"""`logreport table` passes over no run: one that failed and fits no table is named under the last."""

from cli_calls import call


def test_a_failed_run_of_another_release_is_named(samples, capsysbinary, monkeypatch):
    """The failed run names neither the device nor the patch release of the others; it is there all the same."""
    logs = [
        *sorted((samples / "runs").glob("alexnet-*.log")),
        samples / "alexnet-tf-2.21-cpu-batch-0-failed.log",
    ]
    status, out, _ = call(capsysbinary, monkeypatch, "table", *logs, "--columns", "phase")
    assert status == 0
    assert out.count("batch-0-failed.log (failed: ") == 1

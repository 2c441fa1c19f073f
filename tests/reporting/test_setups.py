"""Set-ups of one device: threads tell runs apart, and a number is that of one set-up, never a mixture."""

import re

import pytest
import report_parts as parts

from logreport import api


@pytest.fixture(scope="module")
def report(samples):
    """The report over the sample logs, which hold each sweep with one thread and with two."""
    return api.report(samples)


def text(sentence):
    """A sentence as text."""
    return "".join(span.text for span in sentence)


def test_devices_are_the_answer_and_threads_come_after_them(report):
    """What a GPU gains is said first, like with like before the others; a second thread is one sentence for all workloads."""
    said = [text(answer.sentence) for answer in parts.answers(report)]
    assert [sentence.partition(" is ")[0] for sentence in said] == [
        "GeForce GTX 1060 6GB", "GeForce GTX 1050 Ti", "AMD EPYC (2 cores)",
        "GeForce GTX 1050 Ti", "AMD EPYC (2 cores), 2 threads",
    ]  # fmt: skip
    assert [sentence.partition("The set-ups differ: ")[2] for sentence in said] == [
        "", "TensorFlow 1.9–1.13 against 0.5.", "TensorFlow 2.21.0 against 0.5, 2 threads against 8.",
        "TensorFlow 1.9–1.13 against 2.21.0.", "",
    ]  # fmt: skip
    assert ["each device at its best batch size" in sentence for sentence in said] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_a_speed_by_batch_size_is_that_of_the_fastest_set_up(report, samples):
    """AlexNet at batch 8 ran with one thread and with two: the median of both is the speed of neither."""
    logs = [samples / "runs" / f"alexnet-batch-8-{threads}.log" for threads in ("1-thread", "2-threads")]
    slow, fast = (
        8 / float(re.search(r"Forward across \d+ steps, ([\d.]+)", log.read_text())[1]) for log in logs
    )
    assert fast > 1.3 * slow
    (row,) = (
        row.cells
        for table in parts.tables(report, "speed")
        for row in table.rows
        if [cell.text for cell in row.cells[:2]] == ["AlexNet forward", "AMD EPYC (2 cores)"]
    )
    assert float(row[2].text) == pytest.approx(fast, rel=0.05)


def test_runs_that_differ_in_threads_are_told_apart(report):
    """Each of the 24 runs is named by its threads."""
    devices = [
        cell.text for row in parts.table(report, "runs").rows for cell in row.cells if "EPYC" in cell.text
    ]
    assert set(devices) == {"AMD EPYC (2 cores), 1 thread", "AMD EPYC (2 cores), 2 threads"}


def test_the_towers_of_a_cpu_are_no_scaling(report):
    """Both towers of cifar10_multi_gpu_train ran on one CPU: 49 % of linear would be said of nothing."""
    assert parts.charts(report, "scaling-devices") == []


def test_names_say_real_or_synthetic_data_where_a_script_ran_on_both(report):
    """Random data is no CIFAR-10: tables, charts, sentences and runs say which it was; AlexNet had no choice."""
    names = {row.cells[0].text for row in parts.table(report, "comparison").rows}
    assert {
        "CIFAR-10 training (batch 128, real data)",
        "CIFAR-10 training (batch 128, synthetic data)",
    } <= names
    assert "CIFAR-10 training (batch 128)" not in names
    assert "AlexNet forward (batch 128)" in names
    assert "on CIFAR-10 training (batch 128, real data): " in text(parts.answers(report)[0].sentence)
    charts = parts.charts(report, "batch")
    assert any(chart.title.startswith("CIFAR-10 training (synthetic data): ") for chart in charts)
    assert any("real data" in card.title for card in parts.cards(report))

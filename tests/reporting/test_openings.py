"""What a report opens with where nothing but time or chance differs: what changed, and what repeats reached together."""

from datetime import datetime

import report_parts as parts
import report_samples as samples

from logreport import api
from logreport.tables.reading import Reading


def answers(tables):
    """The first sentences of a report of these tables."""
    report = api.report_of(Reading(tables), title="T", baseline=None, command="c")
    return [parts.said(answer.sentence) for answer in parts.answers(report)]


def repeats(*speeds, days=None):
    """Runs of one set-up, one a day, or all on one."""
    tables = samples.Tables()
    for n, speed in enumerate(speeds):
        source = f"logs/run-{n}.log"
        samples.add_run(
            tables, f"r{n}", source, "RTX A", first=1, last=40, benchmark="tf_cnn_benchmarks", model="resnet50",
            mode="training", batch_size=64, num_devices=1,
            started_at=datetime(2021, 1, 1 + (n if days else 0), 3, n),  # noqa: DTZ001 - logs carry local time
        )  # fmt: skip
        samples.add_measured(tables, f"r{n}", source, 64, speed)
    return tables


def test_repeats_open_with_what_they_reached_together():
    """610.3 is the geometric mean of 640 and 582; its interval, by hand from t with 1 df and their spread, is no use, and said."""
    (sentence,) = answers(repeats(640.0, 582.0))
    assert sentence.startswith(
        "RTX A runs ResNet-50 training (batch 64) at 610 images/s: the mean of 2 runs, from 582 to 640"
    )


def test_the_interval_of_repeats_is_that_of_their_mean():
    """100, 101, 102 on three days: t₀.₉₇₅,₂ = 4.303, SD 0.99 %, so 101 ± 2.5 %; "no change" comes of six runs at least."""
    (sentence,) = answers(repeats(100.0, 101.0, 102.0, days=True))
    assert sentence == (
        "RTX A runs ResNet-50 training (batch 64) at 101 images/s: the mean of 3 runs on 3 days, from 100 to 102, "
        "95 % interval of the mean 98.5–103.5."
    )


def test_a_history_opens_with_what_changed():
    """10 % slower since the night of the new driver, with both speeds; no mean of all nights, which none of them had."""
    (sentence,) = answers(samples.nightly())
    assert sentence == (
        "ResNet-50 training (batch 64) on RTX A is 10 % slower since 2021-01-16, with driver 460: 90 against 100 images/s "
        "before, 15 runs against 15; 95 % interval of the change 9.8–10.2 %."
    )


def test_a_history_without_a_change_says_so_first():
    """Eight nights that are alike: nothing changed, and what they reached; no night is held against another."""
    (sentence,) = answers(repeats(*(100.0 + n % 2 for n in range(8)), days=True))
    assert sentence == (
        "No change of 2 % or more is shown from 2021-01-01 to 2021-01-08: ResNet-50 training (batch 64) on RTX A, "
        "8 runs at 100 images/s on average, between 100 and 101."
    )


def test_a_single_run_says_that_its_interval_is_its_own():
    """What one run reached has the interval within it, in so many words."""
    (sentence,) = answers(repeats(100.0))
    assert "95 % interval within the run 99.0–101.0" in sentence

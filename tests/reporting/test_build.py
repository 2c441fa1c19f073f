"""What a report says about the founding documents, about one run, about nothing and about thousands."""

from dataclasses import replace

import pytest
import report_parts as parts
import report_samples as samples
from hypothesis import given
from hypothesis import strategies as st
from studies import build

from logreport.reporting.rendering.limits import Limits, cite, fit, refs_of
from logreport.reporting.report import (
    Cell,
    Column,
    Details,
    Findings,
    Note,
    Point,
    Row,
    Section,
    Span,
    Table,
)
from logreport.reporting.sections.answers import NOTHING
from logreport.reporting.sections.batch_chart import batch_title
from logreport.tables.tables import Tables, shared_folder


def made(tables, comparisons=(), **fields):
    """A report with fixed title, command, version and date."""
    fields = {
        "title": "T",
        "command": samples.COMMAND,
        "version": "0.1.0",
        "made_at": samples.MADE_AT,
    } | fields
    return build(tables, comparisons, **fields)


@pytest.fixture(scope="module")
def founding():
    """The report of the founding documents."""
    return made(samples.founding(), samples.founding_comparisons())


@pytest.fixture(scope="module")
def thousands():
    """A report of four thousand runs."""
    tables = samples.many()
    return made(tables, samples.many_comparisons(tables))


def texts(table):
    """A table as lists of texts."""
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_the_context_counts(founding):
    """Runs, devices, logs, published numbers, dates."""
    assert founding.context == "5 runs · 4 devices · 4 logs · 15 published numbers · 2015-11-26 to 2019-01-08"


def test_the_comparison_table(founding):
    """A group for each workload, the baseline first, the best speed bold, empty columns left out."""
    assert texts(parts.table(founding, "comparison"))[:2] == [
        ["AlexNet forward (batch 128)", "TF 0.5 CPU", "1.0×", "baseline", "56.0", "—"],
        ["AlexNet forward (batch 128)", "GeForce GTX 1050 Ti", "17.4×", "faster", "977.1", "60"],
    ]
    assert [row.baseline for row in parts.table(founding, "comparison").rows] == [True, False] * 3
    assert [row.cells[4].best for row in parts.table(founding, "comparison").rows] == [False, True] * 3


def test_every_speed_names_its_line(founding):
    """file:line of each number of the comparison and of the published table."""
    cells = [row.cells[4] for row in parts.table(founding, "comparison").rows]
    assert [(c.refs[0].source, c.refs[0].line) for c in cells[:2]] == [(samples.WIKI, 68), (samples.LAB, 72)]
    columns = parts.table(founding, "published").columns
    numeric = [n for n, column in enumerate(columns) if column.numeric]
    published = [row.cells[n] for row in parts.table(founding, "published").rows for n in numeric]
    assert len(published) == 15
    assert all(cell.refs for cell in published)


def test_findings_stand_beside_their_numbers(founding):
    """Worst first, numbered, at the speed and at the answer."""
    assert [f.severity for f in founding.findings] == ["warning", "note", "note"]
    assert parts.table(founding, "comparison").rows[0].cells[4].findings == (1,)
    assert parts.answers(founding)[1].findings == (1, 3)


def test_errors_stand_above_the_answer():
    """An error about a run is said before the sentence that uses it."""
    tables = samples.founding()
    tables.add(
        "findings", run_id="lab", source=samples.LAB, severity="error", code="x", message="Wrong GPU.", line=3
    )
    report = made(tables, samples.founding_comparisons())
    assert [f.message for f in parts.answers(report)[0].errors] == ["Wrong GPU."]
    assert report.findings[0].message == "Wrong GPU."


def test_speed_charts_state_their_finding(founding):
    """The title of a chart by batch size is what it shows."""
    assert [c.title for c in parts.charts(founding, "batch", "published")][:3] == [
        "Inception v3 is 1.15× as fast at batch 64 as at 16",
        "ResNet-50 is 1.20× as fast at batch 64 as at 16",
        "VGG-16 is fastest at batch 32: 33 against 30 at 64",
    ]


BAND, NONE = (0.9, 1.1), (None, None)


@pytest.mark.parametrize(
    ("speeds", "band", "slower", "title"),
    [
        (
            {64: 100, 128: 101},
            NONE,
            (0, 0),
            "N: no gain shown above batch 64 (100 to 101, less than 3 % apart)",
        ),
        (
            {32: 80, 64: 100, 128: 99},
            NONE,
            (1, 0, 0),
            "N: no gain shown above batch 64 (100 to 99, not more)",
        ),
        (
            {32: 590, 64: 650, 128: 645},
            BAND,
            (0, 0, 0),
            "N: no gain shown above batch 32 (590 to 650, intervals overlap)",
        ),
        (
            {32: 590, 64: 600},
            (0.999, 1.001),
            (0, 0),
            "N: no gain shown above batch 32 (590 to 600, no more than runs vary)",
        ),
        ({8: 121, 32: 75}, BAND, (0, 1), "N is fastest at batch 8: 121 against 75 at 32"),
        ({8: 50, 32: 75}, BAND, (1, 0), "N is 1.50× as fast at batch 32 as at 8"),
    ],
)
def test_chart_titles_claim_no_more_than_is_shown(speeds, band, slower, title):
    """A gain or a loss is claimed only where it is shown; else both speeds stand there, and why they are not told apart."""
    low, high = band
    points = [Point(float(x), float(y), low and y * low, high and y * high) for x, y in speeds.items()]
    assert batch_title("N", points, slower) == title


def test_cumulative_means_are_lines_and_windows_dots():
    """tf_cnn_benchmarks' printed speeds are cumulative; the windows that analysis finds are the dots."""
    cards = parts.cards(made(samples.one_run()))
    chart = next(c for card in cards for c in card.charts if c.key == "steps-resnet-training")
    assert (len(chart.dots), len(chart.cumulative)) == (10, 11)


def test_the_lines_add_up(founding):
    """The ledger counts every line."""
    assert (
        "377 lines in 4 sources: 159 with facts, 37 known, 76 blank, 104 text and 1 unrecognised."
        in parts.notes(founding)
    )


def test_one_run_answers_with_its_speed():
    """Without anything to compare, the answer is what the run reached."""
    report = made(samples.one_run())
    text = parts.said(parts.answers(report)[0].sentence)
    assert text == (
        "GeForce GTX 1050 Ti runs ResNet-50 training (batch 32) at 51.7 images/s, 95 % interval within the run "
        "51.4–51.9; "
        "one step takes 619 ms."
    )
    assert (parts.table(report, "comparison"), parts.chart(report, "speedups")) == (None, None)
    assert [section.heading for section in report.sections if section.key == "runs"] == ["The run"]
    assert len(parts.cards(report)) == 1


def test_nothing_is_drawn_without_data():
    """One batch size is no chart, one step is none either."""
    tables = Tables()
    samples.add_run(tables, "a", "a.log", "X", first=1, last=2)
    samples.add_phase(tables, "a", "a.log", "training", seconds=0.1, line=2)
    tables.add("steps", run_id="a", source="a.log", phase="training", step=0, seconds_per_batch=0.1, line=1)
    report = made(tables)
    assert parts.charts(report, "") == parts.tables(report, "speed") == []


def test_empty_tables_make_a_report():
    """A report about nothing says so and does not fail."""
    report = made(Tables(), problems=["a.log: empty; give another"])
    assert report.context == "no runs · no devices · no logs"
    assert [parts.said(answer.sentence) for answer in parts.answers(report)] == [NOTHING]
    assert [section.key for section in report.sections] == ["answer", "sources"]
    assert parts.tables(report) == []


def test_runs_that_did_not_finish_are_named(thousands):
    """How many, and the first ones by name."""
    text = "".join(span.text for span in thousands.unfinished)
    assert text.startswith(
        "80 of 4\u202f000 runs did not finish: Device 0, model0 (batch 16) (out of memory), "
    )
    assert text.endswith(" and 78 more.")


def test_thousands_of_runs_stay_an_overview(thousands):
    """A few sentences, bars and cards, however many runs; which are shown is said."""
    assert len(parts.answers(thousands)) == 6
    assert len(parts.chart(thousands, "speedups").bars) <= 16
    assert len(parts.charts(thousands, "batch", "published")) <= 12
    assert sum(len(card.charts) for card in parts.cards(thousands)) <= 12
    assert any(
        note.startswith("12 of 4\u202f000 runs are shown one by one") for note in parts.notes(thousands)
    )


def test_long_tables_are_cut_with_a_word(thousands):
    """What is left out is said in its place, and no place is cited that is not shown."""
    shown = fit(thousands, Limits(rows=20, findings=10))
    assert all(len(table.rows) <= 20 for table in parts.tables(shown))
    assert parts.table(shown, "runs").rest.startswith("The first 20 of 4\u202f000 rows.")
    assert shown.all(Findings)[0].groups[0].rest.startswith("70 more")
    assert len(shown.all(Findings)[0].findings) == 10
    assert len(cite(shown)) < 20 * 40
    assert {(r.source, r.line) for r in refs_of((shown.unfinished, shown.sections))} == set(cite(shown))


def test_many_tables_are_few_with_a_word():
    """Of more tables than a format shows the first are there, and how many are not is said."""
    blocks = tuple(Table(f"t{n}", "T", (Column("A"),), (Row((Cell("a"),)),)) for n in range(9))
    report = replace(made(Tables()), sections=(Section("s", "S", blocks),))
    shown = fit(report, Limits(rows=7, findings=1, tables=7))
    assert [table.key for table in parts.tables(shown)] == [f"t{n}" for n in range(7)]
    assert "2 more tables: logreport parse LOG… --table phases --format csv" in parts.notes(shown)


def test_what_is_folded_goes_where_a_format_has_no_room():
    """Without its details a section that is nothing else goes, too; with them all is as it was."""
    note = Note((Span("told"),))
    folded = Section("a", "A", (Details("Folded", (Details("Deeper", (note,)),)),))
    both = Section("b", "B", (note, Details("Folded", (note,))))
    report = replace(made(Tables()), sections=(folded, both))
    shown = fit(report, Limits(rows=7, findings=1, details=False))
    assert shown.sections == (Section("b", "B", (note,)),)
    assert fit(report, Limits(rows=7, findings=1)).sections == report.sections
    assert report.all(Note) == (note, note, note)


def test_findings_of_a_kind_stand_together():
    """Worst first; one of a kind speaks for the others, and each keeps a number of its own."""
    tables = samples.one_run()
    for severity, code, message in (
        ("note", "n", "one"), ("warning", "w", "two"), ("note", "m", "three"), ("note", "n", "four"), ("warning", "w", "two"),
    ):  # fmt: skip
        tables.add("findings", source="a.log", severity=severity, code=code, message=message, line=1)
    groups = made(tables).all(Findings)[0].groups
    assert [(g.first.code, g.numbers, g.total) for g in groups] == [
        ("w", "1", 1),
        ("n", "2–3", 2),
        ("m", "4", 1),
    ]
    assert [f.message for f in groups[1].findings] == ["One", "Four"]


def test_published_values_are_never_lost():
    """Two values with the same labels both stay, each with its line."""
    tables = Tables()
    for line, value in ((4, 1.5), (9, None)):
        tables.add(
            "published", source="r.md", value=value, unit="s", metric="training", row_label="GPU", line=line
        )
    table = parts.tables(made(tables), "published")[0]
    assert [(row.cells[0].text, row.cells[-1].text, row.cells[-1].refs[0].line) for row in table.rows] == [
        ("GPU", "1.5", 4),
        ("GPU", "—", 9),
    ]
    assert table.reasons == ("the document has a placeholder here",)


def test_published_rows_of_one_name_are_told_apart_by_their_batch_size():
    """Networks and batch sizes: each number stays, batch sizes across, and the network of a heading is said."""
    tables = Tables()
    for line, size in ((4, 128), (5, 256)):
        tables.add(
            "published", source="r.md", value=size / 2, unit="images/s", metric="speed", row_label="RTX A",
            column_label="Throughput", device="RTX A", batch_size=size, model="resnet50", line=line,
        )  # fmt: skip
    table = parts.tables(made(tables), "published")[0]
    (row,) = table.rows
    assert [cell.text for cell in row.cells] == [
        "RTX A, Throughput",
        "ResNet-50",
        "speed",
        "images/s",
        "64",
        "128",
    ]
    heads = ["As published", "Set-up", "What", "Unit", "Batch 128", "Batch 256"]
    assert [column.head for column in table.columns] == heads


def test_many_batch_sizes_stand_in_a_column():
    """Where batch sizes are too many to stand across, each published number has a row with its own."""
    tables = Tables()
    for size in range(1, 9):
        tables.add("published", source="r.md", value=size * 2.5, unit="images/s", metric="speed",
            row_label=str(size), column_label="VGG16", batch_size=size, line=size)  # fmt: skip
    table = parts.table(made(tables), "published")
    assert [c.head for c in table.columns] == ["As published", "What", "Unit", "Batch size", "Value"]
    assert [(r.cells[3].text, r.cells[4].text) for r in table.rows][:2] == [("1", "2.5"), ("2", "5")]
    assert len(table.rows) == 8


def published(*rows):
    """The titles of the charts of published speeds: line, batch size and speed of each, and what else is said of it."""
    tables = Tables()
    for line, size, speed, says in rows:
        said = {
            "model": "resnet50",
            "device": "A100",
            "row_label": str(size),
            "column_label": "img/s",
            **says,
        }
        tables.add("published", source="r.md", value=speed, unit="images/s", metric="speed", batch_size=size,
            line=line, **said)  # fmt: skip
    return [chart.title for chart in parts.charts(made(tables), "published")]


def test_published_speeds_of_two_tables_are_no_line():
    """A speed of training at one batch size and one of inference at another say nothing of the batch size."""
    assert published((5, 64, 700.0, {}), (6, 128, 720.0, {}), (20, 256, 90.0, {})) == [
        "ResNet-50: no gain shown above batch 64 (700 to 720, less than 3 % apart)"
    ]
    assert published((5, 64, 700.0, {}), (20, 256, 90.0, {})) == []


@pytest.mark.parametrize(
    "says",
    [
        {"precision": "fp16"},
        {"framework": "PyTorch"},
        {"column_label": "FP16"},
        {"dataset": "real"},
        {"phase": "inference"},
        {"settings": "Sequence length 512"},
    ],
)
def test_published_speeds_that_differ_in_more_than_the_batch_size_are_no_line(says):
    """Two columns of one table, each with a batch size of its own, are two set-ups."""
    assert published((5, 128, 400.0, {}), (5, 256, 1300.0, says)) == []


def test_published_speeds_with_two_values_at_one_batch_size_are_no_line():
    """Something that the document says otherwise parts them, such as the width of a beam."""
    assert published((5, 1, 14.0, {}), (6, 1, 12.0, {}), (7, 2, 20.0, {}), (8, 2, 19.0, {})) == []


def test_a_network_with_a_number_in_its_name_keeps_it():
    """VGG-16 at batch size 16 is the VGG-16 of the other batch sizes; a batch size in a label is none of its name."""
    vgg = {"model": "vgg16", "column_label": "VGG-16"}
    assert published(*((n, 16 * n, 16.0 * n, vgg) for n in (1, 2, 3))) == [
        "VGG-16 is 3.00× as fast at batch 48 as at 16"
    ]
    rows = [(n, 8 * n, 8.0 * n, {"row_label": f"ResNet-50, batch size {8 * n}"}) for n in (1, 2, 3)]
    assert published(*rows) == ["ResNet-50 is 3.00× as fast at batch 24 as at 8"]


def test_lines_of_published_speeds_say_what_they_differ_in():
    """Two precisions of one device are two lines with names of their own."""
    rows = [(n, size, size * k, {"precision": p}) for n, (size, k, p) in enumerate(
        [(8, 10.0, "fp32"), (16, 10.0, "fp32"), (32, 9.0, "fp32"), (8, 20.0, "fp16"), (16, 20.0, "fp16")]
    )]  # fmt: skip
    assert published(*rows) == ["ResNet-50 on A100, fp32 is 3.60× as fast at batch 32 as at 8"]


def test_a_placeholder_is_no_published_number():
    """Of two cells of a document one says nothing: it publishes one number."""
    tables = samples.one_run()
    for value in (64.5, None):
        tables.add("published", source="doc.md", value=value, unit="images/sec", metric="speed", line=7)
    assert " · 1 published number" in made(tables).context


def test_a_run_in_two_documents_counts_once():
    """The same run id from two sources is one run, as it stands in the first."""
    tables = samples.one_run()
    samples.add_run(tables, "resnet", "copy.md", samples.TI, first=1, last=9, batch_size=32, model="resnet50")
    samples.add_phase(tables, "resnet", "copy.md", "training", seconds=32 / 51.66, line=9, batch_size=32)
    report = made(tables)
    assert report.context.startswith("1 run ")
    assert len(parts.cards(report)) == 1


def test_the_folder_of_all_sources_is_said_once():
    """Sources are named without the folder that they share; in findings and labels too."""
    tables = Tables()
    for name in ("a.log", "b/c.log"):
        samples.add_run(tables, name, f"/data/x/{name}", None, first=1, last=2)
        samples.add_phase(tables, name, f"/data/x/{name}", "forward", seconds=0.1, line=2)
        tables.add("lines", source=f"/data/x/{name}", total=2, record=2)
    tables.add(
        "findings",
        run_id="a.log",
        source="/data/x/a.log",
        severity="note",
        code="duplicate-run",
        details='{"source": "/data/x/b/c.log"}',
        line=1,
    )
    report = made(tables)
    assert any(note.endswith(" All are in /data/x/.") for note in parts.notes(report))
    assert [row.cells[0].text for row in parts.table(report, "sources").rows] == ["a.log", "b/c.log"]
    assert report.findings[0].message == "The same run stands in b/c.log too: it is counted once"
    assert "unknown device (a.log)" in parts.cards(report)[0].title


@pytest.mark.parametrize("folder", ["s/", "a/", "images/", "e/", "n/s/", "/"])
def test_what_only_looks_like_the_folder_stays(folder):
    """Units, fractions and words of a sentence are no places, whatever the folder is called."""
    words = "at 5 images/sec or n/a, s/step, e/s and images/s"
    tables = Tables()
    for name in ("one.log", f"sub/{folder.strip('/')}/two.log"):
        source = folder + name
        samples.add_run(tables, name, source, None, first=1, last=2, status_reason=words)
        samples.add_phase(tables, name, source, "forward", seconds=0.1, line=2)
        tables.add("lines", source=source, total=2, record=2)
        tables.add(
            "findings", run_id=name, source=source, severity="note", code="c", line=1, message=f"{words} in {name}",
        )  # fmt: skip
    report = made(tables)
    short = ["one.log", f"sub/{folder.strip('/')}/two.log"]
    kept = folder if folder.strip("/") else ""
    assert any(note.endswith(f" All are in {kept}.") for note in parts.notes(report)) == bool(kept)
    shown = [name if kept else folder + name for name in short]
    assert [row.cells[0].text for row in parts.table(report, "sources").rows] == shown
    assert [f.message for f in report.findings] == [f"A{words[1:]} in {name}" for name in short]


@given(st.lists(st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=4), min_size=1, max_size=4))
def test_the_shared_folder_begins_every_source(paths):
    """What is left out is a prefix of each, and never a whole name."""
    sources = ["/".join([*path, "x.log"]) for path in paths]
    folder = shared_folder(sources)
    assert all(source.startswith(folder) and source != folder for source in sources)


def test_a_device_that_a_document_calls_by_the_end_of_its_name(founding):
    """`1050 Ti` of a published table has the colour of the GeForce GTX 1050 Ti of the logs, and no name of its own."""
    assert "1050 Ti" not in founding.device_names
    chart = next(c for c in parts.charts(founding, "batch", "published") if c.key == "published-batch-1")
    assert founding.device_names[chart.lines[0].device] == samples.TI


def test_an_input_of_which_no_line_is_known_is_named_first():
    """It stands above the answer; an input with a known line does not."""
    tables = samples.one_run()
    for name, known in (("diary.txt", 0), ("notes.txt", 0), ("start-up.log", 3)):
        tables.add("lines", source=name, total=9, record=0, chatter=known, prose=9 - known)
    assert made(tables).problems == ("No line was recognised of diary.txt and notes.txt.",)

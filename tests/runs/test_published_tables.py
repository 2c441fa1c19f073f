"""Published numbers: what a table or a sentence of a document says, each with its unit, and nothing that it does not say."""

import pytest

from logreport.runs.published.quantities import measure_of, quantity_in, without_unit
from logreport.runs.reading import read
from logreport.sources.source import memory_source


def published(text, *names):
    """The published values of a document: for each row the value, its unit and some more of its columns."""
    reading = read([memory_source("README.md", text.encode())])
    assert not reading.errors
    return [
        tuple(row[name] for name in ("value", "unit", *names)) for row in reading.tables.rows("published")
    ]


def test_each_column_has_a_unit_of_its_own():
    """Speeds and times side by side; the card is that of the row, the network that of the heading; details are none."""
    text = """### AlexNet
| Num | GPU/CPU | Memory | Examples/second | Seconds/batch | Forward pass (ms) | Details |
|-----|---------|--------|-----------------|---------------|-------------------|---------|
| 1 | GTX 980 | 4 GB | 1,500.5 | 0.085 | 70 +/- 0.1 | as [they say](http://a.b/c) |
| 2 | 2.1 GHz Core i5 | 8 GB | 90 +/- 6 | 1.4 +/- 0.2 | - | 1 run |
"""
    assert published(text, "device", "model", "column_label") == [
        (1500.5, "examples/s", "GTX 980", "AlexNet", "Examples/second"),
        (0.085, "s", "GTX 980", "AlexNet", "Seconds/batch"),
        (pytest.approx(0.07), "s", "GTX 980", "AlexNet", "Forward pass"),
        (90.0, "examples/s", "2.1 GHz Core i5", "AlexNet", "Examples/second"),
        (1.4, "s", "2.1 GHz Core i5", "AlexNet", "Seconds/batch"),
    ]


def test_columns_without_a_unit_are_no_speeds():
    """Threads, bits, shares and factors stand beside speeds and are none; a heading that names no device gives none."""
    text = """## **Speed Benchmarks:**
| Method | Bits/dim | Threads | Images/sec | Relative | Speedup |
|--------|----------|---------|------------|----------|---------|
| plain  | 0.7      | 36      | ~100       | 100%     | 1.5x    |
"""
    assert published(text, "row_label", "device", "model") == [(100.0, "images/s", "plain", None, None)]


def test_a_table_without_any_unit_has_no_values():
    """Numbers under names of networks may be speeds, times or errors."""
    text = """# Results
FP32 | ResNet50 | VGG16
-- | -- | --
batch_size=64 | 396.26 | 245.71
"""
    assert published(text) == []


def test_a_unit_in_the_heading_is_that_of_columns_named_after_networks():
    """And of none that is a setting, whatever number it holds."""
    text = """### Rig with GTX 1070 (images/sec)
| Batch size | ResNet-50 | FP16 VGG16 | Threads | GPU |
|---|---|---|---|---|
| 16 | 54 | 29 | 8 | 31 |
| Optimizer | sgd | 7 | 8 | 9 |
"""
    assert published(text, "batch_size", "model", "device", "precision") == [
        (54.0, "images/s", 16, "ResNet-50", "GTX 1070", None),
        (29.0, "images/s", 16, "VGG16", "GTX 1070", "fp16"),
    ]


def test_cpu_and_gpu_side_by_side():
    """Two heads that are kinds of devices hold speeds; one alone, or in the plural, holds numbers of them."""
    table = """### Speeds (images/sec)
| Model | {} | {} |
|---|---|---|
| VGG16 | 4 | 290 |
"""
    assert published(table.format("CPU", "GPU"), "model", "device") == [
        (4.0, "images/s", "VGG16", "CPU"),
        (290.0, "images/s", "VGG16", "GPU"),
    ]
    assert published(table.format("GPUs", "Speed"), "model", "device") == [(290.0, "images/s", "VGG16", None)]
    assert published(table.format("GPU", "Speed"), "model", "device") == [(290.0, "images/s", "VGG16", None)]


def test_a_table_without_pipes_at_its_sides():
    """As GitHub reads it: a head, a line of dashes, rows; a blank line ends it."""
    text = """#### Training InceptionV3
Optimization | Data Format | Images/Sec | Intra threads
------------ | ----------- | ---------- | -------------
MKL          | NCHW        | 20.8       | 36
AVX2         | NHWC        | 6.2        | 36

SSE3         | NHWC        | 4.3        | 36
"""
    assert published(text, "row_label", "model", "line") == [
        (20.8, "images/s", "MKL", "InceptionV3", 4),
        (6.2, "images/s", "AVX2", "InceptionV3", 5),
    ]


def test_units_in_cells():
    """A unit in a cell is that of its number; a power or a size is none, and neither is a unit of another kind."""
    text = """### GPU (T4)
| Batch Size | Throughput | Latency | Power | Images/sec |
|---|---|---|---|---|
| 1 | 12.0 img/s | 333ms | 42W | 5 ms |
| 8 | 1100 seq/sec| 2 s | 37 W | 7 img/s |
"""
    assert published(text, "batch_size", "device") == [
        (12.0, "images/s", 1, "T4"),
        (pytest.approx(0.333), "s", 1, "T4"),
        (1100.0, "sequences/s", 8, "T4"),
        (2.0, "s", 8, "T4"),
        (7.0, "images/s", 8, "T4"),
    ]


def test_names_in_rows():
    """A card may be named by its number alone; numbers of cards are no cards; precision is what looks like one."""
    text = """| Model | GPU | Precision | img/s |
|---|---|---|---|
| **ResNet50** | 3090 | FP16 | 1100 |
| VGG16 | 4 | high | 300 |
| VGG16 | V100 x8 | fp32 | 2000 |
"""
    assert published(text, "model", "device", "num_devices", "precision") == [
        (1100.0, "images/s", "ResNet50", "3090", None, "fp16"),
        (300.0, "images/s", "VGG16", None, 4, None),
        (2000.0, "images/s", "VGG16", "V100", 8, "fp32"),
    ]


def test_accuracies_need_their_sign():
    """98.5 is an accuracy of 98.5 % only where somebody wrote the sign."""
    text = """| Model | Accuracy (%) | Top-1 | Acc | Training time (hours) |
|---|---|---|---|---|
| LeNet | 98.5 | 97.1% | 0.56 | 1.5 |
"""
    assert published(text, "metric") == [
        (98.5, "%", "accuracy"),
        (97.1, "%", "accuracy"),
        (5400.0, "s", "time"),
    ]


def test_cells_stay_under_their_heads():
    """An escaped pipe is text, an empty cell at either side is a cell, and two columns of one name keep two names."""
    text = """|| Images/sec | Images/sec |
|---|---|---|
|a \\| b| 1 | 2 |
|| 3 ||
"""
    assert published(text, "row_label", "column_label") == [
        (1.0, "images/s", "a \\| b", "Images/sec"),
        (2.0, "images/s", "a \\| b", "Images/sec (3)"),
        (3.0, "images/s", None, "Images/sec"),
    ]


@pytest.mark.parametrize(
    "head",
    ["GPU(s)", "Bits/dim", "Images/sec/GPU", "img/s/W", "Threads", "Memory (GB)", "Std (ms)", "After 30 seconds",
     "Timeout (s)", "Price per hour", "Speed", "Accuracy", "Relative (%)"],
)  # fmt: skip
def test_heads_that_name_no_unit_of_a_result(head):
    """When in doubt a column holds no values."""
    assert measure_of(head) is None


@pytest.mark.parametrize(
    ("head", "unit", "scale", "label"),
    [
        ("Images/Sec", "images/s", 1, ""), ("examples / second", "examples/s", 1, ""), ("FPS", "frames/s", 1, ""),
        ("Throughput (img/s)", "images/s", 1, "Throughput"), ("Step Time (sec/batch)", "s", 1, "Step Time"),
        ("Latency, ms", "s", 1e-3, "Latency"), ("Time in hours", "s", 3600, "Time in"), ("ms", "s", 1e-3, ""),
        ("Duration (min)", "s", 60, "Duration"), ("samples per sec", "examples/s", 1, ""),
    ],
)  # fmt: skip
def test_heads_that_name_a_unit(head, unit, scale, label):
    """Spellings of speeds and times; times become seconds."""
    assert measure_of(head)[1:] == (unit, scale)
    assert without_unit(head) == label


@pytest.mark.parametrize(
    "cell", ["0.35-0.60", "1.2.3", "9" * 16, "1,23", "1529 68", "", "x", "7 +/- s", "3 (4)"]
)
def test_cells_that_are_not_one_number(cell):
    """Ranges, versions and broken numbers."""
    assert quantity_in(cell) is None


def test_totals_with_a_network_before_them():
    """The settings before the first of a block hold for the lines directly below it."""
    text = """```
1 GPU(s):FP16=True:Inception v3: total images/sec: 46.40
VGG16: total images/sec: 35.33

ResNet50: total images/sec: 72.17
2 GPU(s):FP16=False:VGG16: total images/sec: 23.71
ResNet50: total images/sec: 62.28
```
"""
    assert published(text, "model", "row_label", "precision") == [
        (46.4, "images/s", "Inception v3", "1 GPU(s)", "fp16"),
        (35.33, "images/s", "VGG16", "1 GPU(s)", "fp16"),
        (72.17, "images/s", "ResNet50", "ResNet50", None),
        (23.71, "images/s", "VGG16", "2 GPU(s)", "fp32"),
        (62.28, "images/s", "ResNet50", "2 GPU(s)", "fp32"),
    ]


def test_results_in_sentences_belong_to_the_command_above():
    """A network is named by the command that stands directly above, in the same section."""
    text = """# One
`python3 tf_cnn_benchmarks.py --model=vgg16 --use_fp16=True --batch_size=32`
Result:  2341.5 images/sec

- with 5.3 : **total images/sec: 97.40**
# Two
running on 4 GPUs gives: total images/sec: 491.34
"""
    assert published(text, "row_label", "model", "precision", "batch_size") == [
        (2341.5, "images/s", "result", "vgg16", "fp16", 32),
        (97.4, "images/s", "with 5.3", "vgg16", "fp16", 32),
        (491.34, "images/s", "running on 4 GPUs gives", None, None, None),
    ]


@pytest.mark.parametrize(
    "line",
    ["worker-0: total images/sec: 46.40", "total images/sec: 46.40", "Result: 12 %", "VGG16: total images/sec: 46",
     "the total images/sec: 46.40 was low", "Results:"],
)  # fmt: skip
def test_lines_that_are_no_published_result(line):
    """A launcher's prefix is no network, a cut number is none, and what a script printed is a run's."""
    assert published(line + "\n") == []


def test_pipes_of_shells_and_logs_are_no_tables():
    """Lines with pipes count as unknown where no table is, so that the ledger stays honest."""
    text = "```\nps aux | grep python | head -5\nStep 10 | loss 6.93 | lr high\n```\n"
    (row,) = read([memory_source("a.md", text.encode())]).tables.rows("lines")
    assert (row["unknown"], row["prose"]) == (2, 2)


def test_every_line_of_a_table_is_text_of_the_document():
    """The ledger counts the head of a table and the line below it once each."""
    text = "Threads | Images/Sec\n--- | ---\n4 | 20.8\n"
    (row,) = read([memory_source("a.md", text.encode())]).tables.rows("lines")
    assert (row["total"], row["prose"], row["record"]) == (3, 3, 0)


@pytest.mark.parametrize(
    "rows",
    [
        "| Model | images/sec |\n|---|---|\n| VGG16 | 12.5 |\n| LeNet | 7 |",
        "Model | images/sec\n--- | ---\nVGG16 | 12.5\nLeNet | 7",
    ],
)
@pytest.mark.parametrize("end", ["\r", "\r\n"])
@pytest.mark.parametrize("around", ["", "text\n"])
def test_line_ends_of_a_table_do_not_matter(rows, end, around):
    """A table whose lines end as they did on an old Mac, all of them or those of the table alone, keeps its values."""
    reading = read([memory_source("a.md", (around + rows.replace("\n", end) + "\n").encode())])
    assert reading.tables.columns["published"]["value"] == [12.5, 7]
    ledger = next(reading.tables.rows("lines"))
    assert (ledger["record"], ledger["prose"]) == (0, ledger["total"])


def test_a_corner_names_what_all_of_a_table_is_of():
    """A network and a batch size in the first head hold for all columns; a column of results is no setting beside others."""
    text = """| Network: VGG16 batch 64 | Tegra X1 (FP16) | Titan X (FP32) |
|---|---|---|
| Average time (ms) | 250.5 | 20 |
| Average speed (fps) | 4 | 50 |
| Memory | 97% |  |
"""
    assert published(text, "model", "batch_size", "device", "precision", "settings") == [
        (0.2505, "s", "VGG16", 64, "Tegra X1", "fp16", None),
        (0.02, "s", "VGG16", 64, "Titan X", "fp32", None),
        (4.0, "frames/s", "VGG16", 64, "Tegra X1", "fp16", None),
        (50.0, "frames/s", "VGG16", 64, "Titan X", "fp32", None),
    ]


def test_an_empty_first_cell_is_the_one_above_where_the_next_names_something():
    """A network is written once for its frameworks; a row that names nothing is nobody's."""
    text = """## CPU used --- Intel(R) Xeon(R) Silver 4114 CPU @ 2.20GHz
|Model|Framework|Forward pass|
|---|---|---|
|VGG16|Torch|1.5 s|
||Flux 0.6|2.5 s|
||-|3.5 s|
|ResNet-50|Torch|0.5 s|
"""
    device = "Intel Xeon Silver 4114"
    assert published(text, "model", "framework", "device") == [
        (1.5, "s", "VGG16", "Torch", device),
        (2.5, "s", "VGG16", "Flux 0.6", device),
        (3.5, "s", None, None, device),
        (0.5, "s", "ResNet-50", "Torch", device),
    ]


def test_errors_are_no_accuracies():
    """Whatever their column is called beside it."""
    assert published("|Model|top1 err|top-5 error (%)|top1|\n|-|-|-|-|\n|VGG16|25 %|9.5|75 %|\n") == [
        (75.0, "%")
    ]


def test_the_numbers_of_cards_are_no_numbers_of_cards():
    """Where one of them is 0 they say which card, not how many."""
    text = "Given 6x GTX 1070:\n\n| GPU | images/sec |\n|--|--|\n| 0 | 1561.5 |\n| 1 | 1321.25 |\n| 2 | 1543.5 |\n"
    assert published(text, "row_label", "device", "num_devices") == [
        (1561.5, "images/s", "0", "GTX 1070", 1),
        (1321.25, "images/s", "1", "GTX 1070", 1),
        (1543.5, "images/s", "2", "GTX 1070", 1),
    ]


def test_a_row_that_names_nothing_among_rows_that_do_is_nobodys():
    """The network of a heading is not that of another task; a speed of each card is no setting of the others."""
    text = """# ResNet-50 on an RTX 2060
| Test | P106-100 | images/sec/gpu |
|---|---|---|
| Pong | ~1670 frames/sec | 2 |
| ResNet-50 batch=32 | 181.5 images/sec | 1 |
| VGG16 batch=64 | 92.25 images/sec | 3 |
"""
    assert published(text, "model", "device", "settings") == [
        (1670.0, "frames/s", None, "P106-100", None),
        (181.5, "images/s", "ResNet-50", "P106-100", None),
        (92.25, "images/s", "VGG16", "P106-100", None),
    ]


@pytest.mark.parametrize("corner", ["GPU", "Model", "Network"])
@pytest.mark.parametrize("label", ["Average", "**Mean**", "Total", "Geomean", "geometric mean (all)", "平均"])
def test_a_row_that_sums_up_others_is_of_no_device_and_no_network(corner, label):
    """Nothing was measured that is called Average."""
    text = f"""## Images/sec
| {corner} | V100 | P100 |
|---|---|---|
| ResNet-50 | 362.3 | 219.2 |
| VGG16 | 233.1 | 147.9 |
| {label} | 297.7 | 183.6 |
"""
    assert [value for value, *_ in published(text)] == [362.3, 219.2, 233.1, 147.9]


def test_columns_for_several_devices_say_how_many():
    """What the set-up says of the machine holds for the column of all its cards alone."""
    text = """* GPU: 2x GeForce RTX 3090
| model | bs/GPU | 1x img/s | 2x img/s | eff. |
|---|---|---|---|---|
| resnet50 | 128 | 495 | 962 | 97 % |
"""
    assert published(text, "num_devices", "device") == [
        (495.0, "images/s", 1, "GeForce RTX 3090"),
        (962.0, "images/s", 2, "GeForce RTX 3090"),
    ]


def test_rows_of_processors_hold_results():
    """`GPU | 362 | 705` below heads with units names no card 362; a CPU may be the only one, with its threads."""
    text = """| | fp32 img/s | fp16 img/s |
|---|---|---|
| CPU only (32 threads) | 21 | 20 |
| GPU | 362 | 705 |
"""
    assert published(text, "device", "precision") == [
        (21.0, "images/s", "CPU", "fp32"),
        (20.0, "images/s", "CPU", "fp16"),
        (362.0, "images/s", "GPU", "fp32"),
        (705.0, "images/s", "GPU", "fp16"),
    ]


def test_an_item_with_results_of_its_own_says_nothing_of_others():
    """Precision and batch size of an item that holds two results, and is not read, are not those of the next."""
    text = """resnet50, synthetic data:

* GTX 1080 Ti: 208 images/sec (batch 64)
* RTX 2080: 224 images/sec (batch 64), 410 images/sec with fp16
* Threadripper 1950X: 5.8 images/sec
"""
    assert published(text, "model", "batch_size", "precision") == [
        (208.0, "images/s", "resnet50", 64, None),
        (5.8, "images/s", "resnet50", None, None),
    ]


@pytest.mark.parametrize(
    ("title", "corner"),
    [("## Images/sec", "Model"), ("Training, images per second:", "Model"), ("", "Model (images/sec)")],
)
@pytest.mark.parametrize("heads", [("Before", "After"), ("stock", "our build"), ("Baseline", "+XLA+AMP")])
def test_columns_side_by_side_need_no_known_names(title, corner, heads):
    """Where rows are named and the unit is said, columns are results by whatever name; a layer count is none."""
    text = f"""{title}

| {corner} | {heads[0]} | {heads[1]} | Speedup | Layers |
|---|---|---|---|---|
| ResNet-50 | 289.1 | 340.2 | 1.18 | 50 |
| VGG16 | 166.0 | 171.3 | 1.03 | 16 |
"""
    assert published(text, "model", "column_label") == [
        (289.1, "images/s", "ResNet-50", heads[0]),
        (340.2, "images/s", "ResNet-50", heads[1]),
        (166.0, "images/s", "VGG16", heads[0]),
        (171.3, "images/s", "VGG16", heads[1]),
    ]


@pytest.mark.parametrize(
    ("heads", "cells"),
    [
        (("Sequence", "Throughput"), ("384", "289.1")),  # a setting beside what says that it is measured
        (("Sequence", "Beam"), ("512", "4")),  # sizes
        (("Revision", "Built"), ("3", "20210304")),  # far from each other
        (("Seconds spent", "Errors found"), ("110", "90")),
    ],
)
def test_columns_that_are_not_side_by_side_take_no_unit(heads, cells):
    """What else stands in a table below a unit stays what it is."""
    text = f"""## Images/sec
| Model | {heads[0]} | {heads[1]} |
|---|---|---|
| ResNet-50 | {cells[0]} | {cells[1]} |
"""
    assert [value for value, *_ in published(text)] == [289.1][: "Throughput" in heads]


def test_the_least_of_several_is_no_number_of_minutes():
    """`Min` beside `Max` is the least; behind a comma, or of a time that no other column calls the longest, min is minutes."""
    text = """| GPU | images/sec (mean ± std) | min | max |
|---|---|---|---|
| V100 | 362.1 ± 1.2 | 359.8 | 364.0 |
"""
    assert published(text, "column_label", "settings") == [(362.1, "images/s", "mean ± std", None)]
    text = """| GPU | Step time min | Step time max | Validity min | Training time min | To 75 %, min | eta_min |
|---|---|---|---|---|---|---|
| V100 | 31 | 52 | 57.4 | 17 | 19 | 0.01 |
"""
    assert published(text, "column_label") == [(1020.0, "s", "Training time"), (1140.0, "s", "To 75")]


def test_a_mean_takes_the_unit_above_its_table_and_its_spread_does_not():
    """Least and largest are no speeds of their own."""
    text = """### Throughput (images/sec)
| GPU | mean | std | min | max |
|---|---|---|---|---|
| V100 | 362.1 | 1.2 | 359.8 | 364.0 |
| P100 | 219.4 | 0.8 | 217.7 | 220.9 |
"""
    assert published(text, "device", "column_label") == [
        (362.1, "images/s", "V100", "mean"),
        (219.4, "images/s", "P100", "mean"),
    ]


def test_a_column_of_values_is_no_setting_of_itself():
    """`Metric | Value` is a table, too."""
    text = """| Metric | Value |
|---|---|
| Model | ResNet-50 |
| Batch size | 64 |
| Images/sec | 495.2 |
| Final loss | 2.31 |
"""
    assert published(text, "model", "batch_size", "settings") == [(495.2, "images/s", "ResNet-50", 64, None)]


@pytest.mark.parametrize(
    ("line", "value", "model"),
    [
        ("- Images/sec: 362.5", 362.5, None),
        ("Throughput (img/s): 1,205", 1205.0, None),
        ("* ResNet-50 images/sec = 233", 233.0, "ResNet-50"),
        ("- images_per_sec: 41 ± 2", 41.0, None),
    ],
)
def test_a_unit_may_stand_before_its_number(line, value, model):
    """In lists and lines as in heads of tables."""
    assert published(f"# On a V100\n\n{line}\n", "model", "device") == [(value, "images/s", model, "V100")]


@pytest.mark.parametrize(
    "line",
    ["- Images/sec per GPU: 91", "- Speedup of images/sec: 3.1", "- Images/sec: 150+", "- Target images/sec: 300",
     "- Step 10 images/sec: 91", "- Images/sec: 91 ms"],
)  # fmt: skip
def test_lines_that_begin_with_a_unit_and_are_no_result(line):
    """Of what else they speak, nobody says."""
    assert published(f"# On a V100\n\n{line}\n") == []


def test_a_title_may_set_two_things_side_by_side():
    """`vs` in it is no ratio; a column of a CPU beside that of a card is one of results."""
    text = "## CPU vs K80 [images/sec]\n\n| | CPU | K80 |\n|---|---|---|\n| VGG16 | 3.5 | 35.4 |\n"
    assert published(text, "device") == [(3.5, "images/s", "CPU"), (35.4, "images/s", "K80")]


def test_columns_of_processors_that_are_no_results():
    """Numbers of them, and names of cards."""
    text = "| Model | CPU | GPU | img/s |\n|---|---|---|---|\n| VGG16 | 8 | V100 | 354 |\n"
    assert published(text, "device") == [(354.0, "images/s", "V100")]
    text = "## images/sec\n| Model | GPU | P100 | V100 |\n|---|---|---|---|\n| VGG16 | 2 | 154 | 354 |\n"
    assert published(text, "device", "num_devices") == [
        (154.0, "images/s", "P100", 2),
        (354.0, "images/s", "V100", 2),
    ]


@pytest.mark.parametrize(
    ("heading", "framework"),
    [
        ("TensorFlow 2.4.1", "TensorFlow 2.4.1"),
        ("PyTorch v1.10, CUDA 11.3", "PyTorch v1.10"),
        ("TensorFlow: results of TensorFlow 2.4", "TensorFlow 2.4"),
        ("TensorFlow 1.15 and TensorFlow 2.4", "TensorFlow"),
        ("TensorFlow 2", "TensorFlow"),
        ("TensorFlow 20.06-py3", "TensorFlow"),  # of a container
        ("TensorFlow and PyTorch 1.7", None),
    ],
)
def test_a_framework_is_named_with_its_release(heading, framework):
    """Where a text names one."""
    text = f"# {heading}\n\n| | img/s |\n|---|---|\n| VGG16 | 35.4 |\n"
    assert published(text, "framework") == [(35.4, "images/s", framework)]


LANGUAGES = [
    "| 显卡 | 批大小 | 训练速度 (张/秒) |",
    "| 设备 | 批次大小\uff08每卡\uff09 | 训练吞吐量\uff08张/秒\uff09 |",
    "| デバイス | バッチサイズ | 学習速度 (枚/秒) |",
    "| Carte graphique | Taille de lot | Entraînement (images/s) |",
    "| Grafikkarte | Batchgröße | Training: Durchsatz (Bilder/s) |",
    "| Dispositivo | Tamaño de lote | Velocidad de entrenamiento (images/s) |",
]


@pytest.mark.parametrize("heads", LANGUAGES)
def test_heads_in_other_languages(heads):
    """Device, batch size and what was measured, by the words that a reader of that language writes above them."""
    text = f"# ResNet-50\n\n{heads}\n|---|---|---|\n| V100 | 64 | 362.5 |\n| Our Box | 128 | 410 |\n"
    assert published(text, "model", "device", "batch_size", "phase", "settings") == [
        (362.5, "images/s", "ResNet-50", "V100", 64, "training", None),
        (410.0, "images/s", "ResNet-50", "Our Box", 128, "training", None),
    ]


def test_devices_are_counted_and_labels_stay_in_any_language():
    """`卡数` counts cards; a column is called as it was published."""
    text = "## 推理\n\n| 模型 | 卡数 | 吞吐量 (张/秒) |\n|---|---|---|\n| VGG16 | 1 | 362 |\n| MyNet | 8 | 1210 |\n"
    assert published(text, "model", "num_devices", "phase", "column_label") == [
        (362.0, "images/s", "VGG16", 1, "inference", "吞吐量"),
        (1210.0, "images/s", "MyNet", 8, "inference", "吞吐量"),
    ]


@pytest.mark.parametrize("title", ["深層学習ベンチマーク", "预训练模型", "機械学習", "Modellgröße"])
def test_words_that_only_hold_one_of_another_meaning(title):
    """Deep learning and pretrained networks are no training."""
    text = f"# {title}\n\n| GPU | images/s |\n|---|---|\n| V100 | 362 |\n"
    assert published(text, "phase", "model") == [(362.0, "images/s", None, None)]

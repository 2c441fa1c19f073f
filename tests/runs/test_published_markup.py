"""Results in other formats than Markdown say the same: sheets, MediaWiki, AsciiDoc, LaTeX, and what JSON keeps as one string."""

import io
import json

import pytest
from click.testing import CliRunner

from logreport.cli.table import command
from logreport.runs.explaining import explain
from logreport.runs.reading import read
from logreport.sources.source import Source, memory_source
from logreport.tables.schema import LEDGER


def tables_of(name, text):
    """The tables of one text; every line of it is accounted for."""
    reading = read([memory_source(name, text.encode())])
    assert not reading.errors
    (lines,) = reading.tables.rows("lines")
    assert sum(lines[kind] for kind in LEDGER) == lines["total"] == text.count("\n")
    return reading.tables


def published(name, text):
    """Line, value, unit, model and device of each published value."""
    rows = tables_of(name, text).rows("published")
    return [tuple(row[column] for column in ("line", "value", "unit", "model", "device")) for row in rows]


SHEET = 'gpu,model,batch_size,images_per_sec\nTesla V100,resnet50,64,355.2\nGTX 1080,vgg16,64,OOM\nGTX 1080,resnet50,64,"1,203.5"\n'
WIKI = """\
== Results with AlexNet ==
{| class="wikitable"
! rowspan="2" | Batch size
! colspan="2" | images/sec
|-
! GTX 1080 !! [[Titan X (Pascal)|Titan X]]
|-
| align="right" | 32 || 1,200 || '''1,310.5'''
|-
| 64
| style="color:red" | OOM
| 1400
|}
"""
ADOC = """\
= Results

[cols="1,1,1"]
|===
|GPU
|Model
|images/sec

|Tesla V100
|ResNet-50
|*355.2*

|GTX 1080
|ResNet-50
|n/a
|===

.Training speed (images/sec)
[%header,cols=3*]
|===
|Batch size
2+|ResNet-50
|
|V100
|GTX 1080
|32 |310 |200.5
|===
"""
LATEX = r"""\section{Results}
\begin{tabular*}{\textwidth}{@{\extracolsep{\fill}}l|rr}
\hline
& \multicolumn{2}{c}{Throughput (img/s)} \\ \cline{2-3}
Model & P100 & V100 \\ [0.5ex] \hline\hline
\multirow{2}{*}{ResNet-50} & $219.3 \pm 0.2$ & 1{,}355 \\ % a good day
 & 220.1
 & \textbf{361}\footnotemark[1] \\
VGG16 & 143.5 & -- \\ \hline
\end{tabular*}
"""
FORMS = {
    "sheet.csv": (SHEET, [
        (2, 355.2, "images/s", "resnet50", "Tesla V100"), (4, 1203.5, "images/s", "resnet50", "GTX 1080"),
    ]),
    "sheet.tsv": (SHEET.replace('"1,203.5"', "1203.5").replace(",", "\t"), [
        (2, 355.2, "images/s", "resnet50", "Tesla V100"), (4, 1203.5, "images/s", "resnet50", "GTX 1080"),
    ]),
    "excel.csv": ("\ufeffModel;GPU;Bilder/s\r\nVGG16;Tesla V100;355,25\r\nVGG16;GTX 1080;51,5\r\n", [
        (2, 355.25, "images/s", "VGG16", "Tesla V100"), (3, 51.5, "images/s", "VGG16", "GTX 1080"),
    ]),
    "page.mediawiki": (WIKI, [
        (8, 1200, "images/s", "AlexNet", "GTX 1080"), (8, 1310.5, "images/s", "AlexNet", "Titan X"),
        (12, 1400, "images/s", "AlexNet", "Titan X"),
    ]),
    "page.adoc": (ADOC, [
        (11, 355.2, "images/s", "ResNet-50", "Tesla V100"), (26, 310, "images/s", "ResNet-50", "V100"),
        (26, 200.5, "images/s", "ResNet-50", "GTX 1080"),
    ]),
    "paper.tex": (LATEX, [
        (6, 219.3, "images/s", "ResNet-50", "P100"), (6, 1355, "images/s", "ResNet-50", "V100"),
        (7, 220.1, "images/s", "ResNet-50", "P100"), (8, 361, "images/s", "ResNet-50", "V100"),
        (9, 143.5, "images/s", "VGG16", "P100"),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_table_says_the_same_in_each_format(name):
    """Each number stands with its own line, under its own head; what is no number is none."""
    text, values = FORMS[name]
    assert published(name, text) == values


@pytest.mark.parametrize("name", FORMS)
def test_line_ends_and_the_size_of_chunks_do_not_matter(name, monkeypatch):
    """Line ends of Windows change nothing, and neither does where a block of the file ends."""
    text, values = FORMS[name]
    assert published(name, text.replace("\r", "").replace("\n", "\r\n")) == values
    content = text.encode()
    monkeypatch.setattr(
        Source, "blocks", lambda _source: (content[at : at + 90] for at in range(0, len(content), 90))
    )
    assert published(name, text) == values


@pytest.mark.parametrize("name", ["page.txt", "page.md", "page.wiki"])
def test_tables_of_a_wiki_and_of_latex_stand_in_any_document(name):
    """They are pasted into plain text, too; their first line cannot be another thing."""
    assert [value for _, value, *_ in published(name, WIKI.replace("= ", "= \n"))] == [1200, 1310.5, 1400]
    assert [value for _, value, *_ in published(name, LATEX)] == [219.3, 1355, 220.1, 361, 143.5]


@pytest.mark.parametrize(
    "text",
    [
        "gpu,model,throughput\nV100,resnet50,355\nK80,vgg16,30\n",
        "name_gpu,num_gpu,watt,inception3,resnet50\nV100,1,250,355,700\n2x K80,2,300,30,50\n",
    ],
)
def test_a_sheet_without_a_unit_is_said(text):
    """Its numbers are not read, and the finding stands at the table."""
    tables = tables_of("sheet.csv", text)
    assert not list(tables.rows("published"))
    (finding,) = tables.rows("findings")
    assert (finding["code"], finding["line"]) == ("no-unit", 1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("steps.csv", "step,images/sec,loss\n1,100.1,7.1\n10,101.5,6.9\n"),
        ("gpu.csv", "timestamp, name, utilization.gpu [%], power.draw [W]\n2020/01/01 00:00:00, V100, 10 %, 50 W\n"),
        ("numbers.csv", "1,100.5,images/sec\n2,101.5,images/sec\n"),
        ("train.log", "|===\n|GPU |images/sec\n|V100 |300\n|===\n"),
        ("train.txt", "|===\n|===\n{| x\n\\begin{tabular}{l}\n"),
        ("train.txt", "\\begin{tabular}{l}\n"),
        ("train.txt", "gpu,step,images/sec\nV100,1,100\n"),
        ("train.txt", "gpu,model,images/sec\nV100,resnet50\n"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_results_stays_unknown(name, text):
    """Series of steps, of what devices did, and lines of logs that look like the beginning of a table."""
    tables = tables_of(name, text)
    assert not list(tables.rows("published"))
    (lines,) = tables.rows("lines")
    assert lines["unknown"] == text.count("\n")


def test_lines_of_a_sheet_stand_in_a_document():
    """A program has printed them: a head with a unit, and rows of as many cells."""
    text = "It prints speed, throughput and more:\n```\nDevice,Model,Batch size,Throughput (img/s)\nV100,VGG16,1,80.5\nV100,VGG16,2,96\n...\n```\n"
    assert published("README.md", text) == [
        (4, 80.5, "images/s", "VGG16", "V100"),
        (5, 96.0, "images/s", "VGG16", "V100"),
    ]


def test_a_sheet_that_a_log_was_exported_to_is_a_log():
    """A sheet is a document only where its head names results."""
    text = 'time,message\n2020-01-01T00:00:00Z,"total images/sec: 355.20"\n'
    (lines,) = tables_of("run.csv", text).rows("lines")
    assert lines["record"] == 1


@pytest.mark.parametrize("form", ["md", "html", "latex", "csv"])
def test_what_table_writes_is_read_again(form, tmp_path):
    """Each number of a table for publication comes back with its network, batch size and device."""
    log = "sample_logs/alexnet-gtx-1050-ti.log"
    ending = {"latex": "tex"}.get(form, form)
    target = tmp_path / f"speeds.{ending}"
    ran = CliRunner().invoke(command, [log, "--columns", "model,phase", "--format", form])
    assert ran.exit_code == 0
    target.write_text(ran.stdout)
    rows = list(read([memory_source(target.name, target.read_bytes())]).tables.rows("published"))
    assert rows
    assert {row["model"].lower() for row in rows} == {"alexnet"}
    assert {row["batch_size"] for row in rows} == {128}


def test_explain_shows_the_line_as_it_is_written():
    """Not what it is read as."""
    out = io.StringIO()
    said = explain(memory_source("paper.tex", LATEX.encode()))
    print(*said, file=out)
    assert "VGG16 & 143.5 & -- " in out.getvalue()


LOG = "Model:       resnet50\nMode:        training\nStep\tImg/sec\ttotal_loss\n1\timages/sec: 200.1 +/- 0.0 (jitter = 0.0)\t8.1\ntotal images/sec: 201.05\n"


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("listed", [False, True])
def test_json_that_keeps_an_output_as_one_string_holds_its_run(indent, listed):
    """As Ansible without `stdout_lines` and whoever captures a process write it; with both it is one run all the same."""
    result = {"changed": True, "stdout": LOG, "rc": 0, "stderr": ""}
    text = json.dumps(result | ({"stdout_lines": LOG.splitlines()} if listed else {}), indent=indent) + "\n"
    tables = tables_of("result.json", text)
    (run,) = tables.rows("runs")
    assert (run["model"], run["status"]) == ("resnet50", "complete")
    assert [row["examples_per_second"] for row in tables.rows("steps")] == [200.1]

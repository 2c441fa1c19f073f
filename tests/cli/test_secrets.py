"""Passwords, keys and tokens are in nothing that is kept in tables, shown or exported, with `--redact` or without."""

import html
import json
import re
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from cli_calls import alexnet_log, call
from hypothesis import given
from hypothesis import strategies as st

import logreport
from logreport.runs.run_record import Machine, RunRecord, to_json
from logreport.tables.secrets import HIDDEN, hidden, hidden_fields, hidden_name, hidden_words

PARAGRAPH = "\n\n"


def canary(number, shape="{}"):
    """A secret that stands nowhere else: as such, or in the shape of a known kind of token."""
    return shape.format(f"zq{number:02}Canary{number:02}")


UPPER = "ZQCANARY00000"
IN_COMMANDS = [
    f"--api_key={canary(1)}",
    f"--password={canary(2)}",
    f"--wandb_key {canary(3)}",
    f"--auth-token='{canary(4)} {canary(5)}'",
    f'--db_password="{canary(6)}"',
    f"--data_dir=https://bob:{canary(7)}@data.example.org/x",
    f"--mirror=s3://AKIA{UPPER}001:{canary(8)}@bucket/x",
    f"--url='https://store.example.org/x?X-Amz-Signature={canary(9)}&n=1'",
    f"--header='Authorization: Bearer {canary(10)}'",
    f"--note=ghp_{canary(11)}",
    f"--hub=hf_{canary(12)}ABCDEF",
    f"--slack=xoxb-{canary(13)}",
    f'--config=\'{{"secret": "{canary(14)}", "lr": 0.1}}\'',
    f"--proxy=http://:{canary(15)}@proxy:3128",
]
COMMAND = (
    f"HF_TOKEN={canary(16)} AWS_SECRET_ACCESS_KEY={canary(17)} python alexnet_benchmark.py --batch_size=32 "
    + " ".join(IN_COMMANDS)
)
OTHER = (
    f"curl -u bob:{canary(18)} https://x.example.org && sshpass -p {canary(19)} ssh bob@h 'python alexnet_benchmark.py "
    f"--batch_size=64 --license_key={canary(20)}'"
)
DOCUMENT = f"""# Speeds with --token={canary(21)}

Password: {canary(22)}

| batch size | AlexNet (api_key={canary(23)}), images/sec |
|---|---|
| 32, key=AKIA{UPPER}002 | 120.5 |
| 64 secret: {canary(24)} | 180.25 |

GeForce GTX 1080, `wandb login {canary(25)}`:

```
$ MYSQL_PWD={canary(26)} python cifar10_train.py --batch_size=128 --access-token={canary(27)}
2019-01-08 10:01:15.496202: step 0, loss = 4.68 (3.2 examples/sec; 39.8 sec/batch)
2019-01-08 10:01:17.496202: step 10, loss = 4.60 (900.2 examples/sec; 0.142 sec/batch)
2019-01-08 10:01:19.496202: step 20, loss = 4.50 (910.2 examples/sec; 0.141 sec/batch)
```
"""
FAILED = f"""$ python tf_cnn_benchmarks.py --model=resnet50 --batch_size=32 --data_dir=gs://x?access_token={canary(28)}
TensorFlow:  1.13
Model:       resnet50
Dataset:     imagenet, token={canary(29)}
Mode:        training
Batch size:  32 global
Devices:     ['/gpu:0']
Optimizer:   sgd --password={canary(30)}
Traceback (most recent call last):
  File "/data/run_password={canary(31)}/tf_cnn_benchmarks.py", line 3, in <module>
OSError: cannot log in with password={canary(32)} at https://bob:{canary(33)}@x.example.org
-----BEGIN RSA PRIVATE KEY-----
{canary(34)}
-----END RSA PRIVATE KEY-----
"""
RECORD = RunRecord(
    script="alexnet", benchmark="alexnet_benchmark",
    command=("/usr/bin/python", "/x/alexnet_benchmark.py", "--batch_size=32", "--secret-key", canary(35)),
    added=(), folder="/", private="/p", environment={"TF_API_TOKEN": canary(36), "XLA_FLAGS": f"--password={canary(37)}"},
    data=f"https://bob:{canary(38)}@d.example.org/x", source="/src", commit="8fb79079", dirty=False, python="3.11.7",
    packages={"tensorflow": "2.21.0", "numpy": "2.0"},
    machine=Machine(
        host="betel", system=f"Linux token={canary(39)} x86_64", cpu="AMD EPYC", cpu_features=("avx2",), cores=2, threads=2,
        cores_allowed=2, cpu_quota=None, governor=None, boost=None, memory_total_bytes=2**33, hypervisor=None, container=None,
        gpus=(), driver=None, driver_cuda=None,
    ),
    started=datetime(2026, 1, 5, 10, tzinfo=UTC), load_before=(0.0, 0.0, 0.0), end=None,
)  # fmt: skip
TAGS, NOTE = ("--tag", f"api_key={canary(40)}"), f"its password is {canary(41)}"
NAME = f"run_token={canary(42)}.log"
MISSING = f"https://bob:{canary(43)}@localhost:1/no.log"
LEAK = re.compile(rf"zq[0-9]{{2}}Canary[0-9]{{2}}|{UPPER}[0-9]+")


@pytest.fixture
def logs(tmp_path, monkeypatch):
    """A folder with logs, a record and a document, all of them with secrets."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "logs"
    folder.mkdir()
    whole = alexnet_log(0.1, batch=32).split("\n", 1)[1]
    (folder / NAME).write_text(f"$ {COMMAND}\n{whole}")
    (folder / NAME.replace(".log", ".run.json")).write_bytes(to_json(RECORD))
    (folder / "other.log").write_text(f"$ {OTHER}\n{alexnet_log(0.05, batch=64).split(chr(10), 1)[1]}")
    (folder / "failed.log").write_text(FAILED)
    (folder / "README.md").write_text(DOCUMENT)
    return folder


def leaks(text):
    """The secrets that stand in a text, also where it is wrapped or escaped."""
    flat = re.sub(r"[\s\u200b\u00ad]", "", html.unescape(text))
    return sorted({*LEAK.findall(text), *LEAK.findall(flat)})


def pdf_text(path):
    """All that is in a PDF: its bytes, its streams without compression, the text of its pages."""
    import pypdf

    content = path.read_bytes()
    parts = [content.decode("latin-1")]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            parts.append(zlib.decompress(stream).decode("latin-1"))
        except zlib.error:
            continue
    return "\n".join(parts + [page.extract_text() for page in pypdf.PdfReader(path).pages])


def text_of(path):
    """What a file says: of Parquet its values, of a PDF its streams and text, its name too."""
    if path.suffix == ".parquet":
        return str(path) + pd.read_parquet(path).to_csv() + path.read_bytes().decode("latin-1")
    return str(path.name) + (pdf_text(path) if path.suffix == ".pdf" else path.read_text("utf-8", "replace"))


def test_the_secrets_are_where_the_test_looks(logs):
    """More than forty of them, each in a file, a name, a tag or an address."""
    texts = [path.read_text() + path.name for path in logs.iterdir()] + [*TAGS, NOTE, MISSING]
    assert len({one for text in texts for one in LEAK.findall(text)}) == 45


@pytest.mark.slow
@pytest.mark.parametrize("redact", [(), ("--redact",)])
def test_no_report_holds_a_secret(logs, tmp_path, capsysbinary, monkeypatch, redact):
    """No format of a report does, its embedded data included, nor what is said while it is made."""
    title = f"Speeds, token={canary(44)}"
    _, out, err = call(
        capsysbinary, monkeypatch, "report", logs, MISSING, "--title", title, *redact, "-o", tmp_path / "out",
        "--format", "html,pdf,md,json,csv,parquet",
    )  # fmt: skip
    assert not leaks(out + err)
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".html", ".pdf", ".md", ".json", ".csv", ".parquet"}
    assert {path.name: found for path in files if (found := leaks(text_of(path)))} == {}
    assert HIDDEN in (tmp_path / "out" / "runs.csv").read_text()


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl"])
def test_no_table_holds_a_secret(logs, capsysbinary, monkeypatch, form):
    """Tables and records in all formats, whether they are written as they are read or at the end."""
    for table in ("runs", "environment", "published", "findings", "lines", "records"):
        for redact in ((), ("--redact",)):
            words = ("parse", logs, MISSING, "--table", table, "--format", form, *redact)
            _, out, err = call(capsysbinary, monkeypatch, *words)
            assert not leaks(out + err), table
    _, out, _ = call(capsysbinary, monkeypatch, "parse", logs, "--format", "json")
    assert not leaks(out)


def test_nothing_that_is_explained_holds_a_secret(logs, capsysbinary, monkeypatch):
    """Each line of each log, recognised or not; a private key of several lines too."""
    for path in [*logs.glob("*.log"), logs / "README.md"]:
        _, out, err = call(capsysbinary, monkeypatch, "explain", path)
        assert not leaks(out + err)
        assert HIDDEN in out


def test_no_comparison_and_no_table_for_a_readme_holds_a_secret(logs, capsysbinary, monkeypatch):
    """Labels, paths and notes included."""
    for form in ("table", "md", "json"):
        words = (f"A={logs / NAME}", f"B={logs / 'other.log'}", "--across-batch-sizes", "--format", form)
        _, out, err = call(capsysbinary, monkeypatch, "compare", *words)
        assert not leaks(out + err)
    _, out, err = call(capsysbinary, monkeypatch, "table", logs, "--columns", "device")
    assert not leaks(out + err)


@pytest.mark.slow
def test_no_table_of_an_archive_holds_a_secret(logs, tmp_path, capsysbinary, monkeypatch):
    """Neither its files of tables nor what is shown, asked or exported; the log itself stays byte for byte."""
    lab, other = tmp_path / "lab.archive", tmp_path / "other.archive"
    said = []

    def archive(*words):
        status, out, err = call(capsysbinary, monkeypatch, "archive", *words)
        said.append(out + err)
        return status, out

    archive("add", logs, "-a", lab, *TAGS, "--note", NOTE)
    archive("add", logs / NAME, "-a", other, "--tag", f"room=glpat-{canary(45)}")
    for form in ("table", "csv", "json", "jsonl"):
        archive("list", "-a", lab, "--format", form)
        for view in (
            "runs",
            "environment",
            "published",
            "findings",
            "lines",
            "logs",
            "facts",
            "tags",
            "notes",
        ):
            status, _ = archive("query", f"from {view}", "-a", lab, "--format", form)
            assert status == 0, said[-1]
    archive("query", "select string_split(command, ' ') as words, source from runs", "-a", lab)
    _, out = archive("list", "-a", lab, "--format", "jsonl")
    for line in out.splitlines():
        archive("show", json.loads(line)["run_id"], "-a", lab)
    archive("devices", "-a", lab, "--format", "json")
    for form in ("table", "json"):
        archive("diff", lab, other, "--format", form)
    archive("verify", "-a", lab)
    for form in ("csv", "json", "jsonl", "parquet"):
        archive("export", "-a", lab, "--format", form, "-o", tmp_path / "out" / form)
        archive(
            "export", "-a", lab, "--format", form, "--redact", "-o", tmp_path / "out" / f"{form}-redacted"
        )
    assert [found for text in said if (found := leaks(text))] == []
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    files += list((lab / "tables").rglob("*.parquet"))
    assert {path.name: found for path in files if (found := leaks(text_of(path)))} == {}
    archive("export", "-a", lab, "--logs", "-o", tmp_path / "raw")
    assert {path.read_bytes() for path in logs.glob("*.log")} <= {
        path.read_bytes() for path in (tmp_path / "raw").rglob("*.log")
    }


def test_runs_are_the_same_and_join_without_their_secrets(logs):
    """The id of a run is that of its own lines; every table names it by the same source."""
    tables = logreport.parse(logs)
    bare = COMMAND.replace(canary(1), canary(2))
    (logs / NAME).write_text((logs / NAME).read_text().replace(COMMAND, bare))
    again = logreport.parse(logs)
    assert set(tables["runs"]["run_id"]) != set(again["runs"]["run_id"])
    runs = set(zip(tables["runs"]["run_id"], tables["runs"]["source"], strict=True))
    for name in ("phases", "steps", "devices", "environment"):
        rows = tables[name].dropna(subset=["run_id"])
        assert len(rows)
        assert set(zip(rows["run_id"], rows["source"], strict=True)) <= runs
    assert {source.partition("#")[0] for _, source in runs} <= set(tables["lines"]["source"])
    assert any(HIDDEN in source and source.endswith(".log") for _, source in runs)


SECRETS = {
    "os.environ['HF_TOKEN'] = \"abc\"": "os.environ['HF_TOKEN'] = \"*****\"",
    "setenv HF_TOKEN abc": "setenv HF_TOKEN *****",
    "['--password', 'abc', '--n', '3']": "['--password', '*****', '--n', '3']",
    "Namespace(api_key='abc', n=3, token='abc123')": "Namespace(api_key='*****', n=3, token='*****')",
    "using API key abc123def": "using API key *****",
    "jdbc:mysql://h/db?user=bob&password=abc": "jdbc:mysql://h/db?user=bob&password=*****",
    "--api-key abc12345 --n=3": "--api-key ***** --n=3",
    "--password 'a b' x": "--password '*****' x",
    "FOO_TOKEN=abc BAR=1": "FOO_TOKEN=***** BAR=1",
    "https://u:p@ss@h/x": "https://u:*****@h/x",
    "https://u:pa/ss@h/x": "https://u:*****@h/x",
    "mysql -u root -phunter2 db": "mysql -u root -p***** db",
    "docker login -u bob -p hunter2 r.io": "docker login -u bob -p ***** r.io",
    '{\\"api_key\\": \\"abc\\", \\"n\\": 5}': '{\\"api_key\\": \\"*****\\", \\"n\\": 5}',
    "AccountKey=abc/def==;EndpointSuffix=x": "AccountKey=*****;EndpointSuffix=x",
    "machine x login bob password hunter2": "machine x login bob password *****",
    "curl -H 'X-Api-Key: abcd1234' x": "curl -H 'X-Api-Key: *****' x",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def": "*****",
    "https://hooks.slack.com/services/T0/B0/X": "https://hooks.slack.com/services/*****",
}  # fmt: skip


@pytest.mark.parametrize("text", SECRETS)
def test_what_is_a_secret(text):
    """One by one; the rest of the text stays, and doing it again changes nothing."""
    assert hidden(text) == SECRETS[text]
    assert hidden(hidden(text)) == hidden(text)


@pytest.mark.parametrize(
    "text",
    [
        "2019-01-08 10:01:15.496202: step 0, duration = 0.131",
        "Forward pass: 0.131 +/- 0.001 sec / batch, forward_pass=3 --num_passes=2 pass=1",
        "tokens/sec: 1234.5 max_tokens=512 --pad_token=0 --eos_token='</s>' --tokenizer=bert",
        "KeyError: 'conv1/weights'; Key conv1/weights not found in checkpoint; key=value --sort_key=batch_size",
        "NVIDIA GeForce RTX 3080, pci bus id: 0000:01:00.0, compute capability: 8.6",
        "docker run -u 1000:1000 image python -u train.py --user $(id -u):$(id -g)",
        "PWD=/home/bob/x --token=${HF_TOKEN} password=None --use_auth=True",
        "commit 5324fc6628522eabbff74f2d12f0cc69d3432a2c of https://github.com/tensorflow/benchmarks",
        "loc:@conv1/weights image@sha256:abc hf_resnet50 sk-learn asia-east1-a signature=serving_default",
        "author: bob monkey=1 keyboard: 3 bypass=1 compass: 5 CUDA_VISIBLE_DEVICES=0,1",
    ],
)
def test_what_is_no_secret(text):
    """Numbers, devices, models, words that hold a word, and variables that stand for a secret."""
    assert hidden(text) == text


def test_samples_hold_no_secret(root):
    """Nothing is taken out of real logs: no text of any table of the samples changes."""
    for table in logreport.parse(root / "sample_logs").values():
        for name in table.select_dtypes("string"):
            for text in table[name].dropna().unique():
                assert HIDDEN not in text


def test_names_of_sources_keep_what_says_how_they_are_read():
    """Folders, ending, member and number of the run: two logs beside each other stay two."""
    assert hidden_name("a/auth_token=abc12.d/x.log#2") == "a/auth_token=*****.d/x.log#2"
    assert hidden_name("logs.tar!password=abc.md") == "logs.tar!password=*****.md"
    assert hidden_name("s3://u:pw1@b/x.log") == "s3://u:*****@b/x.log"


def test_fields_and_words_are_secret_by_the_name_before_them():
    """A header's value by its key, a field by its name, a word of a command by its flag; numbers stay numbers."""
    assert hidden_fields({"key": "api_key", "value": "abc", "step": 3}) == {
        "key": "api_key", "value": HIDDEN, "step": 3,
    }  # fmt: skip
    assert hidden_fields({"password": "abc"}) == {"password": HIDDEN}
    assert hidden_words(["python", "--password", "abc", "--n", "3"]) == (
        "python",
        "--password",
        HIDDEN,
        "--n",
        "3",
    )


PIECES = st.sampled_from(
    ["--", "token", "password", "api_key", "=", ":", " ", '"', "'", "\\", "abc1", "://", "@", "/", "*****", "AKIA0123456789ABCD",
     "Bearer ", "Authorization", "-u ", "mysql ", "-p", "login ", "?sig=", "&", ",", ";", "\n", "ghp_0123456789ab", "{", "}", "$X"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=30))
def test_doing_it_again_changes_nothing(text):
    """What is written once can be read and written again."""
    once = hidden(text)
    assert hidden(once) == once


@given(st.lists(st.one_of(st.integers(), st.floats(allow_nan=False)), min_size=1))
def test_numbers_are_untouched(numbers):
    """Whatever they are, in a row or behind a name that is none of a secret."""
    text = " ".join(f"loss={number} {number}" for number in numbers)
    assert hidden(text) == text


def test_the_log_stays_as_it_was_in_the_archive(logs, tmp_path, capsysbinary, monkeypatch):
    """`show --log` gives the bytes that were added: an archive keeps logs, and its reader must know that."""
    archive = logreport.Archive(tmp_path / "a", create=True)
    archive.add(logs / "failed.log")
    (run,) = archive.runs()["run_id"]
    _, out, _ = call(capsysbinary, monkeypatch, "archive", "show", run, "--log", "-a", tmp_path / "a")
    assert out == FAILED
    assert Path(logs / "failed.log").read_text() == FAILED

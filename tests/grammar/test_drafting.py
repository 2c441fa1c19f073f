"""`logreport grammar new`: a draft reads the logs that it was made of, and `check` finds nothing wrong with it."""

import json
import re

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logreport import parse
from logreport.cli import group
from logreport.grammar.drafting.draft import draft
from logreport.grammar.drafting.shapes import key_of, pieces_of


def call(*words):
    """Run a command line in this process."""
    return CliRunner().invoke(group, list(map(str, words)), standalone_mode=False, catch_exceptions=False)


def drafted(folder, text, name="mine"):
    """A draft from a log, and what `check` says of it."""
    log = folder / f"{name}.log"
    log.write_bytes(text)
    made = call("grammar", "new", log, "--name", name, "-o", folder / name)
    assert made.return_value == 0, made.output
    return (folder / name / f"{name}.lark").read_text("utf-8"), call("grammar", "check", folder / name)


def rule(grammar, kind):
    """The rule of a kind."""
    return re.search(rf"^{kind}: (.*)$", grammar, re.MULTILINE)[1]


STEPS = b"".join(
    b"iter %d/900 | loss %.3f | lr 1e-03 | %d ms | %.1f images/s\n" % (i * 10, 5 / i, 200 + i, 300 + i / 3)
    for i in range(1, 30)
)


def test_lines_of_one_shape_are_a_kind_with_named_fields(tmp_path):
    """The words beside a number say what it is; what is fixed stays as it is."""
    grammar, checked = drafted(tmp_path, b"Loading /data/train\n" + STEPS + b"Average: 304.7 images/s\n")
    assert checked.return_value == 0, checked.output
    assert rule(grammar, "step") == (
        '"iter " step_ "/" steps_per_epoch " | loss " loss " | lr " learning_rate " | " milliseconds_per_batch " ms | "'
        ' images_per_second " images/s"'
    )
    assert rule(grammar, "total") == '"Average: " images_per_second " images/s"'
    assert rule(grammar, "chatter") == '"Loading /data/train"'
    assert [rule(grammar, name) for name in ("step_", "loss", "learning_rate")] == ["INT", "FLOAT", "NUMBER"]


def test_a_draft_gives_runs_and_steps(tmp_path):
    """What was drafted can be read with at once, in a document too: the log's own numbers are in the tables."""
    drafted(tmp_path, STEPS)
    document = (tmp_path / "mine.log").rename(tmp_path / "mine.txt")
    tables = parse(document, grammars=[tmp_path / "mine"])
    assert tables["runs"].benchmark.tolist() == ["mine"]
    assert tables["steps"].step.tolist() == list(range(10, 300, 10))
    assert tables["steps"].examples_per_second.tolist() == [round(300 + i / 3, 1) for i in range(1, 30)]
    assert tables["lines"].unknown.tolist() == [0]


EPOCHS = b"".join(
    b"2026-03-01 09:00:%02d | epoch %d/2 it %d/40 loss=%.3f 25%d.4ms 50%d.2 img/s\n"
    % (i, i // 4 + 1, i % 4 * 10 + 10, 7 - i / 8, i, 9 - i)
    for i in range(8)
)


def test_steps_that_start_again_and_evaluations(tmp_path):
    """What a log says of epochs, validations and its set-up is in the draft without a hand put to it."""
    config = b"2026-03-01 08:59:59 | config: model=vit_small, batch size 128, 2 gpus\n"
    text = config + EPOCHS + b"2026-03-01 09:01:00 | val loss=5.901 acc=5.08%\n"
    grammar, checked = drafted(tmp_path, text)
    assert checked.return_value == 0, checked.output
    assert "//! restarts: epoch\n" in grammar
    tables = parse(tmp_path / "mine.log", grammars=[tmp_path / "mine"])
    run = tables["runs"].iloc[0]
    assert (run.model, run.batch_size, run.num_devices, run["item"]) == ("vit_small", 128, 2, "images")
    assert tables["steps"].step.tolist() == [10, 20, 30, 40, 50, 60, 70, 80]
    assert tables["steps"].seconds_per_batch.tolist() == [pytest.approx(0.2504 + i / 1000) for i in range(8)]
    assert (tables["evaluations"].loss[0], tables["evaluations"].top_1[0]) == (5.901, pytest.approx(0.0508))
    assert tables["phases"].examples_per_second_low.notna().all()


LOGGED = b"".join(
    b"2026-03-01 09:00:%02d,100 - trainer - INFO - Epoch [1][%d/7000]\tlr: 0.00125, eta: %d day, 4:33:09, data_time: 0.03%d, "
    b"time: 0.59%d, loss_box: 0.%d, loss: 3.%d\n" % (i, i * 50, 9 - i, i, i, i, i)
    for i in range(1, 6)
)
GLOGGED = b"".join(
    b"I1109 10:34:%02d.280992  9709 solver.cpp:219] Iteration %d (0.17%d iter/s, 58.6%ds/10 iters), loss = 2.%d\n"
    % (i, i * 10, i, i, i)
    for i in range(1, 6)
)
TIMED = b"".join(
    b"[2026-03-01 09:00:%02d,985] [INFO] [timer.py:189:stop] 0/%d, SamplesPerSec=83.48%d, MemAllocated=0.26GB\n"
    % (i, i * 10, i)
    for i in range(1, 6)
)


ITERATED = b"".join(
    b" iteration %8d/  500000 | elapsed time per iteration (ms): 43%d0.5 | learning rate: %d.320E-05 | global batch size:   256 |\n"
    % (i * 100, i, i)
    for i in range(1, 6)
)
BATCHED = b"".join(
    b"[2026-03-01 09:00:%02d,020 INFO misc.py line 120 1066359] Train: [1/100][%d/510] Data 0.003 (1.491) Batch 0.27%d (3.309)\n"
    % (i, i, i)
    for i in range(1, 6)
)


@pytest.mark.parametrize(
    ("text", "steps", "column", "values"),
    [
        (LOGGED, [50, 100, 150, 200, 250], "seconds_per_batch", [0.591, 0.592, 0.593, 0.594, 0.595]),
        (
            GLOGGED,
            [10, 20, 30, 40, 50],
            "seconds_per_batch",
            [1 / 0.171, 1 / 0.172, 1 / 0.173, 1 / 0.174, 1 / 0.175],
        ),
        (TIMED, [10, 20, 30, 40, 50], "examples_per_second", [83.481, 83.482, 83.483, 83.484, 83.485]),
        (ITERATED, [100, 200, 300, 400, 500], "seconds_per_batch", [4.3105, 4.3205, 4.3305, 4.3405, 4.3505]),
        (BATCHED, [1, 2, 3, 4, 5], "seconds_per_batch", [0.271, 0.272, 0.273, 0.274, 0.275]),
    ],
    ids=[
        "behind a logger, with a tab",
        "behind what TensorFlow prints too",
        "words parted by capitals",
        "a unit before it",
        "a batch with decimals",
    ],
)
def test_what_counts_the_lines_is_the_step(tmp_path, text, steps, column, values):
    """Without a word for it, what goes up evenly from line to line; the lines of the sample are read with their prefixes."""
    _, checked = drafted(tmp_path, text)
    assert "5 lines of samples: all is well" in checked.output
    tables = parse(tmp_path / "mine.log", grammars=[tmp_path / "mine"])
    assert tables["steps"].step.tolist() == steps
    assert tables["steps"][column].tolist() == pytest.approx(values)


def test_names_are_whole_and_a_part_of_a_step_is_no_step(tmp_path):
    """The time that data took is not that of a batch, and one loss of several keeps its name; sizes and times have their types."""
    grammar, _ = drafted(tmp_path, LOGGED + TIMED)
    assert "data_time: FLOAT" in grammar
    assert "loss_box: FLOAT" in grammar
    assert "eta: DURATION" in grammar
    assert "mem_allocated: BYTES" in grammar
    assert "//! restarts: epoch" in grammar


def test_facts_that_each_step_says_and_exponents_in_capitals(tmp_path):
    """A batch size beside each step is one of the run; 1.320E-05 is a number, as C and Megatron print it."""
    grammar, _ = drafted(tmp_path, ITERATED)
    assert "//! facts: step\n" in grammar
    tables = parse(tmp_path / "mine.log", grammars=[tmp_path / "mine"])
    assert tables["runs"].batch_size.tolist() == [256]
    assert tables["steps"].learning_rate.tolist() == [1.32e-05, 2.32e-05, 3.32e-05, 4.32e-05, 5.32e-05]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"Step=10 Rate=2269.5\nStep=20 Rate=798.1\nStep=30 Rate=797.1\n", "call it samples_per_second"),
        (b"found 3 files in 2 folders\n", "No lines look like steps"),
    ],
    ids=["no speed", "no steps"],
)
def test_what_a_draft_lacks_is_said(tmp_path, text, said):
    """Whoever drafts reads at once which name a report waits for."""
    (tmp_path / "mine.log").write_bytes(text)
    assert said in call("grammar", "new", tmp_path / "mine.log", "-o", tmp_path / "mine").output


def test_objects_are_read_by_their_keys_in_any_order(tmp_path):
    """A line of JSON becomes a kind by the keys that it has; keys say what they are, those of objects within it too."""
    lines = [{"step": i, "loss": 7 - i / 10, "images_per_sec": 500.0 + i} for i in range(1, 6)]
    lines = [json.dumps(line if i % 2 else dict(reversed(line.items()))) for i, line in enumerate(lines)]
    text = "\n".join([*lines, '{"epoch": 1, "val": {"loss": 6.4, "acc": 0.05}}', ""])
    grammar, checked = drafted(tmp_path, text.encode())
    assert checked.return_value == 0, checked.output
    said = re.search(r"^//! json: step_object: (.*)$", grammar, re.MULTILINE)[1]
    assert set(said.split(", ")) == {"step = step", "loss = loss", "images_per_second = images_per_sec"}
    tables = parse(tmp_path / "mine.log", grammars=[tmp_path / "mine"])
    assert tables["steps"].step.tolist() == [1, 2, 3, 4, 5]
    assert tables["steps"].examples_per_second.tolist() == [501.0, 502.0, 503.0, 504.0, 505.0]
    assert (tables["evaluations"].loss[0], tables["evaluations"].top_1[0]) == (6.4, 0.05)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("step 1 of 10", "step 20 of 300", True),
        ("[ 1/10] 0.5 ( 0.7)", "[10/10] 10.5 (10.7)", True),
        ("saved model_1.pt", "saved model_2.pt", True),
        ("took 63ms", "took 2s", True),
        ("train loss 1.0", "val loss 1.0", False),
        ("loss 1.0", "loss: 1.0", False),
    ],
)
def test_shapes(one, two, same):
    """Numbers, times, padding and names with digits differ within a shape; words and signs do not."""
    assert (key_of(pieces_of(one)) == key_of(pieces_of(two))) is same


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        b'{"step": 1, "loss": 2.5, "tag": "a\\"b\\\\c"}\n{"step": 2, "loss": 2.25, "tag": "d"}\n',
        b"C:\\data\\train 1\n\\\\host\\share 2\n\\ 3\\\n",
        b'say "hi" 1\nsay \'it\' 2\n"""\n\'\n"\n"i 3\n',
        b"caf\xe9 1 \xff\xfe\ncaf\xe9 2 \x80\n",
        "µs 1\népoque 2 – перплексия 3.5\n10%|███▌      | 1/10 [00:01<00:09,  1.2it/s]\n".encode(),
        b"> > 1\n>\n>>> 5\n| 1 | 2 |\n- 3\n1. 4\n// 5\n#6\n",
        b"x" * 5000 + b" 1\n" + b"y 1 " * 3000 + b"\nz 2\n",
        b"a 1\n",
        b"Epoch 1/2\nloss 1\n",
        b"step 1\nstep nan\nstep -1\nstep 1e-05\nstep 123456789012345678901234567890\nstep .5\nstep 1.2.3\nstep 1,234\n",
        b"//! step: x 1\n//! step: x 2\n%import 1\nstart: 2\n?a: 3\n",
        b"\tstep\t1\t\t2.5\n  step 2  3.5  \r\nA\x0b1\x0c2\n",
        b"2024-01-02 10:11:12,345 - INFO - step 1\n2024-01-02 10:11:13,345 - INFO - step 2\n",
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_check_passes_on_whatever_a_log_holds(tmp_path, text):
    """Quotes, backslashes, bytes that are no text, very long lines, one line, lines that look like grammar."""
    _, checked = drafted(tmp_path, text)
    assert checked.return_value == 0, checked.output


words = st.one_of(
    st.sampled_from(
        [
            "loss",
            "step",
            "val",
            "Epoch",
            "time:",
            "img/s",
            "[",
            "]",
            "|",
            "(",
            "ms",
            "-",
            "conv1",
            "/data/a_1",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=6),
)
numbers = st.sampled_from(["int", "float", "small", "time", "percent", "clock", "stamp", "thousands"])
shapes = st.lists(st.one_of(words, numbers.map(lambda name: (name,))), min_size=1, max_size=8)


def written(shape, seed):
    """A line of a shape with numbers of its own."""
    values = {
        "int": seed * 7, "float": f"{seed * 1.37:.3f}", "small": f"{seed + 1}e-05", "time": f"{seed}.5ms", "percent": f"{seed}%",
        "clock": f"0:{seed % 60:02}:01", "stamp": f"2024-01-02 03:04:{seed % 60:02}", "thousands": f"{seed + 1},{seed % 10}00",
    }  # fmt: skip
    return " ".join(str(values[word[0]]) if isinstance(word, tuple) else word for word in shape)


@pytest.mark.slow
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(shapes, min_size=1, max_size=5), st.lists(st.integers(0, 99), min_size=1, max_size=12))
def test_a_draft_is_sound_and_reads_its_sample(tmp_path_factory, forms, seeds):
    """Whatever the lines are made of: no kind that `check` would refuse, and no line of the sample that none reads."""
    text = "".join(f"{written(form, seed)}\n" for seed in seeds for form in forms).encode()
    found = draft("mine", text.splitlines())
    folder = tmp_path_factory.mktemp("drafts")
    if found.kinds:
        (folder / "mine.lark").write_text(found.grammar, "utf-8")
        (folder / "mine.log").write_bytes(found.sample)
        checked = call("grammar", "check", folder)
        assert checked.return_value == 0, checked.output
    assert found.left <= found.lines


def test_what_is_there_is_never_replaced(tmp_path):
    """A grammar of the name is kept, and so is a sample."""
    drafted(tmp_path, STEPS)
    again = CliRunner().invoke(
        group, ["grammar", "new", str(tmp_path / "mine.log"), "--name", "mine", "-o", str(tmp_path / "mine")]
    )
    assert again.exit_code != 0
    assert "is there already" in again.output + str(again.exception)


def test_a_name_of_ours_and_a_log_that_is_not_there(tmp_path):
    """Both are said in one line."""
    (tmp_path / "mnist.log").write_bytes(STEPS)
    taken = CliRunner().invoke(group, ["grammar", "new", str(tmp_path / "mnist.log")])
    assert "a grammar mnist of its own" in str(taken.exception)
    assert call("grammar", "new", tmp_path / "none.log").return_value == 1


def test_no_secret_is_written_into_a_grammar(tmp_path):
    """A line with a key or a password is left out of the draft and of its sample."""
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    grammar, _ = drafted(tmp_path, STEPS + f"using key {key} 1\n".encode())
    assert key not in grammar
    assert key not in (tmp_path / "mine" / "mine.log").read_text()

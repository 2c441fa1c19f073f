"""How many workers a job had: as its header, its launcher or its total says; and the speed of all of them."""

import pytest

from logreport import api
from logreport.runs.scripts.common import SCRIPT_FILE, whole
from logreport.runs.scripts.launchers import processes
from logreport.sources.source import memory_source

COMMAND = (
    "$ {}python tf_cnn_benchmarks.py --model=vgg16 --batch_size=16 --num_gpus=1 --variable_update=horovod\n"
)
STEP = "{}{}\timages/sec: {:.1f} +/- 0.2 (jitter = 0.9)\t7.9\n"
TOTAL = "----------------------------------------\ntotal images/sec: {:.2f}\n"
HEADER = "Model:       vgg16\nBatch size:  {} global\n             {} per device\nDevices:     {}\nVariables:   horovod\n"


def steps(*lines, prefix=""):
    """Step lines from pairs of step and speed; `prefix` has room for the rank where there are three."""
    return "".join(
        STEP.format(prefix.format(*line[2:]) if prefix else "", line[0], line[1]) for line in lines
    )


def read(text):
    """The row of the one run of a log, of its one phase, and the codes of its findings."""
    tables = api.read_logs([memory_source("a.log", text.encode())]).tables
    (run,), (phase,) = tables.rows("runs"), tables.rows("phases")
    return run, phase, {row["code"] for row in tables.rows("findings")}


def job(run):
    """What a run row says of the size of its job."""
    return tuple(run[name] for name in ("ranks", "num_devices", "batch_size", "batch_size_per_device"))


@pytest.mark.parametrize(
    ("launcher", "count"),
    [
        ("mpirun -np 6 -H a:3,b:3 -x PATH -mca btl ^openib", 6),
        ("mpirun -n 6", 6),
        ("mpirun --np 6 --allow-run-as-root", 6),
        ("mpirun -c 6", 6),
        ("mpirun -np6", 6),
        ("A=1 /opt/mpi/bin/mpiexec -n 6", 6),
        ("mpirun --host a:2,b", 3),
        ("mpirun -npernode 3 -H a,b", 6),
        ("mpirun --map-by ppr:2:node -H a,b,c", 6),
        ("mpiexec.hydra -ppn 3 -hosts a,b", 6),
        ("horovodrun -np 6", 6),
        ("horovodrun --num-proc=6", 6),
        ("srun -n6 -c 4 -N2", 6),
        ("srun --ntasks 6", 6),
        ("srun --ntasks=6", 6),
        ("srun -N 2 --ntasks-per-node=3", 6),
        ("srun --nodes=2 --ntasks-per-node 3 -n 5", 5),
        ("jsrun -n 6 -a 1 -c 7", 6),
        ("jsrun --nrs=2 --tasks_per_rs=3", 6),
        ("jsrun -n 6", 6),
        ("lrun -N 2 -T 3", 6),
        ("aprun -n 6 -N 1", 6),
        ("ibrun -n 6", 6),
        ("flux run -n 6 -g 1", 6),
        ("flux mini run --nodes=2 --tasks-per-node=3", 6),
        ("cd x && mpirun -np 6", 6),
        ("mpirun -np 6 singularity exec -n 9 x.sif", 6),
        ("docker run -n 9 image mpirun -np 6", 6),
        ("mpirun -np 6 \\\n   -H a:3,b:3", 6),
        # What does not say it.
        ("mpirun -np $N", None),
        ("mpirun", None),
        ("mpirun -hostfile hosts -npernode 3", None),
        ("mpiexec.hydra -hosts a,b", None),
        ("srun -N 1-3 --ntasks-per-node=2", None),
        ("srun -N 2", None),
        ("srun", None),
        ("mpirun -np 6 hostname;", None),
        ("nohup", None),
    ],
)
def test_a_launcher_says_how_many_processes_there_are(launcher, count):
    """Each launcher has options of its own; a variable, a file or a default of the machine says no number."""
    assert processes(f"me@host$ {launcher} python tf_cnn_benchmarks.py -n 3", SCRIPT_FILE) == count


def test_a_job_of_several_programs_has_no_one_number():
    """`mpirun -np 1 … : -np 3 …` starts them side by side."""
    assert processes("mpirun -np 1 python tf_cnn_benchmarks.py : -np 3 x", SCRIPT_FILE) is None


def test_the_batch_size_is_that_of_all_workers_of_the_launcher():
    """Without a header there is only the command: step lines are of one worker, the total is of all."""
    run, phase, codes = read(COMMAND.format("mpirun -np 6 ") + steps((1, 50), (20, 50)) + TOTAL.format(297))
    assert job(run) == (6, 6, 96, 16)
    assert (phase["examples_per_second"], phase["seconds_per_batch"]) == (297.0, pytest.approx(96 / 297))
    assert "workers-inferred" not in codes


def test_workers_without_a_total_have_no_speed_together():
    """One worker's step lines are not the speed of six."""
    run, phase, _ = read(COMMAND.format("mpirun -np 6 ") + steps((1, 50), (20, 50)))
    assert job(run) == (6, 6, 96, 16)
    assert (phase["examples_per_second"], phase["seconds_per_batch"]) == (None, None)


def test_a_count_that_the_total_alone_gives_is_said_to_be_inferred():
    """Where neither header nor command says how many workers there were."""
    for command, batch in ((COMMAND.format("mpirun -np $N "), 64), (COMMAND.format(""), 64), ("", None)):
        run, _, codes = read(command + steps((1, 50), (20, 50)) + TOTAL.format(198))
        assert (run["ranks"], run["num_devices"], run["batch_size"]) == (4, 4, batch)
        assert "workers-inferred" in codes


def test_a_count_that_the_total_leaves_open_is_missing():
    """43 or 44 workers would fit; that there were several is no doubt."""
    run, phase, codes = read(COMMAND.format("") + steps((1, 50), (20, 50)) + TOTAL.format(2130))
    assert job(run) == (None, None, None, 16)
    assert (phase["examples_per_second"], phase["seconds_per_batch"]) == (2130.0, None)
    assert "workers-inferred" not in codes


def test_a_slow_first_step_alone_tells_of_no_workers():
    """An excerpt may hold the first step and the total."""
    run, phase, _ = read(COMMAND.format("") + steps((1, 10)) + TOTAL.format(40))
    assert (run["ranks"], run["num_devices"], phase["examples_per_second"]) == (None, 1, 40.0)


def test_workers_that_know_nothing_of_each_other_are_no_job():
    """MPI was not set up: each of four prints its own total."""
    run, phase, _ = read(COMMAND.format("mpirun -np 4 ") + steps((1, 50), (20, 50)) + TOTAL.format(49.5))
    assert job(run) == (None, 1, 16, 16)
    assert phase["examples_per_second"] == 50.0


@pytest.mark.parametrize(
    ("header", "launcher"),
    [
        (HEADER.format(48, 16, ["horovod/gpu:0", "horovod/gpu:1", "horovod/gpu:2"]), ""),
        (HEADER.format(48, 16, ["horovod/gpu:0", "horovod/gpu:1", "horovod/gpu:2"]), "mpirun -np 3 "),
        (HEADER.format(16, "16.0", ["/gpu:0"]), "mpirun -np 3 "),  # of one worker, as older releases print it
        (HEADER.format(16, 16, ["horovod:0", "horovod:1", "horovod:2"]), ""),  # the first with Horovod
        (HEADER.format(48, 16, ["horovod:0", "horovod:1", "horovod:2"]), "mpirun -np 3 "),
    ],
)
def test_a_header_tells_of_all_workers_or_of_its_own(header, launcher):
    """Either way the batch is that of the job."""
    run, _, codes = read(COMMAND.format(launcher) + header + steps((1, 50), (20, 50)) + TOTAL.format(148.5))
    assert job(run) == (3, 3, 48, 16)
    assert "workers-inferred" not in codes


def test_workers_that_the_script_lists_are_those_of_the_job():
    """`--worker_hosts` names them all; each has its GPUs."""
    text = (
        "$ python tf_cnn_benchmarks.py --num_gpus=4 --batch_size=16 --variable_update=distributed_replicated "
    )
    text += "--job_name=worker --worker_hosts=a:1,b:1\n"
    run, _, _ = read(text + steps((1, 200), (20, 200)) + TOTAL.format(397))
    assert job(run) == (2, 8, 128, 16)


def test_a_worker_that_lists_its_own_devices_is_one_of_several():
    """The batch size of all over that of its devices: without a total, the speed of one worker is not that of the job."""
    header = HEADER.format(96, 8, [f"/job:worker/replica:0/task:0/gpu:{n}" for n in range(4)])
    header = header.replace("horovod", "distributed_replicated")
    run, phase, _ = read(header + steps((1, 200), (10, 201), (20, 202)))
    assert job(run) == (3, 12, 96, 8)
    assert (phase["examples_per_second"], phase["seconds_per_batch"]) == (None, None)
    run, phase, _ = read(header + steps((1, 200), (10, 201), (20, 202)) + TOTAL.format(604.5))
    assert (job(run), phase["examples_per_second"]) == ((3, 12, 96, 8), 604.5)


def test_a_worker_whose_batch_size_is_its_own_is_one():
    """Older releases print the batch size of the worker alone."""
    header = HEADER.format(32, 8, [f"/job:worker/replica:0/task:0/gpu:{n}" for n in range(4)])
    header = header.replace("horovod", "distributed_replicated")
    run, phase, _ = read(header + steps((1, 200), (10, 201), (20, 202)))
    assert (job(run), phase["examples_per_second"]) == ((None, 4, 32, 8), 202.0)


@pytest.mark.parametrize("prefix", ["", "[1,{}]<stdout>:"])
def test_only_a_step_that_all_workers_printed_is_added_up(prefix):
    """The last lines of different steps are no speed; the last common step is, and the printed total before it."""
    lines = [(1, 40, 0), (1, 41, 1), (10, 90, 0), (10, 91, 1), (20, 99, 0)]
    run, phase, _ = read(steps(*lines, prefix=prefix))
    assert (run["ranks"], phase["examples_per_second"], phase["n_steps"]) == (2, 181.0, 10)
    run, phase, _ = read(steps(*lines, prefix=prefix) + TOTAL.format(196.5))
    assert (run["ranks"], phase["examples_per_second"]) == (2, 196.5)


def test_without_a_common_step_nothing_is_added_up():
    """Three workers, and of each another step."""
    run, phase, _ = read(steps((10, 90, 0), (20, 91, 1), (30, 92, 2), prefix="[1,{}]<stdout>:"))
    assert (run["ranks"], phase["examples_per_second"], phase["seconds_per_batch"]) == (3, None, None)


def test_workers_of_the_header_that_printed_nothing_are_missed():
    """Two of four lines are there of each step: half of the speed is none."""
    header = HEADER.format(64, 16, [f"horovod/gpu:{n}" for n in range(4)])
    run, phase, _ = read(header + steps((1, 40), (1, 41), (10, 90), (10, 91)))
    assert (run["ranks"], phase["examples_per_second"]) == (4, None)
    run, phase, _ = read(header + steps((1, 40), (1, 41), (10, 90), (10, 91)) + TOTAL.format(360.5))
    assert (phase["examples_per_second"], phase["seconds_per_batch"]) == (360.5, pytest.approx(64 / 360.5))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("64", 64), (" 64.0", 64), ("1_024", 1024), ("1,024", 1024), ("1e3", 1000), ("2.5e2", 250), ("64;", 64), ("64,", 64),
        ("64)", 64), ("128, 56, 56, 64", 128), ("128 global", 128), ("64x", None), ("1.5", None), ("-3", None),
        ("$BATCH", None), ("8*2", None), ("12,34", None), ("1_", None), ("64-128", None), ("0x40", None), ("٦٤", None),
        ("9" * 30, None), ("1e99", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_meant_or_not_at_all(text, number):
    """`--batch_size=1_024` is no batch of 1."""
    assert whole(text) == number


@pytest.mark.parametrize(
    ("flags", "batch", "model", "precision"),
    [
        ("--batch_size=1_024 --model=vgg16 --use_fp16", 1024, "vgg16", "fp16"),
        ("--batch_size=$N --model=${MODEL} --use_fp16=$HALF", None, None, None),
        ("--batch_size=<n> --model=<model>", None, None, "fp32"),
    ],
)
def test_a_variable_or_a_placeholder_is_no_value(flags, batch, model, precision):
    """A command of a script says `$MODEL`: nobody knows what that was."""
    run, _, _ = read(f"$ mpirun -np 1 python tf_cnn_benchmarks.py {flags}\n" + steps((10, 50), (20, 50)))
    assert (run["batch_size"], run["model"], run["precision"]) == (batch, model, precision)

"""A supervised child: nothing that it prints is lost, it ends as it should, and nothing of it is left behind."""

import hashlib
import json
import os
import random
import signal
import subprocess
import time

import pytest
from children import drive, holds, is_running, kill_all, pids, until, watch

from logreport.errors import LogreportError
from logreport.runner.machine.sampling import Usage
from logreport.runner.process import process
from logreport.runner.process.logfile import LogFile

PRELUDE = "import os, sys, time, signal\n"
TWO_STREAMS = (
    PRELUDE
    + """
import random, threading
def write(descriptor, name, seed):
    rng = random.Random(seed)
    for number in range(3000):
        line = f"{name} {number} {'x' * rng.randrange(200)}\\n".encode()
        cut = rng.randrange(len(line))
        for piece in (line[:cut], line[cut:]):  # as an unbuffered print does
            os.write(descriptor, piece)
threads = [threading.Thread(target=write, args=(1, "out", 1)), threading.Thread(target=write, args=(2, "err", 2))]
[t.start() for t in threads]; [t.join() for t in threads]
"""
)
FORKS = (
    PRELUDE
    + """
print("pid", os.getpid(), flush=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)
        print("pid", os.getpid(), flush=True)
        {then}
        time.sleep(600)
    os._exit(0)
os.wait()
time.sleep({wait})
"""
)
STUBBORN = (
    PRELUDE
    + """
signal.signal(signal.SIGTERM, lambda *_: print("not yet", flush=True))
print("pid", os.getpid(), flush=True)
while True: time.sleep(0.05)
"""
)
POLITE = (
    PRELUDE
    + """
def end(*_):
    print("last words", flush=True); sys.exit(7)
signal.signal(signal.SIGTERM, end)
print("pid", os.getpid(), flush=True)
time.sleep(600)
"""
)


@pytest.fixture
def log(tmp_path):
    """Where the log goes; whatever a failed test left running is killed."""
    path = tmp_path / "run.log"
    yield path
    kill_all(path)


def test_both_streams_are_kept_in_order_and_no_line_is_cut(log):
    """Two streams that write lines in pieces at once: each is whole and in order, and no line is inside another."""
    seen = []
    ended = watch(TWO_STREAMS, log, on_lines=seen.append)
    lines = log.read_bytes().splitlines(keepends=True)
    for name, seed in (("out", 1), ("err", 2)):
        rng = random.Random(seed)  # noqa: S311 - the child's
        expected = []
        for number in range(3000):
            expected.append(f"{name} {number} {'x' * rng.randrange(200)}\n".encode())
            rng.randrange(len(expected[-1]))
        assert [line for line in lines if line.startswith(name.encode())] == expected
    assert len(lines) == 6000
    assert b"".join(seen) == log.read_bytes()
    assert all(block.endswith(b"\n") for block in seen)
    assert (ended.exit_status, ended.signal, ended.stopped_by, ended.left_behind) == (0, None, None, 0)


@pytest.mark.parametrize(
    "printed", [b"", b"no end", b"a\n\n\r\nb\r", bytes(range(256)) * 300, b"\n" * 5000, b"x" * 3_000_000]
)
def test_the_log_is_what_was_printed_byte_for_byte(log, tmp_path, printed):
    """Whatever the bytes are, with or without a newline at the end; the digest is that of the file."""
    (tmp_path / "bytes").write_bytes(printed)
    code = f"import os; data = open({str(tmp_path / 'bytes')!r}, 'rb').read()\nwhile data: data = data[os.write(1, data):]"
    ended = watch(code, log)
    assert log.read_bytes() == printed
    assert (ended.log_bytes, ended.log_sha256) == (len(printed), hashlib.sha256(printed).hexdigest())


def test_a_hundred_megabytes_are_kept(log):
    """A script that prints very much and very fast loses nothing."""
    code = "import sys\nfor i in range(1000): sys.stdout.write(''.join(f'{i:05} {j:093}\\n' for j in range(1000)))"
    ended = watch(code, log)
    digest = hashlib.sha256()
    for i in range(1000):
        digest.update("".join(f"{i:05} {j:093}\n" for j in range(1000)).encode())
    assert log.stat().st_size == ended.log_bytes == 100_000_000
    with log.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == digest.hexdigest() == ended.log_sha256


def test_what_waits_is_written_when_the_log_is_closed(log):
    """The end comes while one stream waits for the other's line, whose end will not come."""
    lines = []
    file = LogFile(log, lines.append)
    file.take(0, b"half")
    file.take(1, b"other\n")
    file.take(1, b"more")
    assert log.read_bytes() == b"half"
    file.close()
    assert log.read_bytes() == b"halfother\nmore"
    assert lines == [b"halfother\n", b"more\n"]


def test_a_line_without_end_does_not_hold_the_other_stream_up(log):
    """A prompt on one stream: what the other prints meanwhile is there soon, not only at the end."""
    code = PRELUDE + "os.write(1, b'half'); os.write(2, b'other\\n'); time.sleep(600)"
    driver = drive(code, log)
    try:
        until(lambda: holds(log, b"halfother\n"))
        assert driver.poll() is None
    finally:
        driver.send_signal(signal.SIGTERM)
        driver.communicate(timeout=60)


@pytest.mark.parametrize(
    ("code", "status", "name"),
    [
        ("raise SystemExit(3)", 3, None),
        ("1 / 0", 1, None),
        ("import os; os.kill(os.getpid(), 11)", None, "SIGSEGV"),
        ("import os; os.kill(os.getpid(), 9)", None, "SIGKILL"),
        ("import os; print(1, flush=True); os.close(1); os.close(2)", 0, None),
    ],
)
def test_how_it_ended_is_known(log, code, status, name):
    """Exit status or signal, also after a crash and where it closed its streams before its end."""
    ended = watch(code, log)
    assert (ended.exit_status, ended.signal, ended.stopped_by) == (status, name, None)
    assert ended.ended >= ended.started
    assert ended.started.tzinfo is not None


def test_a_timeout_asks_first(log):
    """A script that ends when it is asked to says its last words."""
    ended = watch(POLITE, log, timeout=1.0)
    assert log.read_text().endswith("last words\n")
    assert (ended.exit_status, ended.signal, ended.stopped_by) == (7, None, "timeout")
    assert not any(map(is_running, pids(log)))


def test_what_does_not_listen_is_killed(log, monkeypatch):
    """A script that ignores the request is killed after a while; what it printed until then is there."""
    monkeypatch.setattr(process, "GRACE", 0.5)
    ended = watch(STUBBORN, log, timeout=0.5)
    assert (ended.exit_status, ended.signal, ended.stopped_by) == (None, "SIGKILL", "timeout")
    assert log.read_text().endswith("not yet\n")
    assert not any(map(is_running, pids(log)))


@pytest.mark.parametrize("then", ["", "os.close(1); os.close(2)"], ids=["holds the pipes", "closes them"])
def test_a_daemon_is_not_left_behind(log, monkeypatch, then):
    """A process that went into a session of its own does not hang us, and does not outlive the run."""
    monkeypatch.setattr(process, "LINGER", 0.5)
    ended = watch(FORKS.format(then=then, wait=0.2), log)
    assert (ended.exit_status, ended.left_behind) == (0, 1)
    assert len(pids(log)) == 2
    assert not any(map(is_running, pids(log)))


def test_a_process_without_our_mark_is_not_left_behind(log, monkeypatch):
    """One that was started with an empty environment, as by sudo: it is in the script's session."""
    monkeypatch.setattr(process, "LINGER", 0.5)
    code = (
        PRELUDE
        + """
import subprocess
again = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", again], env={}); time.sleep(1)
"""
    )
    ended = watch(code, log)
    assert (ended.exit_status, ended.left_behind) == (0, 1)
    assert not any(map(is_running, pids(log)))


def test_a_process_that_took_off_all_marks_is_not_left_behind(log, monkeypatch):
    """One with an empty environment, in a session of its own, whose parent is over: the guard has adopted it."""
    monkeypatch.setattr(process, "LINGER", 0.5)
    again = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"
    code = f"""{PRELUDE}
import subprocess
subprocess.Popen([sys.executable, "-c", {again!r}], env={{}}, start_new_session=True); time.sleep(1)
"""
    ended = watch(code, log)
    assert (ended.exit_status, ended.left_behind) == (0, 1)
    assert len(pids(log)) == 1
    assert not any(map(is_running, pids(log)))


def test_what_setsid_and_an_empty_environment_hide_is_found(log, monkeypatch):
    """`setsid env -i program &`: its parent is over and no mark is left, but nobody leaves the guard's tree."""
    monkeypatch.setattr(process, "LINGER", 0.5)
    ended = watch(UNMARKED.format(wait=1), log)
    assert (ended.exit_status, ended.left_behind) == (0, 1)
    assert len(pids(log)) == 2
    assert not any(map(is_running, pids(log)))


def test_a_guard_that_is_killed_ends_the_run(log):
    """Where a script kills its own parent, it is ended too, and nothing hangs."""
    code = PRELUDE + "print('pid', os.getpid(), flush=True); os.kill(os.getppid(), 9); time.sleep(600)"
    ended = watch(code, log)
    assert (ended.exit_status, ended.signal) == (None, "SIGKILL")
    until(lambda: not any(map(is_running, pids(log))))


def test_the_script_has_the_environment_that_it_was_given(log, monkeypatch):
    """The guard before it adds its mark and nothing else."""
    for given in ({}, {"LC_CTYPE": "C", "LC_ALL": ""}):
        for name in ("LC_CTYPE", "LC_ALL"):
            monkeypatch.delenv(name, raising=False)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        process.supervise(["/usr/bin/env"], log=log, environment={"OWN": "1"}, folder=log.parent)
        said = dict(line.split("=", 1) for line in log.read_text().splitlines() if "=" in line)
        mine = {name: value for name, value in said.items() if not name.startswith("LOGREPORT_RUN_")}
        expected = {name: value for name, value in os.environ.items() if "\n" not in value}
        assert mine == {**expected, "OWN": "1"}
        log.unlink()


def test_processor_time_is_that_of_the_run(log, monkeypatch):
    """The run's own, and not what is used while we wait for what it left behind."""
    monkeypatch.setattr(process, "LINGER", 1.5)
    busy = "import time; t = time.process_time()\nwhile time.process_time() - t < {}: pass"
    code = f"""{PRELUDE}
import subprocess
subprocess.Popen([sys.executable, "-c", {busy.format(60)!r}], start_new_session=True)
{busy.format(0.5)}
"""
    ended = watch(code, log)
    assert ended.cpu_seconds >= 0.5
    for seconds in (ended.others_cpu_seconds, ended.stolen_cpu_seconds):
        assert 0 <= seconds <= ended.seconds * os.cpu_count()


def test_no_tick_makes_more_than_all_processors(monkeypatch):
    """The system counts in hundredths of a second; a run of a thousandth may see one."""
    times = iter([(0.0, 0.0, 0.0), (0.0, 5.0, 5.0)])
    monkeypatch.setattr(Usage, "now", lambda _: next(times))
    measured = Usage()
    measured.stop()
    measured.stop()
    used = measured.used(0.0, 0.001)
    assert used.others_cpu_seconds == used.stolen_cpu_seconds == pytest.approx(0.001 * os.cpu_count())


def test_a_deleted_log_is_written_again(log):
    """Where its folder was deleted, too: what was printed is what is in it."""
    code = f"import shutil; print('a'); shutil.rmtree({str(log.parent)!r}); print('b')"
    log = log.parent / "deeper" / "run.log"
    log.parent.mkdir()
    ended = watch(code, log)
    assert ended.deleted
    assert log.read_text() == "a\nb\n"


def test_the_time_is_that_of_the_script(log, monkeypatch):
    """What a daemon makes us wait is no time of the run."""
    monkeypatch.setattr(process, "LINGER", 1.0)
    start = time.monotonic()
    ended = watch(FORKS.format(then="", wait=0), log)
    assert ended.seconds <= time.monotonic() - start - process.LINGER
    assert (ended.ended - ended.started).total_seconds() == pytest.approx(ended.seconds, abs=1e-5)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_script_gently(log, number):
    """Ctrl-C, SIGTERM or a terminal that closes: the script is asked to end, and its last words are kept."""
    driver = drive(POLITE, log)
    until(lambda: holds(log, b"\n"))
    driver.send_signal(number)
    out, err = driver.communicate(timeout=60)
    assert json.loads(out) == [7, None, process.STOPPING[number], None], err
    assert log.read_text().endswith("last words\n")
    assert not any(map(is_running, pids(log)))


def test_a_second_ctrl_c_kills_at_once(log):
    """The first Ctrl-C would wait for ten minutes; the second does not."""
    driver = drive(STUBBORN, log, grace=600)
    until(lambda: holds(log, b"\n"))
    driver.send_signal(signal.SIGINT)
    until(lambda: holds(log, b"not yet\n"))
    assert is_running(pids(log)[0])
    driver.send_signal(signal.SIGINT)
    out, err = driver.communicate(timeout=60)
    assert json.loads(out) == [None, "SIGKILL", "Ctrl-C", None], err
    assert not any(map(is_running, pids(log)))


def test_nohup_is_respected(log):
    """Where SIGHUP is ignored, a terminal that closes stops nothing."""
    code = PRELUDE + "print('pid', os.getpid(), flush=True); time.sleep(1); print('done')"
    driver = drive(code, log, before="import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)")
    until(lambda: holds(log, b"\n"))
    driver.send_signal(signal.SIGHUP)
    out, err = driver.communicate(timeout=60)
    assert json.loads(out) == [0, None, None, None], err
    assert log.read_text().endswith("done\n")


UNMARKED = (
    PRELUDE
    + """
import subprocess
again = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"
subprocess.run(["sh", "-c", 'setsid env -i "$@" &', "sh", sys.executable, "-c", again])
print("pid", os.getpid(), flush=True)
time.sleep({wait})
"""
)


@pytest.mark.parametrize(
    "code",
    [STUBBORN, FORKS.format(then="", wait=600), UNMARKED.format(wait=600)],
    ids=["stubborn", "with a daemon", "setsid env -i"],
)
def test_nothing_is_left_when_logreport_is_killed(log, code):
    """SIGKILL leaves us no time to tidy up: all processes of the run end all the same, and the log has what they said."""
    driver = drive(code, log)
    until(lambda: log.exists() and len(pids(log)) == (2 if code is not STUBBORN else 1))
    running = pids(log)
    driver.kill()
    driver.communicate(timeout=60)
    until(lambda: not any(map(is_running, running)))
    assert pids(log) == running


def test_a_full_disk_stops_the_script_and_keeps_what_fits(log):
    """What was printed until the disk was full is kept byte for byte, the script is stopped, and the reason is known."""
    code = PRELUDE + "print('pid', os.getpid(), flush=True)\nwhile True: print('x' * 99, flush=True)"
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    out, err = drive(code, log, before=limit).communicate(timeout=60)
    status, name, stopped_by, unwritten = json.loads(out)
    assert (stopped_by, unwritten) == ("log", "File too large"), err
    assert (status, name) == (None, "SIGTERM")
    content = log.read_bytes()
    first = content.splitlines(keepends=True)[0]
    assert content == (first + (b"x" * 99 + b"\n") * 1100)[:100_000]
    assert not any(map(is_running, pids(log)))


def test_the_last_bytes_that_do_not_fit_are_not_lost_in_silence(log):
    """One byte more than there is room for, and nothing after it: that is an error too."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))"
    for size, why in ((100, None), (101, "File too large")):
        out, err = drive(f"import os; os.write(1, b'x' * {size})", log, before=limit).communicate(timeout=60)
        assert json.loads(out)[3] == why, err
        assert log.read_bytes() == b"x" * 100
        log.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
def test_a_full_file_system_stops_the_script(tmp_path):
    """The same on a real file system with no room left."""
    place = tmp_path / "small"
    place.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=False)
    if mount.returncode:
        pytest.skip("this container may not mount")
    try:
        ended = watch("while True: print('x' * 99, flush=True)", place / "run.log")
        assert (ended.stopped_by, ended.unwritten) == ("log", "No space left on device")
        content = (place / "run.log").read_bytes()
        assert content == ((b"x" * 99 + b"\n") * 1000)[: len(content)]
        assert len(content) == ended.log_bytes == 1 << 16
    finally:
        subprocess.run(["umount", place], check=True)


def test_what_cannot_be_written_or_started_is_said(tmp_path):
    """A file where a folder should be, a log that is there, a program that is not: each an error with its place."""
    (tmp_path / "file").write_text("")
    for log, why in ((tmp_path / "file" / "run.log", "Not a directory"), (tmp_path / "file", "File exists")):
        with pytest.raises(LogreportError, match=f"{log}: cannot be written .{why}"):
            watch("print(1)", log)
    with pytest.raises(LogreportError, match=r"/no/python: cannot be started \(No such file"):
        process.supervise(["/no/python"], log=tmp_path / "a.log", environment={}, folder=tmp_path)


def test_an_error_of_whoever_looks_on_leaves_nothing_behind(log):
    """Where a caller's function fails, the script is ended before the error goes on."""

    def fail(_lines):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        watch(STUBBORN, log, on_lines=fail)
    assert not any(map(is_running, pids(log)))


def test_it_works_without_a_main_thread(log):
    """Signals can be handled in the main thread only; elsewhere a run works without them."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(watch, "print('hello')", log).result().exit_status == 0
    assert log.read_bytes() == b"hello\n"


def test_the_child_has_a_session_of_its_own_and_nothing_to_read(log):
    """Ctrl-C reaches us and not the child, and a question to the user ends instead of waiting."""
    watch("import os, sys; print(os.getsid(0) == os.getpid(), repr(sys.stdin.read()))", log)
    assert log.read_text() == "True ''\n"

"""The command layer: it starts light, lists itself, and turns what a user can cause into one line."""

import importlib
import inspect
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from stages import _command
from stages._hand import BY_HAND
from zpoints.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = sorted(path.stem for path in (ROOT / "stages").glob("[!_]*.py"))
STAGES = sorted({*COMMANDS} - {*BY_HAND})
BY_HAND_TITLE = "By hand alone, no part of the pipeline:"
HEAVY = {"tensorflow", "keras", "sklearn", "matplotlib", "scipy", "numpy", "PIL"}


def python(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True)


HELP = f"""
import runpy, sys
sys.argv = ["x", "--help"]
for stage in {COMMANDS!r}:
    print(f"== {{stage}}")
    try:
        runpy.run_module(f"stages.{{stage}}", run_name="__main__")
    except SystemExit as end:
        assert not end.code
    print("heavy:", sorted({HEAVY!r} & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def helps():
    """What each command prints for --help, and imported; all in one process, since nothing heavy stays in it."""
    _, *answers = re.split(r"^== (\w+)\n", python("-c", HELP).stdout, flags=re.M)
    return dict(zip(answers[::2], answers[1::2], strict=True))


@pytest.mark.parametrize("stage", COMMANDS)
def test_help_answers_without_importing_anything_heavy(stage, helps):
    assert "Usage:" in helps[stage] and "heavy: []" in helps[stage]
    assert ("--out" in helps[stage]) == (stage not in ("doctor", "plan", "sweep", "tidy"))  # these write no out


def test_the_list_of_stages_has_a_line_for_each():
    lines = python("-m", "stages").stdout.splitlines()
    titles = [lines.index(title) for title in ("Pipeline:", "Analyses, each by `measure`:", BY_HAND_TITLE)]
    assert titles == sorted(titles)
    for names, (first, last) in ((STAGES, titles[:2]), (BY_HAND, (titles[2], None))):
        for name in names:
            (line,) = (line for line in lines[first:last] if line.split()[:1] == [name])
            assert len(line.split()) > 3
    assert any(line.split()[:1] == ["radius"] for line in lines[titles[1] : titles[2]])


def run_stage(stage, capsys):
    with pytest.raises(SystemExit) as ended:
        _command.run(stage)
    return ended.value.code, capsys.readouterr()


@pytest.fixture(autouse=True)
def _no_arguments(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["stage"])
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)


def test_a_user_error_is_a_line_for_each_fault_and_exit_code_1(capsys):
    def stage() -> None:
        raise UserError("params.yaml: a: expected 1, received 2", "params.yaml: b: expected 3, received 4")

    code, printed = run_stage(stage, capsys)
    assert code == 1 and printed.out == ""
    assert printed.err.splitlines() == [
        "error: params.yaml: a: expected 1, received 2",
        "error: params.yaml: b: expected 3, received 4",
    ]


def test_a_full_disk_names_the_file_and_says_so(capsys):
    def stage() -> None:
        raise OSError(28, "No space left on device", "data/shards/shard_000.npy")

    code, printed = run_stage(stage, capsys)
    assert code == 1
    assert printed.err.count("\n") == 1
    assert "data/shards/shard_000.npy" in printed.err and "No space left on device" in printed.err


def test_a_fault_of_the_program_itself_keeps_its_traceback():
    def stage() -> None:
        raise AssertionError("a bug")

    with pytest.raises(AssertionError):
        _command.run(stage)


def test_a_stage_that_ends_well_ends_with_exit_code_0(capsys):
    def stage() -> None:
        typer.echo("done")

    code, printed = run_stage(stage, capsys)
    assert (code, printed.out) == (0, "done\n")


# Whole processes: what the machine, a signal or a closed terminal does to one.

COMMAND = """
import os, sys, time
from pathlib import Path
from stages._command import run
from zpoints.artifacts import whole_folder

def stage(out: Path = Path("out"), size: int = 0) -> None:
    {body}

if __name__ == "__main__":
    run(stage)
"""
WRITE = """
    with whole_folder(out, "stage") as folder:
        (folder / "half").write_text("")
        print("ready", flush=True)
        time.sleep(600)
"""


def command(folder: Path, body: str) -> list[str]:
    """A command line that runs a stage with this body."""
    path = folder / "command.py"
    path.write_text(COMMAND.format(body=body.strip()))
    return [sys.executable, str(path), "--out", str(folder / "out")]


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))


def answer(arguments: list[str], **options) -> tuple[int, list[str]]:
    """Exit code, and what is printed on stderr."""
    ended = subprocess.run(arguments, stderr=subprocess.PIPE, text=True, timeout=600, cwd=ROOT, **options)
    return ended.returncode, ended.stderr.splitlines()


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("raise MemoryError", "memory: expected enough for this command, received: the system gives no more"),
        ("raise MemoryError('Unable to allocate 3 GiB')", "memory: expected enough .*: Unable to allocate 3 GiB"),
        ("raise type('ResourceExhaustedError', (Exception,), {})('OOM\\nmore')", "memory: expected enough .*: OOM"),
        ("f = lambda: f(); f()", "input: expected fewer levels .*: maximum recursion depth exceeded"),
        ("raise OSError(28, 'No space left on device')", "file system: expected .*: No space left on device"),
        ("open('a\\nb')", r"a\\nb: expected .*: No such file or directory"),
        ("raise BrokenPipeError(32, 'Broken pipe')", "file system: expected .*: Broken pipe"),
    ],
)
def test_what_the_machine_refuses_is_one_line(tmp_path, environment, body, line):
    code, (printed,) = answer(command(tmp_path, body))
    assert code == 1
    assert re.fullmatch(f"error: {line}", printed)


NOHUP = pytest.mark.skipif(
    signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, reason="run by nohup, whose children do not hear SIGHUP"
)


@pytest.mark.parametrize(
    ("number", "code", "line"),
    [
        (signal.SIGINT, 130, "error: interrupted"),
        (signal.SIGTERM, 143, "error: ended by SIGTERM"),
        pytest.param(signal.SIGHUP, 129, "error: ended by SIGHUP", marks=NOHUP),
    ],
)
def test_a_signal_is_one_line_and_leaves_nothing(tmp_path, environment, number, code, line):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command(tmp_path, WRITE), text=True, cwd=ROOT, **pipes) as process:
        assert process.stdout and process.stderr and process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stderr.read() == f"{line}\n"
    assert process.returncode == code
    assert [path.name for path in tmp_path.iterdir()] == ["command.py"]


def test_a_signal_over_which_a_clean_up_fails_is_one_line(tmp_path, environment):
    body = """
    try:
        os.kill(os.getpid(), 15)
        time.sleep(600)
    finally:
        unknown
    """
    assert answer(command(tmp_path, body)) == (143, ["error: ended by SIGTERM"])


def test_objects_that_a_signal_leaves_half_made_say_nothing(tmp_path, environment):
    body = """
    class Half:
        def __del__(self):
            self.missing
    half = Half()
    os.kill(os.getpid(), 15)
    time.sleep(600)
    """
    assert answer(command(tmp_path, body)) == (143, ["error: ended by SIGTERM"])


def test_a_forked_worker_that_is_ended_removes_nothing_of_its_parents(tmp_path, environment):
    body = """
    with whole_folder(out, "stage") as folder:
        (folder / "a").write_text("whole")
        if (child := os.fork()) == 0:
            try:
                os.kill(os.getpid(), 15)
                time.sleep(600)
            finally:
                os._exit(0)
        assert os.waitpid(child, 0)[1] == 15
        assert (folder / "a").exists()
    """
    assert answer(command(tmp_path, body)) == (0, [])
    assert (tmp_path / "out" / "a").read_text() == "whole"


def test_a_signal_that_is_ignored_stays_ignored(tmp_path, environment):
    """As with nohup."""
    body = "import signal; os.kill(os.getpid(), 1); print('still here', file=sys.stderr)"
    ignore = "import os, signal, sys; signal.signal(1, signal.SIG_IGN); os.execv(sys.executable, sys.argv[1:])"
    assert answer([sys.executable, "-c", ignore, *command(tmp_path, body)]) == (0, ["still here"])


@pytest.mark.parametrize("redirection", ["| head -1", "| true", "2>&1 | true", ">&-"])
def test_a_reader_that_leaves_is_no_traceback(redirection):
    line = f"{sys.executable} -m stages {redirection}"
    code, printed = answer(["bash", "-c", line], stdout=subprocess.DEVNULL)
    assert code == 0 and printed == []


def test_a_full_disk_behind_stdout_is_one_line():
    with open("/dev/full", "w") as full:
        code, printed = answer([sys.executable, "-m", "stages"], stdout=full)
    assert code == 1
    assert printed == ["error: file system: expected to read and write here, received: No space left on device"]


def test_errors_are_on_stdout_where_stderr_is_closed(tmp_path, environment):
    body = """
    from stages._tensorflow import start_tensorflow
    assert os.open(Path(__file__), os.O_RDONLY) > 2
    open("absent")
    """
    line = f"{' '.join(command(tmp_path, body))} 2>&-"
    ended = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == 1 and ended.stderr == ""
    (printed,) = ended.stdout.splitlines()
    assert printed == "error: absent: expected to read and write here, received: No such file or directory"


START = "from stages._tensorflow import start_tensorflow; start_tensorflow()"


def test_another_backend_of_keras_is_one_line(tmp_path, environment, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    expected = "error: KERAS_BACKEND: expected tensorflow, received jax; unset it"
    assert answer(command(tmp_path, START)) == (1, [expected])


def test_too_little_address_space_for_tensorflow_is_one_line(tmp_path, environment):
    code, (printed,) = answer(["bash", "-c", f"ulimit -v 3000000; exec {' '.join(command(tmp_path, START))}"])
    assert code == 1
    assert printed.startswith("error: ulimit -v: expected at least 4194304 for TensorFlow, received 3000000; ")


def test_an_out_that_is_no_place_is_refused_before_any_work(tmp_path):
    file = tmp_path / "thesis.tex"
    file.write_text("years of work")
    for out in (file, file / "below", Path(""), Path("."), Path("/"), tmp_path):
        with pytest.raises(UserError, match="expected a new or empty folder"):
            _command.parameters(tmp_path / "absent.yaml", None, out, "stage")
    assert file.read_text() == "years of work"


@pytest.mark.parametrize("name", sorted(path.stem for path in Path(_command.__file__).parent.glob("[!_]*.py")))
def test_help_ends_with_an_example(name):
    module = importlib.import_module(f"stages.{name}")
    commands = (
        {name: getattr(module, name)}
        if hasattr(module, name)
        else {f"{name} {command}": getattr(module, command) for command in ("plan", "run", "repro", "status")}
    )
    for words, command in commands.items():
        example = (inspect.getdoc(command) or "").rpartition("\n\n")[2]
        assert example.startswith(f"Example: python -m stages.{words}"), words

"""What all commands share: common options, and errors in one line with a non-zero exit.

The last paragraph of a command's docstring is an example: "Example: python -m stages.NAME ...".
"""

import atexit
import contextlib
import gc
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from zpoints.artifacts import refuse_foreign
from zpoints.config.reader import Params, read
from zpoints.errors import UserError, printable

PARAMS = Path("params.yaml")

ParamsFile = Annotated[Path, typer.Option("--params", help="the parameters to read")]
SetParam = Annotated[
    list[str] | None,
    typer.Option("--set-param", "-S", metavar="KEY=VALUE", help="override a parameter for this run; needs --out"),
]
Out = Annotated[Path | None, typer.Option(help="write here instead of into the outs that DVC tracks")]


def run(stage: Callable[..., None]) -> None:
    """Run a stage as a Typer command; what a user can cause ends in one line on stderr and exit code 1."""
    # Imports make many objects and no garbage: looking for it took a tenth of their time, and as long again at the end.
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(errors_in_a_line()(stage))
    app()


def parameters(path: Path, overrides: Sequence[str] | None, out: Path | None, stage: str | None = None) -> Params:
    """The parameters of this run. An overridden run must say where to write: never into the tracked outs.

    With the name of the `stage`, `out` is refused before any work starts unless it may be written there.
    """
    if overrides and out is None:
        raise UserError("--set-param: expected --out as well, received none; DVC's outs hold what params.yaml says")
    if out is not None and stage is not None:
        refuse_foreign(out, stage)
    return read(path, overrides or ())


@contextlib.contextmanager
def errors_in_a_line() -> Iterator[None]:
    """End the process with a line for what a user or the machine can cause; faults of the program keep their traceback.

    SIGTERM and SIGHUP end the block as an exception does, so that partial outs are removed and workers end.
    """
    _open_standard_streams()
    try:
        with _signals_as_exceptions():
            yield
            sys.stdout.flush()
    except UserError as error:
        _fail(*error.args)
    except (KeyboardInterrupt, SystemExit) as ended:
        _fail_if_signalled(ended)
        _close_broken_stdout()
        raise
    except MemoryError as error:
        _fail(f"memory: expected enough for this command, received: {str(error) or 'the system gives no more'}")
    except RecursionError as error:
        _fail(f"input: expected fewer levels within each other, received: {error}")
    except BrokenPipeError as error:
        if not _reader_left():
            _fail(_os_error(error))
        _close_broken_stdout()
        sys.exit(1)
    except OSError as error:
        _fail(_os_error(error))
    except Exception as error:
        _fail_if_signalled(error)
        if type(error).__name__ == "ResourceExhaustedError":  # TensorFlow's, which is not imported for it
            _fail(f"memory: expected enough for this command, received: {str(error).splitlines()[0]}")
        raise


ENDINGS = {
    130: "interrupted",
    128 + signal.SIGTERM: "ended by SIGTERM",
    128 + signal.SIGHUP: "ended by SIGHUP",
}


def _fail_if_signalled(error: BaseException | None) -> None:
    """End in a line if a signal ended the block, also where a library's clean-up failed over it with `error`."""
    while error is not None:
        code = 130 if isinstance(error, KeyboardInterrupt) else getattr(error, "code", None)
        if isinstance(error, KeyboardInterrupt | SystemExit) and code in ENDINGS:
            sys.unraisablehook = lambda _: None  # of objects that the signal left half made
            _fail(ENDINGS[code], code=code)
        error = error.__context__


def _os_error(error: OSError) -> str:
    return f"{error.filename or 'file system'}: expected to read and write here, received: {error.strerror or error}"


def _fail(*lines: str, code: int = 1) -> NoReturn:
    _close_broken_stdout()
    with contextlib.suppress(OSError):
        for line in lines:
            print(f"error: {printable(line)}", file=sys.stderr, flush=True)
    sys.exit(code)


def _open_standard_streams() -> None:
    """Give closed ones a descriptor, or the next file that is opened would receive what is printed."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest that is free
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or sys.stdout


def _close_broken_stdout() -> None:
    """Where nothing more can be printed, Python would say so once more when the process ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reader_left() -> bool:
    """Whether stdout or stderr leads into a pipe that nobody reads any more, as after `| head -1`."""
    poll = select.poll()
    for descriptor in (1, 2):
        poll.register(descriptor, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


@contextlib.contextmanager
def _signals_as_exceptions() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt, SIGTERM and SIGHUP SystemExit; what is ignored, as with nohup, stays so."""
    process = os.getpid()

    def end(number: int, frame: FrameType | None) -> None:
        if os.getpid() != process:  # a forked worker: what it shares is its parent's to clean up
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        signal.signal(number, signal.SIG_IGN)  # while it is cleaned up
        raise SystemExit(128 + number)

    handlers = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: end, signal.SIGHUP: end}
    former = {number: signal.getsignal(number) for number in handlers}
    for number in handlers:
        if former[number] is signal.SIG_DFL:
            signal.signal(number, handlers[number])
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)

"""What all stage commands share: common options, and errors in one line with a non-zero exit."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from zpoints.config.reader import Params, read
from zpoints.errors import UserError

PARAMS = Path("params.yaml")

ParamsFile = Annotated[Path, typer.Option("--params", help="the parameters to read")]
SetParam = Annotated[
    list[str] | None,
    typer.Option("--set-param", "-S", metavar="KEY=VALUE", help="override a parameter for this run; needs --out"),
]
Out = Annotated[Path | None, typer.Option(help="write here instead of into the outs that DVC tracks")]


def run(stage: Callable[..., None]) -> None:
    """Run a stage as a Typer command; what a user can cause ends in one line on stderr and exit code 1."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(stage)
    try:
        app()
    except UserError as error:
        _fail(str(error))
    except OSError as error:
        _fail(
            f"{error.filename or 'file system'}: expected to read and write here, received: {error.strerror or error}"
        )


def _fail(message: str) -> None:
    for line in message.splitlines():
        print(f"error: {line}", file=sys.stderr)
    sys.exit(1)


def parameters(path: Path, overrides: Sequence[str] | None, out: Path | None) -> Params:
    """The parameters of this run. An overridden run must say where to write: never into the tracked outs."""
    if overrides and out is None:
        raise UserError("--set-param: expected --out as well, received none; DVC's outs hold what params.yaml says")
    return read(path, overrides or ())

"""Look at the disks, the machine and the installation: what would stop the pipeline, or slow it down."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, ParamsFile, run


def doctor(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="folders on other disks")] = None,
    json: Annotated[bool, typer.Option("--json", help="print a list of {subject, state, text, advice, ...}")] = False,
    params: ParamsFile = PARAMS,
) -> None:
    """Look at the disks of data/, of DVC's cache and of each PATH, at memory and GPUs, and change nothing.

    A line each: OK, a note, or a problem, with what to do. Exit code 1 where there is a problem.

    Example: python -m stages.doctor /mnt/disk
    """
    from zpoints.doctor.examination import examine
    from zpoints.doctor.finding import as_json

    findings = examine(params, Path("."), Path("data"), paths or ())
    print(as_json(findings) if json else "\n".join(finding.line() for finding in findings))
    if any(finding.state == "problem" for finding in findings):
        raise typer.Exit(1)


if __name__ == "__main__":
    run(doctor)

"""In place of every stage's command, in a clone: outs that depend on what dvc.yaml declares, and on nothing else.

A moment where the real commands take minutes, for tests of what DVC reruns and not of what a stage computes.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

from ruamel.yaml import YAML

STAGE = "from stages.stand_in import stand_in\n\nstand_in({name!r})\n"


def install(folder: Path) -> None:
    """Replace the commands of the clone in this folder, all but `tidy` and `gather`."""
    shutil.copyfile(__file__, folder / "stages" / "stand_in.py")
    for path in (folder / "stages").glob("[!_]*.py"):
        if path.stem not in ("stand_in", "tidy", "gather"):  # which do what they are for
            path.write_text(STAGE.format(name=path.stem))


def stand_in(name: str) -> None:
    """The command `python -m stages.NAME ITEM...`: a digest of its dependencies and params, as each of its outs."""
    params = YAML(typ="safe").load(Path("params.yaml"))
    entry = declared(name, sys.argv[1:], params)
    digest = hashlib.sha256(json.dumps([value(params, key) for key in entry["params"]]).encode())
    for dependency in map(Path, entry["deps"]):
        for path in [dependency] if dependency.is_file() else sorted(dependency.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{path}\n".encode() + path.read_bytes())
    for out in map(Path, [*entry["outs"], *entry.get("metrics", [])]):
        folder = out.parent if out.suffix else out
        folder.mkdir(parents=True, exist_ok=True)
        (out if out.suffix else out / "digest.json").write_text(json.dumps(digest.hexdigest()))


def declared(name: str, items: list[str], params: dict) -> dict:
    """The entry of dvc.yaml that runs this command, its templates filled in."""
    for entry in YAML(typ="safe").load(Path("dvc.yaml"))["stages"].values():
        matrix = entry.get("matrix", {})
        places = [f"${{item.{place}}}" for place in matrix] if matrix else ["${key}"]
        groups = [params[group.strip("${}")] for group in matrix.values()] or [params["models"]]
        text = json.dumps(entry.get("do", entry))
        if all(item in group for item, group in zip(items, groups, strict=False)):
            for place, item in zip(places, items, strict=False):
                text = text.replace(place, item)
            filled = json.loads(text)
            if filled["cmd"].split() == ["python", "-m", f"stages.{name}", *items]:
                return filled
    raise SystemExit(f"no entry of dvc.yaml runs {name} {items}")


def value(params: dict, key: str) -> object:
    """What stands at a.b.c."""
    found: object = params
    for part in key.split("."):
        found = found[part]  # type: ignore[index]
    return found

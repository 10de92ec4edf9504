"""What README.md and docs/ name exists: links, files, modules, commands with their options."""

import importlib
import re
from pathlib import Path

import pytest
import typer

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
FILE = re.compile(r"`((?:src|stages|benchmarks|tests|docs)/[\w./-]+)`|python (benchmarks/\w+\.py)")
MODULE = re.compile(r"\b(zpoints(?:\.\w+)+)")
COMMAND = re.compile(r"python -m stages\.(\w+)([^`\n#]*)")
OPTION = re.compile(r"(?<!\S)(--?[A-Za-z][\w-]*)")


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", TEXTS)
def test_links_resolve(page):
    for target, anchor in LINK.findall(TEXTS[page]):
        file = (ROOT / page).parent / target if target else ROOT / page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), (target, anchor)


@pytest.mark.parametrize("page", TEXTS)
def test_named_files_and_modules_exist(page):
    for names in FILE.findall(TEXTS[page]):
        assert (ROOT / "".join(names)).exists(), names
    for name in MODULE.findall(TEXTS[page]):
        parts = name.split(".")
        known = max(count for count in range(1, len(parts) + 1) if _file(parts[:count]).exists())
        if rest := parts[known:]:
            assert re.search(rf"\b{rest[0]}\b", _file(parts[:known]).read_text(encoding="utf-8")), name


@pytest.mark.parametrize("page", TEXTS)
def test_commands_have_their_options(page):
    for name, arguments in COMMAND.findall(TEXTS[page]):
        command = getattr(importlib.import_module(f"stages.{name}"), name, None)
        if command is None:  # commands below it have options of their own
            continue
        app = typer.Typer()
        app.command()(command)
        known = {option for parameter in typer.main.get_command(app).params for option in parameter.opts} | {"--help"}
        assert set(OPTION.findall(arguments)) <= known, (name, arguments)


def _file(module: list[str]) -> Path:
    path = ROOT.joinpath("src", *module)
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")

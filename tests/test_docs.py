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
        module, _, attribute = name.rpartition(".")
        if not (ROOT / "src" / name.replace(".", "/")).is_dir() and not _file(name).exists():
            assert _file(module).exists() and re.search(rf"\b{attribute}\b", _file(module).read_text()), name


@pytest.mark.parametrize("page", TEXTS)
def test_commands_have_their_options(page):
    for name, arguments in COMMAND.findall(TEXTS[page]):
        app = typer.Typer()
        app.command()(getattr(importlib.import_module(f"stages.{name}"), name))
        known = {option for parameter in typer.main.get_command(app).params for option in parameter.opts} | {"--help"}
        assert set(OPTION.findall(arguments)) <= known, (name, arguments)


def _file(module: str) -> Path:
    return ROOT / "src" / f"{module.replace('.', '/')}.py"

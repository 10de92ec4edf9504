"""DVC's cache and links, tried for real."""

import pytest

from zpoints.doctor.links import check_links, read_cache
from zpoints.errors import UserError


def write_repository(folder, text=""):
    (folder / ".dvc").mkdir()
    (folder / ".dvc/config").write_text(text)
    return folder


def test_cache_is_read_from_the_configuration(tmp_path):
    write_repository(tmp_path, f"[cache]\n    type = hardlink,copy\n    dir = {tmp_path / 'elsewhere'}\n")
    assert read_cache(tmp_path) == (tmp_path / "elsewhere", ["hardlink", "copy"])


def test_cache_defaults_are_those_of_dvc(tmp_path):
    assert read_cache(write_repository(tmp_path)) == (tmp_path / ".dvc/cache", ["reflink", "copy"])


def test_missing_or_broken_repository_is_an_error(tmp_path):
    with pytest.raises(UserError, match="expected the project's folder"):
        read_cache(tmp_path)
    with pytest.raises(UserError, match="expected a readable configuration"):
        read_cache(write_repository(tmp_path, "[cache]\n    type = softlink\n"))


@pytest.mark.parametrize(
    ("types", "link", "state"),
    [
        (["hardlink", "symlink"], "hardlink", "OK"),
        (["symlink", "hardlink"], "symlink", "OK"),
        (["copy", "hardlink"], "copy", "note"),
        ([], "copy", "note"),
    ],
)
def test_first_link_that_works_is_chosen(tmp_path, types, link, state):
    chosen, finding = check_links(types, tmp_path, tmp_path)
    assert (chosen, finding.state) == (link, state)
    assert ("cache.type" in finding.advice) == (link == "copy")
    assert not list(tmp_path.iterdir())

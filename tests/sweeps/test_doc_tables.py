"""Tables of documentation pages are made from the tables of trainings."""

import pytest

from zpoints.errors import UserError
from zpoints.sweeps.doc_tables import filled
from zpoints.sweeps.tables import Tables

TRAININGS = [
    {"group": "ae", "seed": 0, "peak": 15.0, "loss": 80.0, "scale": 2.0},
    {"group": "ae", "seed": 1, "peak": 17.0},
    {"group": "vae", "seed": 0, "peak": 3.0, "share": 0.25},
]
PAIRS = [
    {"group_a": "ae", "seed_a": 0, "group_b": "ae", "seed_b": 1, "cka": 0.9},
    {"group_a": "ae", "seed_a": 0, "group_b": "vae", "seed_b": 1, "cka": 0.5},
    {"group_a": "vae", "seed_a": 0, "group_b": "ae", "seed_b": 1, "cka": 0.7},
    {"group_a": "ae", "seed_a": 0, "group_b": "vae", "seed_b": 0, "cka": 0.1},
]
MODELS = [{"model": "ae", "auc": 0.84, "auc_low": 0.8, "auc_high": 0.9}, {"model": "vae", "auc": 0.5}]
TABLES = Tables(TRAININGS, PAIRS, models=MODELS)


def made(kind, columns, *lines):
    """The rows of one table between two lines of a page."""
    asked = "\n".join([f"<!-- table of {kind}: {columns}", *lines, "-->"])
    page = f"before\n{asked}\nold\n<!-- end of table -->\nafter"
    found = filled(page, TABLES)
    assert found.startswith(f"before\n{asked}\n|") and found.endswith("|\n<!-- end of table -->\nafter")
    assert filled(found, TABLES) == found
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in found.splitlines() if row.startswith("|")]


def test_row_is_mean_and_deviation_of_each_setting():
    head, _, counts, row = made("trainings", "ae | vae = with noise", "peak .1f  peak of R")
    assert (head, counts) == (["", "ae", "with noise"], ["trainings", "2", "1"])
    assert row == ["peak of R", "16.0 ± 1.4", "3.0"]


def test_cell_says_of_how_many_trainings_unless_of_all():
    *_, loss, ratio, share = made("trainings", "ae | vae", "loss .0f loss", "loss/scale .0f ratio", "share .0% share")
    assert loss == ["loss", "80 (1)", ""]
    assert ratio == ["ratio", "40 (1)", ""]
    assert share == ["share", "", "25%"]


def test_pairs_share_no_seed_and_have_no_order():
    *_, row = made("pairs", "ae to ae | ae to vae", "cka .2f  CKA")
    assert row == ["CKA", "0.90 (0.90 to 0.90)", "0.60 (0.50 to 0.70)"]


def test_model_of_one_run_has_its_interval_over_images():
    *_, row = made("models", "ae | vae", "auc[auc_low,auc_high] .2f  AUC")
    assert row == ["AUC", "0.84 (0.80 to 0.90)", "0.50"]


@pytest.mark.parametrize("line", ["peak", "peak 1f name", "pork .1f  nothing of this name"])
def test_unknown_number_is_one_line(line):
    with pytest.raises(UserError, match="table of trainings: expected"):
        made("trainings", "ae", line)

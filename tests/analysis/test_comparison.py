"""The table of all models holds the measurements' own numbers."""

import json

import pytest

from zpoints.analysis.comparison import COLUMNS, curves, table
from zpoints.errors import UserError
from zpoints.params.models import Models

MODELS = Models.model_validate_json('{"ae": {"kind": "ae"}, "vae": {"kind": "vae", "fact": 5.0, "extra_dense": 16}}')


@pytest.fixture
def measurements(tmp_path):
    for number, name in enumerate(MODELS):
        folder = tmp_path / name
        folder.mkdir()
        radius = {"peak": 16.75 + number, "quantile": {"0.5": 16.0 + number}, "share": {"12 to 24": 0.5}}
        training = {"parameters": {"total": 100 + number}, "held_out": {"reco": 4.5}, "epochs": 24}
        noise = {"logvar": {"mean": -13.5}} if name == "vae" else {}
        components = {"normality": {"mu": {"failing": 7}, "null": {"failing": 1}}}
        pca = {"mu": {"components": {"0.9": 12}}, "neighbourhood": {"two_nn": {"ratio": {"mean": 0.9, "low": None}}}}
        contents = {
            "radius": {"mu": radius},
            "training": training,
            "noise": noise,
            "components": components,
            "pca": pca,
        }
        for file, content in contents.items():
            (folder / f"{file}.json").write_text(json.dumps(content))
        (folder / "radius.csv").write_text(f"radius,mu\n0.25,{number}\n")
    return tmp_path


def test_each_column_is_the_number_at_its_place(measurements):
    rows = table(MODELS, measurements)
    assert list(rows) == ["ae", "vae"]
    assert rows["ae"]["radius_peak"] == 16.75 and rows["vae"]["radius_peak"] == 17.75
    assert rows["ae"]["radius_median"] == 16.0 and rows["vae"]["parameters"] == 101
    assert rows["vae"]["fact"] == 5.0 and rows["vae"]["extra_dense"] == 16
    assert rows["ae"]["radius_share_12_to_24"] == 0.5
    assert rows["ae"]["axes_not_normal"] == 7 and rows["ae"]["axes_not_normal_null"] == 1
    assert rows["ae"]["components_90"] == 12 and rows["ae"]["two_nn_ratio"] == 0.9


def test_what_a_model_has_not_is_left_out(measurements):
    rows = table(MODELS, measurements)
    assert "two_nn_ratio_low" not in rows["ae"], "an estimate that could not be made"
    assert "logvar_mean" in rows["vae"] and not {"logvar_mean", "fact", "extra_dense"} & set(rows["ae"])


def test_curves_stand_one_below_the_other_with_their_model(measurements):
    assert curves(MODELS, measurements, "radius.csv") == [
        {"model": "ae", "radius": "0.25", "mu": "0"},
        {"model": "vae", "radius": "0.25", "mu": "1"},
    ]


@pytest.mark.parametrize("file", sorted({f"{file}.json" for file, _ in COLUMNS.values()}))
@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_missing_or_damaged_measurement_is_named(measurements, file, content):
    path = measurements / "vae" / file
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(UserError, match=file):
        table(MODELS, measurements)

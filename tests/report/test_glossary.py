"""docs/analysis.md explains every number, in the words of the presentations."""

from pathlib import Path

import pytest

from zpoints.errors import UserError
from zpoints.report import glossary
from zpoints.report.metrics import FORMATS, Metric, MetricGroup

DOCS = Path(__file__).resolve().parents[2] / "docs" / "analysis.md"


def test_committed_tables_are_current():
    text = DOCS.read_text(encoding="utf-8")
    assert glossary.filled(text) == text, "run `python -m zpoints.report.glossary`"


def test_every_meaning_stands_alone():
    """A meaning is a sentence of its own: no reference to the row above."""
    for name, group in glossary.groups().items():
        for metric in group.metrics:
            meaning = metric.meaning
            assert len(meaning.split()) > 3 and meaning.endswith("."), (name, metric.column)
            assert metric.format in FORMATS
            assert not meaning.endswith((" above.", " below.")) and "\n" not in meaning, (name, metric.column)


def test_table_escapes_bars_and_marks_families():
    metrics = (
        Metric("share", "mu.share.*", "R in", "percent", "Share of |mu| in an interval."),
        Metric("psnr", "psnr", "PSNR", "two", "Peak signal-to-noise ratio.", "dB"),
    )
    rows = glossary.table(MetricGroup("Radius", metrics)).splitlines()[2:]
    assert rows[0] == r"| `share_*` | R in ... |  | Share of \|mu\| in an interval. |"
    assert rows[1] == "| `psnr` | PSNR | dB | Peak signal-to-noise ratio. |"


def test_only_tables_change():
    blocks = [f"before {name}\n<!-- numbers: {name} -->\nstale\n<!-- end -->\nafter" for name in glossary.groups()]
    filled = glossary.filled("\n".join(blocks))
    assert "stale" not in filled and glossary.filled(filled) == filled
    assert all(f"before {name}\n<!-- numbers: {name} -->\n| column" in filled for name in glossary.groups())
    assert filled.endswith("<!-- end -->\nafter")


@pytest.mark.parametrize("names", [["model"], ["nonsense"]])
def test_missing_and_unknown_blocks_are_refused(names):
    blocks = [f"<!-- numbers: {name} -->\n<!-- end -->" for name in [*glossary.groups(), *names]]
    with pytest.raises(UserError, match="each analysis once"):
        glossary.filled("\n".join(blocks))
    with pytest.raises(UserError, match=r"lacking .*radius"):
        glossary.filled("")


def test_command_reports_a_missing_file(tmp_path):
    with pytest.raises(SystemExit, match=r"error: .*nowhere\.md"):
        glossary.main([str(tmp_path / "nowhere.md")])

"""The ledger as tables: CSV, and Markdown between markers of docs/results.md and README.md."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zpoints.artifacts import whole_file
from zpoints.errors import UserError
from zpoints.files import read_text
from zpoints.report.numbers import MISSING, significant
from zpoints.sweeps.claims import NEEDED, Judged
from zpoints.sweeps.doc_tables import filled, markdown_table
from zpoints.sweeps.tables import Tables

BEGIN, END = (
    "<!-- ledger: written by `python -m stages.claims --from docs/results --docs` -->",
    "<!-- end of ledger -->",
)
MAX_PAGE = 1 << 20  # bytes


def rows(judged: Mapping[str, Judged]) -> list[dict[str, Any]]:
    """A line for each claim, as claims.csv has it."""
    result = []
    for name, row in judged.items():
        claim = row.claim
        result.append(
            {
                "row": claim.row,
                "name": name,
                "claim": claim.claim,
                "verdict": row.verdict,
                "primary": claim.primary,
                "estimand": estimand(row),
                "unit": claim.unit,
                "n": " and ".join(map(str, row.n)),
                "estimate": row.estimate,
                "low": row.low,
                "high": row.high,
                "null": claim.null,
                "margin": margin(row),
                "reason": claim.reason,
                "test": claim.test,
                "p": row.p,
                "holm_p": row.holm,
                "detects": row.evidence.detects if row.evidence else None,
                "n_needed": row.n_needed,
                "confounds": claim.confounds,
                "needs": claim.needs if row.verdict == "not measured" else "",
                "commits": " ".join(row.commits),
                "data": " ".join(row.data),
            }
        )
    return result


def as_json(judged: Mapping[str, Judged]) -> dict[str, Any]:
    """The ledger as plain data, by the names of the claims: the lines of `rows`, n as numbers, and details."""
    result = {}
    for line, row in zip(rows(judged), judged.values(), strict=True):
        detail = dict(row.evidence.detail) if row.evidence else {}
        result[line["name"]] = line | {"n": list(row.n), "for_claim": row.for_claim, "detail": detail}
    return result


def estimand(row: Judged) -> str:
    """Which number of which settings."""
    claim = row.claim
    if claim.test == "count":
        return "parameters or units of the networks"
    number = claim.number or "images/s"
    if claim.minus:
        number += f" - {claim.minus}"
    if claim.over:
        number += f" / {claim.over}"
    if claim.test == "paired":
        return f"{claim.table}: {claim.a} - {claim.b}"
    if claim.test == "pairs":
        return f"{number}: {claim.a} to {claim.b}, less {claim.b} to {claim.b}"
    if claim.test == "slope":
        return f"slope of {number} against ln {claim.along}, {claim.a}"
    if claim.test == "universal":
        return f"{number}, {claim.a} at each {claim.along}"
    if claim.test == "share":
        return f"share of trainings of {claim.a} with {number} in [{claim.low:g}, {claim.high:g}]"
    if claim.test == "rate":
        return f"share of trainings with {number} of {claim.low:g} or more: {claim.a} - {claim.b}"
    of_b = f" ({claim.b_number})" if claim.b_number else ""
    return f"{number}: {claim.a}" + (f" - {claim.b}{of_b}" if claim.b else "")


def margin(row: Judged) -> str:
    """The bounds that were fixed beforehand."""
    claim = row.claim
    if claim.test == "count":
        return ", ".join(f"{item.printed:g}" for item in claim.counts)
    if claim.test == "share":
        return f"{claim.share:.0%} of trainings"
    if claim.test == "rate":
        return "fewer"
    if claim.test == "exact":
        return f"{claim.value}"
    if claim.test == "different" or "margin" in NEEDED[claim.test]:
        text = f"{claim.margin:.0%}" if claim.relative else f"{claim.margin:g}"
        return f"above {text}" if claim.test == "different" or claim.direction == "more" else f"within {text}"
    return f"{claim.low:g} to {claim.high:g}"


def markdown(judged: Mapping[str, Judged]) -> str:
    """The whole ledger: primary claims, then the exploratory ones."""
    parts = []
    for primary, title in ((True, ""), (False, "Exploratory, outside Holm's correction:\n\n")):
        lines = [row for row in judged.values() if row.claim.primary == primary]
        if lines:
            parts.append(title + markdown_table([HEAD, *map(_line, lines)]))
    return "\n\n".join(parts)


def short_markdown(judged: Mapping[str, Judged]) -> str:
    """The claims that a reader asks first, and how many verdicts of each kind there are."""
    primary = [row.verdict for row in judged.values() if row.claim.primary]
    counts = ", ".join(f"{primary.count(verdict)} {verdict}" for verdict in dict.fromkeys(sorted(primary)))
    known = [row for row in judged.values() if row.claim.headline and row.evidence is not None]
    lines = [[row.claim.claim, f"**{row.verdict}**", _estimate(row)] for row in known]
    table = markdown_table([["claim of the posts", "verdict", "estimate (95% interval over trainings)"], *lines])
    return f"Of {len(primary)} claims: {counts}." + (f"\n\n{table}" if lines else "")


def origin(tables: Tables) -> str:
    """A line on what the ledger was made from."""
    settings = tables.groups
    if not settings:
        return "No training has been saved yet, so only what the networks themselves decide has a verdict."
    commits, data = tables.origin(settings)
    sizes = sorted({f"{row['image_size']} x {row['image_size']}" for row in tables.rows if "image_size" in row})
    epochs = sorted({int(row["epochs"]) for row in tables.rows if "epochs" in row})
    splits = len({row.get("split") for row in tables.rows})
    parts = [
        f"{len(tables.rows)} trainings of {len(settings)} settings" + (f" on {splits} splits" if splits > 1 else "")
    ]
    parts += [f"{', '.join(sizes)} pixels"] if sizes else []
    parts += [f"{', '.join(map(str, epochs))} epochs"] if epochs else []
    parts += [f"commit {', '.join(commits)}"] if commits else []
    parts += [f"images {', '.join(data)}"] if data else []
    return "; ".join(parts) + "."


def between_markers(page: Path, text: str) -> str:
    """The page with `text` between the markers. Raises UserError for a page without them."""
    content = read_text(page, "a page", MAX_PAGE)
    before, found, rest = content.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise UserError(f"{page}: expected the lines {BEGIN} and {END}, received none")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def pages(judged: Mapping[str, Judged], tables: Tables, results: Path, readme: Path) -> dict[Path, str]:
    """The text of both pages with the present ledger and tables of trainings."""
    made = origin(tables)
    ledgers = {
        results: between_markers(results, f"{made}\n\n{markdown(judged)}"),
        readme: between_markers(readme, f"{short_markdown(judged)}\n\n{made}"),
    }
    return {page: filled(text, tables) for page, text in ledgers.items()}


def write(texts: Mapping[Path, str]) -> None:
    """Write the pages that differ from what is there."""
    for page, text in texts.items():
        if page.read_text(encoding="utf-8") != text:
            with whole_file(page) as partial:
                partial.write_text(text, encoding="utf-8")


HEAD = ["#", "claim", "verdict", "number", "n", "estimate (95% interval)", "margin", "p", "Holm p", "remark"]


def _line(row: Judged) -> list[str]:
    remark = row.claim.confounds
    if row.verdict == "not measured":
        remark = f"needs {row.claim.needs or 'trainings of each setting'}"
    elif row.verdict == "undecided":
        needed = f"{row.n_needed} of each" if row.n_needed else "more than 1,000, or other settings,"
        remark = f"{needed} would decide"
    return [
        str(row.claim.row),
        row.claim.claim,
        f"**{row.verdict}**",
        estimand(row),
        " and ".join(map(str, row.n)) or MISSING,
        _estimate(row),
        margin(row),
        MISSING if row.claim.test == "count" else significant(row.p, 2),
        significant(row.holm, 2),
        remark,
    ]


def _estimate(row: Judged) -> str:
    if row.estimate is None:
        return MISSING
    if row.claim.test == "count" and row.evidence is not None:
        return ", ".join(
            f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" for value in row.evidence.detail["counted"]
        )
    text = f"{significant(row.estimate, 3)} ({significant(row.low, 3)} to {significant(row.high, 3)})"
    if row.evidence is not None and "tolerance" in row.evidence.detail:
        mean, (low, high) = (row.evidence.detail[key] for key in ("mean", "tolerance"))
        text += f"; mean {significant(mean, 3)}, 90% of trainings in {significant(low, 3)} to {significant(high, 3)}"
    return text

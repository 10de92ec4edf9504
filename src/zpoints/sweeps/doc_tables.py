"""Tables of trainings, of pairs of them and of one run in a Markdown page, made from what a comment above asks for.

    <!-- table of trainings: ae | vae_tiny | vae-f0.1 = fact 0.1
    held_out_above_floor .1f  held-out loss above its floor, nats
    held_out_kl/fact .0f      KL divergence, nats
    -->

is followed by the table and by `<!-- end of table -->`. The first line names the columns: settings of trainings.csv, in
a table of pairs two of them (`ae to vae_tiny`), in a table of models those of models.csv; `=` gives another heading.
Each further line is a number of the CSV file (or a ratio of two), how it is printed, and its name; in a table of models
`auc[auc_low,auc_high]` has its interval.
"""

import re

from zpoints.errors import UserError
from zpoints.sweeps.tables import Tables

BLOCK = re.compile(r"(<!-- table of (trainings|pairs|models): (.*?)\n(.*?)-->\n).*?(<!-- end of table -->)", re.DOTALL)
NUMBER = r"(?P<number>[^\s/\[]+)(/(?P<over>[^\s\[]+))?(\[(?P<low>\S+),(?P<high>\S+)\])?"
LINE = re.compile(rf"{NUMBER} +(?P<form>\.\d[fg%]) +(?P<name>.+)")


def filled(page: str, tables: Tables) -> str:
    """The page with all its tables made anew. Raises UserError for a line that asks for nothing known."""
    return BLOCK.sub(lambda found: f"{found[1]}{_table(found[2], found[3], found[4], tables)}\n{found[5]}", page)


def _table(kind: str, columns: str, lines: str, tables: Tables) -> str:
    named = [(column.partition("=")[0].strip(), column.rpartition("=")[2].strip()) for column in columns.split("|")]
    rows = [["", *(heading for _, heading in named)]]
    if kind == "trainings":
        rows.append(["trainings", *(str(_count(tables, setting)) for setting, _ in named)])
    for line in lines.strip().splitlines():
        asked = LINE.fullmatch(line.strip())
        if asked is None:
            raise UserError(
                f"table of {kind}: expected `NUMBER FORMAT NAME` such as `radius_peak .1f peak`, received {line}"
            )
        number, form = asked["number"], asked["form"]
        if kind == "trainings":
            cells = [_of_trainings(tables, setting, number, asked["over"], form) for setting, _ in named]
        elif kind == "pairs":
            cells = [_of_pairs(tables, setting, number, form) for setting, _ in named]
        else:
            cells = [_of_model(tables, model, number, (asked["low"], asked["high"]), form) for model, _ in named]
        if set(cells) == {""}:
            raise UserError(f"table of {kind}: expected a number that was measured, received {number}")
        rows.append([asked["name"], *cells])
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def _of_trainings(tables: Tables, setting: str, number: str, over: str | None, form: str) -> str:
    """Mean and standard deviation; in brackets of how many trainings, where others have none. Empty without any."""
    values = tables.values(setting, number, over=over)
    if not len(values):
        return ""
    text = format(values.mean(), form)
    if len(values) > 1:
        text += f" ± {format(values.std(ddof=1), form)}"
    return text if len(values) == _count(tables, setting) else f"{text} ({len(values)})"


def _count(tables: Tables, setting: str) -> int:
    return sum(row["group"] == setting for row in tables.rows)


def _of_pairs(tables: Tables, ends: str, number: str, form: str) -> str:
    """Mean, and least to largest, of all pairs of trainings of these two settings that have different seeds."""
    asked = sorted(ends.split(" to "))
    found = [pair for pair in tables.pairs if sorted([pair["group_a"], pair["group_b"]]) == asked]
    values = [pair[number] for pair in found if pair["seed_a"] != pair["seed_b"] and number in pair]
    if not values:
        return ""
    mean, low, high = (format(value, form) for value in (sum(values) / len(values), min(values), max(values)))
    return f"{mean} ({low} to {high})"


def _of_model(tables: Tables, model: str, number: str, ends: tuple[str, str], form: str) -> str:
    """The number of one training, with its interval over images where that is asked for and known."""
    for row in tables.models:
        if row["model"] == model and number in row:
            interval = " to ".join(format(row[end], form) for end in ends if end in row)
            return format(row[number], form) + (f" ({interval})" if interval else "")
    return ""

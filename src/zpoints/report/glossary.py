"""The tables of docs/analysis.md: every number of every analysis, from the METRICS of its presentation.

    python -m zpoints.report.glossary [FILE]

replaces what stands in FILE between `<!-- numbers: radius -->` and `<!-- end -->`, for each analysis.
"""

import re
import sys
from pathlib import Path

from zpoints.analyses import discovery
from zpoints.errors import UserError
from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.models import MODEL

FILE = Path("docs/analysis.md")
HEAD = ("| column | name | unit | meaning |", "|---|---|---|---|")
BLOCK = re.compile(r"<!-- numbers: (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def groups() -> dict[str, MetricGroup]:
    """What has numbers: `model`, a model's entry in params.yaml, then the analyses in the order of the report."""
    presented = {name: discovery.presentation(name).METRICS for name in discovery.presented()}
    return {"model": MODEL} | {name: group for name, group in presented.items() if group.metrics}


def table(group: MetricGroup) -> str:
    """A Markdown table with a row for each number."""
    return "\n".join([*HEAD, *map(_row, group.metrics)])


def filled(text: str) -> str:
    """The text with the tables as they are now.

    Raises UserError where the blocks are not those of `groups`, each once.
    """
    tables = {name: table(group) + _least(name) for name, group in groups().items()}
    blocks = BLOCK.findall(text)
    if sorted(blocks) != sorted(tables):
        lacking, unknown = sorted(set(tables) - set(blocks)), sorted(set(blocks) - set(tables))
        received = f"lacking {', '.join(lacking) or 'none'}; unknown {', '.join(unknown) or 'none'}"
        raise UserError(f"blocks `<!-- numbers: NAME -->`: expected each analysis once, received {received}")
    return BLOCK.sub(lambda block: f"<!-- numbers: {block[1]} -->\n{tables[block[1]]}\n<!-- end -->", text)


def _least(name: str) -> str:
    """What an analysis needs at least, as a paragraph below its table."""
    if not discovery.measured(name):
        return ""
    return f"\n\nAt least {discovery.config_class(name)().minimum()}, with the defaults."


def _row(metric: Metric) -> str:
    column = metric.member("*") if metric.many else metric.column
    name = f"{metric.name} ..." if metric.many else metric.name
    cells = (f"`{column}`", name, metric.unit, metric.meaning)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def main(arguments: list[str]) -> None:
    """Fill the tables of one file in place."""
    file = Path(arguments[0]) if arguments else FILE
    try:
        file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
    except (OSError, UserError) as error:
        sys.exit(f"error: {file}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])

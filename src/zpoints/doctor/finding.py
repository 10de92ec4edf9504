"""One finding of the doctor: a line for people, an object for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from zpoints.errors import printable


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it stands, what was found, and what to do; `numbers` are plain data, sizes in bytes."""

    subject: str
    state: Literal["OK", "note", "problem"]
    text: str
    advice: str = ""
    numbers: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """`state    subject: text; advice`; characters that would break the line or the terminal are escaped."""
        return printable(f"{self.state:<8} {self.subject}: {'; '.join(filter(None, (self.text, self.advice)))}")


def as_json(findings: Sequence[Finding]) -> str:
    """A list of {subject, state, text, advice, ...numbers}."""
    rows = [{"subject": f.subject, "state": f.state, "text": f.text, "advice": f.advice, **f.numbers} for f in findings]
    return json.dumps(rows, indent=2)


def size(count: float) -> str:
    """Bytes in words: 5.6 GB, 5 MB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"

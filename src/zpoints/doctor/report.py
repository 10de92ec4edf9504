"""What was found, a line each: OK, a note, or a problem, for people and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["OK", "note", "problem"]


@dataclass(frozen=True)
class Finding:
    """One line: what it is about, how that stands, and in which words. `numbers` are plain data, bytes as integers."""

    subject: str
    state: State
    text: str
    numbers: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """`state    subject: text`, one line whatever a path or another program's message holds."""
        line = f"{self.state:<8} {self.subject}: {self.text}"
        return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in line)


def as_json(findings: Sequence[Finding]) -> str:
    """A list of {subject, state, text, ...numbers}."""
    return json.dumps(
        [{"subject": one.subject, "state": one.state, "text": one.text, **one.numbers} for one in findings], indent=2
    )


def size(count: float) -> str:
    """A number of bytes in words: 5.6 GB, 48 MiB (windows and pages come in powers of two), 512 bytes."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    if count >= 1 << 20 and count % (1 << 20) == 0:
        return f"{int(count) >> 20} MiB"
    return f"{count / 1e6:.0f} MB" if count >= 1e6 else f"{count:.0f} bytes"

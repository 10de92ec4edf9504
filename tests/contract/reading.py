"""Reading a page back: its elements, and the numbers it shows."""

import re
from html.parser import HTMLParser

SUPERSCRIPTS = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
TIMES = "\N{MULTIPLICATION SIGN}"


def number(shown: str) -> float:
    """The value of a number as the page shows it."""
    text = shown.replace(",", "").replace("\N{MINUS SIGN}", "-").replace("\N{NARROW NO-BREAK SPACE}", "")
    if text.endswith("%"):
        return float(text[:-1]) / 100
    power = re.fullmatch(rf"(-?)(?:([\d.]+){TIMES})?10([{SUPERSCRIPTS}]+)", text)
    if not power:
        return float(text)
    sign, mantissa, exponent = power.groups()
    return float(f"{sign}{mantissa or 1}e{exponent.translate(str.maketrans(SUPERSCRIPTS, '-0123456789'))}")


def cells(html: str) -> list[list[str]]:
    """The words of each cell and heading, line by line of all tables."""
    lines = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line, re.S) for line in re.findall(r"<tr>(.*?)</tr>", html, re.S)]
    return [
        [" ".join(re.sub(r"<[^>]+>", "", cell).replace("\N{NARROW NO-BREAK SPACE}", "").split()) for cell in line]
        for line in lines
    ]


class Page(HTMLParser):
    """`elements`: all (tag, attributes); `text` but for style and script; `table`: raw and shown values by column.

    A tag that is not closed, or not in its turn, is an AssertionError.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.table: dict[str, list[list[str | None]]] = {}
        self._open: list[str] = []
        self._cell: list[str | None] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag not in ("meta", "img"):
            self._open.append(tag)
        if tag == "tr":
            self._row = self.table.setdefault(attributes.get("data-column") or "", [])
        elif tag == "td":
            self._cell = [None, ""]
            if attributes.get("class") != "what":
                self._row.append(self._cell)
        elif tag == "data":
            self._cell[0] = attributes["value"]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self._open):
            self.text += data
        if "td" in self._open:
            self._cell[1] = f"{self._cell[1]}{data.strip()}"

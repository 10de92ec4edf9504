"""The one exception for whatever a user can cause; the command layer prints it in a line, without a traceback."""


class UserError(Exception):
    """Something the user can mend; a line for each fault: the key or file, what was expected and what was received.

    What cannot be printed in a line, the names and texts of foreign files too, is escaped.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__(*map(printable, lines))

    def __str__(self) -> str:
        return "\n".join(self.args)


def printable(text: object) -> str:
    """`text` in one line that any terminal takes: line breaks, escape codes and lone surrogates are escaped."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(text))

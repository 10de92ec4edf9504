"""The one exception for whatever a user can cause; the command layer prints it in one line, without a traceback."""


class UserError(Exception):
    """Something the user can mend. The message names the key or file, what was expected and what was received."""

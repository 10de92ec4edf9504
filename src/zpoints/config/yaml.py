"""Read YAML 1.2, as DVC does, from files that are not trusted: bounded, without tags, each fault with its line."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, Event, ScalarEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from zpoints.errors import UserError
from zpoints.files import clipped, read_text

MAX_BYTES = 1 << 20
MAX_DEPTH = 50
MAX_NODES = 20_000  # with what aliases stand for


def load_yaml(source: Path | str, name: str = "") -> Any:
    """The content of a file or of a text, plain values in lists and mappings. Errors name the file, or `name`.

    Raises UserError in one line, with line and column, where it is not YAML 1.2, or larger than any parameters are.
    """
    name = name or str(source)
    text = read_text(source, "a readable YAML file", MAX_BYTES) if isinstance(source, Path) else source
    if len(text) > MAX_BYTES:
        raise UserError(f"{name}: expected at most {MAX_BYTES} bytes, received {len(text)}")
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _BoundedComposer
    yaml.Constructor = _PlainConstructor
    try:
        return yaml.load(text)
    except Exception as error:  # the library itself stumbles over some texts
        raise UserError(f"{name}: {_position(error, text)}expected YAML 1.2, received: {_reason(error)}") from None


class _BoundedComposer(Composer):
    """Counts nodes and levels, also those that aliases stand for, while the text is read."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader=loader)
        self._nodes = 0
        self._heights: list[int] = []  # of each node that is being read
        self._anchored: dict[str, tuple[int, int]] = {}  # number of nodes and height of what an alias stands for

    def compose_node(self, parent: Any, index: Any) -> Node:
        event = self.parser.peek_event()
        if isinstance(event, AliasEvent):
            node = super().compose_node(parent, index)  # refuses an unknown one
            if event.anchor not in self._anchored:
                raise _error(event, f"the alias {event.anchor} within what it stands for")
            nodes, height = self._anchored[event.anchor]
            self._count(event, nodes, height)
            self._raise_parent(height)
            _refuse_compound_key(event, parent, index, node)
            return node
        if event.ctag is not None:
            raise _error(event, f"the tag {event.ctag}; types are known without")
        if isinstance(event, ScalarEvent):
            _refuse_surrogates(event)
        if event.anchor in self.anchors:
            raise _error(event, f"the anchor {event.anchor} twice")
        before = self._nodes
        self._count(event, 1, 1)
        self._heights.append(1)
        node = super().compose_node(parent, index)
        height = self._heights.pop()
        self._raise_parent(height)
        _refuse_compound_key(event, parent, index, node)
        if event.anchor is not None:
            self._anchored[event.anchor] = self._nodes - before, height
        return node

    def _count(self, event: Event, nodes: int, height: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise _error(event, f"more than {MAX_NODES} values")
        if len(self._heights) + height > MAX_DEPTH:
            raise _error(event, f"more than {MAX_DEPTH} levels")

    def _raise_parent(self, height: int) -> None:
        if self._heights:
            self._heights[-1] = max(self._heights[-1], height + 1)


class _PlainConstructor(SafeConstructor):
    """Says where a value stands that looks like a date or a number and is none."""

    def construct_object(self, node: Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except YAMLError:
            raise
        except Exception as error:
            raise ConstructorError(None, None, str(error), node.start_mark) from None


def _refuse_surrogates(event: ScalarEvent) -> None:
    try:
        event.value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _error(event, f"{error.object[error.start]}, one half of a letter") from None


def _refuse_compound_key(event: Event, parent: Node | None, index: Node | None, node: Node) -> None:
    is_key = isinstance(parent, MappingNode) and index is None
    if is_key and not isinstance(node, ScalarNode):
        raise _error(event, "a list or mapping as a key")


def _error(event: Event, received: str) -> ComposerError:
    return ComposerError(None, None, received, event.start_mark)


def _position(error: Exception, text: str) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark:
        return f"line {mark.line + 1}, column {mark.column + 1}: "
    before = text[: getattr(error, "position", 0)]  # of a letter that YAML does not allow
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}: " if before else ""


def _reason(error: Exception) -> str:
    parts = [getattr(error, part, None) for part in ("context", "problem", "reason")]
    return clipped(" ".join(filter(None, parts)) or error)

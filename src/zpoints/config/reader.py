"""Read params.yaml, as YAML 1.2 like DVC does, and check all of it against the typed blocks.

These are found by name (`training` in zpoints.config.training, `analyses.radius` in zpoints.analyses.radius.config), so
that a new analysis adds its folder and changes nothing that a stage depends on.
"""

import importlib
import json
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

import zpoints.config
from zpoints.analyses import discovery
from zpoints.config.block import AnalysisConfig, Block, ConfigError
from zpoints.config.yaml import load_yaml
from zpoints.errors import UserError

B = TypeVar("B", bound=Block)


class Params:
    """All blocks of one params file; `params[Training]` is its typed block `training`.

    analyses: the typed block of each analysis by its name, in the order of the file, those of all groups. One that is
        switched off (its block removed, or null) is not among them.
    """

    def __init__(self, blocks: dict[str, Any], analyses: dict[str, AnalysisConfig]) -> None:
        self._blocks = blocks
        self.analyses = analyses

    def __getitem__(self, block: type[B]) -> B:
        return self._blocks[block.key]

    def analysis(self, name: str) -> Any:
        """The block of one analysis. Raises UserError where it is switched off or unknown."""
        if name in self.analyses:
            return self.analyses[name]
        if name in discovery.names():
            group = discovery.config_class(name).group
            raise UserError(f"{group}.{name}: expected a block in the params file, received none; add it to measure it")
        raise UserError(f"ANALYSIS: expected one of {', '.join(self.analyses)}, received {name}")


def read(path: Path, overrides: Sequence[str] = ()) -> Params:
    """Read and validate the file; `overrides` are `key.path=value` as in `dvc exp run -S`.

    Raises UserError with a line for each fault: the key, what was expected and what was received.
    """
    content = _load(path)
    for override in overrides:
        _override(content, override)
    classes = _blocks()
    faults = [_unknown(key, classes) for key in content if key not in classes and key not in discovery.GROUPS]
    blocks = {}
    for key, block in classes.items():
        if key not in content:
            faults.append(_line(key, "a block of this name", "none"))
        elif (typed := _validated(key, block, content[key], faults)) is not None:
            blocks[key] = typed
    analyses = {}
    for group in discovery.GROUPS:
        for name, entry in _group(group, content.get(group, {}), faults).items():
            if (typed := _validated(f"{group}.{name}", discovery.config_class(name), entry, faults)) is not None:
                analyses[name] = typed
    edited = [f"{config.group}.{name}" for name, config in analyses.items() if config.group == "direction_analyses"]
    if edited and not faults and "attributes" not in content.get("analyses", {}):  # null is recorded as missing
        faults.append(_line("analyses.attributes", f"a block, whose directions {edited[0]} needs", "none"))
    if not faults:
        faults += _conflicts(blocks, analyses)
    if faults:
        raise UserError(*(f"{path}: {fault}" for fault in faults))
    return Params(blocks, analyses)


def _group(group: str, content: Any, faults: list[str]) -> dict[str, Any]:
    """The entries of one group of analyses that are switched on, each of an analysis that belongs there."""
    if not isinstance(content, dict):  # of null, DVC would end with an unexpected error
        faults.append(_line(group, "a mapping of analyses, {} for none", _show(content)))
        return {}
    known = [name for name in discovery.names() if discovery.config_class(name).group == group]
    for name in content:
        if name not in known:
            belongs = name in discovery.names()
            hint = f"it belongs under {discovery.config_class(name).group}" if belongs else f"the unknown key {name}"
            faults.append(_line(f"{group}.{name}", f"one of {', '.join(known)}", hint))
    return {name: entry for name, entry in content.items() if name in known and entry is not None}


def _validated(key: str, block: Any, content: Any, faults: list[str]) -> Any:
    """The typed block; None, and its faults added, where it is not as expected."""
    try:
        return block.model_validate_json(json.dumps(content))  # JSON mode: strict, but lists are tuples
    except ValidationError as error:
        faults += _explain(key, block, content, error)
    except (TypeError, ValueError):
        faults.append(_line(key, "plain numbers, texts, lists and mappings", repr(content)))
    return None


def _conflicts(blocks: dict[str, Any], analyses: dict[str, AnalysisConfig]) -> list[str]:
    """A line for each block with values that do not go together."""
    checks: list[tuple[str, Callable[[], None]]] = [("", partial(block.check, blocks)) for block in blocks.values()]
    checks += [(f"{config.group}.{name}.", config.check) for name, config in analyses.items()]
    faults = []
    for prefix, check in checks:
        try:
            check()
        except ConfigError as error:
            faults.append(_line(prefix + error.key, error.expected, _show(error.received)))
    return faults


# Blocks of earlier versions, and where they went.
MOVED = {"noise": "posterior", "sampling": "samplers (its key images to sampler_analyses.samples)"}


def _unknown(key: str, classes: dict[str, Any]) -> str:
    """A line about a key at the top that is no block; one of an earlier version learns where it went."""
    name = MOVED.get(key, key)
    if name in discovery.names():
        return _line(key, f"this block as {discovery.config_class(name).group}.{name}", "it at the top; move it there")
    if key in MOVED:
        return _line(key, f"this block as {name}", "it under its old name")
    return _line(key, f"one of {', '.join(sorted([*classes, *discovery.GROUPS]))}", f"the unknown key {key}")


def _load(path: Path) -> dict[str, Any]:
    content = load_yaml(path)
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected a mapping of blocks, received {type(content).__name__}")
    _refuse_other_keys(path, content)
    return content


def _refuse_other_keys(path: Path, content: Any, above: str = "") -> None:
    """DVC cannot sort keys that YAML reads as something else than a text, such as null, and does not say which."""
    if isinstance(content, dict):
        for key, value in content.items():
            if not isinstance(key, str):
                place = f"under {above}" if above else "at the top"
                raise UserError(f"{path}: expected texts as keys {place}, received {_show(key)}; put it in quotes")
            _refuse_other_keys(path, value, f"{above}.{key}" if above else key)
    elif isinstance(content, list):
        for value in content:
            _refuse_other_keys(path, value, above)


def _override(content: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise UserError(f"--set-param: expected key.path=value, received {override!r}")
    value = load_yaml(text, f"--set-param {key}")
    *parents, last = key.split(".")
    place = content
    for parent in parents:
        place = place.setdefault(parent, {})
        if not isinstance(place, dict):
            raise UserError(f"--set-param {key}: expected a mapping at {parent}, received {_show(place)}")
    place[last] = value


@cache
def _blocks() -> dict[str, Any]:
    """The block classes of zpoints.config by key: module `split` holds the block with the key `split`."""
    found = {}
    for info in pkgutil.iter_modules(zpoints.config.__path__):
        module = importlib.import_module(f"{zpoints.config.__name__}.{info.name}")
        for item in vars(module).values():
            if isinstance(item, type) and getattr(item, "key", None) == info.name:
                found[info.name] = item
    return found


def _line(key: str, expected: str, received: str) -> str:
    return f"{key}: expected {expected}, received {received}"


def _show(value: Any) -> str:
    return json.dumps(value, default=str)


# What pydantic's error types mean, in a user's words.
_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text",
    "finite_number": "a finite number",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "null",
    "missing": "a value",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
    "literal_error": "{expected}",
    "string_pattern_mismatch": "a name that matches {pattern}",
    "string_too_short": "at least {min_length} characters",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
    "union_tag_not_found": "a value for {discriminator}",
    "union_tag_invalid": "{discriminator} to be one of {expected_tags}",
}


def expectation(fault: Any) -> str:
    """What was expected where pydantic found a fault, in a user's words."""
    return _EXPECTED.get(fault["type"], fault["msg"]).format(**fault.get("ctx", {}))


def _explain(key: str, block: Any, content: Any, error: ValidationError) -> list[str]:
    """One line for each key at fault; the alternatives of a union are joined by `or`."""
    expected: dict[str, dict[str, None]] = {}
    received: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        path = _path(content, fault["loc"])
        name = ".".join([key, *path])
        if fault["type"] == "extra_forbidden":
            known, kind = _known_keys(block.model_json_schema(), content, path[:-1])
            phrase, value = f"one of {', '.join(known)}{kind}", f"the unknown key {path[-1]}"
        else:
            phrase = expectation(fault)
            value = "none" if fault["type"] == "missing" else _show(fault["input"])
        expected.setdefault(name, {})[phrase] = None
        received[name] = value
    return [_line(name, " or ".join(phrases), received[name]) for name, phrases in expected.items()]


def lines_of(block: Any, content: dict[str, Any], error: ValidationError) -> list[str]:
    """A line for each key of a block at fault, as `read` has them, for a block that stands in no file."""
    return [line.partition(".")[2] for line in _explain("", block, content, error)]


def _path(content: Any, loc: tuple[int | str, ...]) -> list[str]:
    """The keys of `loc` that stand in the file; pydantic mixes in tags of unions and names of types."""
    path = []
    for place, part in enumerate(loc):
        if part == "[key]":
            continue
        if isinstance(content, dict):
            if part not in content and place < len(loc) - 1:
                continue
            content = content.get(part)
        elif isinstance(content, list) and isinstance(part, int):
            content = content[part] if part < len(content) else None
        else:
            continue
        path.append(str(part))
    return path


def _known_keys(schema: dict[str, Any], content: Any, path: list[str]) -> tuple[list[str], str]:
    """The keys that the block's JSON schema knows at `path`, and the union's tag that decided, if any."""
    place, kind = schema, ""
    for part in [*path, None]:
        place = _resolve(schema, place)
        if "discriminator" in place:
            tag = place["discriminator"]["propertyName"]
            kind = f" with {tag}: {content[tag]}"
            place = _resolve(schema, {"$ref": place["discriminator"]["mapping"][content[tag]]})
        if part is not None and isinstance(content, list):
            place, content = place.get("items", {}), content[int(part)]
        elif part is not None:
            names = place.get("patternProperties", {}).values()
            place = place.get("properties", {}).get(part) or next(iter(names), {})
            content = content[part]
    return sorted(place.get("properties", {})), kind


def _resolve(schema: dict[str, Any], place: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in place:
        place = schema["$defs"][place["$ref"].rsplit("/", 1)[-1]]
    return place

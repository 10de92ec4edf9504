"""Ask one question of arrays in memory: the same functions, and so the same numbers, as the stage `measure`."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from zpoints.analyses import discovery
from zpoints.config.block import AnalysisConfig, ConfigError
from zpoints.config.reader import lines_of
from zpoints.errors import UserError
from zpoints.latents.labels import Labels
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

MODEL = "z"  # what the points are called in figures
HELD_OUT = 0.1  # of the points, where an analysis needs some and the split does not say which


@dataclass(frozen=True, repr=False)
class Result(Measurement):
    """A Measurement, and the figures of the report that show it.

    points: the Latents by name, "z" unless a mapping was given.
    """

    analysis: str = ""
    points: Mapping[str, Latents] = None  # type: ignore[assignment]  # fields behind those with defaults need one

    def figures(self) -> dict[str, "Figure"]:
        """All figures of this analysis by name, as in the report. matplotlib is imported here."""
        from zpoints.report.results import Results
        from zpoints.report.style import colors_of

        presentation = discovery.presentation(self.analysis)
        columns = presentation.METRICS.values(self.numbers)
        rows = {
            name: {"kind": latents.kind, "z_dim": latents.z_dim, **columns} for name, latents in self.points.items()
        }
        joint = _is_of_pairs(self.analysis)
        results = Results(
            models=tuple(self.points),
            measurements={} if joint else dict.fromkeys(self.points, self),
            missing={},
            joint=self if joint else None,
            rows=rows,
            colors=colors_of(self.points),
        )
        if not getattr(presentation, "shown", lambda results: True)(results):
            return {}
        return {name: drawing.figure for name, drawing in presentation.figures(results).items()}

    def figure(self, name: str | None = None) -> "Figure":
        """One figure, the first unless named. Raises UserError where there is none of the name."""
        drawn = self.figures()
        if name is None and drawn:
            return next(iter(drawn.values()))
        if name not in drawn:
            raise UserError(f"figure: expected one of {', '.join(drawn) or 'none'}, received {name}")
        return drawn[name]

    def __repr__(self) -> str:
        return Measurement.__repr__(self).replace("Measurement(", f"{self.analysis}(", 1)


def measure(
    analysis: str,
    points: "np.typing.ArrayLike | Latents | Mapping[str, np.typing.ArrayLike | Latents]",
    /,
    *,
    labels: "pd.DataFrame | Labels | None" = None,
    config: AnalysisConfig | None = None,
    **given: Any,
) -> Result:
    """Ask the question `analysis`, a folder of zpoints.analyses, of z-points in memory.

    points: mu (images, z_dim), or Latents; a mapping of these by name for analyses of pairs, such as `similarity`.
    labels: attributes and factors, a row for each image: a data frame, or Labels.
    config: the analysis' Config; without it, its defaults with the keys in `given`, as in params.yaml.
    given: keys of the Config; and inputs that an analysis asks for besides, such as `model` and `shards`.

    A tenth of the points, drawn at random, is held out where the analysis tests on held-out ones and has none.
    Raises UserError for what does not go together, NotMeasurable with the reason where the points can't answer.
    """
    config_class, function = discovery.config_class(analysis), discovery.measure_function(analysis)
    needed = discovery.needs(function)
    inputs = {name: given.pop(name) for name in list(given) if name in needed - config_class.model_fields.keys()}
    config = _config(config_class, given, config)
    if _is_of_pairs(analysis):
        if not isinstance(points, Mapping):
            raise UserError(f"{analysis}: expected arrays by name, {{'a': ..., 'b': ...}}, received one array")
        spaces = {str(name): _latents(value) for name, value in points.items()}
        inputs |= {"spaces": spaces, "entries": {name: {"name": name} for name in spaces}}
    else:
        spaces = {MODEL: _latents(points)}
        if config.minimum().held_out and not len(spaces[MODEL].rows("held_out")):
            spaces[MODEL] = _with_held_out(spaces[MODEL])
        inputs |= {"latents": spaces[MODEL], "labels": _labels(labels, len(spaces[MODEL]))}
    inputs["config"] = config
    if missing := sorted(needed - inputs.keys()):
        raise UserError(
            f"{analysis}: expected {', '.join(missing)} as well, received none; see zpoints.analyses.inputs"
        )
    found = function(**{name: inputs[name] for name in needed})
    parts = {part.name: getattr(found, part.name) for part in fields(Measurement)}
    return Result(**parts, analysis=analysis, points=spaces)


def _is_of_pairs(analysis: str) -> bool:
    return discovery.config_class(analysis).group == "pair_analyses"


def _config(config_class: type[AnalysisConfig], keys: Mapping[str, Any], config: AnalysisConfig | None) -> Any:
    """The Config with these keys. Raises UserError with a line for each that is not as expected."""
    if config is not None:
        if keys:
            raise UserError(f"config: expected no further keys, received {', '.join(keys)}")
        return config
    try:
        config = config_class.model_validate(dict(keys), strict=False)
        config.check()
    except ValidationError as error:
        raise UserError(*lines_of(config_class, dict(keys), error)) from error
    except ConfigError as error:
        raise UserError(f"{error.key}: expected {error.expected}, received {error.received}") from error
    return config


def _latents(points: Any) -> Latents:
    return points if isinstance(points, Latents) else Latents.of(points)


def _with_held_out(latents: Latents) -> Latents:
    """The same points, a tenth of them held out as `prepare` would with seed 0."""
    from zpoints.shards.split import split_rows

    split = split_rows(range(len(latents)), 1 - HELD_OUT, "random", 0)  # type: ignore[arg-type]  # it counts them
    return Latents(latents.kind, latents.model, latents.mu, latents.logvar, latents.z, split)


def _labels(labels: Any, images: int) -> Labels:
    if labels is None:
        return Labels()
    found = labels if isinstance(labels, Labels) else Labels.of_frame(labels)
    for values in (found.attributes, found.factors):
        if values is not None and len(values) != images:
            raise UserError(f"labels: expected a row for each of {images} points, received {len(values)}")
    return found

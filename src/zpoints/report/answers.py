"""The answers that open the page: what all analyses together say to the questions that the laboratory exists for.

An analysis' presentation.py may have ANSWERS: for some of QUESTIONS a function (results, roles) that gives
a sentence of plain text without its full stop, or None where it has nothing to say. They make the answer.
"""

import json
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from zpoints.analyses import discovery
from zpoints.errors import printable
from zpoints.report.numbers import listing, setting, significant
from zpoints.report.results import Colors, Results, Rows, Run

QUESTIONS = {
    "tiny_kl": "Does a VAE with a tiny KL loss behave like a plain autoencoder?",
    "places": "Where do the two put their z-points?",
    "fact": "What does the KL weight fact change?",
    "faces": "Which points of the latent space decode to faces?",
}
TINY = 1e-3  # the largest fact that counts as tiny; the posts' is 1e-5
SEEDS = ("seed", "order_seed")
# Keys of an entry in which a plain autoencoder and VAEs must differ, or may without another training.
OF_VAES = ("kind", "fact", "fact_warmup_epochs", "eps_clip", "eps_factor")


@dataclass(frozen=True)
class Roles:
    """The models that the answers speak of: the trainings of one setting for each role, by name; none: no such model.

    plain: an autoencoder. tiny: a VAE with a tiny fact. working: a VAE with a larger one.
    Of several settings those are taken that differ in the fewest other keys; `differences` are these keys.
    """

    plain: tuple[str, ...] = ()
    tiny: tuple[str, ...] = ()
    working: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    differences: Mapping[str, tuple[str, ...]] | None = None

    @property
    def all(self) -> tuple[tuple[str, ...], ...]:
        """The trainings of each role that is filled; of models that fill none, the first alone."""
        return tuple(names for names in (self.plain, self.tiny, self.working) if names) or (self.other[:1],)

    @property
    def two(self) -> tuple[tuple[str, ...], ...]:
        """The autoencoder and the VAE with a tiny fact, or whatever there is instead."""
        return tuple(names for names in (self.plain, self.tiny) if names) or self.all


@dataclass(frozen=True)
class Answer:
    """A question with its answer; on how many trainings and on which analyses it rests, by name and title."""

    question: str
    text: str
    trainings: str
    sections: tuple[tuple[str, str], ...]


def answers(run: Run, rows: Rows, colors: Colors, titles: Mapping[str, str]) -> list[Answer]:
    """An answer to each question; where something is missing for it, what that is.

    titles: of the sections that the page has, by analysis.
    """
    roles = roles_of({name: run.entries[name].model_dump(mode="json") for name in rows})
    found = []
    for key, question in QUESTIONS.items():
        lacking = _lacking(key, roles)
        clauses: dict[str, str] = {}
        reasons: dict[str, None] = {}
        for name in run.analyses if not lacking else ():
            clause = getattr(discovery.presentation(name), "ANSWERS", {}).get(key)
            if clause is None:
                continue
            results = run.results(name, rows, colors)
            if not results.measurements and results.joint is None:
                reasons |= dict.fromkeys(results.missing.values())
            elif text := clause(results, roles):
                clauses[name] = text
        if lacking or not clauses:
            why = lacking or listing(list(reasons)) or "no analysis that answers it is switched on"
            found.append(Answer(question, f"Not answered here: {why}.", "", ()))
            continue
        text = " ".join(f"{clause}." for clause in clauses.values())
        sections = tuple((name, titles[name]) for name in clauses if name in titles)
        found.append(Answer(question, _opening(key, roles, rows) + text, _trainings(key, roles), sections))
    return found


def in_brief(answer: Answer) -> str:
    """A line for a terminal: the question, its answer, on how many trainings it rests."""
    line = " ".join(filter(None, (answer.question, answer.text, answer.trainings)))
    return printable(line.replace("\N{NARROW NO-BREAK SPACE}", " "))


def roles_of(entries: Mapping[str, Mapping[str, Any]]) -> Roles:
    """Who plays which role, from the models' entries in params.yaml as plain data."""
    settings: dict[str, list[str]] = {}
    for name, entry in entries.items():
        settings.setdefault(json.dumps(without_seeds(entry), sort_keys=True), []).append(name)
    groups = [tuple(names) for names in settings.values()]
    of_kind = {
        kind: [names for names in groups if entries[names[0]]["kind"] == kind] for kind in ("ae", "vae", "external")
    }
    tiny = [names for names in of_kind["vae"] if 0 < entries[names[0]]["fact"] <= TINY]
    working = [names for names in of_kind["vae"] if entries[names[0]]["fact"] > TINY]

    def unlike(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
        return _differences(entries[one[0]], entries[other[0]]) if one and other else ()

    none: list[tuple[str, ...]] = [()]
    first, second = min(product(of_kind["ae"] or none, tiny or none), key=lambda pair: len(unlike(*pair)))
    third = min(working or none, key=lambda names: len(unlike(second or first, names)))
    return Roles(
        first, second, third, tuple(entries), {"tiny_kl": unlike(first, second), "fact": unlike(second, third)}
    )


def without_seeds(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry is trained with, as its replicates share it."""
    return {key: value for key, value in entry.items() if key not in SEEDS}


def stated(
    results: Results, parts: Sequence[tuple[str, ...]], column: str, show: Callable[[float | None], str] = significant
) -> str | None:
    """A number of each part: "9.75 (9.25 to 9.75) for ae and 10.8 for vae"; None where a part lacks it.

    In brackets the 95% interval: of one training that in the columns COLUMN_low and COLUMN_high, if there are; of
    several that of their mean.
    """
    texts = []
    for names in parts:
        row = results.rows[names[0]]
        values = [value for name in names if (value := results.rows[name].get(column)) is not None]
        if not values:
            return None
        value, low, high = (
            mean(values) if len(values) > 1 else (values[0], row.get(f"{column}_low"), row.get(f"{column}_high"))
        )
        interval = "" if low is None or high is None else f" ({show(low)} to {show(high)})"
        texts.append(f"{show(value)}{interval} for {names[0]}")
    return listing(texts)


def difference(
    results: Results, parts: Sequence[tuple[str, ...]], column: str, show: Callable[[float | None], str] = significant
) -> str | None:
    """The second part less the first, with Welch's 95% interval over trainings; None without two trainings of each."""
    known = [[value for name in names if (value := results.rows[name].get(column)) is not None] for names in parts]
    if len(known) != 2 or min(map(len, known)) < 2:
        return None
    from scipy.stats import ttest_ind

    interval = ttest_ind(known[1], known[0], equal_var=False).confidence_interval(0.95)
    value = statistics.fmean(known[1]) - statistics.fmean(known[0])
    return f"{parts[1][0]} less {parts[0][0]}: {show(value)}, {show(interval.low)} to {show(interval.high)}"


def mean(values: Sequence[float]) -> tuple[float, float, float]:
    """The mean of at least two values and its 95% interval, Student's t."""
    from scipy.special import stdtrit

    n, middle = len(values), statistics.fmean(values)
    margin = -float(stdtrit(n - 1, 0.025)) * statistics.stdev(values) / math.sqrt(n)
    return middle, middle - margin, middle + margin


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys, other than a VAE's own and the seed, that two entries do not share."""
    keys = dict.fromkeys([*one, *other])
    return tuple(key for key in keys if key not in (*OF_VAES, *SEEDS) and one.get(key) != other.get(key))


def _lacking(key: str, roles: Roles) -> str:
    """What the models lack for a question, as words; empty where they lack nothing."""
    needed = {
        "tiny_kl": {"a plain autoencoder": roles.plain, f"a VAE with fact up to {significant(TINY)}": roles.tiny},
        "fact": {
            f"a VAE with fact up to {significant(TINY)}": roles.tiny,
            f"a VAE with fact above {significant(TINY)}": roles.working,
        },
    }
    absent = [words for words, names in needed.get(key, {}).items() if not names]
    return f"`models` lacks {listing(absent)}" if absent else ""


def _opening(key: str, roles: Roles, rows: Rows) -> str:
    """What the answer begins with: that one training decides nothing, or which models are compared."""
    if key == "tiny_kl" and min(len(roles.plain), len(roles.tiny)) == 1:
        return "Undecided: one training cannot tell a kind of model from its seed. "
    if key == "fact":
        old, new = (f"{setting(rows[names[0]]['fact'])} ({names[0]})" for names in (roles.tiny, roles.working))
        return f"Compared are fact {old} and {new}. "
    return ""


def _trainings(key: str, roles: Roles) -> str:
    """On how many trainings an answer rests, what its intervals cover, and in what else the models differ."""
    parts = {"tiny_kl": roles.two, "places": roles.two, "fact": (roles.tiny, roles.working)}.get(key, roles.all)
    if {len(names) for names in parts} == {1}:
        text = f"One training{' each' if len(parts) > 1 else ''}; 95% intervals over images, not over seeds."
    else:
        counts = listing([f"{len(names)} of {names[0]}" for names in parts])
        text = f"Trainings: {counts}; 95% intervals over trainings, over images where there is one."
    unlike = (roles.differences or {}).get(key)
    return text + (f" The two also differ in {listing(list(unlike))}." if unlike else "")

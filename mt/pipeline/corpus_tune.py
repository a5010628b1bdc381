"""`mt corpus tune`: noise planted in clean pairs, thresholds and a classifier fitted to it, and the configuration that says so."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mt.errors import ConfigError
from mt.files import read_bytes, write_text
from mt.filters import learn
from mt.filters.classifier import Classifier, fit, out_of_fold
from mt.filters.filter import Limit, Numbers
from mt.filters.noise import KINDS
from mt.pipeline import corpus_noise, corpus_semantic
from mt.pipeline.corpus_config import CorpusConfig, SourceConfig, load_corpus
from mt.pipeline.corpus_noise import Sample
from mt.pipeline.corpus_semantic import LEARNED
from mt.protocols import Progress, Silent
from mt.signature import Signature
from mt.types import check_range

_FIRST = 0.3  # share of the budget that intervals get before the classifier, which is fitted to what they leave
_PLANTED_BEAM = 4
_FREE = 0.02  # share of the budget that a filter of the profile may cost and still be taken over as it is
_LOSSES = (0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1)
# A pair's own numbers cannot show that it is another row again; that is for deduplication.
_NOT_LEARNT = frozenset({"near-duplicate"})


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """How to learn.

    Attributes:
        kinds: of noise; empty = all that the scores can tell.
        share: of the clean rows that get noise.
        max_clean_loss: share of the clean rows that may be rejected.
        rows: most rows of a file, in runs of 50 neighbours spread over it; 0 = all.
        models: scores by models, of `mt.pipeline.corpus_semantic.MEASURED`.
        method: `thresholds` = an interval a score; `learned` = a classifier on all of them; `both` = intervals for what is
            sure, with a third of the loss, and a classifier for what they leave.
        seed: of planting.
        threads: of the models; 0 = as many as there are cores.
        judge: what the classifier's threshold is set by: rows of `files` it did not see, which is strict where they are of unlike kinds (3 % allowed
            on six lost 1.7 % of nine others), or of `documents` it did not see, which is near the mark for more of the same kinds.
    """

    kinds: tuple[str, ...] = ()
    share: float = 0.2
    max_clean_loss: float = 0.03
    rows: int = 5000
    models: tuple[str, ...] = ("cosine",)
    method: Literal["thresholds", "learned", "both"] = "both"
    seed: int = 1
    threads: int = 0
    judge: Literal["files", "documents"] = "files"

    def __post_init__(self) -> None:
        """Raises OptionError for numbers out of range, ConfigError for names that are not known."""
        check_range("share", self.share, 0.001, 0.9)
        check_range("max_clean_loss", self.max_clean_loss, 0, 0.5)
        check_range("rows", self.rows, 0, 1_000_000_000)
        for key, names, known in (("noise", self.kinds, KINDS), ("scores", self.models, corpus_semantic.MEASURED)):
            for name in names:
                if name not in known:
                    raise ConfigError(f"--{key}", f"of {', '.join(known)}", name)

    def wanted(self) -> tuple[str, ...]:
        """The kinds to plant; machine output is told by our own model alone, so without its scores it is left out."""
        told = {"mt-chrf", *corpus_semantic.FORCED} & {*self.models}
        hidden = _NOT_LEARNT if told else {*_NOT_LEARNT, "mt-copy"}
        return self.kinds or tuple(kind for kind in KINDS if kind not in hidden)


@dataclass(frozen=True, slots=True)
class KindRow:
    """What became of the rows of one kind.

    Attributes:
        kind: of noise; `all` = of any.
        rows: how many there are.
        found: how many are rejected.
        precision: of the rejected rows that are of this kind or clean, the share that is of this kind.
    """

    kind: str
    rows: int
    found: int
    precision: float

    @property
    def recall(self) -> float:
        """Share found."""
        return self.found / self.rows if self.rows else float("nan")


@dataclass(frozen=True)
class Tuned:
    """What was learnt.

    Attributes:
        limits: score → interval, that of `learned` among them.
        off: filters of the profile that are left out.
        classifier: None where no interval is about its answers.
        kinds: on the rows it was fitted to, the classifier's part by rows of other files (or documents).
        loss: share of clean rows rejected, likewise; by file with `""` for all.
        steps: of the greedy fit.
        curve: of the classifier; None where there is none.
        signature: data, noise, models and options.
    """

    limits: Mapping[str, Limit]
    off: Sequence[str]
    classifier: Classifier | None
    kinds: Sequence[KindRow]
    loss: Mapping[str, float]
    steps: Sequence[tuple[str, Limit, float, float]]
    curve: learn.Curve | None
    signature: Signature

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{'noise':<16}{'rows':>8}{'found':>8}{'recall':>9}{'precision':>11}"
        for row in self.kinds:
            yield f"{row.kind:<16}{row.rows:>8,}{row.found:>8,}{row.recall:>8.1%}{row.precision:>10.1%}"
        for name, loss in self.loss.items():
            yield f"clean rows lost{f' of {name}' if name else ''}: {loss:.2%}"
        if self.steps:
            yield f"\n{'recall':>8}{'lost':>8}  threshold"
        for name, limit, recall, lost in self.steps:
            yield f"{recall:>8.1%}{lost:>8.2%}  {name} {said(limit)}"
        if self.curve is not None:
            yield ""
            yield f"classifier: area under the ROC {self.curve.area:.4f}, on rows of files it was not fitted to"
            yield f"{'recall':>8}{'precision':>11}{'lost':>8}  learned ≥"
            for place in dict.fromkeys(self.curve.at(loss) for loss in _LOSSES):
                c = self.curve
                yield f"{c.recall[place]:>8.1%}{c.precision[place]:>10.1%}{c.loss[place]:>8.2%}  {c.threshold[place]:.4g}"

    def record(self) -> dict[str, Any]:
        """For machines."""
        return {
            "kinds": {
                row.kind: {"rows": row.rows, "found": row.found, "precision": round(row.precision, 4)}
                for row in self.kinds
            },
            "clean_loss": {name or "all": round(loss, 5) for name, loss in self.loss.items()},
            "limits": {name: _ends(limit) for name, limit in self.limits.items()},
            "off": list(self.off),
            "area": None if self.curve is None else round(self.curve.area, 5),
            "signature": str(self.signature),
        }


def said(limit: Limit) -> str:
    """An interval for people.

    Example:
        >>> said(Limit(0.5)), said(Limit(1, 3)), said(Limit(high=2.25))
        ('≥ 0.5', '1 to 3', '≤ 2.25')
    """
    if limit.high == float("inf"):
        return f"≥ {limit.low:.6g}"
    return f"≤ {limit.high:.6g}" if limit.low == -float("inf") else f"{limit.low:.6g} to {limit.high:.6g}"


def read_config(path: Path, output: Path | None) -> tuple[CorpusConfig, str]:
    """A configuration and its text; of a bitext, the one that builds a corpus of it alone.

    Raises:
        InputError, ConfigError: as `load_corpus` does; where `output` would change what the configuration's paths mean.
    """
    if path.suffix.lower() == ".toml":
        config = load_corpus(path)
        if output is not None and output.resolve().parent != path.resolve().parent:
            raise ConfigError("--output", f"a file beside {path}, which its paths are relative to", str(output))
        return config, read_bytes(path).decode("utf-8")
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in path.name.split(".")[0]) or "pairs"
    place = Path(os.path.relpath(path, output.parent if output is not None else Path())).as_posix()
    config = CorpusConfig(name, {name: SourceConfig(place)})
    return config, f'name = "{name}"\n\n[source.{name}]\npath = {_quoted(place)}\n'


def tune_files(
    config: CorpusConfig, clean: Sequence[Path], options: TuneOptions | None = None, *, progress: Progress | None = None
) -> Tuned:
    """Read clean pairs, plant noise in them, score them, and learn.

    Args:
        config: languages, normalising, profile and models.
        clean: bitexts; of two or more, each is judged by what was learnt on the others.
        options: the defaults where None.
        progress: told of pairs scored.

    Raises:
        UserError: for files or models that cannot be used.
        OptionError: where too few rows are left to learn from.
    """
    options = options or TuneOptions()
    rows = corpus_noise.joined([corpus_noise.read_clean(path, config, options.rows) for path in clean])
    kinds = options.wanted()
    # by another search than scores are measured with, or machine output would be told by being the same to the letter
    translator = (
        corpus_semantic.translator(config, threads=options.threads, beam_size=_PLANTED_BEAM)
        if "mt-copy" in kinds
        else None
    )
    sample = corpus_noise.make(rows, config, kinds, options.share, options.seed, translator=translator)
    scores = corpus_noise.scores(sample, config, options.models, threads=options.threads, progress=progress or Silent())
    signature = Signature.of(
        clean="+".join(f"{path.name}" for path in clean),
        rows=len(rows),
        noise="+".join(kinds),
        share=options.share,
        seed=options.seed,
        scores="+".join(options.models) or "rules",
        loss=options.max_clean_loss,
        judge=options.judge,
    )
    return replace(learn_from(sample, scores, config, options), signature=signature)


def learn_from(sample: Sample, scores: Mapping[str, Numbers], config: CorpusConfig, options: TuneOptions) -> Tuned:
    """Learn from rows that are scored already; the signature is left to whoever knows where they are from."""
    use = np.array(
        [not undone and kind not in _NOT_LEARNT for undone, kind in zip(sample.restored, sample.kinds, strict=True)],
        bool,
    )
    known = {name: numbers[use] for name, numbers in scores.items()}
    clean = sample.clean[use]
    groups = _groups(sample, use, options.judge)
    budget = options.max_clean_loss
    profile = _profile(config)
    start = _free(profile, known, clean, budget)
    kinds = [kind for kind, used in zip(sample.kinds, use, strict=True) if used]
    first = {"thresholds": 1.0, "learned": 0.0, "both": _FIRST}[options.method]
    fitted = learn.thresholds(known, clean, first * budget, start=start if first else {})
    limits, rejected, made, curve = dict(fitted.limits), fitted.rejected, None, None
    if not first:
        limits, rejected = {}, np.zeros(len(clean), bool)
    if options.method != "thresholds" and (~rejected & ~clean).any():
        # of what the intervals leave, by classifiers that did not see the row's file: what the final one is worth on another
        made, chances = _classified(known, kinds, groups, ~rejected)
        if made.score:
            curve = learn.curve(chances[~rejected], clean[~rejected])
            limits[LEARNED] = Limit(low=_least(chances, rejected, clean, budget))
            rejected = rejected | ~limits[LEARNED].accept(chances)
        else:
            made = None
    off = [name for name in profile if name not in limits]
    loss = {"": float(rejected[clean].mean())} | _by_file(sample, use, rejected, clean)
    return Tuned(limits, off, made, by_kind(kinds, rejected), loss, fitted.steps, curve, Signature.of(fitted="rows"))


def _classified(
    scores: Mapping[str, Numbers], kinds: Sequence[str | None], groups: Sequence[str], use: NDArray[np.bool_]
) -> tuple[Classifier, Numbers]:
    """A classifier of the rows that are used, and their chances by those that did not see their group; of other rows 1."""
    columns = {name: numbers[use] for name, numbers in scores.items()}
    left = [kind for kind, used in zip(kinds, use, strict=True) if used]
    of_left = [group for group, used in zip(groups, use, strict=True) if used]
    chances = np.ones(len(kinds), np.float32)
    chances[use] = out_of_fold(columns, left, of_left)
    return fit(columns, left), chances


def _least(chances: Numbers, rejected: NDArray[np.bool_], clean: NDArray[np.bool_], budget: float) -> float:
    """The least chance that is accepted, so that what is lost beside the rejected stays within the budget."""
    most = int(budget * int(clean.sum())) - int(rejected[clean].sum())
    left = np.sort(chances[clean & ~rejected])
    return float(left[min(max(most, 0), len(left) - 1)]) if len(left) else 0.0


def by_kind(kinds: Sequence[str | None], rejected: NDArray[np.bool_]) -> list[KindRow]:
    """Recall and precision of every kind that was planted, then of all."""
    clean = np.array([kind is None for kind in kinds], bool)
    lost = int(rejected[clean].sum())
    out = []
    for name in (*(kind for kind in KINDS if kind in kinds), "all"):
        here = ~clean if name == "all" else np.array([kind == name for kind in kinds], bool)
        found = int(rejected[here].sum())
        out.append(KindRow(name, int(here.sum()), found, found / (found + lost) if found + lost else 1.0))
    return out


def write(path: Path, text: str, tuned: Tuned) -> None:
    """A configuration with the tables of filters in place of those it had, each with what it was fitted on.

    Raises:
        OutputError: when the place cannot be written.
    """
    write_text(path, rewritten(text, tuned))


def rewritten(text: str, tuned: Tuned) -> str:
    """The text `write` writes."""
    kept: list[str] = []
    skipping = False
    for line in text.rstrip("\n").split("\n"):
        if line.lstrip().startswith("["):
            table = line.strip().strip("[]").split(".")[0].strip()
            skipping = table in ("filter", LEARNED)
        if not skipping and not line.startswith("# tuned: "):
            kept.append(line)
    while kept and not kept[-1].strip():
        kept.pop()
    overall = tuned.kinds[-1]
    lines = [
        *kept,
        "",
        f"# tuned: {tuned.signature}",
        f"# tuned: finds {overall.recall:.1%} of the noise planted, and loses {tuned.loss['']:.2%} of the clean pairs",
    ]
    for name, limit in tuned.limits.items():
        lines += [f"[filter.{name}]", *(f"{end} = {value:.9g}" for end, value in _ends(limit).items())]
    for name in tuned.off:
        lines += [f"[filter.{name}]", "off = true"]
    if tuned.classifier is not None:
        lines += ["", *_toml(tuned.classifier, str(tuned.signature))]
    return "\n".join(lines) + "\n"


def _toml(one: Classifier, signature: str) -> Iterator[str]:
    yield f"[{LEARNED}]"
    yield f"fitted = {_quoted(signature)}"
    for name, f in one.score.items():
        yield f"[{LEARNED}.score.{name}]"
        yield f"middle = {f.middle!r}\nscale = {f.scale!r}\nlow = {f.low!r}\nhigh = {f.high!r}"
    for kind, odds in one.kind.items():
        yield f"[{LEARNED}.kind.{kind}]\nbias = {odds.bias!r}"
        yield f"[{LEARNED}.kind.{kind}.weights]"
        yield from (f"{name} = {list(weights)!r}" for name, weights in odds.weights.items())


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _ends(limit: Limit) -> dict[str, float]:
    return {end: value for end, value in (("low", limit.low), ("high", limit.high)) if np.isfinite(value)}


def _profile(config: CorpusConfig) -> dict[str, Limit]:
    from mt.filters import table

    found = table.limits(config.profile, {}, (config.src_lang, config.tgt_lang))
    return {name: limit for name, limit in found.items() if name != LEARNED}


def _free(
    profile: Mapping[str, Limit], scores: Mapping[str, Numbers], clean: NDArray[np.bool_], budget: float
) -> dict[str, Limit]:
    """Filters of the profile that cost next to nothing here: they may find what was not planted."""
    most = _FREE * budget
    return {
        name: limit
        for name, limit in profile.items()
        if name in scores and (~limit.accept(scores[name]))[clean].mean() <= most
    }


def _groups(sample: Sample, use: NDArray[np.bool_], judge: str) -> list[str]:
    """What the classifier is judged by: files where it is asked for and there are several, else documents, else rows."""
    many = (sample.sources, sample.block.documents, sample.block.ids)[judge == "documents" :]
    columns = next((names for names in many if len(set(names)) > 1), sample.block.ids)
    return [name for name, used in zip(columns, use, strict=True) if used]


def _by_file(
    sample: Sample, use: NDArray[np.bool_], rejected: NDArray[np.bool_], clean: NDArray[np.bool_]
) -> dict[str, float]:
    files = np.array([name for name, used in zip(sample.sources, use, strict=True) if used])
    names = dict.fromkeys(files.tolist())
    return {name: float(rejected[clean & (files == name)].mean()) for name in names} if len(names) > 1 else {}

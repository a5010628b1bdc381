"""Which words a system has seen how often: a list that was given, training data that was named, or the starter's own list."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mt.pipeline.evaluate_read import RUN_TEXT, run_model

if TYPE_CHECKING:
    from mt.evaluate.frequencies import Frequencies
    from mt.pipeline.evaluate import Evaluation

STARTER = "words.en.tsv.xz"


def frequencies_of(state: Evaluation) -> Frequencies | None:
    """The list that `frequencies` names; else counts of `training`; else the starter's list, where a run of it is among the systems.

    Raises:
        InputError: for a list or training data that cannot be read.
    """
    from mt.models.registry import find

    config = state.config
    if config.frequencies == "none":
        return None
    if config.frequencies and config.frequencies != "starter":
        return _listed(Path(config.frequencies))
    if config.training and not config.frequencies:
        return _counted(config.training, config.src_lang, config.tgt_lang)
    runs = (Path(f.path).parent for f in state.files if f.role == "system" and Path(f.path).name == RUN_TEXT)
    if config.frequencies or (config.tgt_lang == "en" and any(run_model(run) == "starter" for run in runs)):
        return _listed(find("starter") / STARTER)
    return None


@lru_cache(maxsize=1)  # slices and words ask for the same
def _listed(path: Path) -> Frequencies:
    from mt.bitext.word_counts import read_counts
    from mt.evaluate.frequencies import Frequencies

    found = read_counts(path)
    return Frequencies(found.counts, found.name, found.least)


@lru_cache(maxsize=1)
def _counted(paths: tuple[Path, ...], src: str, tgt: str) -> Frequencies:
    from mt.bitext.read import read_pairs
    from mt.evaluate.frequencies import count

    texts = (text for path in paths for _, _, text in read_pairs(path, src_lang=src, tgt_lang=tgt))
    return count(texts, ", ".join(path.name for path in paths))

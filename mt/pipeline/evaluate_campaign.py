"""A campaign for Appraise of the segments that tell most about systems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mt.pipeline.evaluate import Evaluation


def write_appraise(state: Evaluation, folder: Path, items: int) -> tuple[int, list[Path]]:
    """Batches and manifest of an ESA campaign, for `StartNewCampaign`.

    Args:
        state: of an evaluation.
        folder: for the two files.
        items: segments at least, if so many part the systems; more where the last task has room.

    Returns:
        How many segments it asks about, and the files.

    Raises:
        InputError: where no segment parts the systems, or there is no source.
        OutputError: where it cannot be written.
    """
    from mt.bitext import human_appraise_out as appraise
    from mt.bitext.testsets import TestData
    from mt.evaluate.human import most_informative

    test = state.test
    texts = {s.name: s.hypotheses for s in state.systems}
    order = most_informative(state.segment_scores, len(test), texts=texts)
    data = TestData(test.name, {}, test.src, texts, test.documents, langs=(test.src_lang, test.tgt_lang))
    made = appraise.batches(data, order[:items], systems=list(texts), spare=order[items:], seed=state.config.seed)
    asked = {item["itemID"] for batch in made for item in batch["items"]}
    return len(asked), appraise.write_batches(folder, made)

"""Pairs made by a model: every line a pair or a counted reason, and nothing done twice after a crash."""

import pytest

from mt.bitext.read import read_pairs
from mt.errors import InputError
from mt.pipeline import distill
from mt.pipeline.distill import make_pairs
from mt.translate.run import BatchTranslator
from tests.fake_engine import EchoEngine

LINES = [f"猫が{n}匹いる。" for n in range(10)]


@pytest.fixture
def text(tmp_path, monkeypatch):
    monkeypatch.setattr(distill, "_WINDOW", 3)
    path = tmp_path / "text.ja"
    path.write_text("".join(f"{line}\n" for line in LINES) + "---\n\n", encoding="utf-8")
    return path


def test_every_line_is_a_pair_or_a_reason(tmp_path, text):
    counts = make_pairs(BatchTranslator(EchoEngine()), [text], tmp_path / "a.tsv")
    assert counts == {"pairs": 10, "no-word": 2}
    assert [src for _, src, _ in read_pairs(tmp_path / "a.tsv")] == LINES
    make_pairs(BatchTranslator(EchoEngine()), [text], tmp_path / "b.tsv", back=True)
    turned = [(tgt, src) for _, src, tgt in read_pairs(tmp_path / "b.tsv")]
    assert turned == [row[1:] for row in read_pairs(tmp_path / "a.tsv")]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tsv", "b.tsv", "text.ja"]


class Dies(EchoEngine):
    """Fails at its third batch."""

    calls = 0

    def translate_batch(self, *args):
        self.calls += 1
        if self.calls == 3:
            raise KeyboardInterrupt
        return super().translate_batch(*args)


def test_stopped_it_goes_on(tmp_path, text):
    make_pairs(BatchTranslator(EchoEngine()), [text], tmp_path / "whole.tsv")
    with pytest.raises(KeyboardInterrupt):
        make_pairs(BatchTranslator(Dies()), [text], tmp_path / "a.tsv")
    assert not (tmp_path / "a.tsv").exists()
    with (tmp_path / ".a.tsv.part").open("ab") as file:
        file.write("猫が6匹".encode())  # half a line that was on its way when the power went
    assert make_pairs(BatchTranslator(EchoEngine()), [text], tmp_path / "a.tsv") == {"pairs": 10, "no-word": 2}
    assert (tmp_path / "a.tsv").read_bytes() == (tmp_path / "whole.tsv").read_bytes()


def test_what_was_begun_with_another_text_is_not_gone_on_with(tmp_path, text):
    with pytest.raises(KeyboardInterrupt):
        make_pairs(BatchTranslator(Dies()), [text], tmp_path / "a.tsv")
    text.write_text("別の文。\n", encoding="utf-8")
    with pytest.raises(InputError, match="expected the texts and the model this file was begun with"):
        make_pairs(BatchTranslator(EchoEngine()), [text], tmp_path / "a.tsv")

"""The trainer on a toy language: what stops it, what resumes it, and that the model it writes translates."""

import json
import random
from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="needs the extra `train`")
import torch

from mt.errors import ModelError, MTError, OutputError
from mt.models.registry import open_model
from mt.train.options import Loop, Model, Sampling, Schedule
from mt.train.state import read
from mt.types import DecodingOptions
from tests.train.toys import recipe, reversals, trainer

pytestmark = pytest.mark.torch


def after(updates):
    """A stop that is asked before every update, and says yes once so many were done."""
    asked = iter(range(10**9))
    return lambda: next(asked) >= updates


def weights(directory):
    return read(directory).tensors


def test_thirty_updates_export_convert_and_translate(tmp_path):
    made = recipe()
    at = trainer(tmp_path, reversals(2000), made).run()
    assert at.updates == 30
    engine = open_model(str(tmp_path / "run" / "model"))
    [one] = engine.translate_batch(engine.encode(["1 2 3"]), DecodingOptions(beam_size=1), 20)
    assert one.pieces > 0 and one.logprob < 0 and set(one.text) <= set("0123456789 ")
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [r["updates"] for r in rows] == [5, 10, 15, 20, 25, 30]
    assert rows[-1]["loss"] < rows[0]["loss"]
    assert rows[-1]["tokens"] == at.tokens


@pytest.mark.slow
def test_a_toy_language_is_learned(tmp_path):
    """Reversing two to eight digits: more than 95 of 100 exact, on digits it has not seen."""
    made = recipe(
        schedule=Schedule(rate=3e-3, warmup=100, cooling=0, updates=1200, decay_updates=400),
        loop=Loop(tokens=1500, guide=0, ema=0, threads=1, label_smoothing=0.0),
    )
    seen = reversals(20_000)
    trainer(tmp_path, seen, made).run()
    unseen = [pair for pair in reversals(2000, seed=9, shortest=5) if pair not in set(seen)][:300]
    assert len(unseen) == 300
    # 32 bits: in 8 bits, products saturate on CPUs without VNNI instructions, and a model this small loses up to 30 answers in 100 by it
    engine = open_model(str(tmp_path / "run" / "model"), compute_type="float32")
    answers = engine.translate_batch(engine.encode([s for s, _ in unseen]), DecodingOptions(beam_size=1), 40)
    exact = sum(a.text == t for a, (_, t) in zip(answers, unseen, strict=True))
    assert exact > 0.95 * len(unseen)


@pytest.mark.parametrize("accumulate", [1, 3])
def test_stopped_and_resumed_equals_not_stopped(tmp_path, accumulate):
    """Weights, average, optimiser and counters are equal bit by bit, with dropout and joined sentences, across pools."""
    made = recipe(
        model=Model(preset="toy", anchor=False, dropout=0.2),
        sampling=Sampling(longest=40, pool=150, concat=0.3),
        schedule=Schedule(rate=2e-3, warmup=20, cooling=0, updates=16),
        loop=Loop(tokens=400, guide=0, ema=0.1, threads=1, accumulate=accumulate, save_minutes=1000),
    )
    pairs = reversals(400)
    whole = trainer(tmp_path, pairs, made, name="whole").run()
    for updates in (7, 4, 1000):
        parts = trainer(tmp_path, pairs, made, name="parts", stop=after(updates)).run()
    assert parts == whole
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_killed_it_goes_on_from_the_last_checkpoint(tmp_path):
    """Nothing of an update behind the checkpoint is left: the run that goes on equals one that was never killed."""
    made = recipe(
        schedule=Schedule(rate=2e-3, warmup=20, cooling=0, updates=16),
        loop=Loop(tokens=400, guide=0, ema=0.1, threads=1, save_minutes=0),
    )
    pairs = reversals(400)
    whole = trainer(tmp_path, pairs, made, name="whole").run()
    killed = trainer(tmp_path, pairs, made, name="parts")

    def dies():
        if killed.at.updates == 11:
            raise KeyboardInterrupt
        return False

    killed.job = replace(killed.job, stop=dies)
    with pytest.raises(KeyboardInterrupt):
        killed.run()
    assert trainer(tmp_path, pairs, made, name="parts").run() == whole
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_damaged_checkpoint_is_refused_and_kept(tmp_path):
    made, pairs = recipe(schedule=Schedule(updates=2)), reversals(200)
    trainer(tmp_path, pairs, made).run()
    path = tmp_path / "run" / "state-2.safetensors"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="expected the checkpoint of update 2, found other bytes than were written"):
        trainer(tmp_path, pairs, made)
    assert path.read_bytes() == data
    path.unlink()
    with pytest.raises(ModelError, match="found nothing there"):
        trainer(tmp_path, pairs, made)
    (tmp_path / "run" / "state.json").write_text('{"updates": ')
    with pytest.raises(ModelError, match=r"state\.json: expected a checkpoint's counters"):
        trainer(tmp_path, pairs, made)


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path, monkeypatch):
    made, pairs = recipe(), reversals(400)
    trainer(tmp_path, pairs, made, stop=after(5)).run()

    def full(tensors, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("safetensors.torch.save_file", full)
    with pytest.raises(OutputError, match="No space left on device"):
        trainer(tmp_path, pairs, made).run()
    monkeypatch.undo()
    assert not list((tmp_path / "run").glob("*.part"))
    assert read(tmp_path / "run").position.updates == 5


def test_a_loss_that_is_no_number_names_its_batch(tmp_path):
    made, pairs = recipe(), reversals(400)
    trainer(tmp_path, pairs, made, stop=after(5)).run()
    second = trainer(tmp_path, pairs, made)
    with torch.no_grad():
        second.model.model.shared.weight[3] = torch.nan
    with pytest.raises(MTError, match=r"loss is nan at update 6, pool 0, batch 5 of .* pairs, which stand in"):
        second.run()
    rows = [json.loads(line) for line in (tmp_path / "run" / "failed-batch.jsonl").read_text().splitlines()]
    assert rows[0].keys() == {"src", "tgt", "pairs"}
    assert read(tmp_path / "run").position.updates == 5


def test_it_stops_when_the_checks_no_longer_get_better(tmp_path):
    scores = iter([10.0, 12.0, 11.0, 11.5, 13.0])
    made = recipe(loop=Loop(tokens=400, guide=0, threads=1, check_updates=3, patience=2, save_minutes=1000))
    at = trainer(tmp_path, reversals(400), made, check=lambda path: {"chrF": next(scores)}).run()
    assert (at.updates, at.best, at.worse) == (12, 12.0, 2)
    assert (tmp_path / "run" / "best" / "model.safetensors").exists()


def test_a_decay_leaves_the_checkpoint_as_it_was(tmp_path):
    made, pairs = recipe(), reversals(400)
    trainer(tmp_path, pairs, made, stop=after(5)).run()
    before = (tmp_path / "run" / "state.json").read_bytes()
    endless = replace(made, schedule=replace(made.schedule, updates=0))
    at = trainer(tmp_path, pairs, endless).run(decay_minutes=0.01)
    assert at.updates > 5
    assert (tmp_path / "run" / "state.json").read_bytes() == before
    assert (tmp_path / "run" / "decayed" / "model.safetensors").exists()


def test_chunked_cross_entropy_is_pytorchs():
    """Loss and gradients are those of PyTorch's own function over the vocabulary without the padding."""
    from mt.train.loss import ChunkedCrossEntropy

    torch.manual_seed(random.Random(3).randrange(100))
    rows, table = (torch.randn(n, 8, requires_grad=True) for n in (600, 21))
    gold = torch.randint(0, 20, (600,))
    ours = ChunkedCrossEntropy.apply(rows, table, gold, (0.1, 20))
    ours.backward()
    found = rows.grad.clone(), table.grad.clone()
    rows.grad = table.grad = None
    theirs = torch.nn.functional.cross_entropy(rows @ table[:20].t(), gold, reduction="sum", label_smoothing=0.1)
    theirs.backward()
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    for one, other in zip(found, (rows.grad, table.grad), strict=True):
        assert torch.allclose(one, other, atol=2e-5)

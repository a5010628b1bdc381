"""Tuning: samples with planted noise, what is learnt from them, and that the configuration written says what was learnt."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mt.block import Block
from mt.errors import ConfigError, InputError, OptionError
from mt.filters import learn
from mt.filters.classifier import Classifier, Feature, Odds
from mt.filters.filter import Limit
from mt.filters.noise import KINDS
from mt.pipeline import corpus_noise, corpus_semantic, corpus_tune
from mt.pipeline.corpus_config import CorpusConfig, ScoreConfig, SourceConfig, load_corpus
from mt.pipeline.corpus_noise import Sample, make, read_clean
from mt.pipeline.corpus_semantic import LEARNED
from mt.pipeline.corpus_tune import TuneOptions, by_kind, learn_from, read_config, rewritten, tune_files

SRC = "この文書の第{n}節では、設定の書き方{n}について詳しく説明します。"
TGT = "Section {n} of this document explains in detail how settings of kind {n} are written."


def config(profile: str = "web") -> CorpusConfig:
    return CorpusConfig("x", {"a": SourceConfig("a.tsv")}, profile=profile, score=ScoreConfig(model="starter"))


def bitext(path: Path, count: int) -> Path:
    rows = [f"{SRC.format(n=n)}\t{TGT.format(n=n)}\n" for n in range(count)]
    path.write_text("".join(rows), encoding="utf-8")
    return path


def sample(count: int = 400, files: int = 2) -> Sample:
    """Every fifth row is noise, which the score `a` of `columns` shows."""
    ids = [f"f{n // 10 % files}:{n}" for n in range(count)]
    block = Block.of([(id, f"猫{n}。", f"Cat {n}.") for n, id in enumerate(ids)])
    kinds = [None if n % 5 else ("html", "copy")[n // 5 % 2] for n in range(count)]
    return Sample(block, kinds, [-1] * count, [id[:2] for id in ids], [False] * count)


def columns(rows: Sample) -> dict[str, np.ndarray]:
    dice = np.random.default_rng(2)
    return {
        "a": np.where(rows.clean, 1, dice.integers(0, 2, len(rows.kinds))).astype(np.float32),
        "b": (dice.random(len(rows.kinds)) + rows.clean).astype(np.float32),
    }


def test_rows_are_read_in_runs_of_neighbours(tmp_path):
    path = bitext(tmp_path / "clean.tsv", 500)
    block = read_clean(path, config(), 100)
    numbers = [int(id.split(":")[1]) for id in block.ids]
    assert numbers == [*range(1, 51), *range(251, 301)]
    assert block.documents[0] == "clean/0" and block.documents[99] == "clean/5"
    assert len(read_clean(path, config())) == 500
    (tmp_path / "none.tsv").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="expected pairs, found none"):
        read_clean(tmp_path / "none.tsv", config())


def test_what_normalising_undoes_is_known():
    # of this text some code pages keep every byte, and normalising finds the way back
    clean = Block.of([(f"a:{n}", "設定を保存しました", "Settings saved.") for n in range(60)])
    found = make(clean, config(), ["mojibake"], 1.0)
    undone = [n for n, was in enumerate(found.restored) if was]
    assert 0 < len(undone) < 30
    assert all(found.block.src[n] == clean.src[n] for n in undone)
    assert not any(make(clean, config(), ["html"], 1.0).restored)


def test_machine_translations_are_asked_for_where_they_are_planted(tmp_path):
    class Translator:
        asked = 0

        def translate(self, texts):
            class One:
                text = "A machine wrote this."

            self.asked += len(texts)
            return [One for _ in texts]

    clean, translator = read_clean(bitext(tmp_path / "clean.tsv", 100), config()), Translator()
    found = make(clean, config(), KINDS, 0.5, translator=translator)
    machine = [n for n, kind in enumerate(found.kinds) if kind == "mt-copy"]
    assert len(machine) == translator.asked > 0
    assert {found.block.tgt[n] for n in machine} == {"A machine wrote this."}


@pytest.mark.parametrize("method", ["thresholds", "learned", "both"])
def test_noise_is_found_within_the_budget(method):
    rows = sample()
    tuned = learn_from(rows, columns(rows), config(), TuneOptions(method=method, max_clean_loss=0.05))
    overall = tuned.kinds[-1]
    assert (overall.kind, overall.rows) == ("all", 80)
    assert overall.recall > 0.8
    assert tuned.loss[""] <= 0.05
    assert set(tuned.loss) == {"", "f0", "f1"}
    assert (LEARNED in tuned.limits) == (tuned.classifier is not None)
    assert method != "thresholds" or tuned.classifier is None
    assert method != "learned" or set(tuned.limits) == {LEARNED}
    assert [row.kind for row in tuned.kinds] == ["copy", "html", "all"]
    assert any("recall" in line for line in tuned.lines())
    assert tuned.record()["kinds"]["all"]["rows"] == 80


def test_near_duplicates_and_what_was_restored_teach_nothing():
    rows = sample()
    kinds = ["near-duplicate" if kind == "html" else kind for kind in rows.kinds]
    restored = [kind == "copy" and n > 200 for n, kind in enumerate(kinds)]
    rows = Sample(rows.block, kinds, rows.twins, rows.sources, restored)
    tuned = learn_from(rows, columns(rows), config(), TuneOptions())
    assert [row.kind for row in tuned.kinds] == ["copy", "all"]
    assert tuned.kinds[0].rows == kinds[:201].count("copy")


def test_files_not_seen_are_a_stricter_judge_than_documents_not_seen():
    # noise is above the clean rows in one file, below them in the other: who saw one alone takes the other's for clean
    rows = sample(800)
    block = replace(rows.block, documents=[f"d{n // 20}" for n in range(800)])
    rows = Sample(block, rows.kinds, rows.twins, rows.sources, rows.restored)
    first = np.array([source == "f0" for source in rows.sources])
    scores = {"a": np.where(first, np.where(rows.clean, 10, 11), np.where(rows.clean, 1, 0)).astype(np.float32)}
    strict, near = (
        learn_from(rows, scores, config(), TuneOptions(method="learned", judge=judge))
        for judge in ("files", "documents")
    )
    assert strict.kinds[-1].recall < 0.1 and near.kinds[-1].recall > 0.9
    assert strict.loss[""] <= 0.03 and near.loss[""] <= 0.03


def test_scores_that_tell_nothing_make_no_classifier():
    rows = sample()
    tuned = learn_from(rows, {"a": np.ones(400, np.float32)}, config(), TuneOptions(method="learned"))
    assert tuned.classifier is None and LEARNED not in tuned.limits and tuned.kinds[-1].found == 0


def test_counts_by_kind_by_hand():
    kinds = [None] * 10 + ["html"] * 4 + ["copy"] * 2
    rejected = np.array([True] + [False] * 9 + [True, True, True, False] + [True, True])
    html, copy = sorted(by_kind(kinds, rejected)[:-1], key=lambda row: -row.rows)
    assert (html.rows, html.found, html.recall, html.precision) == (4, 3, 0.75, 0.75)
    assert (copy.recall, copy.precision) == (1, 2 / 3)
    overall = by_kind(kinds, rejected)[-1]
    assert (overall.recall, overall.precision) == (5 / 6, 5 / 6)


def test_a_configuration_keeps_its_text_but_for_the_filters(tmp_path):
    rows = sample()
    tuned = learn_from(rows, columns(rows), config(), TuneOptions(max_clean_loss=0.05, method="learned"))
    text = 'name = "x"  # mine\n[source.a]\npath = "a.tsv"\n\n[filter.src-length]\nhigh = 3\n\n[split]\ndev = 0.1\n'
    made = rewritten(text, tuned)
    read = tomllib.loads(made)
    assert 'name = "x"  # mine' in made and read["split"] == {"dev": 0.1}
    assert read["filter"]["src-length"] != {"high": 3}
    for name, limit in tuned.limits.items():
        assert read["filter"][name].get("low", -np.inf) == pytest.approx(limit.low)
        assert read["filter"][name].get("high", np.inf) == pytest.approx(limit.high)
    assert f"# tuned: {tuned.signature}" in made
    assert rewritten(made, tuned) == made, "tuned again, it is the same"
    (tmp_path / "x.toml").write_text(made, encoding="utf-8")
    loaded = load_corpus(tmp_path / "x.toml")
    assert loaded.learned == replace(tuned.classifier, fitted=str(tuned.signature))
    np.testing.assert_array_equal(
        corpus_semantic.learned(loaded, columns(rows))[LEARNED], tuned.classifier.chance(columns(rows))
    )


def test_a_build_asks_for_what_its_classifier_needs():
    odds = Odds(0.0, {"cosine": (1.0, 0.0, 0.0, 0.0)})
    classifier = Classifier({"cosine": Feature(0, 1, 0, 0)}, {"html": odds})
    assert corpus_semantic.asked(["src-length", "mt-end"]) == ("mt-end",)
    assert corpus_semantic.asked(["src-length", "mt-end"], classifier) == ("cosine", "mt-end")
    assert corpus_semantic.learned(config(), {}) == {}
    with pytest.raises(ConfigError, match=r"learned\.score\.cosine: expected a score that is measured, found none"):
        corpus_semantic.learned(replace(config(), learned=classifier), {"other": np.zeros(1, np.float32)})


def test_limits_written_accept_the_same_numbers():
    # a threshold is a number that a clean row has: written and read back, it must accept that row still
    numbers = np.random.default_rng(0).random(500).astype(np.float32)
    clean = numbers > 0.3
    limit = learn.thresholds({"a": numbers}, clean, 0.0).limits["a"]
    assert isinstance(limit, Limit)
    assert np.float32(float(f"{limit.low:.9g}")) == np.float32(limit.low) == numbers[clean].min()


def test_a_bitext_alone_is_a_configuration_too(tmp_path):
    path = bitext(tmp_path / "my pairs.tsv", 3)
    read, text = read_config(path, tmp_path / "out.toml")
    assert read.name == "my-pairs" and read.source["my-pairs"].path == "my pairs.tsv"
    assert tomllib.loads(text)["source"]["my-pairs"]["path"] == "my pairs.tsv"


def test_a_configuration_is_not_moved_away_from_what_it_names(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text('name = "x"\n[source.a]\npath = "a.tsv"\n', encoding="utf-8")
    assert read_config(path, tmp_path / "b.toml")[0].name == "x"
    with pytest.raises(ConfigError, match="--output: expected a file beside"):
        read_config(path, tmp_path / "other" / "b.toml")


def test_names_that_are_not_known_are_refused():
    with pytest.raises(ConfigError, match="--noise: expected of misaligned"):
        TuneOptions(kinds=("typos",))
    with pytest.raises(ConfigError, match="--scores: expected of cosine"):
        TuneOptions(models=("bleu",))
    with pytest.raises(OptionError, match="max_clean_loss"):
        TuneOptions(max_clean_loss=2)
    assert "mt-copy" not in TuneOptions().wanted() and "near-duplicate" not in TuneOptions().wanted()
    assert "mt-copy" in TuneOptions(models=("mt-chrf",)).wanted()


def test_files_are_tuned_by_the_rules_alone(tmp_path):
    paths = [bitext(tmp_path / f"{name}.tsv", 300) for name in "ab"]
    options = TuneOptions(models=(), kinds=("copy", "html", "wrong-language", "boilerplate"), share=0.3)
    tuned = tune_files(config(), paths, options)
    assert tuned.kinds[-1].recall > 0.8
    assert tuned.loss[""] <= 0.03
    assert "clean:a.tsv+b.tsv|rows:600|noise:copy+html+wrong-language+boilerplate" in str(tuned.signature)
    assert tune_files(config(), paths, options).record() == tuned.record()


def test_samples_join_and_score_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus_noise, "_BLOCK", 7)
    clean = read_clean(bitext(tmp_path / "clean.tsv", 40), config())
    both = corpus_noise.joined([clean.part(0, 10), clean.part(10, 40)])
    assert both.ids == clean.ids
    rows = make(both, config(), ["copy"], 0.5)
    parts = corpus_noise.scores(rows, config(), ())
    monkeypatch.setattr(corpus_noise, "_BLOCK", 100)
    whole = corpus_noise.scores(rows, config(), ())
    for name, numbers in whole.items():
        np.testing.assert_array_equal(parts[name], numbers, err_msg=name)
    assert corpus_tune.KINDS is KINDS

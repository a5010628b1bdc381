"""Scorers of word links: posteriors against all alignments summed up one by one, attention against transformers, lexicons saved and read."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mt.errors import ConfigError, InputError, ModelError
from mt.models import words_hmm, words_thot
from mt.models.marian import read_directory
from mt.models.registry import find
from mt.models.tokens import both_ways, pieces, tokenizer
from mt.models.words_attention import AttentionScorer, Head, all_heads
from mt.models.words_hmm import Lexicon, LexiconScorer, WordModel, lift
from mt.models.words_similar import SimilarScorer
from mt.text.tokens import Tokens, given

PAIRS = [
    (("猫", "が", "いる"), ("a", "cat", "is", "there")),
    (("犬", "が", "いる"), ("a", "dog", "is", "there")),
    (("猫",), ("cat",)),
    (("犬",), ("dog",)),
    (("白い", "猫"), ("white", "cat")),
    (("白い", "犬"), ("white", "dog")),
] * 4


def lexicon(table, jumps, tension=0.0):
    """A lexicon of a full table, row 0 = no word."""
    rows, columns = table.shape
    return Lexicon(
        np.arange(rows + 1) * columns,
        np.tile(np.arange(1, columns + 1), rows).astype(np.int32),
        np.log(table.ravel()).astype(np.float16),
        jumps,
        tension,
        0.2,
    )


@pytest.fixture
def table():
    return np.exp(np.log(np.random.default_rng(3).dirichlet(np.ones(3), size=4)).astype(np.float16).astype(float))


def test_posteriors_are_sums_over_all_alignments(table):
    """Every alignment of three words to three words or none: its probability by the definition, added where the link is in it."""
    jumps = np.array([0.1, 0.2, 0.1, 0.4, 0.2], np.float32)  # -2 to 2
    found = lexicon(table, jumps).posteriors([1, 2, 3], [2, 1, 3], np.zeros((3, 3), bool))
    moves = {d: float(jumps[d + 2]) for d in range(-2, 3)}
    expected, total = np.zeros((3, 3)), 0.0
    first = np.array(
        [moves[1], moves[2], moves[2]]
    )  # from before the first word; further than the longest jump counts as that
    for start, *states in product(range(3), *[range(-1, 3)] * 3):
        # the place before the first target word; none (-1) stays where it is
        p, place, begun = first[start] / first.sum(), start, False
        for word, state in zip((2, 1, 3), states, strict=True):
            if state < 0:
                p *= 0.2 * table[0, word - 1]
            elif not begun and word == 2:
                p *= (state == start) * 0.8 * table[state + 1, word - 1]
            else:
                row = np.array([moves[x - place] for x in range(3)])
                p *= 0.8 * row[state] / row.sum() * table[state + 1, word - 1]
            place, begun = (state if state >= 0 else place), True
        total += p
        for n, state in enumerate(states):
            if state >= 0:
                expected[state, n] += p
    assert found == pytest.approx(expected / total, rel=1e-6)


def test_posteriors_along_the_diagonal_are_fast_aligns_formula(table):
    found = lexicon(table, None, 4.0).posteriors([1, 2, 3], [3, 1], np.zeros((3, 2), bool))
    for column, word in enumerate((3, 1)):
        prior = np.exp(-4.0 * abs((np.arange(3) + 1) / 3 - (column + 1) / 2))
        weights = 0.8 * prior / prior.sum() * table[1:, word - 1]
        assert found[:, column] == pytest.approx(weights / (weights.sum() + 0.2 * table[0, word - 1]), rel=1e-6)


def test_words_never_seen_are_linked_where_they_are_the_same():
    same = np.array([[True, False], [False, False]])
    flat = np.array([1.0], np.float32)
    found = lexicon(np.full((2, 1), 0.5), flat).posteriors([0, 1], [0, 1], same)
    assert found[0, 0] > 0.9
    assert found[1, 0] < 0.5
    assert lexicon(np.full((2, 1), 0.5), flat).posteriors([], [0], np.zeros((0, 1), bool)).shape == (0, 1)


@pytest.fixture(scope="module", params=words_thot.METHODS)
def model(request):
    pytest.importorskip("thot")
    return words_thot.train(PAIRS, method=request.param, tokens=("given", "given"), recipe={"langs": "ja-en"})


def test_what_belongs_together_is_learnt(model):
    scores = LexiconScorer(model).scores([(given("犬 が いる"), given("a dog is there"))])[0]
    assert scores[0].argmax() == 1
    assert scores[0, 1] > 0.5
    assert scores.min() >= 0
    assert scores.max() <= 1 + 1e-9


def test_a_model_is_read_as_it_was_saved(model, tmp_path):
    model.save(tmp_path / "m")
    again = words_hmm.load(tmp_path / "m")
    pair = [(given("白い 猫"), given("white cat"))]
    assert (LexiconScorer(model).scores(pair)[0] == LexiconScorer(again).scores(pair)[0]).all()
    assert (again.method, again.tokens, again.sides, again.pairs) == (model.method, model.tokens, model.sides, 24)
    said = str(LexiconScorer.open(tmp_path / "m").signature)
    assert said.startswith(f"lexicon:{model.method}|sha:")
    assert said.endswith("|langs:ja-en")


def test_training_twice_gives_the_same_numbers(model):
    again = words_thot.train(PAIRS, method=model.method)
    assert (again.forward.logs == model.forward.logs).all()
    assert (again.backward.words == model.backward.words).all()


@pytest.mark.parametrize(
    ("file", "damage", "said"),
    [
        ("words.json", None, "expected a file, found nothing there; mt align words train makes one"),
        ("words.json", b"{}", "expected the record of a word alignment model"),
        ("words.npz", b"PK", "expected the numbers that words.json was written with"),
        ("src.txt", b"x\n", "expected a whole word alignment model"),
    ],
)
def test_a_damaged_model_is_named(tmp_path, file, damage, said):
    side = lexicon(np.full((3, 2), 0.5), None)
    WordModel("fast_align", ("given", "given"), (("a", "b"), ("c", "d")), side, side, 1).save(tmp_path / "m")
    assert words_hmm.load(tmp_path / "m").pairs == 1
    (tmp_path / "m" / file).unlink()
    if damage is not None:
        (tmp_path / "m" / file).write_bytes(damage)
    with pytest.raises(ModelError) as caught:
        words_hmm.load(tmp_path / "m")
    assert said in str(caught.value)


def test_nothing_to_learn_from_is_said():
    with pytest.raises(InputError, match="bitext: expected pairs to learn from, found none"):
        words_thot.train([])
    with pytest.raises(ConfigError, match="method: expected one of eflomal, fast_align"):
        words_thot.train(PAIRS, method="giza")


def test_scores_are_lifted_by_the_greatest():
    cut = (Tokens("abcd", ((0, 1), (1, 2), (2, 4))), given("x"))
    other = (Tokens("abcd", ((0, 2), (2, 3), (3, 4))), given("x"))
    assert lift(np.array([[0.1], [0.4], [0.2]]), cut, other).tolist() == [[0.4], [0.2], [0.2]]
    assert lift(np.zeros((0, 1)), (given(""), given("x")), (given(""), given("x"))).shape == (0, 1)
    assert lift(np.zeros((1, 0)), (given("x"), given("")), (given("x"), given(""))).shape == (1, 0)


def test_both_ways_is_the_root_of_the_shares():
    weights = np.array([[3.0, 1.0], [0.0, 0.0]])
    assert both_ways(weights) == pytest.approx(np.array([[np.sqrt(0.75 * 1), np.sqrt(0.25 * 1)], [0, 0]]))


@pytest.mark.torch
def test_attention_is_that_of_transformers():
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    directory = find("starter")
    read = read_directory(directory)
    scorer = AttentionScorer(directory, all_heads(read))
    src, tgt = "猫が3匹いる。", "There are three cats."
    ours = scorer._pass.attention(
        [p for p, _ in pieces(scorer._source, src)], [p for p, _ in pieces(scorer._target, tgt)]
    )
    model = transformers.MarianMTModel.from_pretrained(str(directory), attn_implementation="eager", dtype=torch.float32)
    numbers = {piece: n for n, piece in enumerate(read.source_pieces)}
    source = [numbers[p] for p, _ in pieces(scorer._source, src)] + [read.config.eos_token_id]
    target = [read.config.decoder_start_token_id] + [numbers[p] for p, _ in pieces(scorer._target, tgt)]
    with torch.inference_mode():
        theirs = model(
            input_ids=torch.tensor([source]),
            decoder_input_ids=torch.tensor([target]),
            output_attentions=True,
            use_cache=False,
        ).cross_attentions
    for one, other in zip(ours, theirs, strict=True):
        assert one == pytest.approx(other[0].numpy(), abs=2e-5)


def test_attention_of_an_easy_pair_and_of_degenerate_ones():
    scorer = AttentionScorer(find("starter"))
    pairs = [
        (given("猫 が 3 匹 いる 。"), given("there are 3 cats .")),
        (given(""), given("a b")),
        (given("猫"), given("")),
        (given("猫 " * 520), given("cat")),  # more pieces than the model has places
    ]
    easy, none, nothing, long = scorer.scores(pairs)
    assert easy[2].argmax() == 2
    assert easy[0].argmax() == 3
    assert (none.shape, nothing.shape, long.shape) == ((0, 2), (1, 0), (520, 1))
    assert all(np.isfinite(m).all() and m.min(initial=0) >= 0 and m.max(initial=0) <= 1 for m in (easy, long))
    assert str(scorer.signature).endswith("heads:0.3after*2+1.1before+1.3before")


def test_a_head_that_is_not_there_is_said():
    with pytest.raises(ModelError, match="expected a model with head 9 in layer 0, found 2 layers of 4"):
        AttentionScorer(find("starter"), [Head(0, 9, True)])


def test_likeness_of_words():
    scores = SimilarScorer().scores([(given("犬 猫"), given("cat dog")), (given(""), given("a"))])
    assert scores[0].argmax(axis=1).tolist() == [1, 0]
    assert abs(scores[0]).max() <= 1 + 1e-6
    assert scores[1].shape == (0, 1)


def test_pieces_know_their_characters():
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_file=str(find("starter") / "source.spm"))
    text = " Ｎ猫が\ud800𠮷 ㍿  x\n"
    found = pieces(processor, text)
    places = [n for _, (a, b) in found for n in range(a, b)]
    assert places == sorted(set(places))
    assert {n for n, c in enumerate(text) if not c.isspace()} <= set(places)


@pytest.mark.parametrize("kind", ["given", "words", "characters", "fugashi"])
def test_every_kind_of_words_covers_the_text(kind):
    if kind == "fugashi":
        pytest.importorskip("unidic_lite")
    text = "足利 義満 は\n室町幕府\r\nの NATO 3.5% で あ る 。\ud800\0 "
    cut = tokenizer(kind)(text)
    inside = {n for a, b in cut.spans for n in range(a, b)}
    assert {n for n, c in enumerate(text) if not c.isspace()} <= inside
    assert tokenizer(kind)("").spans == ()


def test_japanese_words_are_read_over_blanks():
    pytest.importorskip("unidic_lite")
    assert tokenizer("fugashi")("国 王 で あ る").words == tuple(
        " ".join(w) for w in tokenizer("fugashi")("国王である").words
    )

"""Marian's own format. What is right is said by Marian itself (recorded), by ctranslate2's converter for Marian, and by PyYAML."""

from __future__ import annotations

import io
import json
import warnings
import zipfile

import ctranslate2
import numpy as np
import pytest
import yaml
from ctranslate2.converters import MarianConverter
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.errors import ModelError
from mt.models import marian_native
from mt.models.convert import converted
from mt.models.imports import import_directory
from mt.models.marian import read_directory
from mt.models.marian_ct2 import open_ct2
from mt.models.marian_npz import Archive
from mt.models.marian_settings import Settings
from mt.models.marian_yaml import read_settings, read_vocabulary
from mt.types import DecodingOptions
from tests.fakes import SENTENCES
from tests.native_fakes import MODEL, SETTINGS, as_yaml, marian_positions, write_native, write_original

VARIANTS = [
    {},
    {"bias": True},
    {"tied": False},
    {"separate": True, "bias": True},
    {"separate": True, "tied": False},
    {"activation": "relu"},
]

# What Marian (pymarian 1.12.42, `--beam-size 1 --normalize 0 --n-best --word-scores --max-length-factor 1 --allow-unk`) answers for directories
# made by tests.native_fakes: numbers of source pieces, numbers of target pieces, log-probability of each. Marian's <unk>, with `<pad>` taken out.
MARIAN = [
    (
        {"bias": True},
        (69, 69),
        [
            ([2, 32, 17, 30, 35, 34, 27, 4], [11] * 9,
             [-1.22667, -0.36411, -0.3931, -0.38137, -0.36083, -0.35351, -0.36335, -0.38023, -0.38939]),
            ([2, 61, 36, 54, 29, 56, 45], [44] + [11] * 7,
             [-1.83067, -1.53477, -1.09757, -0.99761, -0.96425, -0.97243, -1.00575, -0.98617]),
        ],
    ),
    (
        {"tied": False, "bias": True},
        (69, 69),
        [
            ([2, 32, 17, 30, 35, 34, 27, 4], [65, 40, 65, 19, 19, 19, 19, 19, 19],
             [-1.75883, -2.16568, -1.92378, -2.03647, -2.05739, -2.10929, -2.15947, -2.1559, -2.07652]),
        ],
    ),
    (
        {"separate": True, "bias": True},
        (35, 38),
        [
            ([3, 16, 5, 13, 6, 9, 12, 4], [32] * 9,
             [-1.30165, -1.22661, -1.32028, -1.3755, -1.30752, -1.22531, -1.22141, -1.28135, -1.40014]),
            ([3, 15], [9, 9, 9], [-0.75181, -0.79985, -0.87012]),
        ],
    ),
]  # fmt: skip


@pytest.fixture
def original(tmp_path):
    return write_original(tmp_path / "original", bias=True)


def change_archive(path, change):
    """Rewrites the archive's members, a dict of bytes by name."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)


def npy(array, **options):
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def logprobs(path, sources, targets):
    """Log-probability of every target piece, by the converted model."""
    model = converted(read_directory(path), "float32")
    translator = ctranslate2.Translator(str(model.path), compute_type="float32", intra_threads=1)
    rows = translator.score_batch([[*source, "</s>"] for source in sources], targets)
    return [row.log_probs[: len(target)] for row, target in zip(rows, targets, strict=True)]


def golden(tmp_path, number):
    """An imported directory, and what Marian says: source pieces, target pieces, log-probabilities."""
    options, sizes, rows = MARIAN[number]
    original = write_original(tmp_path / "original", **options)
    before = read_directory(original)
    if (before.config.vocab_size, before.config.decoder_vocab_size) != sizes:
        pytest.skip("this sentencepiece trains other vocabularies than the recorded ones")
    import_directory(write_native(tmp_path / "native", original), tmp_path / "imported")
    sources = [[before.source_pieces[n] for n in row[0]] for row in rows]
    targets = [[before.target_pieces[n] for n in row[1]] for row in rows]
    return tmp_path / "imported", sources, targets, [row[2] for row in rows]


@pytest.mark.parametrize("number", range(len(MARIAN)))
def test_as_marian_itself(tmp_path, number):
    path, sources, targets, expected = golden(tmp_path, number)
    for found, wanted in zip(logprobs(path, sources, targets), expected, strict=True):
        assert found == pytest.approx(wanted, abs=3e-5)


@pytest.mark.torch
@pytest.mark.parametrize("number", range(len(MARIAN)))
def test_transformers_reads_it_as_marian_computes(tmp_path, number):
    torch = pytest.importorskip("torch")
    from transformers import MarianMTModel

    path, sources, targets, expected = golden(tmp_path, number)
    directory = read_directory(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = MarianMTModel.from_pretrained(str(path), dtype=torch.float32).eval()
    start = directory.config.decoder_start_token_id
    for source, target, wanted in zip(sources, targets, expected, strict=True):
        numbers = [directory.source_pieces.index(p) for p in source] + [0]
        answers = [directory.target_pieces.index(p) for p in target]
        with torch.inference_mode():
            logits = model(
                input_ids=torch.tensor([numbers]), decoder_input_ids=torch.tensor([[start, *answers[:-1]]])
            ).logits[0]
        logits = logits.clone()
        logits[:, start] = -torch.inf  # <pad>, which Marian has not
        found = logits.log_softmax(-1)[range(len(answers)), answers]
        assert found.tolist() == pytest.approx(wanted, abs=3e-5)


@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_same_translation_as_the_original(tmp_path, options):
    original = write_original(tmp_path / "original", **options)
    native = write_native(tmp_path / "native", original)
    import_directory(native, tmp_path / "imported")
    answers = []
    for path in (original, tmp_path / "imported"):
        engine = open_ct2(path, compute_type="float32", device="cpu", inter_threads=1)
        answers.append(engine.translate_batch(engine.encode(SENTENCES), DecodingOptions(beam_size=4), 16))
        engine.close()
    for one, other in zip(*answers, strict=True):
        assert one.text == other.text
        assert one.logprob == pytest.approx(other.logprob, abs=1e-4)


@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_as_ctranslate2_converts_it(tmp_path, options):
    original = write_original(tmp_path / "original", **options)
    native = write_native(tmp_path / "native", original)
    import_directory(native, tmp_path / "imported")
    # its converter spaces positions as transformers does, unless the archive brings a table
    write_native(tmp_path / "table", original, arrays={"Wpos": marian_positions(64, 16)})
    names = yaml.safe_load((native / "decoder.yml").read_text("utf-8"))["vocabs"]
    places = [str(native / name) for name in names]
    MarianConverter(str(tmp_path / "table" / MODEL), places).convert(str(tmp_path / "theirs"))
    translator = ctranslate2.Translator(str(tmp_path / "theirs"), compute_type="float32", intra_threads=1)
    directory = read_directory(tmp_path / "imported")
    draw = np.random.default_rng(7)
    sources = [[directory.source_pieces[n] for n in draw.integers(1, 30, size)] for size in (1, 5, 12)]
    targets = [[directory.target_pieces[n] for n in draw.integers(1, 30, size)] for size in (3, 9, 1)]
    ours = logprobs(tmp_path / "imported", sources, targets)
    theirs = [row.log_probs for row in translator.score_batch(sources, targets)]
    for one, other in zip(ours, theirs, strict=True):
        assert one == pytest.approx(other[: len(one)], abs=2e-5)


def test_positions_are_marians():
    assert marian_native.positions(40, 16) == pytest.approx(marian_positions(40, 16), abs=1e-5)


def test_newer_names_and_no_bias(tmp_path):
    original = write_original(tmp_path / "original", tied=False)
    native = write_native(tmp_path / "native", original)
    with np.load(native / MODEL) as stored:
        matrix = stored["decoder_ff_logit_out_W"]
    first = marian_native.read(native)
    turned = {
        "decoder_ff_logit_out_W": None,
        "decoder_ff_logit_out_Wt": matrix.T.copy(),
        "decoder_ff_logit_out_b": None,
    }
    write_native(
        native, original, arrays=turned, settings={"output-omit-bias": True, "transformer-depth-scaling": True}
    )
    second = marian_native.read(native)
    assert first.weights.keys() == second.weights.keys()
    for name, array in first.weights.items():
        assert (array == second.weights[name]).all(), name


def test_shared_embeddings_with_an_output_of_its_own(tmp_path):
    original = write_original(tmp_path / "original", tied=False)
    model = marian_native.read(write_native(tmp_path / "native", original))
    assert model.config.share_encoder_decoder_embeddings
    assert not model.config.tie_word_embeddings


def test_half_precision_and_deflated(tmp_path, original):
    native = write_native(tmp_path / "native", original, compress=True)
    whole = marian_native.read(native).weights
    with np.load(native / MODEL) as stored:
        halves = {n: a.astype(np.float16) for n, a in stored.items() if a.dtype == np.float32}
    write_native(native, original, arrays=halves)
    for name, array in marian_native.read(native).weights.items():
        assert array.dtype == np.float32
        assert array == pytest.approx(whole[name], abs=2e-3)


REFUSED = [
    ("type", "s2s"),
    ("transformer-decoder-autoreg", "average-attention"),
    ("transformer-decoder-autoreg", "rnn"),
    ("transformer-preprocess", "n"),
    ("transformer-postprocess", "da"),
    ("transformer-postprocess-emb", "nd"),
    ("transformer-postprocess-top", "n"),
    ("transformer-ffn-activation", "gelu"),
    ("transformer-ffn-depth", 3),
    ("transformer-tied-layers", [1, 1]),
    ("transformer-train-position-embeddings", True),
    ("transformer-no-projection", True),
    ("right-left", True),
    ("lemma-dim-emb", 64),
    ("factors-dim-emb", 8),
    ("factors-combine", "concat"),
    ("ulr", True),
    ("transformer-of-the-future", True),
    ("enc-depth", 0),
    ("enc-depth", "six"),
    ("dec-depth", None),
    ("dim-emb", 18),
    ("transformer-heads", 0),
    ("tied-embeddings-all", "perhaps"),
]


@pytest.mark.parametrize(("key", "value"), REFUSED, ids=str)
def test_refuses_by_name_what_it_cannot_compute(tmp_path, original, key, value):
    native = write_native(tmp_path / "native", original, settings={key: value})
    with pytest.raises(ModelError, match=key) as caught:
        marian_native.read(native)
    assert MODEL in str(caught.value)


def test_what_is_off_may_have_any_name(tmp_path, original):
    marian_native.read(
        write_native(tmp_path / "native", original, settings={"transformer-of-the-future": False, "x": []})
    )


def test_type_must_be_said():
    with pytest.raises(ModelError, match="type: transformer, found no such setting"):
        Settings("x", {}).check()


WRONG = [
    (
        {"encoder_l1_self_Wq": np.zeros((16, 15), np.float32)},
        r"encoder_l1_self_Wq of shape \(16, 16\), found \(16, 15\)",
    ),
    ({"encoder_l1_ffn_W1": np.zeros((20, 16), np.float32)}, r"encoder_l1_ffn_W1 of shape \(16, 24\)"),
    (
        {"decoder_l2_ffn_b2": np.full((1, 16), np.nan, np.float32)},
        "decoder_l2_ffn_b2 made of finite numbers, found NaN",
    ),
    ({"decoder_l2_ffn_b2": np.zeros((1, 16), np.int8)}, "decoder_l2_ffn_b2 in floating point, found int8"),
    ({"decoder_l2_ffn_b2": None}, "the array decoder_l2_ffn_b2, found none"),
    ({"Wemb": np.zeros((67, 16), np.float32)}, r"Wemb of shape \(68, 16\)"),
    ({"Wpos": np.zeros((512, 16), np.float32)}, "no other arrays than such a model has, found Wpos"),
    ({"special:model.yml": None}, "the array special:model.yml, found none"),
    ({"special:model.yml": np.frombuffer(b"\xff\xfe", np.uint8)}, "special:model.yml in UTF-8"),
    ({"special:model.yml": np.frombuffer(b"{type: x}\0", np.uint8)}, "special:model.yml:1: expected key: value"),
]


@pytest.mark.parametrize(("arrays", "message"), WRONG, ids=str)
def test_wrong_arrays(tmp_path, original, arrays, message):
    native = write_native(tmp_path / "native", original, arrays=arrays)
    with pytest.raises(ModelError, match=message):
        marian_native.read(native)


def test_nothing_is_unpickled(tmp_path, original):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("unpickled",))

    native = write_native(tmp_path / "native", original)
    pickled = npy(np.array([Trap()], dtype=object), allow_pickle=True)
    change_archive(native / MODEL, lambda members: members.update({"decoder_l1_ffn_b1.npy": pickled}))
    with pytest.raises(ModelError, match="decoder_l1_ffn_b1 as numbers, found pickled objects"):
        marian_native.read(native)


def test_header_that_promises_more_than_there_is(tmp_path, original):
    native = write_native(tmp_path / "native", original)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**12,)})
    change_archive(native / MODEL, lambda members: members.update({"Wemb.npy": header.getvalue() + bytes(64)}))
    with pytest.raises(ModelError, match="Wemb as a whole array"):
        marian_native.read(native)


def test_zip_bomb(tmp_path):
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("Wemb.npy", "w") as member:
        for _ in range(80):
            member.write(bytes(2**20))
    with pytest.raises(ModelError, match="an archive of weights, found one that would unpack to 83,886,080 bytes"):
        Archive(path)


def test_one_name_twice_and_other_compression(tmp_path):
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.npy", npy(np.zeros(1)))
        file.writestr("a", npy(np.zeros(1)))
    with pytest.raises(ModelError, match="every array once"):
        Archive(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as file:
        file.writestr("a.npy", npy(np.zeros(1)))
    with pytest.raises(ModelError, match="another compression"):
        Archive(path)


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, -1, -30])
def test_truncated_archive(tmp_path, original, kept):
    native = write_native(tmp_path / "native", original)
    data = (native / MODEL).read_bytes()
    (native / MODEL).write_bytes(data[: int(len(data) * kept) if kept == 0.5 else kept])
    with pytest.raises(ModelError, match="is the file whole"):
        marian_native.read(native)


def test_changed_bytes_are_an_error_or_change_nothing(tmp_path, original):
    """Every member has a checksum; what it does not cover is names, sizes and times."""
    native = write_native(tmp_path / "native", original)
    whole, data = marian_native.read(native).weights, (native / MODEL).read_bytes()
    draw = np.random.default_rng(3)
    for at in [*draw.integers(0, len(data), 60), *draw.integers(len(data) - 3000, len(data), 60)]:
        changed = bytearray(data)
        changed[at] ^= 1 << int(draw.integers(8))
        (native / MODEL).write_bytes(changed)
        try:
            found = marian_native.read(native).weights
        except ModelError:
            continue
        assert all((found[name] == array).all() for name, array in whole.items())


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_member_is_an_array_or_a_model_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "x.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.npy", b"\x93NUMPY\x01\x00" + len(data).to_bytes(2, "little") + data)
    with Archive(path) as archive, pytest.raises(ModelError):
        archive.take("a", (3,))


VOCABULARIES = [
    ("</s>: 0\n<unk>: 1\na: 3\n", "numbers from 0 to 2 for 3 pieces, found 'a': 3 .and none with 2"),
    ("</s>: 0\n<unk>: 1\na: 1\n", "every number once, found 1 for '<unk>' and for 'a'"),
    ("</s>: 0\n<unk>: 1\na: 2\na: 3\n", "x.yml:4: expected every piece once"),
    ("</s>: 0\n<unk>: 1\na: two\n", "x.yml:3: expected piece: number, found 'two'"),
    ("</s>: 0\n<unk>: 1\na: -1\n", "piece: number"),
    ("</s>: 0\n<unk>: 1\na\n", "x.yml:3: expected piece: number, found 'a'"),
    ("</s>: 0\n<unk>: 1\n  a: 2\n", "piece: number"),
    ("</s>: 0\n<unk>: 1\n&a b: 2\n", "a value, plain or quoted"),
    ('</s>: 0\n<unk>: 1\n"a: 2\n', "a value, plain or quoted"),
    ('</s>: 0\n<unk>: 1\n"\\q": 2\n', "an escape of YAML"),
    ('</s>: 0\n<unk>: 1\n"\\ud800": 2\n', "characters of Unicode"),
    ('</s>: 0\n<unk>: 1\n"\\Uffffffff": 2\n', "characters of Unicode"),
    ("</s>: 0\n<unk>: 1\n? a", ": number, found the end"),
    ("</s>: 0\n<unk>: 1\n? a\nb: 2\n", ": number, found 'b: 2'"),
    ("</s>: 0\na: 1\n", "the piece <unk>, found none"),
    ("<unk>: 0\n", "the piece </s>, found none"),
    ("</s>: 0\n<unk>: 1\n<pad>: 2\n", "no piece <pad>"),
    ('{"</s>": 0, "<unk>"', "a JSON object"),
    ("{1: 2}", "a JSON object"),
    ("", "the piece <unk>"),
]


@pytest.mark.parametrize(("text", "message"), VOCABULARIES, ids=repr)
def test_wrong_vocabularies(text, message):
    with pytest.raises(ModelError, match=message):
        read_vocabulary("x.yml", text)


def test_quoting():
    text = (
        "</s>: 0\n<unk>: 1\n\"\\\"\\\\\": 2\n'it''s': 3\n? long\n: 4\na:b: 5\n"
        '▁": 6\n"\\x41\\u3042\\ud83d\\ude00\\U0001F600": 7\n"\\t": 8\n"": 9\n'
    )
    assert read_vocabulary("x", text) == (
        "</s>", "<unk>", '"\\', "it's", "long", "a:b", '▁"', "Aあ😀😀", "\t", "",
    )  # fmt: skip


# no line breaks: PyYAML folds a key with one, and no vocabulary has any
_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\n\x85\u2028\u2029")
PIECES = st.lists(st.text(_CHARACTERS, max_size=12), max_size=12, unique=True)


@given(PIECES)
@settings(deadline=None)
def test_vocabularies_as_pyyaml_and_json_write_them(pieces):
    known = ["</s>", "<unk>", *(p for p in pieces if p not in ("</s>", "<unk>", "<pad>"))]
    numbers = {piece: number for number, piece in enumerate(known)}
    for unicode in (True, False):
        text = yaml.safe_dump(numbers, allow_unicode=unicode, width=10**6, default_flow_style=False)
        assert read_vocabulary("x", text) == tuple(known)
    assert read_vocabulary("x", json.dumps(numbers)) == tuple(known)


def test_settings_as_pyyaml_reads_them():
    text = as_yaml(SETTINGS | {"a": 'x "y"', "b": "it's", "c": ["1", "2"]})
    text += "\n# comment\nd: [1, \"2\", '3']\ne: 'it''s'\nf: \"\\n\"\ng:\nh: v1.2 a: b\n".replace(" a: b", " 10:20:30")
    ours = read_settings("x", text)
    theirs = yaml.load(text, Loader=yaml.BaseLoader)
    assert ours == {key: value if value is not None else "" for key, value in theirs.items()}


@pytest.mark.parametrize(
    "text",
    ["a: 1\na: 2\n", "- x\n", "a: 1\n  - x\n", "a:\n  b: 1\n", "a: {b: c}\n", "a: |\n  text\n", "a: &x 1\n", "a:1\n", "a: \"x\n", "  []\n"],
    ids=repr,
)  # fmt: skip
def test_settings_of_other_yaml(text):
    with pytest.raises(ModelError, match=r"^x:"):
        read_settings("x", text)


@given(st.text())
@settings(deadline=None)
def test_any_text_is_read_or_a_model_error(text):
    for read in (read_settings, read_vocabulary):
        try:
            read("x", text)
        except ModelError as e:
            assert "\n" not in str(e)


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_paths_of_another_machine(tmp_path, original):
    native = write_native(tmp_path / "native", original)
    edit(native / "decoder.yml", f"  - {MODEL}", f"  - /data/models/{MODEL}")
    edit(native / "decoder.yml", "relative-paths: true", "relative-paths: false")
    marian_native.read(native)
    (native / "sub").mkdir()
    (native / MODEL).rename(native / "sub" / MODEL)
    edit(native / "decoder.yml", f"  - /data/models/{MODEL}", f"  - sub/{MODEL}")
    marian_native.read(native)
    edit(native / "decoder.yml", f"  - sub/{MODEL}", f"  - ../original/{MODEL}")
    with pytest.raises(ModelError, match="found nothing there"):
        marian_native.read(native)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (f"  - {MODEL}", f"  - {MODEL}\n  - {MODEL}", "models: one .an ensemble is not supported"),
        (f"models:\n  - {MODEL}\n", "", "models: a list, found no such setting"),
        (f"models:\n  - {MODEL}\n", "models: x.npz\n", "models: a list, found 'x.npz'"),
        (f"  - {MODEL}", "  - ..", "names of files"),
        (f"  - {MODEL}", "  - other.npz", "other.npz: expected a file, found nothing there"),
        ("vocabs:\n  - opus.spm32k-spm32k.vocab.yml\n", "vocabs:\n", "vocabs: two"),
        ("  - opus.spm32k-spm32k.vocab.yml\nbeam", "  - x.fsv\nbeam", "found factors"),
        ("  - opus.spm32k-spm32k.vocab.yml\nbeam", "  - x.yml\nbeam", "x.yml: expected a file"),
    ],
)
def test_wrong_decoder_settings(tmp_path, original, old, new, message):
    native = write_native(tmp_path / "native", original)
    edit(native / "decoder.yml", old, new)
    with pytest.raises(ModelError, match=message):
        marian_native.read(native)


def test_vocabularies_that_do_not_fit(tmp_path, original):
    native = write_native(tmp_path / "native", original)
    text = (native / "opus.spm32k-spm32k.vocab.yml").read_text("utf-8")
    other = native / "other.yml"
    edit(native / "decoder.yml", "  - opus.spm32k-spm32k.vocab.yml\nbeam", "  - other.yml\nbeam")
    other.write_text(text + "more: 68\n", "utf-8")
    with pytest.raises(ModelError, match="one for both sides"):
        marian_native.read(native)
    other.write_bytes(b"\xff\n")
    with pytest.raises(ModelError, match="text in UTF-8"):
        marian_native.read(native)
    write_native(native, original, settings={"tied-embeddings-all": False, "tied-embeddings": True})
    edit(native / "decoder.yml", "  - opus.spm32k-spm32k.vocab.yml\nbeam", "  - other.yml\nbeam")
    other.write_text(text.replace("</s>: 0", "x: 0").replace("<unk>: 1", "</s>: 1") + "<unk>: 68\n", "utf-8")
    with pytest.raises(ModelError, match="</s> with the number 0 as in opus"):
        marian_native.read(native)

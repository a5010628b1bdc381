"""Gates: planted damage is found, with its lines; what is sound passes."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.errors import CountError, InputError, OptionError
from mt.evaluate.gates import check, refuse, scorer
from mt.evaluate.gates_found import GateLimits
from mt.evaluate.gates_text import bare, runs
from mt.evaluate.statistics import tables
from mt.evaluate.testset import System, TestSet

LONG = (
    "and this is a long story that nobody has asked for, of which I do not know the end, nor where it began, but only that "
    "there was a man who had walked from the one side to the other."
)
NAMES = (
    "bridge river harbour choir mayor garden letter winter market doctor island engine soldier kitchen painter railway student forest "
    "village teacher hospital museum farmer station"
)
NOUNS = NAMES.split()
REF = tuple(
    f"The {one} of the old {other} was closed on day {n} after {n + 3} people had come to see it."
    for n, (one, other) in enumerate(zip(NOUNS, NOUNS[5:] + NOUNS[:5], strict=True), 10)
)
SRC = tuple(f"古い建物の{n}番は、{n + 3}人が見に来たあと、{n}日に閉められた。" for n in range(10, 10 + len(REF)))
TEST = TestSet((REF,), src=SRC, name="town")
GOOD = tuple(
    line.replace("was closed", "closed its doors").replace("had come to see it", "came for a visit") for line in REF
)


def found(lines, test=TEST, **options):
    return {one.gate: one for one in check(test, [System("a", tuple(lines))], **options).findings}


def planted(changes):
    lines = list(GOOD)
    for number, text in changes.items():
        lines[number - 1] = text
    return lines


def test_a_sound_system_passes_every_gate():
    gates = check(TEST, [System("a", GOOD)])
    assert gates.findings == ()
    assert not gates.failed
    assert "shifted" in gates.checked
    assert (gates.lines, gates.systems) == (24, 1)


@pytest.mark.parametrize(
    ("gate", "text", "why"),
    [
        ("empty", "", "no text"),
        ("empty", " \u3000… \u200b", "no text"),
        ("source-copy", SRC[2], "the source"),
        ("source-script", "The bridge of the 川 was closed on day 12 after 15 people had come to see it.", "川"),
        ("wrong-language", SRC[2].replace("人", "名"), "looks like ja"),
        (
            "wrong-language",
            "Die Brücke ist nicht mehr auf dem Fluss und wird auch für eine Woche geschlossen.",
            "9 words that are not English",
        ),
        ("loop", "The bridge was closed, was closed, was closed, was closed, was closed on day 12.", "5 times in a row 'was closed'"),
        ("loop", "Hahahahahahahahahahahahaha, the bridge was closed on day 12 after 15 came.", "12 times in a row 'ah'"),
        (
            "loop",
            "The bridge of the old river on the right side closed on day 12, and the bridge of the old river on the right side closed.",
            "twice 'the bridge of the old river on the righ…'",
        ),
        ("length", "The bridge was closed.", "22 characters, reference "),
        ("length", "The bridge was closed. " * 3 + LONG, "characters, reference "),
        ("overlong", "word " * 201, "201 words"),
        ("damage", "The bridgeâ€™s river was closed on day 12 after 15 people had come to see it.", "UTF-8 read as Latin-1: 'â€™'"),
        ("damage", "The bridge \ufffd was closed on day 12 after 15 people had come to see it.", "replacement character: "),
        ("damage", "The bridge &quot;river&quot; was closed on day 12 after 15 people came for it.", "an entity of HTML: '&quot;'"),
        ("damage", "▁The▁bridge▁was closed on day 12 after 15 people had come to see it.", "pieces of a tokeniser: '▁'"),
        ("damage", "The bridge \x07 was closed on day 12 after 15 people had come to see it.", "control character: 'U+0007'"),
    ],
)  # fmt: skip
def test_planted_damage_is_found_in_its_line(gate, text, why):
    [one] = [f for name, f in found(planted({3: text})).items() if name == gate]
    assert one.lines == (3,)
    assert (one.count, one.total, one.system) == (1, 24, "a")
    assert one.share == pytest.approx(1 / 24)
    [example] = one.examples
    assert example.line == 3
    assert why in example.why
    assert (example.src, example.reference, example.hypothesis) == (SRC[2], REF[2], text)


def test_mojibake_of_japanese_is_found_whatever_it_was_read_as():
    for encoding in ("latin-1", "cp1252"):
        text = "すべての橋が川".encode().decode(encoding, "replace").replace("\ufffd", "")
        assert "damage" in found(planted({3: f"The bridge {text} was closed on day 12 after 15 people came."})), (
            encoding
        )
    text = "橋が閉められた".encode().decode("cp932", "ignore")
    assert "damage" in found(planted({3: f"The bridge {text} was closed on day 12 after 15 people came."}))


@pytest.mark.parametrize(
    "text",
    [
        "The café’s “old” bridge—a façade—was closed on day 12 after 15 people had come to see it.",
        "The bridge (橋, hashi) of the old river was closed on day 12 after 15 people came for it.",
        "R&D at AT&T closed on day 12 & 15 people had come to see the bridge at a@b.example, naïve.",
        "Bye bye, said the mayor, and the bridge was closed on day 12, very, very late, for 15 people.",
        "The bridge ... was closed ------ on day 12 after 1,000,000,000 people had come to see it!!!",
        "São Paulo's bridge in São João was closed on day 12 after 15 Übermütige had come to see it.",
    ],
)
def test_what_is_sound_passes(text):
    assert found(planted({3: text})) == {}


def test_what_a_reference_has_too_is_allowed():
    test = TestSet((("No no no no no, he said: 川 &amp; \ufffd",),), src=("いいえ、いいえ",))
    assert [f.gate for f in check(test, [System("a", ("No no no no no, she said: 川 &amp; \ufffd",))]).findings] == [
        "damaged-reference"
    ]


def test_severity_grows_with_the_share():
    many = tuple(f"{line} Number {n}." for n in range(20) for line in REF)  # 480 segments
    test = TestSet((many,))
    for count, severity in ((1, "note"), (4, "warning"), (5, "error")):  # 0.2, 0.8, 1.04 %
        lines = [*many]
        lines[:count] = [""] * count
        assert found(lines, test)["empty"].severity == severity


def test_effects_are_scores_with_and_without_the_lines():
    system = System("a", tuple(planted({3: "", 5: ""})))
    made = tables("chrf", [system.hypotheses], [REF])
    one = {f.gate: f for f in check(TEST, [system], score=scorer({"a": made[0]})).findings}["empty"]
    kept = [n for n in range(24) if n not in (2, 4)]
    [without] = tables("chrf", [[system.hypotheses[n] for n in kept]], [[REF[n] for n in kept]])
    assert one.effect is not None
    assert (one.effect.metric, one.effect.all) == ("chrF2", made[0].score())
    assert one.effect.without == pytest.approx(without.score(), abs=1e-9)
    assert one.effect.without > one.effect.all


def test_one_answer_to_many_segments():
    one = found(planted(dict.fromkeys((3, 9, 12), "I'm sorry, I don't know.")))["same-answer"]
    assert one.lines == (3, 9, 12)
    assert "“I'm sorry, I don't know.” 3 times" in one.said
    assert "same-answer" not in found(planted(dict.fromkeys((3, 9), "I'm sorry, I don't know.")))


def test_systems_that_are_the_same_are_named():
    other = System("c", tuple(planted({3: REF[2]})))
    gates = check(TEST, [System("a", GOOD), System("b", GOOD), other])
    same = [(f.severity, f.said) for f in gates.findings if f.gate == "identical-systems"]
    assert same == [
        ("error", "a and b are the same, line by line"),
        ("warning", "a and c have 23 of 24 lines in common"),
        ("warning", "b and c have 23 of 24 lines in common"),
    ]


def test_a_system_that_is_the_reference_and_one_that_knows_some():
    assert found(REF)["is-reference"].severity == "error"
    some = found([*REF[:8], *GOOD[8:]])["is-reference"]
    assert (some.severity, some.count, some.lines) == ("warning", 8, tuple(range(1, 9)))


def test_a_system_of_another_test_set_is_broken():
    other = [f"Xylophones rust, alas, number {n}; quantum zebras graze." for n in range(24)]
    one = found(other)["unrelated"]
    assert one.severity == "error"
    assert "broken" in one.said


def test_length_as_a_whole():
    short = found([line[:40] for line in GOOD])["length-ratio"]
    assert short.severity == "error"
    assert "% as long as the reference" in short.said


@pytest.mark.parametrize(
    ("test", "gate", "severity"),
    [
        (TestSet((SRC,), src=REF), "exchanged", "error"),
        (TestSet((SRC,), src=SRC), "reference-language", "error"),
        (TestSet((REF, REF)), "duplicated-references", "warning"),
        (TestSet(((*REF[:-1], REF[0]),)), "duplicated-segments", "warning"),
        (TestSet(((*REF[:-1], ""),)), "empty-reference", "warning"),
        (TestSet(((*REF[:-1], "word " * 300),)), "overlong-reference", "warning"),
        (TestSet(((*REF[:-1], "The bridge &amp; river"),)), "damaged-reference", "warning"),
    ],
)
def test_the_test_set_itself_is_looked_at(test, gate, severity):
    findings = check(test, []).findings
    assert [(f.gate, f.severity, f.system) for f in findings] == [(gate, severity, None)]


def test_other_counts_are_refused_with_place_and_repair():
    with pytest.raises(CountError) as caught:
        refuse("a", [*GOOD[:7], *GOOD[8:]], TEST, path="out/a.txt")
    said = str(caught.value)
    assert said.startswith(
        "out/a.txt: expected 24 lines as in the reference, found 23 lines; they part at line 8: segment 8 has no line"
    )
    assert GOOD[8][:30] in said
    assert said.endswith("mt evaluate out/a.txt … --align auto aligns them")
    with pytest.raises(CountError, match="line 8 belongs to no segment"):
        check(TEST, [System("a", (*GOOD[:7], "Nobody asked for this, said the manager gruffly!", *GOOD[7:]))])
    with pytest.raises(CountError, match="no place was found"):
        refuse("a", ["Xylophones rust"], TEST)


def test_transposed_references_are_their_own_error():
    # four references of two segments given as two of four: https://github.com/mjpost/sacrebleu/issues/220
    with pytest.raises(InputError, match="found 4 streams of 2 segments: the references are transposed"):
        check(TestSet((("a", "b"),) * 4), [System("a", ("a", "b", "c", "d"))])


def test_limits_are_checked():
    with pytest.raises(OptionError, match="error: expected a number from 0 to 1, found 2"):
        GateLimits(error=2)


texts = st.lists(st.text(st.sampled_from("ab 猫é.&;ã\ufffd7\x07"), max_size=20), min_size=1, max_size=30)


@given(texts, st.data())
def test_whatever_is_given_the_findings_are_plain_data_that_adds_up(refs, data):
    lines = data.draw(st.lists(st.sampled_from([*refs, "", "no no no no no"]), min_size=len(refs), max_size=len(refs)))
    gates = check(TestSet((tuple(refs),), src=tuple(lines)), [System("a", tuple(lines)), System("b", tuple(refs))])
    json.dumps(asdict(gates))
    assert {f.gate for f in gates.findings} <= set(gates.checked)
    for one in gates.findings:
        assert 0 < one.count <= one.total
        assert one.share == one.count / one.total
        assert all(1 <= n <= len(refs) for n in one.lines)
        assert not one.said.endswith(".")


@given(st.lists(st.sampled_from("abc"), max_size=3), st.integers(2, 5))
def test_runs_count_copies(words, copies):
    found_copies, _ = runs(words * copies)
    assert found_copies >= copies if words else found_copies == 1


def test_bare_text():
    assert bare("Ｔｈｅ Cat's (３)！") == "thecats3"

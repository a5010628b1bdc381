"""One window of sentences on its way: what is known of them is looked up, the rest is decoded, judged, tried again, and remembered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mt.protocols import Progress, Translator
from mt.signature import Signature
from mt.text import normalize
from mt.text.features import translatable
from mt.translate.decode import Round
from mt.translate.guard import Guard
from mt.translate.ladder import FLOOR, LADDER, SHORT_LADDER, Case, Ladder, Rung, listed
from mt.translate.memory import Memory, Record, key
from mt.translate.units import Unit, joined, units
from mt.types import EMPTY, PASSED_THROUGH, UNFINISHED, DecodingOptions, Hypothesis


@dataclass(frozen=True, slots=True)
class Setting:
    """What all windows of a run share.

    Attributes:
        engine: the model.
        options: how to search.
        guard: finds doubts; None = only what the decoder says itself is seen.
        memory: journal and memory; None = nothing is remembered.
        retry_budget: share of a window's work that retries may add, ≥ 0.
        src_lang: language whose normalisation the source gets.
        signature: of everything that decides a translation; the memory's keys are made of it.
    """

    engine: Translator
    options: DecodingOptions
    guard: Guard | None
    memory: Memory | None
    retry_budget: float
    src_lang: str
    signature: Signature

    @property
    def longest(self) -> int:
        """Longest input, in pieces, that is decoded whole."""
        return min(self.options.max_source_pieces, self.engine.max_source_pieces)


class Prepared:
    """A window before anything of it is decoded: made ahead, on another thread."""

    def __init__(self, setting: Setting, sentences: Sequence[str]) -> None:
        lang = setting.src_lang
        self.setting, self.sentences = setting, sentences
        self.texts = [normalize.normalize(s, lang) if translatable(s, lang) else None for s in sentences]
        self.uses: dict[str, int] = {}
        for text in self.texts:
            if text is not None:
                self.uses[text] = self.uses.get(text, 0) + 1
        self.units: dict[str, tuple[Unit, ...]] = {}
        if not self._all_known():
            self.cut()

    def cut(self) -> None:
        """Find the units of all texts: of all, since what is decoded together may not depend on what is known."""
        if not self.units:
            texts = list(self.uses)
            self.units = dict(zip(texts, units(texts, self.setting.engine, self.setting.longest), strict=True))

    def _all_known(self) -> bool:
        if self.setting.memory is None:
            return not self.uses
        return len(known(self.setting, list(self.uses))) == len(self.uses)


def known(setting: Setting, texts: Sequence[str]) -> dict[str, Record]:
    """Translations that the memory has, people's before machines'."""
    if setting.memory is None or not texts:
        return {}
    names = {key(text, setting.signature): text for text in texts}
    found = {names[name]: record for name, record in setting.memory.records(list(names)).items()}
    return found | setting.memory.human(texts)


class Window:
    """A window being decoded; see `mt.translate.decode.Work`.

    Args:
        prepared: the sentences and their pieces.
        before: the window before this one, which may still be on its way: what it translates is not translated here again.
        progress: told of every sentence whose first translation is there.
    """

    def __init__(self, prepared: Prepared, before: Window | None, progress: Progress) -> None:
        self._prepared, self._before, self._progress = prepared, before, progress
        setting = prepared.setting
        earlier = before.texts if before is not None else {}
        own = [text for text in prepared.uses if text not in earlier]
        self.known = known(setting, own)
        if len(self.known) < len(own):
            prepared.cut()  # where it was left out because all was known, and somebody pruned the memory since
        self.final: dict[str, Hypothesis] = {text: record.hypothesis for text, record in self.known.items()}
        self._todo = {text: prepared.units.get(text, ()) for text in own if text not in self.known}
        self._waiting = {text: len(found) for text, found in self._todo.items() if found}
        self._rows: dict[str, list[Hypothesis | None]] = {text: [None] * n for text, n in self._waiting.items()}
        self._cases: dict[str, Case] = {}
        self._costs: dict[str, int] = {}
        self._names: list[bytes] = []
        self._ladder: Ladder | None = None
        self._rounds = self._all_rounds()
        self.pieces = (0, 0, 0)  # source and target of the first decoding, extra work
        progress.advance(len(prepared.sentences) - sum(prepared.uses[text] for text in self._waiting))

    @property
    def texts(self) -> dict[str, int]:
        """Its different normalised sentences, and how often each is used."""
        return self._prepared.uses

    def round(self) -> Round | None:
        """What to decode next."""
        return next(self._rounds, None)

    def arrived(self, number: int, name: bytes, answer: Hypothesis) -> None:
        """An answer of the present round."""
        self._names.append(name)
        if self._ladder is not None:
            self._ladder.arrived(number, answer)
            return
        for text, place in self._places[number]:
            self._rows[text][place] = answer
            self._waiting[text] -= 1
            if not self._waiting[text]:  # a text is there when the last of its parts is
                self._first(text)

    def fates(self, hypotheses: Sequence[Hypothesis]) -> Iterator[str]:
        """What became of each sentence, as a field of `mt.translate.run.Counts`."""
        first = set(self._rows)
        for text, hypothesis in zip(self._prepared.texts, hypotheses, strict=True):
            if PASSED_THROUGH in hypothesis.flags:
                yield "passed_through"
            elif hypothesis.failed:
                yield "failed"
            elif text in self.known:
                yield "remembered"
            elif text in first:
                first.discard(text)
                yield "decoded"
            else:
                yield "repeated"

    def finish(self) -> tuple[Window, list[Hypothesis]]:
        """Itself, and one hypothesis a sentence, in order; what is new of them goes to the memory."""
        setting = self._prepared.setting
        new = [text for text in self._rows if text not in self.known]
        for text, case in self._cases.items():
            self.final[text], self._costs[text] = self._trimmed(case.result(), case.first), case.cost
        if setting.memory is not None and (new or self._names):
            names = (key(text, setting.signature) for text in new)
            rows = [Record(n, t, self.final[t], self._costs.get(t, 0), "mt") for n, t in zip(names, new, strict=True)]
            setting.memory.keep(rows, self._names)
        if self._before is not None:
            shared = (text for text in self._before.texts if text in self.texts and text in self._before.final)
            self.final |= {text: self._before.final[text] for text in shared}
        self._before = None
        self._ladder = None  # its judge refers back to the window, which so goes when it is done, not when Python's collector comes round
        return self, [
            (None if text is None else self.final.get(text)) or passed(sentence)
            for sentence, text in zip(self._prepared.sentences, self._prepared.texts, strict=True)
        ]

    def _all_rounds(self) -> Iterator[Round]:
        setting = self._prepared.setting
        if self._waiting:
            yield self._first_round()
        source = sum(len(unit.pieces) for text in self._waiting for unit in self._todo[text])
        target = sum(answer.pieces for row in self._rows.values() for answer in row if answer is not None)
        allowance = None if setting.guard is None else max(FLOOR, setting.retry_budget * (source + target))
        rungs: Sequence[Rung] = SHORT_LADDER if setting.guard is None else LADDER if setting.retry_budget else ()
        self._ladder = Ladder(setting.engine, setting.options, self._doubts, rungs, allowance)
        # in the order of the sentences, not of their answers: a run that goes on finds some at once
        yield from self._ladder.climb([self._cases[text] for text in self._rows if text in self._cases])
        self.pieces = (source, target, sum(case.cost for case in self._cases.values()))

    def _first_round(self) -> Round:
        setting, needed = self._prepared.setting, set()
        numbers: dict[str, int] = {}
        every: list[Unit] = []
        self._places: list[list[tuple[str, int]]] = []
        for text, found in self._prepared.units.items():
            if text in self.texts and (self._before is None or text not in self._before.texts):
                for place, unit in enumerate(found):
                    number = numbers.setdefault(unit.text, len(every))
                    if number == len(every):
                        every.append(unit)
                        self._places.append([])
                    if text in self._waiting:
                        self._places[number].append((text, place))
                        needed.add(number)
        options = setting.options if setting.guard is None else listed(setting.options)
        return Round(every, options, frozenset(range(len(every))) - needed)

    def _first(self, text: str) -> None:
        """The first translation of a text is whole: keep it, or doubt it."""
        whole = joined(self._todo[text], [answer for answer in self._rows[text] if answer is not None])
        doubts = self._doubts(text, whole)
        if doubts:
            self._cases[text] = Case(text, self._todo[text], whole, doubts)
        else:
            self.final[text] = self._trimmed(whole, whole)
        self._progress.advance(self.texts[text])

    def _doubts(self, text: str, hypothesis: Hypothesis) -> tuple[str, ...]:
        guard = self._prepared.setting.guard
        if guard is not None:
            return guard.doubts(guard.source(text), hypothesis)
        return (() if hypothesis.finished else (UNFINISHED,)) + (() if hypothesis.text.strip() else (EMPTY,))

    def _trimmed(self, best: Hypothesis, first: Hypothesis) -> Hypothesis:
        """With as many alternatives as were asked for: what the first search found beside the one chosen."""
        wanted = self._prepared.setting.options.num_hypotheses - 1
        others = [h for h in (replace(first, alternatives=()), *first.alternatives) if h.text != best.text]
        return replace(best, alternatives=tuple(others[:wanted]))


def passed(sentence: str) -> Hypothesis:
    """The source itself; a hypothesis is one line, so a line break inside a segment of symbols becomes a blank."""
    return Hypothesis(sentence.replace("\r\n", " ").replace("\n", " "), None, 0, flags=(PASSED_THROUGH,))

"""Decoding as a function that remembers: rounds of units go to the engine in planned batches, answers go to the journal as they come.

What is decoded together is decided by the whole round, whether or not the journal knows some of it already; known units are then left out of
their batch. A batch is committed whole, so a run that was killed forms the same batches when it goes on, and 8-bit arithmetic, where
neighbours can change a text on CPUs without VNNI instructions, gives the same bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from mt.protocols import Translator
from mt.signature import Signature
from mt.translate.batching import plan
from mt.translate.memory import Memory, key
from mt.translate.units import Unit
from mt.types import DecodingOptions, Hypothesis

_SHARES, _SMALL = 4, 128  # batches that a round is parted into at least, unless they would hold fewer pieces than this
_Made = TypeVar("_Made")
_Made_co = TypeVar("_Made_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Round:
    """Units to decode under the same options; no text twice.

    Attributes:
        units: what is decoded together is decided by all of them.
        options: how to search.
        known: numbers of those whose answers nobody needs.
    """

    units: Sequence[Unit]
    options: DecodingOptions
    known: frozenset[int] = frozenset()


class Work(Protocol[_Made_co]):
    """Something that asks for rounds until it has what it needs."""

    def round(self) -> Round | None:
        """What to decode next, once everything asked for before has arrived; None = nothing more."""

    def arrived(self, number: int, name: bytes, answer: Hypothesis) -> None:
        """The answer to a unit of the present round, and what the journal calls it."""

    def finish(self) -> _Made_co:
        """What came of it; asked once, when `round` has returned None."""


class Source(Protocol[_Made_co]):
    """Works one after the other, made on another thread."""

    def ready(self) -> bool:
        """True where `take` would not wait."""

    def take(self) -> Work[_Made_co] | None:
        """The next work, None behind the last."""


@dataclass(slots=True)
class _Active(Generic[_Made]):
    """A work whose batches are on their way."""

    work: Work[_Made]
    round: Round | None = None
    todo: deque[tuple[tuple[int, ...], int]] = field(default_factory=deque)  # rows of a batch, its limit
    keys: list[bytes] = field(default_factory=list)
    flying: int = 0

    @property
    def done(self) -> bool:
        return self.round is None


_Flying = tuple[_Active[_Made], tuple[int, ...], Callable[[], list[Hypothesis]]]


class Decoder:
    """Sends rounds of several works to one engine, and keeps it busy while one of them thinks.

    Args:
        engine: the model.
        signature: of engine and normaliser; with a unit's text and the options it names an answer.
        budget: padded pieces of a batch.
        memory: the journal; None = nothing is remembered.
    """

    def __init__(self, engine: Translator, signature: Signature, budget: int, memory: Memory | None) -> None:
        self.engine, self.signature, self.budget, self.memory = engine, signature, budget, memory

    def run(self, source: Source[_Made], *, ahead: int = 2) -> Iterator[_Made]:
        """What came of each work, in order. At most `ahead` are begun at a time, the oldest is served first."""
        # one batch for each worker and one to follow it, so that no worker waits for this thread
        depth = 2 * self.engine.workers
        active: deque[_Active[_Made]] = deque()
        flying: deque[_Flying[_Made]] = deque()
        more = True
        while True:
            # a work that is not ready is waited for only when there is nothing else to do
            while more and len(active) < ahead and (not active or source.ready()):
                work = source.take()
                if work is None:
                    more = False
                else:
                    active.append(self._begin(_Active(work)))
            if not active:
                return
            for one in active:
                while one.todo and len(flying) < depth:
                    flying.append(self._send(one))
            if active[0].done:
                yield active.popleft().work.finish()
            elif flying:
                self._collect(flying.popleft())

    def _begin(self, one: _Active[_Made]) -> _Active[_Made]:
        """Take rounds until one has something to decode; answers that the journal knows arrive at once."""
        while (now := one.work.round()) is not None:
            one.round, one.keys = now, self._keys(now)
            known = self.memory.answers(one.keys) if self.memory is not None else {}
            for number, name in enumerate(one.keys):
                if name in known and number not in now.known:
                    one.work.arrived(number, name, _one(known[name]))
            lengths = [len(unit.pieces) for unit in now.units]
            # a small round is dealt out too, or one worker would have it all; how does not depend on how many there are
            budget = min(self.budget, max(_SMALL, sum(lengths) // _SHARES))
            for batch in plan(lengths, budget, self.engine.max_target_pieces):
                rows = tuple(row for row in batch.rows if row not in now.known and one.keys[row] not in known)
                if rows:
                    one.todo.append((rows, batch.max_target_pieces))
            if one.todo:
                return one
        one.round = None
        return one

    def _keys(self, now: Round) -> list[bytes]:
        """Names of the answers. The round is part of them: another round may not find them, or its batches would depend on who was first."""
        if self.memory is None:
            return [b""] * len(now.units)
        signature = self.signature.join(now.options.signature())
        whole = key("\n".join(unit.text for unit in now.units), signature).hex()
        signature = signature.plus(round=whole)
        return [key(unit.text, signature) for unit in now.units]

    def _send(self, one: _Active[_Made]) -> _Flying[_Made]:
        rows, limit = one.todo.popleft()
        assert one.round is not None
        one.flying += 1
        return one, rows, self.engine.submit([one.round.units[row].pieces for row in rows], one.round.options, limit)

    def _collect(self, flight: _Flying[_Made]) -> None:
        one, rows, wait = flight
        answers = wait()
        if self.memory is not None:
            named = zip(rows, answers, strict=True)
            self.memory.keep_answers([(one.keys[row], (answer, *answer.alternatives)) for row, answer in named])
        for row, answer in zip(rows, answers, strict=True):
            one.work.arrived(row, one.keys[row], answer)
        one.flying -= 1
        if not one.flying and not one.todo:
            self._begin(one)


def _one(found: Sequence[Hypothesis]) -> Hypothesis:
    return replace(found[0], alternatives=tuple(found[1:])) if len(found) > 1 else found[0]

"""The network of the Universal Sentence Encoder: pieces → one vector a text.

Every piece is looked up (512 numbers), projected to three times 256, and runs through two residual convolutions over 2, 3 and 5 pieces;
the 1,280 features are normalised, summed over the text, projected, divided by the root of the number of pieces, and pass four small layers
(Cer et al. 2018, "Universal Sentence Encoder", and Yang et al. 2019, "Multilingual Universal Sentence Encoder for Semantic Retrieval"; the
layers are those of the package's file). What makes it fast here:

- The first convolution is linear in each piece, so that its ten products are made once for a piece that is new, and added up from a
  table (`PieceTable`) ever after.
- The second convolution answers for four places at a time, in half the products (`_Filter`). Together that leaves 0.3 million
  multiplications a piece of 1.7, beside a million once for a piece that is new.
- Normalisation and sum are one weighted sum for each text, and everything linear behind it is done on sums.
- Pieces of many texts stand in one row with zeros between them, in portions whose products stay in a core's cache.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mt.models.use_weights import BRANCH_WIDTH, FEATURES, HIDDEN, ORDERS, PIECE_WIDTH, WIDTH, UseWeights

if TYPE_CHECKING:
    from numpy.typing import NDArray

REACH = (
    4  # a piece's features depend on so many pieces to either side: twice the longer arm of the convolution over five
)
TILE = 4  # places that a convolution answers for at a time
GAP = 2  # rows of zeros between texts: the arm of one convolution
_ONE = 1  # where the point 1 stands among those of a filter
_FILL = 256  # pieces whose table rows are made in one go: 64 take a third longer
_RUNS = 16  # runs that are summed over in one product
_ROWS = 128  # texts whose last layers are computed in one go, whatever the number of threads


@dataclass(slots=True)
class _Branch:
    """One of the three convolutions: pieces seen at once, how many of them to the left, and its layers."""

    order: int
    left: int
    project: NDArray[Any]
    project_bias: NDArray[Any]
    gain: NDArray[Any]
    shift: NDArray[Any]
    first: NDArray[Any]
    first_bias: NDArray[Any]
    second: NDArray[Any]
    second_bias: NDArray[Any]


def _branches(rest: dict[str, NDArray[Any]]) -> list[_Branch]:
    names = ("proj", "proj_b", "ln_g", "ln_b", "w1_", "b1_", "w2_", "b2_")
    return [_Branch(n, left, *(rest[f"{name}{n}"] for name in names)) for n, left in ORDERS]


class PieceTable:
    """What the network makes of a piece by itself, for pieces met so far; row 0 is the gap between texts, all zeros.

    Holds at most `capacity` pieces, 15 kB each. Where new ones do not fit, the half used least goes.

    Attributes:
        vectors: float32 (capacity, 512), the rows of the encoder's own table.
        sums: float32 (capacity, 2): sum, and sum of squares, of each row of `vectors`.
        inputs: one float32 (capacity, 256) for each branch: projected and normalised.
        products: float32 (capacity · order, 256) for each branch; row `order · slot + place` is `inputs` through the part of the first
            convolution for that place in its window; its bias, and `inputs` itself, are in the piece's own place.
    """

    def __init__(self, weights: UseWeights, capacity: int) -> None:
        import numpy as np

        self._weights, self.capacity = weights, capacity
        self._branches = _branches(weights.rest)
        self._project = np.concatenate([branch.project for branch in self._branches], axis=1)
        self._project_bias = np.concatenate([branch.project_bias for branch in self._branches])
        self._eps = float(weights.rest["eps"])
        self._slot_of = np.zeros(len(weights.table) + 1, dtype=np.int32)  # the last entry, number -1, is the gap
        self._piece_in = np.zeros(capacity, dtype=np.int64)
        self._uses = np.zeros(capacity, dtype=np.int64)
        self._count = 1
        self.vectors = np.empty((capacity, PIECE_WIDTH), dtype=np.float32)
        self.sums = np.empty((capacity, 2), dtype=np.float32)
        self.inputs = [np.empty((capacity, BRANCH_WIDTH), dtype=np.float32) for _ in ORDERS]
        self.products = [np.empty((capacity * order, BRANCH_WIDTH), dtype=np.float32) for order, _ in ORDERS]
        # the places side by side, so that one product makes them all
        self._first = [np.concatenate(np.split(branch.first, branch.order), axis=1) for branch in self._branches]
        for array, rows in ((self.vectors, 1), (self.sums, 1), *((x, 1) for x in self.inputs)):
            array[:rows] = 0
        for array, (order, _) in zip(self.products, ORDERS, strict=True):
            array[:order] = 0

    def missing(self, ids: NDArray[Any]) -> NDArray[Any]:
        """Those of the pieces `ids` that are not here yet, each once; -1 is the gap, which is always here."""
        import numpy as np

        new = ids[self._slot_of[ids] == 0]
        return np.unique(new[new >= 0])

    def has_room(self, count: int) -> bool:
        """Whether so many more pieces can be added without moving what is there."""
        return self._count + count <= self.capacity

    def add(self, ids: NDArray[Any], each: Callable[..., Iterable[None]] = map) -> None:
        """Make the rows of pieces that are `missing`. There must be room, and one call at a time; rows made before may be read meanwhile.

        `each` calls a function with each of its arguments, as `map` does; an executor's where several threads may compute.
        """
        import numpy as np

        assert self.has_room(len(ids)), "no room for new pieces"
        rows = np.arange(self._count, self._count + len(ids), dtype=np.int32)

        def some(start: int) -> None:
            self._fill(ids[start : start + _FILL], self._count + start)

        deque(each(some, range(0, len(ids), _FILL)), maxlen=0)
        # only now: an interrupted call leaves the table as it was
        self._piece_in[rows] = ids
        self._uses[rows] = 0
        self._slot_of[ids] = rows
        self._count += len(ids)

    def slots(self, ids: NDArray[Any]) -> NDArray[Any]:
        """Rows of pieces that are here, counted as used; 0 for the gap, -1."""
        import numpy as np

        slots: NDArray[Any] = self._slot_of[ids]
        self._uses += np.bincount(slots, minlength=self.capacity)
        return slots

    def shrink(self) -> None:
        """Keep the half of the pieces that was used most; rows move, so nobody may be reading."""
        import numpy as np

        kept = 1 + np.sort(np.argsort(-self._uses[1 : self._count], kind="stable")[: self.capacity // 2])
        goal = slice(1, 1 + len(kept))
        self._slot_of[self._piece_in[1 : self._count]] = 0
        arrays: list[NDArray[Any]] = [self._piece_in, self._uses, self.vectors, self.sums, *self.inputs]
        arrays += [rows.reshape(self.capacity, -1) for rows in self.products]
        for array in arrays:
            array[goal] = array[kept]
        self._count = 1 + len(kept)
        self._uses[goal] >>= 1
        self._uses[self._count :] = 0
        self._slot_of[self._piece_in[goal]] = np.arange(1, self._count, dtype=np.int32)

    def _fill(self, ids: NDArray[Any], first: int) -> None:
        import numpy as np

        rows = slice(first, first + len(ids))
        vectors = self._weights.rows(ids)
        self.vectors[rows] = vectors
        self.sums[rows, 0] = vectors.sum(axis=1)
        self.sums[rows, 1] = np.einsum("ij,ij->i", vectors, vectors)
        # normalised over the three projections together
        joined = vectors @ self._project
        joined += self._project_bias
        joined -= joined.mean(axis=1, keepdims=True)
        joined /= np.sqrt(np.einsum("ij,ij->i", joined, joined) / joined.shape[1] + self._eps)[:, None]
        for number, branch in enumerate(self._branches):
            x = self.inputs[number][rows]
            np.multiply(joined[:, number * BRANCH_WIDTH : (number + 1) * BRANCH_WIDTH], branch.gain, out=x)
            x += branch.shift
            places = self.products[number].reshape(self.capacity, branch.order, BRANCH_WIDTH)[rows]
            np.matmul(x, self._first[number], out=places.reshape(len(ids), -1))
            places[:, branch.left] += x + branch.first_bias


class Tiles:
    """A row of pieces in fours, which is how many places a convolution answers for at a time.

    Everything is laid out by the place within its tile, (4, t): what a tile sees of the next one is then what stands one further.

    Attributes:
        count: t, the number of tiles. They begin behind the gap that the row begins with, and cover all but the one that it ends with.
    """

    __slots__ = ("_slots", "count")

    def __init__(self, slots: NDArray[Any]) -> None:
        """`slots` int (n,): rows of the table; texts are parted, begun and ended by `GAP` zeros."""
        import numpy as np

        # an arm longer than the row, so that nothing answered for is seen by a tile that is not there
        self.count = -(-(len(slots) - GAP) // TILE)
        self._slots = np.zeros(TILE * self.count + 4 * GAP, dtype=slots.dtype)
        self._slots[GAP : GAP + len(slots)] = slots

    def slots(self, shift: int) -> NDArray[Any]:
        """Int (4 t,): rows of the table so many pieces behind the places of the tiles; -4 ≤ `shift` ≤ 4."""
        start = 2 * GAP + shift
        return self._slots[start : start + TILE * self.count].reshape(self.count, TILE).T.ravel()


class _Filter:
    """A convolution that answers for four places at a time, in `order` + 3 products instead of 4 `order`.

    Toom and Cook's short convolutions, known from Winograd (1980) and Lavin & Gray (2016, "Fast Algorithms for Convolutional Neural Networks"),
    in one dimension: both factors of a product of polynomials are taken at `order` + 3 points, one of them at infinity; transposed, that
    product is the correlation wanted. Rounding errors grow by 5, to 1e-5 of the answers' spread.
    """

    _POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)

    def __init__(self, order: int, left: int, weights: NDArray[Any], bias: NDArray[Any]) -> None:
        """`weights` float32 (order · 256, 256), the leftmost place first; the place `left` is answered with itself added."""
        import numpy as np

        self._bias = bias
        parts = weights.astype(np.float64).reshape(order, BRANCH_WIDTH, BRANCH_WIDTH)
        parts[left] += np.eye(BRANCH_WIDTH)
        size = TILE + order - 1

        def at_points(terms: int) -> NDArray[Any]:
            values = np.zeros((size, terms))
            values[:-1] = np.array(self._POINTS[: size - 1])[:, None] ** np.arange(terms)
            values[-1, -1] = 1  # at infinity only the highest term counts
            return values

        into = np.linalg.inv(at_points(size)).T
        scale = np.abs(into).sum(axis=1, keepdims=True)
        kernels = np.einsum("po,oij->pij", at_points(order) * scale, parts)
        self._into, self._kernels = (into / scale).astype(np.float32), kernels.astype(np.float32)
        self._out_of = np.ascontiguousarray(at_points(TILE).T, dtype=np.float32)

    def __call__(self, seen: NDArray[Any]) -> NDArray[Any]:
        """Float32 (4, t, 256) from what each tile sees, (order + 3, t, 256)."""
        import numpy as np

        taken = (self._into @ seen.reshape(len(seen), -1)).reshape(seen.shape)
        products = np.matmul(taken, self._kernels)
        products[_ONE] += self._bias  # all four answers take this product once
        answer: NDArray[Any] = (self._out_of @ products.reshape(len(seen), -1)).reshape(TILE, *seen.shape[1:])
        return answer


class Network:
    """The layers behind the table. Reads a `PieceTable` and changes nothing, so several threads may compute at once."""

    def __init__(self, weights: UseWeights) -> None:
        import numpy as np

        rest = weights.rest
        self._branches = _branches(rest)
        self._filters = [
            _Filter(branch.order, branch.left, branch.second, branch.second_bias) for branch in self._branches
        ]
        self._eps = np.float32(rest["eps"])
        self._ones = np.ones(BRANCH_WIDTH, dtype=np.float32)
        # behind the normalisation everything is linear up to the sum over the text, so gain and shift go into one matrix
        # and so do the two layers that read that sum; in 64 bits, because products of matrices lose digits
        wide = {key: rest[key].astype(np.float64) for key in ("ln_g", "ln_b", "cnn_W", "cnn_b", "p1", "d0")}
        behind = np.concatenate([wide["p1"], wide["d0"]], axis=1)
        features = wide["cnn_W"] @ behind
        self._feature_matrix = (wide["ln_g"][:, None] * features).astype(np.float32)
        self._mean_row = (wide["ln_g"] @ features).astype(np.float32)
        self._count_row = (wide["ln_b"] @ features + wide["cnn_b"] @ behind).astype(np.float32)
        self._layers = {key: rest[key] for key in ("d1", "d2", "p3", "d3")}

    def features(self, table: PieceTable, tiles: Tiles) -> list[NDArray[Any]]:
        """What each of the three branches makes of pieces in their places: float32 (4, t, 256); what stands in gaps means nothing."""
        import numpy as np

        part = np.empty((TILE * tiles.count, BRANCH_WIDTH), dtype=np.float32)
        found = []
        for number, branch in enumerate(self._branches):
            seen = np.empty((TILE + branch.order - 1, tiles.count, BRANCH_WIDTH), dtype=np.float32)
            body = seen[:TILE].reshape(-1, BRANCH_WIDTH)
            for place in range(branch.order):
                rows = branch.order * tiles.slots(place - 2 * branch.left) + place
                np.take(table.products[number], rows, axis=0, out=part if place else body, mode="clip")
                if place:
                    body += part
            own = tiles.slots(-branch.left)
            np.take(table.inputs[number], own, axis=0, out=part, mode="clip")
            np.maximum(body, part, out=body)  # max(a, 0) + x, with x added already
            body[own == 0] = 0
            seen[TILE:, :-1] = seen[: branch.order - 1, 1:]
            seen[TILE:, -1] = 0
            answer = self._filters[number](seen)
            np.maximum(answer, seen[branch.left : branch.left + TILE], out=answer)
            found.append(answer)
        return found

    def sums(self, table: PieceTable, slots: NDArray[Any], starts: NDArray[Any], counts: NDArray[Any]) -> NDArray[Any]:
        """Sums of the normalised features over runs of pieces.

        Args:
            table: holds the pieces.
            slots: int (n,): rows of the table; texts are parted, begun and ended by `GAP` zeros.
            starts: int (r,): where in `slots` each run starts, ascending.
            counts: int (r,): how many pieces it has, ≥ 1; none is a gap.

        Returns:
            float32 (r, 1281): weighted sums of the 1,280 features, and of their means.
        """
        import numpy as np

        tiles = Tiles(slots)
        rows = tiles.slots(0)
        parts = [np.take(table.vectors, rows, axis=0, mode="clip").reshape(TILE, -1, PIECE_WIDTH)]
        parts += self.features(table, tiles)
        mean, square = table.sums[rows].T
        for part in parts[1:]:
            flat = part.reshape(-1, BRANCH_WIDTH)
            mean = mean + flat @ self._ones
            square = square + np.einsum("ij,ij->i", flat, flat)
        mean /= FEATURES
        weight = 1 / np.sqrt(square / FEATURES - mean * mean + self._eps)
        out = np.empty((len(counts), FEATURES + 1), dtype=np.float32)
        ends = np.cumsum(counts)
        places = np.arange(ends[-1]) + np.repeat(starts - GAP - ends + counts, counts)
        tile, phase = np.divmod(places, TILE)
        own = weight[phase * tiles.count + tile]
        out[:, FEATURES] = np.add.reduceat(own * mean[phase * tiles.count + tile], ends - counts)
        run = np.repeat(np.arange(len(counts)), counts)
        for first in range(0, len(counts), _RUNS):
            last = min(first + _RUNS, len(counts))
            here = slice(ends[first] - counts[first], ends[last - 1])
            low, high = tile[here].min(), tile[here].max() + 1
            weights = np.zeros((TILE, last - first, high - low), dtype=np.float32)
            weights[phase[here], run[here] - first, tile[here] - low] = own[here]
            column = 0
            for part in parts:
                out[first:last, column : column + part.shape[2]] = np.matmul(weights, part[:, low:high]).sum(axis=0)
                column += part.shape[2]
        return out

    def project(
        self, sums: NDArray[Any], counts: NDArray[Any], each: Callable[..., Iterable[None]] = map
    ) -> NDArray[Any]:
        """What the layers behind the sums begin with; what comes out still adds up over runs of pieces.

        Args:
            sums: float32 (r, 1281), see `sums`.
            counts: int (r,): how many pieces each is over.
            each: calls a function with each of its arguments, as `map` does; an executor's where several threads may compute.

        Returns:
            float32 (r, 640).
        """
        import numpy as np

        out = np.empty((len(sums), len(self._count_row)), dtype=np.float32)

        def some(start: int) -> None:
            rows = slice(start, start + _ROWS)
            np.matmul(sums[rows, :FEATURES], self._feature_matrix, out=out[rows])
            out[rows] -= sums[rows, FEATURES:] * self._mean_row
            out[rows] += counts[rows, None].astype(np.float32) * self._count_row

        deque(each(some, range(0, len(out), _ROWS)), maxlen=0)
        return out

    def finish(
        self, projected: NDArray[Any], counts: NDArray[Any], each: Callable[..., Iterable[None]] = map
    ) -> NDArray[Any]:
        """Vectors of unit norm, float32 (r, 512), from what `project` made of whole texts, and their numbers of pieces, marks counted."""
        import numpy as np

        out = np.empty((len(projected), WIDTH), dtype=np.float32)
        layer = self._layers

        def some(start: int) -> None:
            rows = slice(start, start + _ROWS)
            x = projected[rows] / np.sqrt(counts[rows].astype(np.float32))[:, None]
            np.maximum(x[:, HIDDEN:], 0, out=x[:, HIDDEN:])
            y = x[:, :HIDDEN] + x[:, HIDDEN:] @ layer["d1"]
            np.maximum(y, 0, out=y)
            z = np.maximum(y @ layer["d2"], 0) @ layer["d3"]
            z += y @ layer["p3"]
            np.tanh(z, out=z)
            z /= np.sqrt(np.maximum(np.einsum("ij,ij->i", z, z), self._eps))[:, None]
            out[rows] = z

        deque(each(some, range(0, len(out), _ROWS)), maxlen=0)
        return out

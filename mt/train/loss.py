"""What an update makes smaller: label-smoothed cross-entropy without ever holding all logits, and the guided attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

# rows of the output layer at once: 512 × 16,000 numbers of 4 bytes are 32 MB, where a batch of 3,000 pieces would need 192 MB three times over
_CHUNK = 512


class ChunkedCrossEntropy(torch.autograd.Function):  # type: ignore[misc]
    """Sum of the label-smoothed cross-entropy (Szegedy et al. 2016) of hidden rows against tied embeddings, chunk by chunk.

    The gradient is known in closed form (softmax minus the smoothed target), so it is made in the same pass and the logits are never kept.
    """

    @staticmethod
    def forward(
        ctx: Any, rows: torch.Tensor, table: torch.Tensor, gold: torch.Tensor, how: tuple[float, int]
    ) -> torch.Tensor:
        """`rows` (n, d), `table` (V, d), `gold` (n,); `how` = label smoothing, and the piece that is no answer (the padding).

        What the label takes from a logit's gradient is the same for all pieces but one, so it is not subtracted in the (n, V) matrix but
        in the (n, d) and (V, d) products; four passes over the matrix remain of ten.
        """
        smooth, banned = how
        share = smooth / (table.shape[0] - 1)
        weights = table.detach().to(rows.dtype)
        all_weights = weights.float().sum(0) - weights[banned].float()
        grad_rows = torch.empty_like(rows)
        grad_table = torch.zeros(table.shape, dtype=torch.float32, device=table.device)
        total = torch.zeros((), dtype=torch.float64, device=rows.device)
        for start in range(0, len(rows), _CHUNK):
            x, y = rows[start : start + _CHUNK], gold[start : start + _CHUNK]
            z = torch.mm(x, weights.t()).float()
            z[:, banned] = -torch.inf
            high = z.amax(-1, keepdim=True)
            right = z.gather(1, y[:, None])
            mass = z.sub_(high).exp_().sum(-1, keepdim=True)
            lse = high + mass.log()
            total += (lse - (1 - smooth) * right).sum().double() - share * (x.float() @ all_weights).sum().double()
            # the right piece here and not below, since a sure model's 1 - 1 must not be lost to rounding
            z.scatter_add_(1, y[:, None], (smooth - 1) * mass)
            e = z.to(rows.dtype)  # the gradient but for the label's share, times `mass`
            grad_rows[start : start + _CHUNK] = torch.mm(e, weights).float() / mass - share * all_weights
            scaled = (x.float() / mass).to(rows.dtype)
            if rows.dtype == torch.float32:
                grad_table.addmm_(e.t(), scaled)
            else:
                grad_table += torch.mm(e.t(), scaled).float()
        if len(rows):
            grad_table -= share * rows.float().sum(0)
        grad_table[banned] = 0
        ctx.save_for_backward(grad_rows, grad_table)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Gradients of rows and table, as the forward pass left them, times the gradient of the sum."""
        grad_rows, grad_table = ctx.saved_tensors
        scale = grads[0]
        return grad_rows * scale.to(grad_rows.dtype), grad_table * scale.float(), None, None


@dataclass(frozen=True, slots=True)
class Losses:
    """Of one batch: `nll` summed over target pieces, `count` of them, `guide` a mean over the pieces whose translation is sure."""

    nll: torch.Tensor
    count: int
    guide: torch.Tensor


class Guide:
    """Teaches the first head of the last cross-attention to look at the source piece that lies nearest in the encoder's table.

    It is the head that CTranslate2 returns as alignment. Only target pieces with a near source piece (cosine from 0.35, fully from 0.65) count;
    the attention that is wanted is the softmax of the cosines at temperature 0.06.
    """

    def __init__(self, model: Any, anchor: torch.Tensor) -> None:
        """`anchor` has unit rows, shape (pieces, width); pieces without a meaning have rows of zeros."""
        self._cross = model.model.decoder.layers[-1].encoder_attn
        self._anchor = anchor
        self._seen: tuple[torch.Tensor, torch.Tensor] | None = None
        self._cross.register_forward_pre_hook(self._remember, with_kwargs=True)

    def _remember(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        hidden = args[0] if args else kwargs["hidden_states"]
        encoded = kwargs["key_value_states"] if "key_value_states" in kwargs else args[1]
        self._seen = (hidden, encoded)

    def loss(self, src: torch.Tensor, tgt: torch.Tensor, pad: int) -> torch.Tensor:
        """Cross-entropy between the attention wanted and the attention paid; call it after the model's forward pass."""
        if self._seen is None:
            raise RuntimeError("guide: expected a forward pass before, found none")
        hidden, encoded = self._seen
        self._seen = None
        cross = self._cross
        width = cross.head_dim
        q = functional.linear(hidden, cross.q_proj.weight[:width], cross.q_proj.bias[:width]) * cross.scaling
        k = functional.linear(encoded, cross.k_proj.weight[:width], cross.k_proj.bias[:width])
        hidden_src = (src == pad)[:, None, :]
        z = torch.bmm(q, k.transpose(1, 2)).float().masked_fill(hidden_src, -1e9)
        with torch.no_grad():
            near = torch.bmm(self._anchor[tgt], self._anchor[src].transpose(1, 2)).float().masked_fill(hidden_src, -1)
            sure = ((near.max(-1).values - 0.35) / 0.3).clamp(0, 1) * (tgt != pad)
            want = torch.softmax(near / 0.06, -1)
        paid = torch.log_softmax(z, -1).clamp(min=-30)
        return -(sure * (want * paid).sum(-1)).sum() / (sure.sum() + 1)

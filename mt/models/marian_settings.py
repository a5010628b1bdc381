"""What a Marian model says of itself in `special:model.yml`: which settings are computed here, and which are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mt.errors import ModelError
from mt.models.marian_yaml import Setting

# What Marian saves in a model (`modelFeatures_` in src/models/encoder_decoder.cpp) and the only values we compute; a setting that is not there has
# the value we compute. Of recurrent models, of training and of BERT there are more; with a transformer they change nothing.
_FIXED: Mapping[str, tuple[Setting, ...]] = {
    "type": ("transformer",),
    "transformer-decoder-autoreg": ("self-attention",),  # not average-attention (AAN), not rnn (SSRU)
    "transformer-preprocess": ("", "d"),  # n would be pre-norm
    "transformer-postprocess": ("dan", "an"),  # dropout, add, normalise
    "transformer-postprocess-emb": ("", "d"),
    "transformer-postprocess-top": ("", "d"),
    "transformer-ffn-activation": ("swish", "relu"),  # Marian's gelu is another than Hugging Face's
    "transformer-ffn-depth": ("2",),
    "transformer-decoder-ffn-depth": ("0", "2"),
    "transformer-tied-layers": ([], ""),
    "input-types": ([], "", ["sequence"], ["sequence", "sequence"]),
    "factors-dim-emb": ("0",),
    "factors-combine": ("sum",),
    "lemma-dim-emb": ("0",),
}
_OF_OTHER_MODELS = re.compile(
    "(bert|char|dec-cell|enc-cell|enc-type|transformer-aan|ulr-)[a-z-]*|dim-rnn|skip|layer-normalization|best-deep|special-vocab"
    "|transformer-dim-aan|transformer-guided-alignment-layer|transformer-depth-scaling|version"  # depth scaling: of initial weights
)
_READ = (
    "dim-emb", "dim-vocabs", "enc-depth", "dec-depth", "transformer-heads", "transformer-dim-ffn", "transformer-decoder-dim-ffn",
    "tied-embeddings", "tied-embeddings-src", "tied-embeddings-all", "output-omit-bias",
)  # fmt: skip
_OFF: tuple[Setting, ...] = ("false", "0", "", "none", "null", "~", [])


@dataclass(frozen=True, slots=True)
class Settings:
    """What a model says of itself.

    Attributes:
        where: file and array, for messages.
        values: as read.
    """

    where: str
    values: Mapping[str, Setting]

    def check(self) -> None:
        """Refuse what is not computed here, by name.

        Raises:
            ModelError: for the first such setting.
        """
        if "type" not in self.values:
            raise self.error("type: transformer", "no such setting")
        for key, value in self.values.items():
            if key in _FIXED:
                if value not in _FIXED[key]:
                    raise self.error(f"{key}: {' or '.join(str(v or repr('')) for v in _FIXED[key])}", repr(value))
            elif key not in _READ and not _OF_OTHER_MODELS.fullmatch(key) and value not in _OFF:
                raise self.error("settings that are supported", f"{key}: {value}")

    def number(self, key: str, default: str = "") -> int:
        """A whole number below a million."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or not re.fullmatch(r"\d{1,6}", value):
            raise self.error(f"{key}: a whole number", repr(value) if key in self.values else "no such setting")
        return int(value)

    def flag(self, key: str) -> bool:
        """True or false; false where there is no such setting."""
        value = self.values.get(key, "false")
        if value not in ("true", "false"):
            raise self.error(f"{key}: true or false", repr(value))
        return value == "true"

    @property
    def shared(self) -> bool:
        """One embedding for both sides."""
        return self.flag("tied-embeddings-all") or self.flag("tied-embeddings-src")

    @property
    def tied(self) -> bool:
        """The output layer is the target embedding."""
        return self.flag("tied-embeddings-all") or self.flag("tied-embeddings")

    def error(self, expected: str, found: str) -> ModelError:
        """The error to raise for a setting."""
        return ModelError(self.where, expected, found)

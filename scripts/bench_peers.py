"""The systems that `bench_translate.py` measures. Each runs in a process of its own, loads the model once, and translates whenever it is asked.

    python bench_peers.py SYSTEM OPTIONS     started by bench_translate.py; OPTIONS is a JSON object

Every line of standard input is a JSON object, `{"texts": PATH, "answers": PATH or null}`; the first names a JSON list of sentences, the second
is where their translations are written. Every line of standard output is the answer: seconds of wall clock and of processor, pieces written,
and the most memory the process ever had. What is imported at the top is in the standard library, since Argos Translate runs this file in an
environment that has no kakehashi.
"""

from __future__ import annotations

import inspect
import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

Options = dict[str, Any]
Batch = tuple[list[int], list[list[str]], int]  # numbers, pieces with the end mark, where the decoder stops


class System(Protocol):
    """Something that translates; only `run` is timed."""

    versions: dict[str, str]

    def prepare(self, texts: list[str]) -> None:
        """Whatever the system is not charged for."""

    def run(self) -> None:
        """Translate what was prepared."""

    def answers(self) -> tuple[list[str], int]:
        """The translations in order, and how many pieces were written, ends included."""


class Limit:
    """CTranslate2 given pieces in batches, and nothing around it: what no program that decodes with it can beat.

    Options: `directory` (MarianMT), `every_script` (the vocabulary whole, as in the models that other programs make), `compute_type`, `beam`,
    `inter` × `intra` threads, `submit` and `budget`. `submit` is
    `async`: one call a batch, of at most `budget` padded pieces; `tokens`: one call a length class, which CTranslate2 cuts by `budget` itself;
    `fixed`: batches of `budget` sentences sorted by characters, as EasyNMT makes them. Limits of an answer are the engine's own in all three,
    one a length class (the longest input's in a fixed batch); sentences over `longest` pieces come cut at the same marks.
    """

    def __init__(self, options: Options) -> None:
        import ctranslate2

        from mt.models.convert import converted
        from mt.models.marian import read_directory
        from mt.models.pieces import Pieces

        directory = read_directory(Path(options["directory"]), every_script=options["every_script"])
        self.options, self.pieces, self.end = options, Pieces(directory), directory.end_mark
        self.ceiling = directory.config.max_position_embeddings - 1
        self.model = converted(directory, options["compute_type"])
        self.translator = ctranslate2.Translator(
            str(self.model.path),
            "cpu",
            compute_type=options["compute_type"],
            inter_threads=options["inter"],
            intra_threads=options["intra"],
        )
        self.versions = {"ctranslate2": ctranslate2.__version__}

    def prepare(self, texts: list[str]) -> None:
        """Normalise, cut into pieces, and form the batches."""
        from mt.text.normalize import normalize

        self.owners: list[int] = []
        units: list[list[str]] = []
        characters: list[int] = []
        for number, text in enumerate(texts):
            for part in self._parts(normalize(text)):
                units += self.pieces.encode([part])
                self.owners.append(number)
                characters.append(len(part))
        self.batches = self._batches(units, characters)
        self.count = len(texts)

    def run(self) -> None:
        """Decode all batches; pieces come back as Python lists."""
        shared = {
            "beam_size": self.options["beam"],
            "length_penalty": 1.0,
            "max_input_length": 0,
            "min_decoding_length": 0,
            "return_scores": True,
            "return_end_token": True,
        }
        waiting: list[tuple[list[int], list[Any]]] = []
        for rows, pieces, limit in self.batches:
            if self.options["submit"] == "tokens":
                shared |= {"max_batch_size": self.options["budget"], "batch_type": "tokens"}
            waiting.append(
                (rows, self.translator.translate_batch(pieces, asynchronous=True, max_decoding_length=limit, **shared))
            )
        self.found: list[list[str]] = [[]] * len(self.owners)
        for rows, results in waiting:
            for row, one in zip(rows, results, strict=True):
                self.found[row] = one.result().hypotheses[0]

    def answers(self) -> tuple[list[str], int]:
        """Joined to text only here, behind the clock."""
        texts: list[list[str]] = [[] for _ in range(self.count)]
        for owner, pieces in zip(self.owners, self.found, strict=True):
            texts[owner].append(self.pieces.decode([p for p in pieces if p != self.end]))
        return [" ".join(filter(None, parts)) for parts in texts], sum(map(len, self.found))

    def _parts(self, text: str) -> list[str]:
        from mt.text.clauses import parts

        longest = self.options["longest"]

        def length(part: str) -> int:
            return len(self.pieces.encode([part])[0])

        if length(text) <= longest:
            return [text]
        return [part for a, b in parts(text, length, longest) if (part := text[a:b].strip())]

    def _batches(self, units: list[list[str]], characters: list[int]) -> list[Batch]:
        from mt.translate.batching import plan, target_limit

        lengths, submit, size = list(map(len, units)), self.options["submit"], self.options["budget"]
        if submit == "fixed":
            order = sorted(range(len(units)), key=lambda row: -characters[row])
            groups = [order[i : i + size] for i in range(0, len(order), size)]
            planned = [(rows, target_limit(max(lengths[r] for r in rows), self.ceiling)) for rows in groups]
        else:
            budget = size if submit == "async" else sys.maxsize  # without a budget a batch is a whole length class
            planned = [(list(b.rows), b.max_target_pieces) for b in plan(lengths, budget, self.ceiling)]
        return [(rows, [[*units[row], self.end] for row in rows], limit) for rows, limit in planned]


class Engine:
    """This project, text to text. Options: `model`, `beam`, `guard` (None = as the version at hand does it)."""

    def __init__(self, options: Options) -> None:
        import ctranslate2

        import mt

        wanted: Options = {"beam_size": options["beam"], "compute_type": options["compute_type"]}
        if options["guard"] is not None:
            wanted["guard"] = options["guard"]
        self.translator = mt.open_translator(options["model"], **wanted)
        self.versions = {"kakehashi": mt.__version__, "ctranslate2": ctranslate2.__version__}

    def prepare(self, texts: list[str]) -> None:
        """Nothing: normalising and cutting are the engine's work."""
        self.texts = texts

    def run(self) -> None:
        """From strings to hypotheses."""
        self.found = list(self.translator.translate(self.texts))

    def answers(self) -> tuple[list[str], int]:
        """Pieces of the answers delivered; those of retries are work but no answer."""
        return [h.text for h in self.found], sum(h.pieces for h in self.found)


def takes_guard() -> bool:
    """Whether the version at hand has guards that can be switched."""
    import mt

    return "guard" in inspect.signature(mt.open_translator).parameters


class Transformers:
    """`generate` of MarianMTModel in 32 bits, text to text.

    Options: `directory`, `beam`, `threads`, `batch`, `order` (`pieces`, `characters` or `none`), `limited`: answers end where the engine's do
    (the limit of the batch's longest input); else at the 512 pieces of generation_config.json, as EasyNMT leaves it.
    """

    def __init__(self, options: Options) -> None:
        import torch
        import transformers

        transformers.logging.set_verbosity_error()
        torch.set_num_threads(options["threads"])
        self.options = options
        self.tokenizer = transformers.MarianTokenizer.from_pretrained(options["directory"])
        self.model = transformers.MarianMTModel.from_pretrained(options["directory"], dtype=torch.float32).eval()
        self.most = self.model.config.max_position_embeddings
        self.versions = {"transformers": transformers.__version__, "torch": torch.__version__}

    def prepare(self, texts: list[str]) -> None:
        """Nothing."""
        self.texts = texts

    def run(self) -> None:
        """Tokenise, sort, generate, detokenise."""
        if self.options["order"] == "pieces":
            lengths = [
                len(row) for row in self.tokenizer(self.texts, truncation=True, max_length=self.most)["input_ids"]
            ]
        else:
            lengths = list(map(len, self.texts))
        order = list(range(len(self.texts)))
        if self.options["order"] != "none":
            order.sort(key=lambda row: -lengths[row])
        self.found, self.written = [""] * len(order), 0
        for start in range(0, len(order), self.options["batch"]):
            rows = order[start : start + self.options["batch"]]
            for row, text in zip(rows, self._batch([self.texts[row] for row in rows]), strict=True):
                self.found[row] = text

    def answers(self) -> tuple[list[str], int]:
        """As generated; padding is not counted."""
        return self.found, self.written

    def _batch(self, texts: Sequence[str]) -> list[str]:
        inputs = self.tokenizer(list(texts), truncation=True, padding=True, max_length=self.most, return_tensors="pt")
        limit: Options = {}
        if self.options["limited"]:
            from mt.translate.batching import target_limit

            # the start counts too, and the end mark is not counted among the engine's input pieces
            limit["max_length"] = target_limit(inputs["input_ids"].shape[1] - 1, self.most - 1) + 1
        ids = self.model.generate(**inputs, num_beams=self.options["beam"], length_penalty=1.0, **limit)
        self.written += int((ids != self.model.config.pad_token_id).sum())  # the start is a pad, and not counted
        return list(self.tokenizer.batch_decode(ids, skip_special_tokens=True))


class Argos:
    """Argos Translate with the same weights, a line a call as its users call it. Settings come from the environment, as it wants them.

    Its own sentence splitter is replaced by one that leaves the line whole: the lines are sentences, its models of splitting are downloads,
    and `ARGOS_CHUNK_TYPE=NONE` is documented but raises NotImplementedError. So its splitting costs nothing here, which is in its favour.
    """

    def __init__(self, options: Options) -> None:
        from importlib.metadata import version

        from argostranslate import translate

        languages = {language.code: language for language in translate.get_installed_languages()}
        self.translation = languages["ja"].get_translation(languages["en"])
        package = self.translation.underlying
        package.sentencizer = _Whole()
        self.tokenizer = package.pkg.tokenizer
        self.versions = {name: version(name) for name in ("argostranslate", "ctranslate2")}

    def prepare(self, texts: list[str]) -> None:
        """Nothing."""
        self.texts = texts

    def run(self) -> None:
        """One call a line; a whole text is taken apart into lines by Argos too, and each is decoded alone."""
        self.found = [self.translation.translate(text) for text in self.texts]

    def answers(self) -> tuple[list[str], int]:
        """Pieces are those of the text, cut again, with an end mark each: Argos does not say how many were written."""
        return self.found, sum(len(self.tokenizer.encode(text)) + 1 for text in self.found)


class _Whole:
    """A sentence splitter, as Argos asks for one, that finds one sentence."""

    def split_sentences(self, text: str) -> list[str]:
        return [text]


SYSTEMS: dict[str, type[System]] = {"limit": Limit, "engine": Engine, "transformers": Transformers, "argos": Argos}


def argos_package(directory: Path, folder: Path) -> None:
    """Make the package that Argos Translate needs for a MarianMT directory: CTranslate2's model in 8 bits, one sentencepiece model, and what it is.

    Raises:
        ValueError: for a model whose two sides have different sentencepiece models, which Argos cannot have.
    """
    import shutil

    from mt.models.convert import converted
    from mt.models.marian import SOURCE_SPM, TARGET_SPM, read_directory

    if (directory / SOURCE_SPM).read_bytes() != (directory / TARGET_SPM).read_bytes():
        raise ValueError(f"{directory}: expected one sentencepiece model for both sides, found two")
    model = converted(read_directory(directory, every_script=True), "int8")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(model.path, folder / "model")
    # a folder of this name, even empty, chooses the splitter that loads nothing before it is asked; it never is
    (folder / "stanza").mkdir()
    shutil.copy(directory / SOURCE_SPM, folder / "sentencepiece.model")
    config = folder / "model" / "config.json"
    # Argos hands over bare pieces, and Marian's models read an end mark
    config.write_text(json.dumps(json.loads(config.read_text("utf-8")) | {"add_source_eos": True}), "utf-8")
    about = {
        "package_version": "1.0",
        "argos_version": "1.9",
        "from_code": "ja",
        "from_name": "Japanese",
        "to_code": "en",
        "to_name": "English",
        "type": "translate",
    }
    (folder / "metadata.json").write_text(json.dumps(about), "utf-8")


def peak_mb() -> float:
    """The most memory this process ever had, in MB (10⁶ bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def serve(system: System, out: Any) -> None:
    """Answer requests until there are no more."""
    print(json.dumps({"versions": system.versions}), file=out, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        system.prepare(json.loads(Path(asked["texts"]).read_text("utf-8")))
        began, worked = time.perf_counter(), time.process_time()
        system.run()
        seconds, worked = time.perf_counter() - began, time.process_time() - worked
        texts, pieces = system.answers()
        if asked["answers"]:
            Path(asked["answers"]).write_text(json.dumps(texts), "utf-8")
        answer = {"seconds": seconds, "processor": worked, "pieces": pieces, "peak_mb": peak_mb()}
        print(json.dumps(answer), file=out, flush=True)


def main() -> None:
    # libraries print what they like; standard output is ours alone
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(SYSTEMS[sys.argv[1]](json.loads(sys.argv[2])), out)


if __name__ == "__main__":
    main()

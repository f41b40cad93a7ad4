"""The context cache of Organ-Seg: features of the concepts, computed once, and compared by cosine.

Iftee et al., Organ-Seg, section III-C 2: every concept C_i has a feature F_Ci made from
descriptions, and one feature F_C' stands for what is irrelevant; where F_C' is the nearest to the
question's feature, the question is refused. Here a concept has one feature for each description,
and its similarity is that of the nearest of them.
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from biprompt.errors import DataError
from biprompt.io.files import atomic_write
from biprompt.presence.domain import Domain
from biprompt.presence.domain_file import parse_domain
from biprompt.presence.features import FEATURE_DIM, VERSION, Array, TextEncoder
from biprompt.presence.operating import Operating
from biprompt.zoo.words import split_words


@dataclass(frozen=True)
class Match:
    """What a question is like.

    Attributes:
        similarities: name of every thing and group -> cosine, -1 to 1, nearest first.
        none: cosine of "none of them".
        texts: name -> the description that is nearest, "none of them" included.
    """

    similarities: dict[str, float]
    none: float
    texts: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class ContextCache:
    """The features of a domain.

    Attributes:
        domain: what they are of.
        texts: the N descriptions.
        owners: the N names of the concepts they describe, in the domain's order.
        features: (N, 864) float32, unit length.
        encoder: makes the feature of a question.
    """

    domain: Domain
    texts: tuple[str, ...] = field(repr=False)
    owners: tuple[str, ...] = field(repr=False)
    features: Array = field(repr=False)
    encoder: TextEncoder = field(repr=False)

    @classmethod
    def build(cls, domain: Domain) -> ContextCache:
        """Compute the features of a domain, some milliseconds for a hundred descriptions."""
        encoder = TextEncoder.of(domain)
        said = [(text, e.name) for e in (*domain.entries, domain.none) for text in e.texts]
        texts, owners = zip(*said, strict=True)
        features = np.stack([encoder.encode(split_words(text)) for text in texts])
        return cls(domain, texts, owners, features, encoder)

    def match(self, words: Sequence[str], context: Collection[str] = ()) -> Match:
        """Compare words with every concept: the cosine of Organ-Seg, section III-C 2.

        Args:
            words: of the question, as `zoo.words.split_words` gives them.
            context: concepts that are not the answer, as the question only mentions them.
        """
        cosines = self.features @ self.encoder.encode(words)
        best: dict[str, int] = {}
        for row, owner in enumerate(self.owners):
            if owner not in context and (owner not in best or cosines[row] > cosines[best[owner]]):
                best[owner] = row
        none = best.pop(self.domain.none.name)
        order = sorted(best, key=lambda name: -float(cosines[best[name]]))
        texts = {name: self.texts[best[name]] for name in order}
        return Match(
            {name: float(cosines[best[name]]) for name in order},
            float(cosines[none]),
            texts | {self.domain.none.name: self.texts[none]},
        )

    def with_operating(self, operating: Operating) -> ContextCache:
        """Return the same features with another operating point."""
        return replace(self, domain=replace(self.domain, operating=operating))

    def neighbours(self, name: str) -> list[tuple[str, float]]:
        """Return the concepts that are described most like one, nearest first.

        Each with the cosine of the two nearest descriptions; its own group and members are left
        out.
        """
        own = self.domain.entry(name)
        rows: dict[str, list[int]] = {e.name: [] for e in (*self.domain.entries, self.domain.none)}
        for row, owner in enumerate(self.owners):
            rows[owner].append(row)
        mine = self.features[rows.pop(name)]
        kin = {e.name for e in self.domain.entries if set(e.things) & set(own.things)}
        found = [
            (other, float((mine @ self.features[at].T).max()))
            for other, at in rows.items()
            if at and other not in kin
        ]
        return sorted(found, key=lambda pair: -pair[1])

    def save(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write domain, texts and features as .npz; OutputError when it cannot be written."""
        data = io.BytesIO()
        np.savez(
            data,
            version=np.int64(VERSION),
            name=np.array(self.domain.name),
            source=np.array(self.domain.source),
            texts=np.array(self.texts),
            owners=np.array(self.owners),
            features=self.features,
        )
        atomic_write(path, data.getvalue(), force=force)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> ContextCache:
        """Read what `save` wrote.

        Raises:
            DataError: it is not such a file, or its features are of another version.
        """
        try:
            with np.load(Path(path), allow_pickle=False) as data:
                stored = {key: data[key] for key in data.files}
            version, features = int(stored["version"]), stored["features"]
            name, source = str(stored["name"]), str(stored["source"])
            texts, owners = (tuple(stored[key].tolist()) for key in ("texts", "owners"))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            expected = "a file of concept features (.npz)"
            raise DataError("concepts", expected=expected, actual=error, path=path) from error
        wanted = (len(texts), FEATURE_DIM)
        if version != VERSION or features.shape != wanted or len(owners) != len(texts):
            expected = f"version {VERSION} and features {wanted}"
            actual = f"version {version} and {features.shape}"
            raise DataError("concepts", expected=expected, actual=actual, path=path)
        domain = parse_domain(name, source, path)
        return cls(domain, texts, owners, features.astype(np.float32), TextEncoder.of(domain))

    def digest(self) -> str:
        """Return what tells these features from others: SHA-256 of texts, owners and features."""
        parts = ("\n".join(self.texts), "\n".join(self.owners))
        every = hashlib.sha256("\0".join(parts).encode())
        every.update(np.round(self.features, 4).tobytes())
        return every.hexdigest()

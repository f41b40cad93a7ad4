from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from biprompt.errors import DataError
from biprompt.training.compact.class_names import class_vectors, head_words, read_class_names
from biprompt.zoo.words import WordTable


def test_a_name_a_line(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("tench, Tinca tinca\n\n goldfish \n")
    assert read_class_names(path, 2) == ["tench, Tinca tinca", "goldfish"]
    with pytest.raises(DataError, match=r"expected 1000 lines, got 2"):
        read_class_names(path, 1000)
    with pytest.raises(DataError, match="class names: expected a text file"):
        read_class_names(tmp_path / "none.txt", 2)


def test_the_last_word_weighs_most(words: WordTable) -> None:
    shark, tiger, both = class_vectors(["shark", "tiger", "tiger shark, man-eater"], words)
    assert np.linalg.norm(both) == pytest.approx(1.0, abs=1e-5)
    assert both @ shark > both @ tiger


def test_a_synonym_stands_in_and_a_strange_name_is_nothing(words: WordTable) -> None:
    dog, second, strange = class_vectors(["dog", "zzyzx, dog", "zzyzx"], words)
    assert np.allclose(dog, second) and not strange.any()


def test_head_words() -> None:
    assert head_words(["tiger shark, man-eater", "dog"]) == {"shark", "eater", "dog"}

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biprompt.io.formats.names import MAX_BYTES, safe_stem, safe_word


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("kitchen.jpg", "kitchen"),
        ("a/b\\c d.tar.gz", "c_d.tar"),
        ("../../etc/passwd", "passwd"),
        ("..", "image"),
        (".jpg", "jpg"),
        ("", "image"),
        ("🙂.png", "image"),
        ("Küche ½.png", "Küche_1_2"),
        ("con.png", "_con"),
        ("NUL", "_NUL"),
        ("台所.jpg", "台所"),
        ('a"\r\nX-Evil: 1.png', "a_X-Evil_1"),
        ("caf\udce9.jpg", "caf"),
        ("-rf.png", "rf"),
    ],
)
def test_stems(name: str, stem: str) -> None:
    assert safe_stem(name) == stem


@given(st.text(alphabet=st.characters(), max_size=200))
def test_every_name_is_safe(text: str) -> None:
    for name in (safe_stem(text), safe_word(text)):
        assert re.fullmatch(r"[\w.-]+", name) and not name.startswith((".", "-"))
        assert len(name.encode()) <= MAX_BYTES + 1
        assert safe_word(name) in (name, name.lstrip("_"), f"_{name}")

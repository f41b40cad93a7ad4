"""Domains: what a file must hold, and one line for every mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from biprompt.errors import DataError
from biprompt.presence import ContextCache, load_domain, resolve
from biprompt.presence.domain import domain_names

TOOLS = """
title = "garden tools"
kinds = ["tool"]
[[concept]]
name = "spade"
names = ["shovel"]
about = ["digs holes in the earth"]
[[concept]]
name = "watering can"
about = ["pours water on the flowers"]
[[group]]
name = "everything wet"
members = ["watering can"]
[none]
names = ["car", "dog"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "tools.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_packages_own():
    assert {"coco", "instruments", "organs"} <= set(domain_names())
    organs = load_domain("organs")
    assert len(organs.things) == 13
    assert len(load_domain("coco").things) == 80
    assert organs.entry("kidneys").things == ("left kidney", "right kidney")
    assert "no medical device" in organs.notice or "not a medical device" in organs.notice


def test_one_of_ones_own_needs_no_code(tmp_path):
    path = write(tmp_path, TOOLS)
    assert resolve("what digs a hole", path).concepts == ("spade",)
    assert resolve("the shovel and the watering can", path).concepts == ("spade", "watering can")
    assert resolve("dog", path).refused


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "garden tools"', "title = ", "TOML"),
        ('title = "garden tools"', "", "title: expected to be there"),
        ('title = "garden tools"', "title = 3", "title: expected a text, got 3"),
        ('kinds = ["tool"]', "kinds = [3]", "kinds"),
        ('kinds = ["tool"]', 'colour = "red"', "colour"),
        ('kinds = ["tool"]', 'language = "de"', "only one that is read"),
        ('name = "spade"', 'side = "up"\nname = "spade"', "left or right"),
        ('name = "spade"', 'nmae = "spade"', "nmae"),
        ('name = "watering can"', 'name = "Spade"', "every name once"),
        ('members = ["watering can"]', 'members = ["hose"]', "got hose"),
        ('about = ["digs holes in the earth"]', 'about = ["?!"]', "texts with a word"),
        ('about = ["digs holes in the earth"]', 'about = "digs"', "a list of texts"),
        ("[none]", "[operating]\nslope = 1\n[none]", "floor"),
        (
            "[none]",
            "[operating]\nslope=1\noffset=0\nfloor=0\nthreshold=2\n[none]",
            "between 0 and 1",
        ),
    ],
)
def test_a_mistake_is_one_line(tmp_path, old, new, said):
    assert old in TOOLS
    path = write(tmp_path, TOOLS.replace(old, new, 1))
    with pytest.raises(DataError, match=said) as caught:
        load_domain(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_such_domain(tmp_path):
    with pytest.raises(DataError, match="expected coco, instruments, organs"):
        load_domain("orgns")
    with pytest.raises(DataError, match="nothing there"):
        load_domain(tmp_path / "none.toml")


def test_features_are_stored_and_come_back(tmp_path):
    cache = ContextCache.build(load_domain(write(tmp_path, TOOLS)))
    cache.save(tmp_path / "tools.npz")
    again = ContextCache.load(tmp_path / "tools.npz")
    assert again.digest() == cache.digest()
    assert again.domain.things == cache.domain.things
    words = ["shovel"]
    assert again.match(words).similarities == pytest.approx(cache.match(words).similarities)
    with pytest.raises(DataError, match="concept features"):
        ContextCache.load(write(tmp_path, TOOLS))


def test_features_of_another_version_are_refused(tmp_path, monkeypatch):
    cache = ContextCache.build(load_domain(write(tmp_path, TOOLS)))
    cache.save(tmp_path / "tools.npz")
    monkeypatch.setattr("biprompt.presence.context.VERSION", 99)
    with pytest.raises(DataError, match="version 99"):
        ContextCache.load(tmp_path / "tools.npz")

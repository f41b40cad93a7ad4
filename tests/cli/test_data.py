"""`biprompt data` and `biprompt data where`."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys

import pytest

from biprompt.data.catalogue import CATALOGUE


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    def refuse(*arguments):
        raise AssertionError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_the_list(run):
    result = run("data")
    assert (result.status, result.err) == (0, "")
    for name in CATALOGUE:
        assert re.search(rf"^{re.escape(name)} ", result.out, re.M)
    assert re.match(r"data set +samples +splits +what it is\n", result.out)


def test_the_list_for_a_program(run):
    cards = json.loads(run("data", "--json").out)["datasets"]
    assert [card["name"] for card in cards] == list(CATALOGUE)
    assert cards[0]["splits"] == ["val", "testA", "testB", "train"]


@pytest.mark.parametrize("name", CATALOGUE)
def test_where(run, name):
    result = run("data", "where", name)
    assert (result.status, result.err) == (0, "")
    assert CATALOGUE[name].terms in result.out
    assert CATALOGUE[name].pages[0] in result.out
    assert "  1. " in result.out
    card = json.loads(run("data", "where", name, "--json").out)
    assert card["layout"] == list(CATALOGUE[name].layout)


def test_where_for_nothing_known(run):
    result = run("data", "where", "lvis")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("biprompt: error: data set: expected refcoco")
    assert result.err.count("\n") == 1


def test_no_heavy_package_is_imported():
    code = (
        "import sys\nfrom biprompt.cli import main\nmain(['data', 'where', 'flare22'])\n"
        "print([m for m in ('torch', 'numpy', 'scipy', 'PIL', 'nibabel') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"

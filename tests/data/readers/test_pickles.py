from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biprompt.data.readers._pickles import read_pickle
from biprompt.errors import DataError

PLAIN = [{"ref_id": 1, "sentences": [{"sent": "left cup"}], "score": 0.5, "none": None, "t": (1,)}]
PYTHON2 = b"(lp0\n(dp1\nS'file_name'\np2\nS'COCO_1.jpg'\np3\nsS'ref_id'\np4\nI7\nsa."


class Bomb:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_values_of_every_protocol(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "refs(unc).p"
    path.write_bytes(pickle.dumps(PLAIN, protocol))
    assert read_pickle(path) == PLAIN


def test_strings_of_python_2(tmp_path: Path) -> None:
    path = tmp_path / "refs(unc).p"
    path.write_bytes(PYTHON2)
    assert read_pickle(path) == [{"file_name": "COCO_1.jpg", "ref_id": 7}]


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_would_run_something_runs_nothing(tmp_path: Path, protocol: int) -> None:
    path, trace = tmp_path / "refs(unc).p", tmp_path / "trace"
    path.write_bytes(pickle.dumps([PLAIN, Bomb(f"touch {trace}")], protocol))
    with pytest.raises(DataError, match=r"would run \w+\.system; nothing was run") as caught:
        read_pickle(path)
    assert caught.value.path == str(path)
    assert not trace.exists()


@pytest.mark.parametrize("value", [np.float64(1), OrderedDict(a=1), Path("x"), print, set])
def test_other_names_are_refused_too(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "x.pkl"
    path.write_bytes(pickle.dumps(value))
    with pytest.raises(DataError, match="nothing was run"):
        read_pickle(path)


@pytest.mark.parametrize("data", [b"", b"\x80\x02", b"not a pickle", pickle.dumps(PLAIN)[:-5]])
def test_damaged_pickles(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.pkl"
    path.write_bytes(data)
    with pytest.raises(DataError, match="damaged"):
        read_pickle(path)


def test_a_missing_pickle(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="FileNotFoundError"):
        read_pickle(tmp_path / "none.pkl")

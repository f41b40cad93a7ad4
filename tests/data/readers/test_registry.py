from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from biprompt.data.readers.registry import READERS, Kind, find_reader, read_dataset
from biprompt.data.samples import SampleSet
from biprompt.errors import DataError


@pytest.mark.parametrize("name", READERS)
def test_every_reader_says_what_is_missing_and_how_to_get_it(name: str, tmp_path: Path) -> None:
    if name.startswith("coco-folder"):
        pytest.skip("data.coco has its own message: nobody publishes that folder")
    with pytest.raises(DataError, match=f"biprompt data where {name}".replace("+", r"\+")):
        read_dataset(name, tmp_path)


@pytest.mark.parametrize("name", READERS)
def test_every_reader_names_a_missing_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none: data folder"):
        read_dataset(name, tmp_path / "none")


@pytest.mark.parametrize("name", READERS)
def test_readers_travel_to_worker_processes(name: str) -> None:
    reader = find_reader(name)
    again = pickle.loads(pickle.dumps(reader))
    assert (again.kind, again.splits) == (reader.kind, reader.splits)
    assert isinstance(again.kind, Kind)


def test_an_unknown_data_set() -> None:
    with pytest.raises(DataError, match=r"data set: expected refcoco, .*, got lvis"):
        find_reader("lvis")


def test_a_sample_set_is_a_sequence() -> None:
    data = SampleSet("digits", "val", range(10))
    assert (len(data), data[3], data[-1], list(data)) == (10, 3, 9, list(range(10)))
    assert 4 in data
    part = data[2:8:3]
    assert (part.name, part.split, list(part)) == ("digits", "val", [2, 5])
    assert repr(part) == "SampleSet('digits', 'val', 2 samples)"
    with pytest.raises(IndexError):
        data[10]

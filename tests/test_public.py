"""The public surface: a name that comes or goes is a reviewed act."""

from __future__ import annotations

import pytest

import biprompt

PUBLIC = """
BipromptError Box Candidate ClassRules DataError Example ImageError InputError LabelMap MaskPrompt
MissingExtraError ModelError OutputError Points Policy Polygon Prompt PromptError Scribble
Segmentation Segmenter SelectionCard Text Verdict WeightsError __version__ load
""".split()


def test_the_public_names():
    assert sorted(biprompt.__all__) == sorted(PUBLIC)
    assert set(PUBLIC) <= set(dir(biprompt))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_name_loads(name):
    assert getattr(biprompt, name) is not None


def test_an_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'Predictor'"):
        biprompt.Predictor  # noqa: B018

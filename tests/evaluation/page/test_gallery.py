from __future__ import annotations

import base64
import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from biprompt.errors import InputError
from biprompt.evaluation.page import Gallery, Shot
from biprompt.evaluation.page.gallery import Key, gallery_html, key_html, shot_pixels
from biprompt.io.draw.palette import ACCENT, ADD, REMOVE, TRUTH
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, SelectionCard, Verdict

CARD = SelectionCard((), None, None, None, None, "iou", "none", "paper", "Made up.")


def answer(hw: tuple[int, int] = (600, 900), prompt: Prompt | None = None) -> Segmentation:
    """The left half of a grey photograph."""
    mask = np.zeros(hw, bool)
    mask[:, : hw[1] // 2] = True
    image = np.full((*hw, 3), 100, np.uint8)
    return Segmentation(mask, Verdict.FOUND, None, CARD, "m", image=image, prompt=prompt)


def truth(hw: tuple[int, int] = (600, 900)) -> np.ndarray:
    mask = np.zeros(hw, bool)
    mask[:, hw[1] // 4 :] = True
    return mask


def near(pixel: np.ndarray, color: tuple[int, ...], most: int = 12) -> bool:
    return bool(np.abs(pixel.astype(int) - color).max() <= most)


def test_a_case_is_small_and_shows_answer_truth_and_clicks() -> None:
    shot = Shot("c", answer(), truth(), ((150.0, 300.0, 1), (750.0, 300.0, 0)))
    pixels = shot_pixels(shot)
    assert pixels.shape == (240, 360, 3)
    tinted = tuple(round(100 * 0.58 + channel * 0.42) for channel in ACCENT)
    assert near(pixels[60, 60], tinted) and near(pixels[60, 300], (100, 100, 100))
    assert near(pixels[60, 91], TRUTH) and near(pixels[60, 178], ACCENT)
    assert near(pixels[123, 63], ADD, 60) and near(pixels[123, 303], REMOVE, 60)


def test_clicks_of_the_question_are_shown_unless_the_case_has_its_own() -> None:
    asked = answer(prompt=Prompt.build(points=[(150, 300)], box=(10, 10, 890, 590)))
    assert near(shot_pixels(Shot("c", asked))[123, 63], ADD, 60)
    other = shot_pixels(Shot("c", asked, points=((750.0, 300.0, 1),)))
    assert not near(other[123, 63], ADD, 60) and near(other[123, 303], ADD, 60)
    assert near(other[4, 180], ADD, 60)


@pytest.mark.parametrize(
    ("hw", "size"), [((900, 600), (480, 320)), ((4, 6), (16, 24)), ((1000, 10), (480, 5))]
)
def test_size_of_other_photographs(hw: tuple[int, int], size: tuple[int, int]) -> None:
    assert shot_pixels(Shot("c", answer(hw))).shape[:2] == size


def test_a_small_thing_is_shown_from_near() -> None:
    small = answer()
    mask = np.zeros_like(small.mask)
    mask[290:310, 440:460] = True
    near_by = Segmentation(mask, Verdict.FOUND, None, CARD, "m", image=small.image)
    pixels = shot_pixels(Shot("c", near_by))
    blue = np.abs(pixels.astype(int) - ACCENT).max(axis=2) < 12
    assert blue.any(axis=0).sum() / pixels.shape[1] > 0.04 > 20 / 900


def test_without_a_photograph_or_with_another_truth_there_is_an_error() -> None:
    blind = Segmentation(answer().mask, Verdict.FOUND, None, CARD, "m")
    with pytest.raises(InputError, match="the photograph, got not kept"):
        shot_pixels(Shot("c", blind))
    with pytest.raises(InputError, match="mask"):
        shot_pixels(Shot("c", answer(), truth((4, 6))))


def test_pictures_are_inside_the_page_with_words_for_them() -> None:
    html = gallery_html(Gallery("worst", (Shot('**cup** "<x>"', answer()),)))
    match = re.search(r'src="data:image/jpeg;base64,([^"]+)" width="360" height="240"', html)
    assert match is not None
    with Image.open(BytesIO(base64.b64decode(match[1]))) as image:
        assert image.format == "JPEG" and image.size == (360, 240)
    assert 'alt="The answer on its photograph: cup &quot;&lt;x&gt;&quot;"' in html
    assert "<figcaption><strong>cup</strong> &quot;&lt;x&gt;&quot;</figcaption>" in html


def test_the_key_explains_what_there_is() -> None:
    words = [re.sub(r"<[^>]*>", " ", key_html(Key(shots))) for shots in (
        (Shot("c", answer()),),
        (Shot("c", answer(), truth(), ((1.0, 1.0, 0),)),),
    )]  # fmt: skip
    assert [" ".join(each.split()) for each in words] == [
        "the answer",
        "the answer the truth &minus; click beside it",
    ]

from __future__ import annotations

from biprompt.data.splits import is_validation, split_group

KEPT = [26, 34, 36, 38, 75, 78, 80, 89, 91, 92, 96, 99]


def test_about_a_seventh_is_kept_out() -> None:
    kept = sum(is_validation(f"{number:012d}.jpg") for number in range(2000))
    assert 0.13 < kept / 2000 < 0.17


def test_known_answers_do_not_move() -> None:
    assert [number for number in range(100) if is_validation(f"{number}.jpg")] == KEPT


def test_frames_of_a_video_stay_together() -> None:
    assert split_group("119_58500.jpg") == split_group("119_59250.jpg") == "119"
    assert len({is_validation(f"119_{frame}.jpg") for frame in range(50)}) == 1
    assert split_group("Tile_1-image_part_001.jpg") == "Tile_1-image_part_001.jpg"


def test_the_folder_does_not_count() -> None:
    assert is_validation("a/b/7.jpg") == is_validation("7.jpg")

"""The photograph everything is measured on: a cup of coffee, 640 x 480, as a JPEG file."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

SOURCE = Path(__file__).parent.parent / "examples" / "coffee.jpg"
SIZE = (640, 480)
"""Width and height."""
BOX = (175, 40, 490, 375)
"""x0, y0, x1, y1 around the cup and its saucer, with some room."""
CLICKS = (
    *((250, 190), (310, 110), (400, 150), (270, 250), (360, 230), (430, 220), (330, 290)),
    *((220, 280), (240, 150), (420, 280), (380, 100), (290, 190), (340, 170), (300, 320)),
    *((260, 290), (390, 300), (410, 190), (280, 140), (350, 330), (240, 230)),
)
"""Twenty places on the cup and its saucer."""
PHRASES = ("cup", "the white cup", "spoon", "the cup on the table", "table", "the cup on the left")


def write_photograph(folder: Path, source: Path = SOURCE) -> Path:
    """Cut a photograph to 4 : 3, shrink or enlarge it to 640 x 480, and write it to `folder`."""
    path = folder / "photograph.jpg"
    with Image.open(source) as image:
        ImageOps.fit(image.convert("RGB"), SIZE).save(path, quality=92)
    return path

"""Draw the screenshots of the README anew: `PYTHONPATH=src python -m tests.web.screenshots`."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright
from tests.web.conftest import CHROMIUM, QUIET, serving
from tests.web.driver import Bench

ROOT = Path(__file__).parents[2]
DESK = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}
PHONE = {
    "viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True,
    "is_mobile": True, "device_scale_factor": 1.5,
}  # fmt: skip
MAX_BYTES = 400_000


def main() -> None:
    """Write docs/images/page.png and docs/images/page-phone.png."""
    with serving() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        for name, window, act in (("page", DESK, agree), ("page-phone", PHONE, disagree)):
            bench = Bench(browser.new_page(**window), url)
            bench.page.goto(url)
            act(bench)
            bench.page.wait_for_timeout(4500)  # what is told for a while is gone
            save(bench.page.screenshot(), ROOT / "docs" / "images" / f"{name}.png")
        browser.close()


def agree(bench: Bench) -> None:
    """A click and a word mean the same."""
    bench.open(ROOT / "examples" / "chelsea.jpg")
    bench.click(220, 140)
    bench.name("cat")
    bench.page.locator("#phrase").blur()


def disagree(bench: Bench) -> None:
    """A click beside the cup that the word means."""
    bench.open(ROOT / "examples" / "coffee.jpg", (600, 400))
    bench.page.touchscreen.tap(*bench.place(50, 370))
    bench.answered()
    bench.name("cup")
    bench.page.locator("#phrase").blur()


def save(png: bytes, path: Path) -> None:
    """Write with as many colours as the size allows."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for bits in (8, 7, 6, 5):
        # Rounding the channels, unlike a palette, never loses the few pixels of a mark.
        step = 2 ** (8 - bits)
        small = image.point(lambda value, step=step: min(round(value / step) * step, 255))
        buffer = io.BytesIO()
        small.save(buffer, "png", optimize=True)
        if buffer.tell() <= MAX_BYTES:
            break
    path.write_bytes(buffer.getvalue())
    print(path, buffer.tell(), "bytes,", bits, "bits a channel")


if __name__ == "__main__":
    main()

"""What a person does on the page, in the words of a person."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

DROP = """([data, name, type, kind]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const carried = new DataTransfer();
    carried.items.add(new File([bytes], name, { type }));
    const event = kind === "paste"
        ? new ClipboardEvent("paste", { clipboardData: carried, bubbles: true })
        : new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true });
    document.getElementById("stage").dispatchEvent(event);
}"""
STAGE_MARGIN, STAGE_SHARE = 20, 0.03


class Bench:
    """The page with a photograph on it."""

    def __init__(self, page: Any, url: str) -> None:
        self.page, self.url = page, url
        self.console: list[str] = []
        self.requests: list[str] = []
        self.forgiven: list[str] = []
        self.size = (451, 300)
        page.on("console", lambda said: said.type == "error" and self.console.append(said.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.set_default_timeout(20_000)

    def bring(self, path: Path, kind: str = "drop", type: str = "image/jpeg") -> None:
        """Drop or paste a file."""
        data = base64.b64encode(path.read_bytes()).decode()
        for event in ("dragenter", "dragover", "drop") if kind == "drop" else (kind,):
            self.page.evaluate(DROP, [data, path.name, type, event])

    def open(self, path: Path, size: tuple[int, int] = (451, 300)) -> None:
        """Bring a photograph and wait for it."""
        self.bring(path)
        self.opened(path.name, size)

    def opened(self, name: str, size: tuple[int, int] = (451, 300)) -> None:
        """Wait until a photograph is there."""
        self.size = size
        told = self.page.locator("#photo-name", has_text=name)
        told.wait_for(state="attached")
        self.page.locator("#marks").wait_for()

    def example(self, title: str, size: tuple[int, int]) -> None:
        """Open one that the server brings along."""
        self.page.get_by_role("button", name=title).click()
        self.opened("", size)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the fitted photograph is on the screen."""
        box = self.page.locator("#marks").bounding_box()
        room = [
            side - 2 * min(STAGE_MARGIN, side * STAGE_SHARE)
            for side in (box["width"], box["height"])
        ]
        width, height = self.size
        scale = min(room[0] / width, room[1] / height)
        left = box["x"] + (box["width"] - width * scale) / 2
        top = box["y"] + (box["height"] - height * scale) / 2
        return left + x * scale, top + y * scale

    def click(self, x: float, y: float, button: str = "left") -> None:
        """Point at a pixel and wait for the answer."""
        self.page.mouse.click(*self.place(x, y), button=button)
        self.answered()

    def drag(self, *places: tuple[float, float]) -> None:
        """Draw a stroke."""
        mouse = self.page.mouse
        mouse.move(*self.place(*places[0]))
        mouse.down()
        for place in places[1:]:
            mouse.move(*self.place(*place), steps=4)
        mouse.up()
        self.answered()

    def name(self, words: str, field: str = "phrase") -> None:
        """Type what it is, Enter, and wait for the answer."""
        self.page.locator(f"#{field}").fill(words)
        self.page.locator(f"#{field}").press("Enter")
        self.answered()

    def key(self, key: str) -> None:
        """Press a key on the photograph."""
        self.page.locator("#marks").press(key)

    def answered(self) -> None:
        """Wait until nothing is on its way."""
        self.page.locator('#card[data-state="answered"]').wait_for()

    @property
    def headline(self) -> str:
        return str(self.page.locator("#headline").text_content())

    def hears(self, words: str) -> None:
        """Wait until a screen reader was given these words; they come a moment after the answer."""
        from playwright.sync_api import expect

        expect(self.page.locator("#live")).to_contain_text(words)

    @property
    def rows(self) -> list[str]:
        """The names on the card."""
        return self.page.locator(".tile b").all_text_contents()

    @property
    def taken(self) -> str:
        """The row that stands."""
        return str(self.page.locator(".tile.taken b").text_content())

    @property
    def objects(self) -> list[str]:
        """The names in the list."""
        fields = self.page.locator("#objects input[type=text]")
        return [field.input_value() for field in fields.all()]

    def export(self, title: str) -> tuple[str, bytes]:
        """Export in a format; the name and the bytes of the file."""
        self.page.locator("#export").click()
        self.page.get_by_role("radio", name=title).check()
        with self.page.expect_download() as coming:
            self.page.locator("#export-form .main").click()
        path = coming.value.path()
        self.page.locator("#export-window").wait_for(state="hidden")
        return coming.value.suggested_filename, Path(path).read_bytes()

    def masks(self) -> list[Any]:
        """The masks as they would be exported."""
        _, data = self.export("COCO")
        return [one["segmentation"] for one in json.loads(data)["annotations"]]

    def drawn(self) -> bytes:
        """What lies over the photograph, as a PNG."""
        script = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() =>
            done(document.getElementById("marks").toDataURL().split(",")[1]))))"""
        return base64.b64decode(self.run(script))

    def choose_file(self, path: Path) -> None:
        """Take a file with the file dialog."""
        self.page.locator("#file").set_input_files(path)

    def run(self, script: str, value: Any = None) -> Any:
        """Run a function in the page."""
        return self.page.evaluate(script, value)

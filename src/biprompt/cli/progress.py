"""A status line on the terminal while something takes longer than a second."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TextIO

QUIET_SECONDS = 1.0
_TICK_SECONDS = 0.2


class Progress:
    """Shows the present step and the seconds so far on stderr, where stderr is a terminal.

    Use it as a context; `step` names what is being done now. Nothing is shown in the first second,
    and nothing is left behind. Only one thread writes at a time.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        """Watch `stream`, stderr when left out."""
        self._stream = sys.stderr if stream is None else stream
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._text, self._start, self._shown = "", time.monotonic(), 0
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Progress:
        """Start to watch."""
        if self._stream.isatty():
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and wipe the line."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()
        if self._shown:
            self._write("")

    def step(self, text: str) -> None:
        """Say what is being done now."""
        with self._lock:
            self._text = text

    def _watch(self) -> None:
        while not self._done.wait(_TICK_SECONDS):
            seconds = time.monotonic() - self._start
            with self._lock:
                text = self._text
            if text and seconds >= QUIET_SECONDS:
                self._write(f"{text} ... {seconds:.0f} s")

    def _write(self, text: str) -> None:
        # Spaces, not an escape sequence: every terminal understands them.
        self._stream.write(f"\r{text.ljust(self._shown)}" + ("" if text else "\r"))
        self._stream.flush()
        self._shown = len(text)

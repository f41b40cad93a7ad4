"""A server in a process of its own: started, watched, stopped."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

_SAMPLE_SECONDS = 0.5
_STOP_SECONDS = 30
_SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Served:
    """A running server.

    Attributes:
        host: and `port`, where it answers.
        process: its own.
        memory: bytes of resident memory, sampled twice a second.
    """

    host: str
    port: int
    process: subprocess.Popen[str]
    memory: list[int] = field(default_factory=list)

    def connect(self) -> http.client.HTTPConnection:
        """A connection, to be kept."""
        return http.client.HTTPConnection(self.host, self.port, timeout=120)

    def cpu_seconds(self) -> float:
        """Processor time it has taken so far: that does not depend on what else runs here."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def metrics(self) -> dict[str, float]:
        """What it counts, by name and labels."""
        connection = self.connect()
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        found = _SAMPLE.findall(text)
        return {f"{n} {labels}".strip(): float(value) for n, labels, value in found}


@contextmanager
def served(*arguments: str) -> Iterator[Served]:
    """Run `biprompt serve` with more arguments; RuntimeError where it does not start."""
    command = [sys.executable, "-m", "biprompt", "serve", "--port", "0", "--no-open", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    done = threading.Event()
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RuntimeError(f"{' '.join(command)} ended with {process.wait()}")
        parts = urlsplit(line.strip())
        server = Served(parts.hostname or "", parts.port or 0, process)
        threading.Thread(target=_watch, args=(server, done), daemon=True).start()
        yield server
    finally:
        done.set()
        process.send_signal(signal.SIGINT)
        process.wait(_STOP_SECONDS)


def _watch(server: Served, done: threading.Event) -> None:
    status = Path(f"/proc/{server.process.pid}/statm")
    while status.exists() and not done.wait(_SAMPLE_SECONDS):
        pages = int(status.read_text().split()[1])
        server.memory.append(pages * os.sysconf("SC_PAGE_SIZE"))

"""Clients that ask one question after the other, and check every answer."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.questions import Question, essence
from benchmarks.served import Served


@dataclass
class Tally:
    """What clients saw.

    Attributes:
        seconds: of every answer that was one, from the question to its last byte.
        statuses: how often each came.
        wrong: answers that differ from the model's own.
        rude: refusals without a Retry-After, or without the form of an error.
    """

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: int = 0
    rude: int = 0

    def add(self, other: Tally) -> None:
        """Count what another client saw."""
        self.seconds += other.seconds
        self.statuses += other.statuses
        self.wrong += other.wrong
        self.rude += other.rude


class Client:
    """One client: sends a photograph, then asks about it over a connection that it keeps."""

    def __init__(self, server: Served, seed: int = 0) -> None:
        self.tally = Tally()
        self._connection, self._random = server.connect(), random.Random(seed)
        self._id = ""

    def send(self, file: bytes) -> None:
        """Send a photograph, as often as it takes."""
        while not self._id:
            status, wait, data = self._ask("/v1/images", file, "image/jpeg")
            self._id = str(json.loads(data).get("id", ""))
            time.sleep(0 if status == 201 else wait)
        self.close()  # the next request connects anew: others may need longer than it would be kept

    def ask(self, questions: Sequence[Question], until: float, pause: float) -> None:
        """Ask one question after the other, in any order, until that time.

        Args:
            questions: to choose from.
            until: a time of the monotonic clock.
            pause: seconds between two questions, on average.
        """
        self._sleep(self._random.uniform(0.0, pause), until)  # so that they do not begin as one
        while time.monotonic() < until:
            wait = self.ask_once(self._random.choice(questions))
            self._sleep(wait or self._random.uniform(0.5, 1.5) * pause, until)

    def _sleep(self, seconds: float, until: float) -> None:
        time.sleep(min(seconds, max(0.0, until - time.monotonic())))

    def ask_once(self, question: Question) -> float:
        """Ask, check the answer, and return the seconds after which to come back."""
        started = time.perf_counter()
        path = f"/v1/images/{self._id}/segment"
        status, wait, data = self._ask(path, question.body, "application/json")
        taken = time.perf_counter() - started
        self.tally.statuses[status] += 1
        told = json.loads(data)
        if status == 200:
            self.tally.seconds.append(taken)
            self.tally.wrong += essence(told["answers"][0]) != question.wanted
        else:
            self.tally.rude += not wait or "error" not in told
        return wait

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def _ask(self, path: str, body: bytes, kind: str) -> tuple[int, float, bytes]:
        self._connection.request("POST", path, body, {"Content-Type": kind})
        answer = self._connection.getresponse()
        return answer.status, float(answer.getheader("Retry-After") or 0), answer.read()


def crowd(
    server: Served, files: Sequence[bytes], asked: Sequence[Question], clients: int,
    seconds: float, pause: float,
) -> Tally:  # fmt: skip
    """Let clients send a photograph each, all at once, and then ask for that many seconds."""
    total, gate = Tally(), threading.Barrier(clients)
    members = [Client(server, seed) for seed in range(clients)]

    def run(place: int, client: Client) -> None:
        client.send(files[place])
        gate.wait()
        own = [question for question in asked if question.place == place]
        client.ask(own, time.monotonic() + seconds, pause)
        client.close()

    threads = [
        threading.Thread(target=run, args=(number % len(files), client))
        for number, client in enumerate(members)
    ]
    for thread in threads:
        thread.start()
    for thread, client in zip(threads, members, strict=True):
        thread.join()
        total.add(client.tally)
    return total


def one_by_one(server: Served, files: Sequence[bytes], asked: Sequence[Question]) -> Tally:
    """Let one client after the other ask one question."""
    total = Tally()
    for question in asked:
        client = Client(server)
        client.send(files[question.place])
        client.ask_once(question)
        client.close()
        total.add(client.tally)
    return total

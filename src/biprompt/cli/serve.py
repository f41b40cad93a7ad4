"""`biprompt serve`: the page to point at, and the HTTP API behind it."""

from __future__ import annotations

import os
import secrets
import sys
import threading
import webbrowser
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from biprompt.cli import options as o
from biprompt.cli.progress import Progress
from biprompt.cli.threads import threads_each

if TYPE_CHECKING:
    from biprompt import Segmenter
    from biprompt.server.settings import Limits

TOKEN_VARIABLE = "BIPROMPT_TOKEN"

HELP = f"""Open a page to point at photographs, and the HTTP API behind it.

The server answers on this machine only, unless --host says otherwise; then it demands a token,
and makes one where none is given. The address to open is printed. Ctrl-C stops it. Nothing that
is sent to it is written to the disk. /docs describes the API.

\b
  biprompt serve
  {TOKEN_VARIABLE}=... biprompt serve --host 0.0.0.0 --port 80 --no-open
"""


def _number(name: str, text: str, *, least: int = 1, metavar: str = "N") -> Any:
    return typer.Option(name, metavar=metavar, min=least, help=text)


Host = Annotated[str, typer.Option(metavar="NAME", help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="0 takes any free one.")]
Token = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT", envvar=TOKEN_VARIABLE, show_default=False, show_envvar=False,
        help=f"What clients must show (better: {TOKEN_VARIABLE}, which other users cannot see).",
    ),
]  # fmt: skip
Open = Annotated[
    bool | None,
    typer.Option("--open/--no-open", help="Open the page in a browser.", show_default=False),
]
AccessLog = Annotated[
    bool | None,
    typer.Option(
        "--access-log/--no-access-log", show_default=False,
        help="A line of JSON on stderr for each request; usual where others can reach the server.",
    ),
]  # fmt: skip
Cache = Annotated[
    bool, typer.Option("--cache", help="Keep embeddings of what is sent on the disk.")
]
Workers = Annotated[
    int, _number("--workers", "Calls of the model at a time; they share the cores.")
]
Batch = Annotated[int, _number("--batch", "Prompts of one image in one call of the model.")]
Waiting = Annotated[int, _number("--queue", "Requests that may wait for the model.")]
Timeout = Annotated[
    int, _number("--timeout", "Seconds that a request may take.", metavar="SECONDS")
]
Upload = Annotated[int, _number("--max-upload", "Size of an image file.", metavar="MIB")]
Pixels = Annotated[int, _number("--max-megapixels", "Size of an image.")]
Memory = Annotated[
    int, _number("--memory", "Memory for images that were looked at.", metavar="MIB")
]

Review = Annotated[
    Path | None,
    typer.Option(
        "--review", metavar="DIR", show_default=False,
        help="Step through the doubtful images that `biprompt label` left in this folder; "
        "corrections are kept there.",
    ),
]  # fmt: skip


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8765,
    token: Token = None,
    model: o.Model = "compact",
    text_model: o.TextModel = None,
    device: o.Device = None,
    dtype: o.Dtype = None,
    open_page: Open = None,
    workers: Workers = 2,
    batch: Batch = 8,
    queue: Waiting = 128,
    timeout: Timeout = 30,
    max_upload: Upload = 32,
    max_megapixels: Pixels = 50,
    memory: Memory = 512,
    cache: Cache = False,
    review: Review = None,
    access_log: AccessLog = None,
    debug: o.Debug = False,
) -> None:
    """Serve until it is told to stop."""
    import biprompt
    from biprompt.segmenter.warming import warm_up
    from biprompt.server.settings import Settings, is_loopback

    local = is_loopback(host)
    limits = _limits(queue, timeout, max_upload, max_megapixels, memory)
    if token is None and not local:
        token = secrets.token_urlsafe(24)
    settings = Settings(host=host, token=token, workers=workers, batch=batch, limits=limits)
    app, run = _server_modules()
    reviewed = None if review is None else _opened(review)
    with run.listen(host, port) as place:
        with Progress() as progress:
            progress.step("loading the model")
            loaded = biprompt.load(
                model,
                text_model=text_model,
                threads=threads_each(workers),
                device=device,
                dtype=dtype,
            )
            warm_up(loaded)  # what is wrong with it is one line here
        url = run.url_of(host, place, token)
        shown = _can_show() and local if open_page is None else open_page
        run.log_to_stderr(requests=not local if access_log is None else access_log)
        run.run(
            app.create_app(settings, _without_memory(loaded, cached=cache), reviewed),
            place,
            limits,
            lambda: _started(url, shown=shown),
        )
    print("stopped", flush=True)


def _opened(folder: Path) -> Any:
    from biprompt.labeling.review import Review as Folder

    return Folder(folder)


def _limits(queue: int, seconds: int, upload: int, megapixels: int, memory: int) -> Limits:
    from biprompt.server.settings import MIB, Limits

    usual = Limits()
    return Limits(
        waiting=queue,
        answer_seconds=seconds,
        upload_bytes=upload * MIB,
        client_image_bytes=max(usual.client_image_bytes, upload * MIB),
        image_bytes=max(usual.image_bytes, 2 * upload * MIB),
        body_bytes=max(usual.body_bytes, 2 * upload * MIB),
        pixels=megapixels * 1_000_000,
        embedding_bytes=memory * MIB,
    )


def _server_modules() -> tuple[ModuleType, ModuleType]:
    try:
        from biprompt.server import app, run
    except ModuleNotFoundError as error:
        from biprompt.errors import MissingExtraError

        raise MissingExtraError("serve", f"the server ({error.name} is missing)") from error
    return app, run


def _without_memory(model: Segmenter, *, cached: bool) -> Segmenter:
    """The same model; the server keeps the embeddings, and would keep them twice."""
    import biprompt
    from biprompt.cache import DiskCache

    disk = DiskCache() if cached else None
    return biprompt.Segmenter(model.runtime, model.reader, policy=model.policy, disk=disk)


def _started(url: str, *, shown: bool) -> None:
    print(f"{url}\n(Ctrl-C stops)", flush=True)
    if shown:
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _can_show() -> bool:
    """Whether a browser would open in a window, and not take over the terminal."""
    if not sys.stdout.isatty():
        return False
    windows = os.name == "nt" or sys.platform == "darwin"
    return windows or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))

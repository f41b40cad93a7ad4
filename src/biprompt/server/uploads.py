"""An upload's bytes and its name, out of a request; nothing of it ever touches the disk."""

from __future__ import annotations

import math
import re
import unicodedata
from email.message import Message

from fastapi import Request
from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File

from biprompt.server.refusals import Refusal

MAX_NAME_CHARS = 120
_MAX_PARTS = 8


async def read_upload(request: Request) -> tuple[bytes, str]:
    """The image file of a request and the name it was given.

    Takes a form with a file `file`, or the file itself as the body with a type `image/...`.

    Raises:
        Refusal: it is neither, or the form is damaged or empty.
    """
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    if header.get_content_type() == "multipart/form-data":
        return await _form(request, header.get_boundary(""))
    binary = header.get_content_type() == "application/octet-stream"
    if header.get_content_maintype() != "image" and not binary:
        raise Refusal(
            415, "content type", expected="multipart/form-data or image/...",
            actual=request.headers.get("content-type") or "none",
        )  # fmt: skip
    return await request.body(), request.query_params.get("name", "")


def display_name(name: str) -> str:
    """What an upload called itself, without folders, control characters and excess."""
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    return " ".join(clean.split())[:MAX_NAME_CHARS] or "image"


async def _form(request: Request, boundary: str) -> tuple[bytes, str]:
    files: list[File] = []
    parts = 0

    def count(part: Field | File) -> None:
        nonlocal parts
        parts += 1
        if parts > _MAX_PARTS:
            raise FormParserError(f"at most {_MAX_PARTS} parts")
        if isinstance(part, File) and part.field_name == b"file":
            files.append(part)

    try:
        parser = FormParser(
            "multipart/form-data", count, count, boundary=boundary,
            config={"MAX_MEMORY_FILE_SIZE": math.inf},
        )  # fmt: skip
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
    except (FormParserError, ValueError, AssertionError) as error:
        raise _wrong_form(str(error) or "a damaged one") from error
    if len(files) != 1:
        raise _wrong_form(f"{len(files)} of them")
    files[0].file_object.seek(0)
    name = (files[0].file_name or b"").decode(errors="replace")
    return files[0].file_object.read(), name


def _wrong_form(actual: str) -> Refusal:
    return Refusal(422, "form", expected="one file called 'file'", actual=actual)

"""Files that members bring: how large they may be, and how they are received."""

from flask import Flask, request
from werkzeug.datastructures import FileStorage

from claims import intake, prose, rules
from claims.captures.store import Store, Unavailable
from claims.desk.captures import Taking
from claims.intake import Received
from claims.models.columns import now
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Obtained

LARGEST = 50 * 1024 * 1024
# One request carries files of this size together; a little more, so that one that is too
# large by itself can be told by its name.
_TOGETHER = LARGEST + 10 * 1024 * 1024

# The views that take files.
ENDPOINTS = frozenset({"copies.add_files", "copies.upload"})

# What files can be, for a browser that lets choose them.
ACCEPT = ".pdf,.docx,.txt,.csv,.md,.html,.htm,image/*,text/*,application/pdf"

_SMALLER = (
    "Save the pages that matter as a file of their own, or choose a smaller size of the picture."
)
TOO_MUCH = (
    "The desk takes files of up to 50 MB, and no more than that at once. Nothing was added. "
    f"Send them one after the other. {_SMALLER}"
)


def register(app: Flask) -> None:
    """Let the views that take files have more than other forms."""

    @app.before_request
    def allow() -> None:
        if request.endpoint in ENDPOINTS:
            # What is more than this is not read at all; larger files wait on disk, not in memory.
            request.max_content_length = _TOGETHER


def chosen() -> list[FileStorage]:
    """The files of this request that are fit to be kept; Refused names the one that is not."""
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        raise Refused("Choose a file first: a PDF, a Word document, a text or a picture.")
    for file in files:
        size = file.stream.seek(0, 2)
        file.stream.seek(0)
        name = prose.isolated(rules.filenames.cleaned(file.filename))
        if size == 0:
            raise Refused(f"“{name}” is empty: there is nothing in it to keep. Choose another.")
        if size > LARGEST:
            raise Refused(
                f"“{name}” has {size / 1024 / 1024:.0f} MB, and the desk takes files of up to "
                f"50 MB. {_SMALLER}"
            )
    return files


def take(store: Store, file: FileStorage) -> Received:
    """Keep the bytes of a file and read them; no record names them yet."""
    name = rules.filenames.cleaned(file.filename)
    try:
        return intake.take(
            store, file.stream.read(), Taking(Obtained.UPLOADED, now(), file_name=name)
        )
    except Unavailable as trouble:
        named = prose.isolated(name)
        raise Refused(f"“{named}” could not be kept. {trouble} Try again later.") from trouble

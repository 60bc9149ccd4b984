"""Pages travel compressed to a browser that takes them so."""

import gzip
import io
import secrets

from flask import Flask, Response, request

# Smaller than this, a page gains nothing.
_LEAST = 1000

# The quickest: on pages, the slower levels save a few hundred bytes more.
_LEVEL = 1


def register(app: Flask) -> None:
    """Compress every page; files, which stream, go as they are."""
    app.after_request(_compress)


def taken() -> bool:
    """Whether who asks takes an answer compressed."""
    return request.accept_encodings.quality("gzip") > 0


def _compress(response: Response) -> Response:
    if response.mimetype != "text/html" or response.is_streamed or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    if not taken():
        return response
    page = response.get_data()
    if len(page) < _LEAST:
        return response
    zipped = io.BytesIO()
    # A name of random length in the header blurs how long the page is, from which somebody who
    # can have words echoed in it might guess at the tokens beside them (BREACH).
    blur = "x" * secrets.randbelow(100)
    with gzip.GzipFile(blur, "wb", _LEVEL, zipped, mtime=0) as file:
        file.write(page)
    response.set_data(zipped.getvalue())
    response.content_encoding = "gzip"
    return response

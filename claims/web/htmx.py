"""Answer with a page, or with the fragment of it that htmx asked for."""

from flask import Response, make_response, render_template
from flask_htmx import HTMX

htmx = HTMX()


def wants_fragment() -> bool:
    """Whether the request came from htmx and swaps a part of the page.

    Boosted links and restored history need the whole page.
    """
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def answer(
    template: str,
    *fragments: str,
    status: int = 200,
    also: tuple[str, ...] = (),
    into: str | None = None,
    **context: object,
) -> Response:
    """Render a page, or the one of its `fragments` that htmx targets.

    The fragment `evidence` of `claims/claim.html` is `claims/_evidence.html`.
    Fragments named in `also` go along and replace themselves on the page
    (out of band: their root writes `oob`), as does the notice. `into` is the
    id of the element whose place the first fragment takes, whatever was targeted.
    """
    target = htmx.target if wants_fragment() else None
    if target and into:
        target = fragments[0]
    if target in fragments:
        folder = template.rpartition("/")[0]
        parts = [render_template(f"{folder}/_{target}.html", oob=False, **context)]
        parts += [
            render_template(f"{folder}/_{name}.html", oob=True, **context)
            for name in also
            if name != target
        ]
        parts.append(render_template("_notice.html", oob=True))
        response = make_response("".join(parts), status)
        if into:
            response.headers["HX-Retarget"] = f"#{into}"
            response.headers["HX-Reswap"] = "outerHTML"
    else:
        response = make_response(render_template(template, oob=False, **context), status)
    response.vary.update(("HX-Request", "HX-Target"))
    return response


def answer_in_place(template: str, fragment: str, *, status: int, **context: object) -> Response:
    """Render a page, or for htmx a fragment in the very place that it targeted.

    The fragment takes the id of that `place`, so that what it sends is answered there too
    and nothing that is half written elsewhere on the page goes.
    """
    place = htmx.target if wants_fragment() else None
    rendered = render_template(fragment if place else template, place=place, **context)
    response = make_response(rendered, status)
    response.vary.update(("HX-Request", "HX-Target"))
    return response

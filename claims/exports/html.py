"""A report as a page: set into the desk's own, or whole in one file that calls nowhere."""

from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lucide.jinja import lucide
from markupsafe import Markup

from claims import prose
from claims.exports import claimreview
from claims.rules import sentences
from claims.rules.addresses import is_web
from claims.rules.excerpts import MARK_DEFINITIONS
from claims.rules.grades import CREDIBILITY, RELIABILITY
from claims.rules.reports import VerdictReport

_PACKAGE = Path(__file__).parents[1]

MOST_SHOWN = 300


def write(report: VerdictReport, digest: str | None) -> Iterator[str]:
    """A file of its own: the report, the desk's stylesheet, and ClaimReview when it is complete."""
    page = _pages().get_template("reports/file.html")
    pieces = page.stream(
        report=report,
        digest=digest,
        most=None,
        damaged=frozenset(),
        stylesheet=_stylesheet(),
        linked=_linked(report),
    )
    # A template yields every word apart; a server wants larger pieces.
    pieces.enable_buffering(500)
    yield from pieces


def _linked(report: VerdictReport) -> Iterator[Markup]:
    """ClaimReview for whoever publishes the file, unless search engines would refuse it."""
    if claimreview.missing(report):
        return
    yield Markup('<script type="application/ld+json">')
    yield from map(Markup, claimreview.embedded(report))
    yield Markup("</script>")


def body(
    report: VerdictReport, digest: str | None, damaged: Collection[str] = frozenset()
) -> Markup:
    """The report itself, to stand in a page; it looks there as it does in a file.

    `damaged` are the copies, by their SHA-256, that were found damaged since it was made.

    Of more findings than a browser likes it shows the first `MOST_SHOWN`, and
    says how many more the files hold.
    """
    page = _pages().get_template("reports/_report.html")
    return Markup(page.render(report=report, digest=digest, most=MOST_SHOWN, damaged=damaged))  # noqa: S704  # nosec B704 - rendered with escaping


@cache
def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(_PACKAGE.parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {
        "unturned": prose.without_turns,
        "markdown": lambda text: Markup(prose.to_html(text)),  # noqa: S704  # nosec B704 - cleaned
        "day": sentences.day_in_words,
        "in_words": sentences.in_words,
        "verdicts": sentences.verdicts_in_words,
        "origins": sentences.origins_in_words,
        "copied": sentences.copy_in_words,
        "mark_means": lambda mark: MARK_DEFINITIONS[mark],
    }
    pages.tests |= {"web": is_web}
    pages.globals |= {
        "summary": sentences.summary,
        "RELIABILITY": RELIABILITY,
        "CREDIBILITY": CREDIBILITY,
        "lucide_icon": _icon,
    }
    return pages


@cache
def _icon(name: str) -> Markup:
    return Markup(lucide(name, size=18, aria_hidden="true"))  # noqa: S704  # nosec B704


@cache
def _stylesheet() -> Markup:
    css = (_PACKAGE / "static" / "desk.css").read_text(encoding="utf-8")
    return Markup(f"<style>{css}</style>")  # noqa: S704  # nosec B704 - our own

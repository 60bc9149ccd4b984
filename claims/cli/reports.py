"""What comes into the desk and goes out of it: texts of articles, verdict reports."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, BinaryIO
from urllib.parse import parse_qsl

import click
from sqlmodel import Session, col

from claims import desk, exports, imports, queries
from claims.cli import opening, terminal
from claims.models import Article
from claims.models.columns import now
from claims.queries.filters import Filters
from claims.rules import reports
from claims.rules.passages import Text
from claims.rules.refusals import Refused
from claims.rules.reports import VerdictReport
from claims.rules.vocabulary import Placement


@click.group("import")
def import_() -> None:
    """Bring texts into the desk."""


@import_.command("article", short_help="Load the full text of an article.")
@click.argument("file", type=click.File("rb"))
@click.option("--title", help="Add a new article with this title.")
@click.option("--article", "article_id", type=int, metavar="ID", help="The article it belongs to.")
@opening.data
def import_article(file: BinaryIO, title: str | None, article_id: int | None) -> None:
    """Load an article's full text from a text FILE (- for standard input).

    Every quotation is then looked for in it. Without --title and --article,
    it goes to the article that waits for its text and whose quotations are
    in this one.
    """
    if title is not None and article_id is not None:
        raise click.UsageError("Give --title for a new article or --article for one that is here.")
    came = imports.text.read(file.read())
    if came.doubt:
        click.echo(came.doubt, err=True)
    with opening.a_desk(new=True) as session:
        article = _article(session, came.text, title, article_id)
        loaded = desk.articles.load_text(session, article, came.text, by=None)
        orphans = [
            appearance.quotation
            for appearance in queries.articles.appearances(session, article)
            if appearance.placement is Placement.ORPHAN
        ]
    done = "Loaded" if loaded.new else "This text was loaded already:"
    quotations = loaded.found + loaded.orphans
    found = f"{loaded.found} of {quotations} quotations found" if quotations else "no claims yet"
    click.echo(f"{done} article {article.id}, “{terminal.shown(article.title)}”: {found}.")
    for quotation in orphans:
        click.echo(f"  not found, kept as an orphan: “{terminal.shown(quotation)}”")


def _article(session: Session, text: str, title: str | None, article_id: int | None) -> Article:
    """The article that a text belongs to: a new one, the one named, or one that waits for it."""
    if title is not None:
        if not title.strip():
            raise click.UsageError("The title is empty.")
        facts = desk.articles.Facts(title=title.strip())
        return desk.articles.add(session, facts, by=None)
    if article_id is not None:
        article = queries.articles.one(session, article_id)
        if article is None:
            raise Refused(f"There is no article {article_id}.")
        return article
    words = Text(text)
    waiting = queries.articles.listed().where(col(Article.snapshot_number) == 0)
    for article in session.exec(waiting):
        expected = queries.articles.appearances(session, article)
        found = sum(
            words.find(one.quotation, prefix=one.prefix, suffix=one.suffix, near=one.start)
            is not None
            for one in expected
        )
        if found > len(expected) / 2:
            return article
    raise Refused(
        "No article waits for this text. Give --title to add a new one, or --article to replace "
        "the text of one that is here."
    )


@click.command(short_help="Write a verdict report.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(exports.FORMATS)),
    required=True,
    help="What to write.",
)
@click.option(
    "--article",
    "article_name",
    metavar="ID|KEY|all",
    help="The article to report on, by its number or seed key; all for every article.",
)
@click.option(
    "--filter",
    "query",
    metavar="QUERY",
    help="Only these claims, as in the address of the claims page: 'kind=number&rating=false'.",
)
@click.option("--report", "number", type=int, metavar="N", help="A frozen report, as it is.")
@click.option("--unpublished", is_flag=True, help="Also rulings that are not published yet.")
@click.option(
    "--output",
    type=click.File("wb", lazy=True, atomic=True),
    default="-",
    metavar="FILE",
    help="Where to write it; - is standard output, and the default.",
)
@opening.data
def export(
    format_name: str,
    article_name: str | None,
    query: str | None,
    number: int | None,
    unpublished: bool,
    output: BinaryIO,
) -> None:
    """Write a verdict report: the desk's rulings with everything they rest on.

    Choose the claims by --article or --filter or both, or a frozen report by
    --report. What ClaimReview lacks is said on standard error.
    """
    kind = exports.FORMATS[format_name]
    live = article_name is not None or query is not None
    if (number is not None) == live:
        raise click.UsageError("Choose claims with --article or --filter, or --report N.")
    if number is not None and unpublished:
        raise click.UsageError("A frozen report stays as it is: leave out --unpublished.")
    with opening.a_desk() as session:
        if number is not None:
            report, parts = _frozen(session, number, kind)
        else:
            filters = _filters(session, article_name, query)
            if kind.stream:
                _stream(session, kind, filters, output, unpublished=unpublished)
                return
            report = queries.reports.build(
                session,
                filters,
                made_at=now(),
                made_by="the command line",
                unpublished=unpublished,
            )
            parts = kind.write(report, None)
    if not report.figures.claims:
        raise _nothing(report.selection.words)
    if kind.name == "claimreview":
        for sentence in exports.claimreview.missing(report):
            click.echo(terminal.shown(sentence), err=True)
    if output.isatty():
        parts = map(terminal.lines, parts)
    output.writelines(part.encode() for part in parts)


def _stream(
    session: Session, kind: exports.Format, filters: Filters, output: BinaryIO, *, unpublished: bool
) -> None:
    """Write a report of any length without holding it."""
    if not queries.lists.any_chosen(session, filters):
        raise _nothing(queries.reports.in_words(session, filters, None))
    engine: Any = session.get_bind()
    parts = exports.streamed(kind, engine, filters, unpublished=unpublished)
    output.writelines(part.encode() for part in parts)


def _nothing(chosen: str) -> Refused:
    return Refused(f"There is nothing to report on. Chosen: {terminal.shown(chosen)}.")


def _frozen(
    session: Session, number: int, kind: exports.Format
) -> tuple[VerdictReport, Iterator[str]]:
    row = queries.reports.frozen(session, number) if 0 < number < 2**31 else None
    if row is None:
        raise Refused(f"There is no frozen report {number}.")
    report = reports.from_json(row.content)
    damaged = queries.reports.damaged_since(session, report)
    return report, exports.frozen(kind, row.content, damaged=damaged)


def _filters(session: Session, article_name: str | None, query: str | None) -> Filters:
    """The filters that were asked for. One that is not understood would let everything through."""
    args = dict(parse_qsl(query or "", keep_blank_values=True))
    filters = Filters.from_args(args)
    known = {field.name for field in fields(Filters)} - {"ignored"}
    wrong = [name for name in args if name not in known] + [name for name, _ in filters.ignored]
    if wrong or (query and not args):
        raise click.UsageError(
            f"The filter is not understood: {terminal.shown(wrong[0] if wrong else str(query))}."
        )
    if filters.mine or filters.waiting:
        raise click.UsageError("The filters mine and waiting ask about a member: use others.")
    if article_name is None or article_name == "all":
        return filters
    article = queries.articles.seeded(session, article_name)
    if article is None and article_name.isdecimal() and int(article_name) < 2**31:
        article = queries.articles.one(session, int(article_name))
    if article is None:
        raise Refused(f"There is no article {terminal.shown(article_name)}.")
    return filters.but(article=article.id)

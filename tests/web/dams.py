"""The made-up dam: an article with its text and two claims in it, and what its page says."""

import re

from sqlmodel import select

from claims import desk
from claims.desk.articles import Facts, Pointer
from claims.models import Claim
from claims.rules.vocabulary import Kind, State
from tests.factories import the_rating

DAM = (
    "The made-up dam 🏞️ was finished in 2001, its makers say.\n\n"
    "It holds 40 million litres. A second one holds 40 million litres too.\n"
    "ڈیم میں ۴۰ ملین لیٹر پانی ہے۔"
)


def the_dam(session, ada):
    """An article with its full text and two claims in it."""
    article = desk.articles.add(session, Facts("The made-up dam"), by=ada)
    desk.articles.load_text(session, article, DAM, by=ada)
    for quotation, start in (("finished in 2001", None), ("40 million litres", 80)):
        pointer = Pointer(quotation, start=start)
        desk.articles.mark(session, article, pointer, f"It is: {quotation}", Kind.FACT, by=ada)
    session.commit()
    return article


def outlined(session, ada):
    """An article of which only an outline is there: claims 1 and 2 marked, 3 not."""
    outline = ["The dam was {1}, and it {2}.", "More is said of {1}."]
    article = desk.articles.add(session, Facts("Outlined"), by=ada, outline=outline)
    for quotation in ("finished in 2001", "holds 40 million", "is made up"):
        pointer = Pointer(quotation, paragraph=1)
        desk.articles.mark(session, article, pointer, f"It {quotation}", Kind.FACT, by=ada)
    session.commit()
    return article


def settle(session, claim, rating):
    claim.state = State.RULED
    claim.rating_id = the_rating(session, rating).id
    session.commit()


def claims_of(session, article) -> list[Claim]:
    query = select(Claim).where(Claim.article_id == article.id).order_by(Claim.number)
    session.expire_all()
    return list(session.exec(query).all())


def text_of(html: str) -> list[str]:
    """The words of each paragraph as a browser has them in its text nodes."""
    paragraphs = re.findall(r'<p id="p\d+"[^>]*>(.*?)</p>', html, re.DOTALL)
    return [re.sub(r"<[^>]*>", "", p) for p in paragraphs]


def words_of(html: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def marks_of(html: str) -> list[tuple[str, str]]:
    """Class and words of each highlighted passage."""
    found = re.findall(r'<mark class="([^"]*)".*?>(.*?)</mark>', html, re.DOTALL)
    return [(kind, re.sub(r"<[^>]*>", "", words)) for kind, words in found]

"""A long article, read a part at a time."""

import re
from itertools import pairwise

import pytest
import sqlalchemy as sa
from sqlmodel import select

from claims import desk, rules
from claims.desk.articles import Facts, Pointer
from claims.models import Appearance, Claim
from claims.rules.parts import Most
from claims.rules.vocabulary import Kind, Placement, Stance, State
from tests.factories import a_source, some_evidence
from tests.web.dams import words_of

# Forty paragraphs: about four a part.
LONG = "\n\n".join(
    f"Paragraph {number} 🏞️ of the made-up report says that dam {number} holds water. "
    f"ڈیم {number} میں پانی ہے۔ {'It is repeated at length. ' * 5}".strip()
    for number in range(1, 41)
)


@pytest.fixture(autouse=True)
def short_parts(monkeypatch):
    """Parts of a tenth of this text, so that no test needs a book."""
    monkeypatch.setattr(rules.parts, "MOST", Most(1_300, 60, 8, 10))


@pytest.fixture
def article(session, ada):
    """A long article with a claim in its 2nd and 30th paragraph."""
    article = desk.articles.add(session, Facts("The made-up dams"), by=ada)
    desk.articles.load_text(session, article, LONG, by=ada)
    for number in (2, 30):
        mark(session, article, f"dam {number} holds water", ada)
    session.commit()
    return article


def mark(session, article, quotation, ada) -> Claim:
    return desk.articles.mark(
        session, article, Pointer(quotation), f"It says: {quotation}", Kind.FACT, by=ada
    )


def many(session, article, spans) -> None:
    """Claims at these places of the text, written at once."""
    first = article.claims_numbered + 1
    ids = session.execute(
        sa.insert(Claim).returning(Claim.id),
        [
            {"article_id": article.id, "number": n, "statement": f"Made-up {n}", "kind": Kind.FACT}
            | {"state": State.TO_CHECK, "version": 1}
            for n, _span in enumerate(spans, first)
        ],
    ).scalars()
    session.add_all(
        Appearance(
            claim_id=claim,
            article_id=article.id,
            snapshot_id=1,
            paragraph=rules.passages.Text(LONG).paragraph_at(span[0]) if span else 1,
            quotation=LONG[slice(*span)] if span else f"lost {claim}",
            start=span[0] if span else None,
            end=span[1] if span else None,
            placement=Placement.FOUND if span else Placement.ORPHAN,
        )
        for claim, span in zip(ids, spans, strict=True)
    )
    article.claims_numbered += len(spans)
    session.commit()


def paragraphs_of(html: str) -> list[tuple[int, int, str]]:
    """Number, offset and words of each paragraph on a page."""
    found = re.findall(r'<p id="p(\d+)"[^>]*data-start="(\d+)"[^>]*>(.*?)</p>', html, re.DOTALL)
    return [(int(n), int(start), re.sub(r"<[^>]*>", "", words)) for n, start, words in found]


def part_of(html: str) -> tuple[int, int]:
    said = re.search(r'data-say="Part (\d+) of (\d+)"', html)
    return int(said[1]), int(said[2])


def test_every_paragraph_is_read_once_whoever_goes_from_part_to_part(reader, article):
    address, seen = f"/articles/{article.id}", []
    while address:
        page = reader.get(address).text
        seen += paragraphs_of(page)
        following = re.search(r'rel="next"[^>]*href="([^"]+)"', page)
        address = following and following[1]

    assert [number for number, _start, _words in seen] == list(range(1, 41))
    for _number, start, words in seen:
        assert LONG[start : start + len(words)] == words
    assert part_of(page) == (10, 10)
    assert all(before[1] < after[1] for before, after in pairwise(seen))


def test_a_part_has_its_own_claims_and_the_numbers_of_the_whole_article(session, reader, article):
    page = reader.get(f"/articles/{article.id}?part=8").text

    assert "dam 30 holds water" in re.search(r"<mark.*?</mark>", page, re.DOTALL)[0]
    assert "It says: dam 30" in page
    assert "It says: dam 2 " not in page
    assert "40 paragraphs" in words_of(page)
    assert "2 claims" in words_of(page)


def test_a_claim_opens_the_part_in_which_it_stands(session, reader, article, ada):
    claim = mark(session, article, "ڈیم 30 میں", ada)
    session.commit()

    page = reader.get(f"/articles/{article.id}?claim={claim.id}").text
    elsewhere = reader.get(f"/articles/{article.id}?claim={claim.id}&part=1").text

    assert part_of(page) == part_of(elsewhere) == (8, 10)
    assert f'id="claim-{claim.id}"' in page
    assert re.search(rf'href="/articles/\d+\?claim={claim.id}&amp;part=8#', page)


@pytest.mark.parametrize(
    ("asked", "part"), [("0", 1), ("x", 1), ("-1", 1), ("9" * 30, 1), ("99", 10)]
)
def test_a_part_that_is_not_there_is_the_nearest(reader, article, asked, part):
    assert part_of(reader.get(f"/articles/{article.id}?part={asked}").text)[0] == part


def test_whoever_asks_for_a_paragraph_comes_to_its_part(reader, article):
    found = reader.get(f"/articles/{article.id}?paragraph=31")
    beyond = reader.get(f"/articles/{article.id}?paragraph=4000")

    assert found.location == f"/articles/{article.id}?part=8#p31"
    assert beyond.location == f"/articles/{article.id}?part=10#p40"


def test_htmx_turns_the_text_and_the_list_beside_it(reader, article):
    turned = reader.htmx("GET", f"/articles/{article.id}?part=8", "reading").text

    assert turned.lstrip().startswith('<div id="reading"')
    assert 'id="panel" hx-swap-oob="true"' in turned
    assert "It says: dam 30" in turned
    assert "<html" not in turned


def test_words_of_a_later_part_become_a_claim_and_its_form_stays_there(session, reader, article):
    start = LONG.index("ڈیم 33 میں پانی")
    form = {"quotation": "ڈیم 33 میں پانی", "start": start, "kind": "fact", "statement": ""}

    asked = reader.get(f"/articles/{article.id}/mark?part=9").text
    action = re.search(r'<form class="form" method="post" action="([^"]+)"', asked)[1]
    wrong = reader.post(action, data=form)
    right = reader.post(action, data=form | {"statement": "There is water"})

    assert part_of(asked) == part_of(wrong.text) == (9, 10)
    page = reader.get(right.location).text
    assert part_of(page) == (9, 10)
    assert "ڈیم 33 میں پانی" in re.search(r'<mark class="todo now.*?</mark>', page, re.DOTALL)[0]


def test_claims_and_orphans_beyond_what_can_be_shown_are_counted_and_led_to(
    session, reader, article
):
    start = LONG.index("Paragraph 17")
    many(session, article, [(start, start + 9)] * 30 + [None] * 60)

    first = reader.get(f"/articles/{article.id}").text
    page = reader.get(reader.get(f"/articles/{article.id}?paragraph=17").location).text
    last = newest_claim(session)
    opened = reader.get(f"/articles/{article.id}?claim={last}&part=1").text

    assert "Claims are made at 20 more places here" in words_of(page)
    assert "And 20 more places of claims" in words_of(page)
    assert f'href="/claims?article={article.id}"' in page
    assert "92 claims" in words_of(page)
    assert "60 quotations are not in this text" in words_of(first)
    assert "And 10 more: see the claims as a list" in words_of(first)
    assert f"/articles/{article.id}#orphans-title" in page
    assert f'data-claim="{last}"' in opened


def newest_claim(session) -> int:
    return session.execute(sa.select(sa.func.max(Claim.id))).scalar_one()


def test_a_claim_that_is_open_is_marked_however_many_lie_on_its_words(session, reader, article):
    start = LONG.index("Paragraph 17")
    many(session, article, [(start, start + 9)] * 30)
    last = newest_claim(session)

    page = reader.get(f"/articles/{article.id}?claim={last}").text

    assert re.search(rf'data-claims="[^"]*\b{last}\b', page)


def test_a_part_costs_the_same_however_many_claims_the_article_has(
    session, reader, article, statements
):
    claim = newest_claim(session)
    counts = {}
    for address in ("?part=2", f"?claim={claim}", "/mark?part=2"):
        reader.get(f"/articles/{article.id}{address}")
        statements.forget()
        reader.get(f"/articles/{article.id}{address}")
        counts[address] = len(statements)
        reader.get(f"/articles/{article.id}{address}")
        assert len(statements) - counts[address] <= 8, address
    spans = [(start, start + 20) for start in range(0, len(LONG) - 20, 40)]
    many(session, article, [*spans, None, None])

    for address, few in counts.items():
        statements.forget()
        reader.get(f"/articles/{article.id}{address}")
        assert len(statements) == few, address


def test_the_open_claim_says_what_stands_on_it_and_from_how_many_sources(
    session, reader, article, ada
):
    claim = session.exec(select(Claim).where(Claim.number == 1)).one()
    source = a_source(session)
    some_evidence(session, claim, Stance.SUPPORTS, source=source)
    some_evidence(session, claim, Stance.REFUTES, source=source)
    some_evidence(session, claim, Stance.CONTEXT)
    gone = some_evidence(session, claim, Stance.REFUTES)
    desk.evidence.withdraw(session, gone, "Not this dam.", by=ada)
    session.commit()

    page = words_of(reader.get(f"/articles/{article.id}?claim={claim.id}").text)

    assert "1 supports 1 refutes 2 sources" in page

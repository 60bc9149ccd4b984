"""Pages show what the database says, whatever the desk kept of them before."""

import random
import re

import pytest
from sqlmodel import SQLModel, select

from claims import desk, queries
from claims.models import Article, Claim, Desk, Evidence, Member, Source
from claims.queries import remembered
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Kind, Stance
from claims.web.drawing import Drawings
from tests.factories import (
    a_claim,
    a_copy,
    a_member,
    a_ruling,
    a_verdict,
    an_article,
    an_owner,
    some_evidence,
)

TEXT = "The made-up dam holds 40 million litres.\n\nIt was raised, said the board."
PAGES = [
    "/",
    "/articles",
    "/articles/1",
    "/articles/1?claim=2",
    "/articles/2",
    "/claims",
    "/claims?state=in-review&sort=changed",
    "/claims?q=dam",
    "/claims?q=register&sort=evidence",
    "/claims?q=word1&state=new",
    "/claims?tag=dams",
    "/claims?mine=1&sort=newest",
    "/claims?waiting=me",
    "/claims?rating=false",
    "/claims/1",
    "/claims/2",
    "/sources",
    "/reports/preview?article=1",
]


class Work:
    """Members who do anything that comes to their minds, and are refused some of it."""

    def __init__(self, session, chance):
        self.session, self.chance = session, chance
        self.owner = an_owner(session, "Owner Ada")
        self.members = [self.owner.id, a_member(session, "Ben").id, a_member(session, "Caro").id]
        articles = [an_article(session, f"Article {n}") for n in range(2)]
        desk.articles.load_text(session, articles[0], TEXT, by=self.owner)
        for n in range(8):
            a_claim(session, f"The dam, word{n % 3}", article=articles[n % 2], speaker="A board")
        self.deeds = [name for name in dir(self) if name.startswith("do_")]

    def any(self, kind: type[SQLModel]):
        return self.chance.choice(self.session.exec(select(kind).order_by(kind.id)).all())

    def word(self):
        return f"word{self.chance.randrange(3)}"

    def go_on(self):
        self.session.expire_all()
        by = self.session.get_one(Member, self.chance.choice(self.members))
        claim = queries.claims.one(self.session, self.any(Claim).id)
        try:
            getattr(self, self.chance.choice(self.deeds))(claim, by)
            self.session.commit()
        except Refused:
            self.session.rollback()

    def do_add(self, claim, by):
        article = self.session.get_one(Article, claim.article_id)
        a_claim(self.session, f"Anew {self.word()}", article=article, evidence=[], by=by)

    def do_reword(self, claim, by):
        desk.claims.reword(self.session, claim, f"The dam anew, {self.word()}", by=by)

    def do_change_kind(self, claim, by):
        desk.claims.change_kind(self.session, claim, self.chance.choice(list(Kind)), by=by)

    def do_tag(self, claim, by):
        desk.claims.retag(self.session, claim, self.chance.choice([[], ["dams"]]), by=by)

    def do_assign(self, claim, by):
        desk.claims.assign(self.session, claim, self.chance.choice([None, by]), by=by)

    def do_withdraw(self, claim, by):
        desk.claims.withdraw(self.session, claim, "A slip.", by=by)

    def do_restore(self, claim, by):
        desk.claims.restore(self.session, claim, by=by)

    def do_merge(self, claim, by):
        into = queries.claims.one(self.session, self.any(Claim).id)
        desk.claims.merge(self.session, claim, into, by=by)

    def do_weigh(self, claim, by):
        some_evidence(self.session, claim, self.chance.choice(list(Stance)), by=by)

    def do_withdraw_evidence(self, _claim, by):
        piece = self.any(Evidence)
        held = queries.evidence.one(self.session, piece.claim_id, piece.id)
        desk.evidence.withdraw(self.session, held, "A slip.", by=by)

    def do_judge(self, claim, by):
        a_verdict(self.session, claim, self.chance.choice(["true", "false"]), by=by)

    def do_settle(self, claim, _by):
        a_ruling(self.session, claim, by=self.session.get_one(Member, self.owner.id))

    def do_comment(self, claim, by):
        desk.discussion.comment(self.session, claim, self.word(), by=by)

    def do_edit_a_source(self, _claim, by):
        source = self.any(Source)
        facts = desk.sources.Facts(title=f"Register, {self.word()}")
        desk.sources.edit(self.session, source, facts, read=source.version, by=by)

    def do_copy_a_source(self, _claim, _by):
        a_copy(self.session, self.any(Source), f"The register says {self.word()}.")

    def do_edit_an_article(self, _claim, by):
        article = self.any(Article)
        facts = desk.articles.Facts(f"Article, {self.word()}")
        desk.articles.edit(self.session, article, facts, read=article.version, by=by)

    def do_change_the_policy(self, _claim, _by):
        desk.settings.change_policy(
            self.session,
            held := self.session.get_one(Desk, 1),
            verdicts_required=self.chance.choice([1, 2]),
            blind=self.chance.random() < 0.5,
            origins_required=0,
            read=held.version,
            by=self.session.get_one(Member, self.owner.id),
        )


def shown(browser, address):
    """A page without what each answer has of its own."""
    page = browser.get(address).text
    return re.sub(r'name="(once|csrf.token)" (value|content)="[^"]*"', "", page)


@pytest.mark.parametrize("at_once", [100, 3])
def test_a_page_is_the_same_whether_the_desk_kept_something_of_it_or_not(
    app, client, session, monkeypatch, at_once
):
    monkeypatch.setattr(remembered, "_MOST_MENDED", at_once)
    chance = random.Random(at_once)
    work = Work(session, chance)
    browsers = {
        member: app.test_client().as_(session.get_one(Member, member)) for member in work.members
    }

    for _ in range(25):
        for _ in range(chance.choice([1, 1, 2, 6])):
            work.go_on()
        for address in chance.sample(PAGES, 3):
            browser = browsers[chance.choice(work.members)]
            kept = shown(browser, address)
            with monkeypatch.context() as nothing_kept:
                nothing_kept.setattr(remembered, "_kept", type(remembered._kept)())
                nothing_kept.setitem(app.jinja_env.globals, "drawn", Drawings())
                fresh = shown(browser, address)
            assert kept == fresh, address

from claims import queries
from tests.factories import a_claim, a_member, an_article, an_editor, the_rating


def the_page(session, viewer):
    policy = queries.standing.desk(session).policy
    return queries.dashboard.page(session, viewer=viewer, policy=policy)


def test_a_new_desk_has_nothing_to_do_and_says_so(session):
    page = the_page(session, an_editor(session))

    assert (page.total, page.settled, page.waits, page.free.count) == (0, 0, 0, 0)
    assert page.progress == []


def test_the_desk_lists_what_waits_by_its_reason(session):
    ada, article = a_member(session), an_article(session)
    for number in range(7):
        a_claim(session, f"to judge {number}", article=article)
    taken = a_claim(session, "taken", article=article, evidence=[])
    taken.assignee_id = ada.id
    a_claim(session, "free", article=article, evidence=[])
    session.commit()

    page = the_page(session, ada)

    assert [(w.reason, w.count, len(w.claims)) for w in page.waiting] == [
        ("judge", 7, 5),
        ("check", 1, 1),
    ]
    assert [c.statement for c in page.waiting[0].claims] == [f"to judge {n}" for n in range(5)]
    assert (page.free.count, page.free.claims[0].statement) == (1, "free")
    assert page.waits == 8


def test_an_article_is_as_far_as_its_claims_are_ruled(session):
    ada, article = a_member(session), an_article(session)
    empty = an_article(session, "Nothing marked yet")
    for key in ("false", "false", "true", None):
        claim = a_claim(session, article=article)
        claim.rating_id = the_rating(session, key).id if key else None
    session.commit()

    page = the_page(session, ada)

    assert [p.article_id for p in page.progress] == [empty.id, article.id]
    assert page.progress[0].total == 0
    assert page.progress[1].total == 4
    assert [(r.key, n) for r, n in page.progress[1].counts] == [("true", 1), ("false", 2)]


def test_a_run_of_like_events_is_one_line(session):
    ada, article = a_member(session), an_article(session)
    for number in range(5):
        a_claim(session, f"claim {number}", article=article, evidence=[], by=ada)

    page = the_page(session, ada)

    assert (page.happened[0].event.action, page.happened[0].times) == ("claim added", 5)
    assert page.happened[1].times == 1

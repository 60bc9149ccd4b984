import pytest
from sqlmodel import select

from claims import queries
from claims.models import Claim, Evidence, Verdict
from claims.rules.vocabulary import Kind, Role, State
from tests.desk.test_verdicts import give, policy
from tests.factories import a_claim, a_member, an_editor


def typed(session, claim, **changes):
    ids = session.exec(select(Evidence.id).where(Evidence.claim_id == claim.id)).all()
    return {
        "rating": "false",
        "rationale": "The register lists **nine** million.",
        "confidence": "high",
        "rests_on": [str(i) for i in ids],
    } | changes


def test_a_reviewer_gives_a_verdict_and_sees_it_on_the_page(client, session):
    claim = a_claim(session)
    client.as_(a_member(session))

    answer = client.post(
        f"/claims/{claim.id}/verdicts", data=typed(session, claim), follow_redirects=True
    )

    assert answer.status_code == 200
    assert "Your verdict is recorded: False." in answer.text
    assert "<strong>nine</strong>" in answer.text
    session.expire_all()
    assert session.get(Claim, claim.id).state is State.AGREED


def test_htmx_gets_the_verdicts_and_what_depends_on_them_and_no_more(client, session):
    claim = a_claim(session)
    client.as_(a_member(session))

    answer = client.htmx(
        "POST",
        f"/claims/{claim.id}/verdicts",
        "verdicts",
        data=typed(session, claim),
        follow_redirects=True,
    )

    assert answer.text.lstrip().startswith('<section id="verdicts"')
    assert "<html" not in answer.text
    assert 'id="ruling" hx-swap-oob="true"' in answer.text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rating": ""}, "Choose a rating."),
        ({"rating": "nonsense"}, "Choose a rating."),
        ({"rationale": "  "}, "Fill this in."),
    ],
)
def test_a_verdict_that_lacks_something_comes_back_filled_in(client, session, changes, message):
    claim = a_claim(session)
    client.as_(a_member(session))
    form = typed(session, claim, **changes)

    answer = client.htmx("POST", f"/claims/{claim.id}/verdicts", "verdicts", data=form)

    assert answer.status_code == 422
    assert message in answer.text
    assert form["rationale"].strip() in answer.text
    assert session.exec(select(Verdict)).first() is None


def test_a_verdict_on_nothing_is_refused_and_every_word_of_it_given_back(client, session):
    claim = a_claim(session, evidence=[])
    client.as_(a_member(session))

    answer = client.post(f"/claims/{claim.id}/verdicts", data=typed(session, claim))

    assert answer.status_code == 409
    assert "Add evidence" in answer.text
    assert "The register lists **nine** million." in answer.text


def test_a_verdict_sent_twice_is_one_verdict(client, session):
    claim = a_claim(session)
    client.as_(a_member(session))
    form = typed(session, claim, once="the-same-form")

    first = client.post(f"/claims/{claim.id}/verdicts", data=form)
    second = client.post(f"/claims/{claim.id}/verdicts", data=form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert len(session.exec(select(Verdict)).all()) == 1


def test_a_viewer_gives_no_verdict(client, session):
    claim = a_claim(session)
    client.as_(a_member(session, role=Role.VIEWER))

    assert (
        client.post(f"/claims/{claim.id}/verdicts", data=typed(session, claim)).status_code == 403
    )
    assert "Give verdict" not in client.get(f"/claims/{claim.id}").text


def test_a_blind_verdict_is_nowhere_on_anothers_pages(client, session):
    policy(session, verdicts_required=2)
    claim = a_claim(session)
    give(session, claim, "false", by=a_member(session, "Reviewer Hidden"), why="Secretly nine.")
    session.commit()
    client.as_(an_editor(session))

    for address in (
        "/",
        "/claims",
        f"/claims/{claim.id}",
        f"/claims/{claim.id}/history",
        "/ledger",
    ):
        page = client.get(address).text
        assert "Secretly nine" not in page, address
        assert "gave a verdict" not in page, address
    assert "blind" in client.get(f"/claims/{claim.id}").text


def test_an_editor_settles_publishes_and_corrects_a_claim_from_its_page(client, session):
    claim = a_claim(session)
    give(session, claim, "false", by=a_member(session))
    session.commit()
    client.as_(an_editor(session))
    page = f"/claims/{claim.id}"

    def send(step, **form):
        answer = client.post(f"{page}/ruling{step}", data=form, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return answer.text

    assert "Settled as False" in send("", rating="false", rationale="Nine million.", version="0")
    assert "Published" in send("/publish")
    ruling = queries.rulings.standing(session, claim)
    text = send(
        "/correct",
        rating="half-true",
        rationale="Nine million, of which two left.",
        correction="substantial",
        reason="A reader sent the second volume.",
        version=str(ruling.id),
    )

    assert "A reader sent the second volume." in text
    assert "Nine million." in text
    assert "1 earlier ruling" in text
    assert "Reopened" in send("/reopen", reopening_reason="A third volume turned up.")


def test_a_correction_without_its_kind_and_reason_comes_back(client, session):
    claim = a_claim(session, kind=Kind.PREDICTION, evidence=[])
    client.as_(an_editor(session))
    page = f"/claims/{claim.id}/ruling"
    client.post(page, data={"rating": "not-checkable", "rationale": "To come.", "version": "0"})
    client.post(f"{page}/publish")
    ruling = queries.rulings.standing(session, claim)

    answer = client.post(
        f"{page}/correct",
        data={"rating": "not-checkable", "rationale": "Still to come.", "version": str(ruling.id)},
    )

    assert answer.status_code == 422
    assert "ruling-correction-error" in answer.text
    assert "ruling-reason-error" in answer.text
    assert "Still to come." in answer.text


def test_two_editors_who_settle_one_claim_see_both_rulings(client, session):
    claim = a_claim(session, kind=Kind.OPINION, evidence=[])
    client.as_(an_editor(session))
    page = f"/claims/{claim.id}/ruling"
    form = {"rating": "not-checkable", "rationale": "A matter of taste.", "version": "0"}
    assert client.post(page, data=form).status_code == 303

    answer = client.post(page, data=form | {"rationale": "A judgement of value."})

    assert answer.status_code == 409
    assert "A matter of taste." in answer.text
    assert "A judgement of value." in answer.text


@pytest.mark.parametrize("step", ["", "/publish", "/correct", "/reopen"])
def test_a_reviewer_settles_nothing(client, session, step):
    claim = a_claim(session)
    client.as_(a_member(session))

    assert client.post(f"/claims/{claim.id}/ruling{step}").status_code == 403

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from claims import database, desk, ledger, passwords, queries
from claims.desk.members import UnfitEmail
from claims.models import Event, Member
from claims.models.columns import now
from claims.passwords import Cost, Weak
from claims.rules.refusals import Conflict, Refused
from claims.rules.vocabulary import Role
from tests.factories import a_claim, a_member, an_owner

PASSWORD = "four made-up words"


def actions(session):
    return session.exec(select(Event.action).order_by(Event.seq)).all()


def test_the_first_owner_is_made_once(session):
    owner = desk.members.found_owner(session, "Ada", "Ada@Desk.Example", PASSWORD)

    assert owner.role == Role.OWNER
    assert owner.email == "ada@desk.example"
    assert actions(session)[-1] == "first owner made"
    with pytest.raises(Refused, match="has an owner already"):
        desk.members.found_owner(session, "Eve", "eve@desk.example", PASSWORD)


def test_a_desk_has_no_password_that_nobody_chose(session):
    assert session.exec(select(Member)).all() == []


def test_an_invitation_lets_one_person_join_with_its_role(session):
    owner = an_owner(session)
    invitation, token = desk.members.invite(session, Role.EDITOR, "Grace, politics", by=owner)
    found = queries.members.invitation(session, desk.members.digest(token))

    grace = desk.members.join(session, found, "Grace", "grace@desk.example", PASSWORD)

    assert found is invitation
    assert grace.role == Role.EDITOR
    assert invitation.used_by_id == grace.id
    assert actions(session)[-3:] == ["member invited", "member joined", "invitation used"]
    with pytest.raises(Refused, match="each works once"):
        desk.members.join(session, invitation, "Eve", "eve@desk.example", PASSWORD)


def test_an_invitation_expires_after_seven_days(session):
    invitation, _ = desk.members.invite(session, Role.VIEWER, "", by=an_owner(session))

    assert timedelta(days=6.99) < invitation.expires_at - now() <= timedelta(days=7)
    invitation.expires_at = now()
    session.flush()

    assert queries.members.open_invitations(session, now()) == []
    with pytest.raises(Refused, match="expired after 7 days"):
        desk.members.join(session, invitation, "Late", "late@desk.example", PASSWORD)


def test_a_withdrawn_invitation_lets_nobody_in(session):
    owner = an_owner(session)
    invitation, _ = desk.members.invite(session, Role.VIEWER, "", by=owner)

    desk.members.withdraw(session, invitation, "Sent to the wrong address.", by=owner)

    told = session.exec(select(Event).where(Event.action == "invitation withdrawn")).one()
    assert told.after["withdrawal_reason"] == "Sent to the wrong address."
    with pytest.raises(Refused, match="withdrawn"):
        desk.members.join(session, invitation, "Eve", "eve@desk.example", PASSWORD)
    with pytest.raises(Refused, match="withdrawn"):
        desk.members.withdraw(session, invitation, "Again.", by=owner)


def test_neither_token_nor_password_is_kept_or_written_into_the_ledger(session):
    owner = desk.members.found_owner(session, "Ada", "ada@desk.example", PASSWORD)
    invitation, token = desk.members.invite(session, Role.VIEWER, "", by=owner)
    desk.members.join(session, invitation, "Grace", "grace@desk.example", PASSWORD + "!")
    desk.members.set_password(session, owner, PASSWORD + "?", by=owner)
    desk.members.sign_out_everywhere(session, by=owner)

    written = " ".join(str(event.model_dump()) for event in session.exec(select(Event)).all())

    for secret in (PASSWORD, token, invitation.nonce_digest, owner.password_hash, "argon2"):
        assert secret not in written
    assert token not in str(invitation.model_dump())


def test_an_email_belongs_to_one_member_however_it_is_written(session):
    owner = desk.members.found_owner(session, "Ada", "ada@desk.example", PASSWORD)

    with pytest.raises(UnfitEmail, match="already"):
        desk.members.add(session, "Ada", " ADA@desk.example ", Role.VIEWER, PASSWORD, by=owner)


def test_nobody_takes_over_the_name_of_a_former_member_with_an_invitation(session):
    owner = an_owner(session)
    former = a_member(session)
    desk.members.remove(session, former, by=owner)
    invitation, _ = desk.members.invite(session, Role.VIEWER, "", by=owner)

    with pytest.raises(UnfitEmail, match="former member"):
        desk.members.join(session, invitation, "Eve", former.email, PASSWORD)


def test_a_weak_password_makes_no_member(session):
    with pytest.raises(Weak):
        desk.members.found_owner(session, "Ada", "ada@desk.example", "short")

    assert not queries.members.any_owner(session)


def test_a_role_changes_with_a_trace_of_both(session):
    owner, member = an_owner(session), a_member(session, role=Role.VIEWER)

    desk.members.change_role(session, member, Role.EDITOR, by=owner, read=member.version)

    event = session.exec(select(Event).order_by(Event.seq.desc())).first()
    assert (event.action, event.actor) == ("role changed", owner.name)
    assert (event.before, event.after) == ({"role": "viewer"}, {"role": "editor"})


def test_two_owners_who_change_one_role_do_not_overwrite_each_other(session):
    owner, member = an_owner(session), a_member(session, role=Role.VIEWER)
    read = member.version
    desk.members.change_role(session, member, Role.EDITOR, by=owner, read=read)

    with pytest.raises(Conflict) as conflict:
        desk.members.change_role(session, member, Role.REVIEWER, by=owner, read=read)

    assert conflict.value.now == {"role": "editor"}


def test_giving_a_member_the_role_they_have_is_no_event(session):
    owner, member = an_owner(session), a_member(session, role=Role.VIEWER)
    events = len(actions(session))

    desk.members.change_role(session, member, Role.VIEWER, by=owner)

    assert len(actions(session)) == events


def test_the_last_owner_can_neither_be_removed_nor_demoted(session):
    owner = an_owner(session)
    another = an_owner(session, "Owner Two")
    desk.members.remove(session, another, by=owner)

    with pytest.raises(Refused, match=r"^\u2068.*\u2069 is the desk’s only owner"):
        desk.members.remove(session, owner, by=owner)
    with pytest.raises(Refused, match="only owner"):
        desk.members.change_role(session, owner, Role.EDITOR, by=owner)


def test_two_owners_who_demote_each_other_at_once_leave_one(engine, session):
    ids = [an_owner(session).id, an_owner(session, "Owner Two").id]
    session.commit()
    ready = threading.Barrier(2, timeout=10)
    refused = []

    def demote(own, other):
        with database.session(engine) as mine:
            by, member = mine.get(Member, own), mine.get(Member, other)
            ready.wait()
            try:
                desk.members.change_role(mine, member, Role.VIEWER, by=by)
                mine.commit()
            except Refused as refusal:
                refused.append(str(refusal))

    threads = [threading.Thread(target=demote, args=pair) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    session.expire_all()
    assert queries.members.any_owner(session)
    assert len(refused) == 1


def test_two_people_with_one_link_make_one_member(engine, session):
    _, token = desk.members.invite(session, Role.VIEWER, "", by=an_owner(session))
    session.commit()
    ready = threading.Barrier(2, timeout=10)
    joined = []

    def join(email):
        with database.session(engine) as mine:
            found = queries.members.invitation(mine, desk.members.digest(token))
            ready.wait()
            try:
                desk.members.join(mine, found, "Somebody", email, PASSWORD)
                mine.commit()
                joined.append(email)
            except Refused:
                mine.rollback()

    threads = [
        threading.Thread(target=join, args=(f"{name}@desk.example",)) for name in ("one", "two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(joined) == 1
    session.expire_all()
    assert ledger.verify(session).broken is None


def test_a_removed_member_is_signed_out_and_can_be_restored(session):
    owner, member = an_owner(session), a_member(session)
    epoch = member.epoch

    desk.members.remove(session, member, by=owner)

    assert queries.members.signed_in(session, member.id, epoch) is None
    assert queries.members.signed_in(session, member.id, member.epoch) is None
    with pytest.raises(Refused, match="was removed"):
        desk.members.change_role(session, member, Role.EDITOR, by=owner)

    desk.members.restore(session, member, by=owner)

    assert queries.members.signed_in(session, member.id, epoch) is None
    assert queries.members.signed_in(session, member.id, member.epoch)
    with pytest.raises(Refused, match=r"^\u2068.*\u2069 is a member already"):
        desk.members.restore(session, member, by=owner)


@pytest.mark.parametrize("leaves", ["removed", "demoted"])
def test_the_open_claims_of_a_reviewer_who_goes_are_with_nobody_again(session, leaves):
    owner, member = an_owner(session), a_member(session)
    claim = a_claim(session)
    desk.claims.assign(session, claim, member, by=owner)
    session.commit()

    if leaves == "removed":
        desk.members.remove(session, member, by=owner)
    else:
        desk.members.change_role(session, member, Role.VIEWER, by=owner)
    session.commit()
    session.refresh(claim)

    assert claim.assignee_id is None
    assert ledger.verify(session).broken is None


@pytest.mark.parametrize("leaves", ["removed", "demoted"])
def test_the_invitations_of_an_owner_who_goes_stop_working(session, leaves):
    owner, other = an_owner(session), an_owner(session, "Owner Two")
    invitation, _ = desk.members.invite(session, Role.OWNER, "", by=other)

    if leaves == "removed":
        desk.members.remove(session, other, by=owner)
    else:
        desk.members.change_role(session, other, Role.EDITOR, by=owner)

    with pytest.raises(Refused, match="withdrawn"):
        desk.members.join(session, invitation, "Eve", "eve@desk.example", PASSWORD)


def test_a_member_is_recognised_by_email_and_password_together(session):
    member = desk.members.found_owner(session, "Ada", "ada@desk.example", PASSWORD)

    assert desk.members.recognise(session, "ADA@desk.example", PASSWORD) is member
    assert desk.members.recognise(session, "ada@desk.example", "wrong words here") is None
    assert desk.members.recognise(session, "eve@desk.example", PASSWORD) is None


def test_a_former_member_is_not_recognised(session):
    owner = an_owner(session)
    member = desk.members.add(session, "A", "a@desk.example", Role.OWNER, PASSWORD, by=owner)
    desk.members.remove(session, member, by=owner)

    assert desk.members.recognise(session, "a@desk.example", PASSWORD) is None


def test_signing_in_brings_an_old_hash_to_the_present_cost(session):
    member = desk.members.found_owner(session, "Ada", "ada@desk.example", PASSWORD)
    read = member.version
    passwords.set_cost(Cost(passes=1, memory=16, lanes=1))
    try:
        desk.members.keep_at_todays_cost(session, member, PASSWORD)
        session.commit()
        session.refresh(member)

        assert "m=16," in member.password_hash
        # Whoever has the form with their name open is not overtaken by that.
        assert member.version == read
        assert desk.members.recognise(session, "ada@desk.example", PASSWORD)
    finally:
        passwords.set_cost(Cost(passes=1, memory=8, lanes=1))


def test_a_new_password_ends_every_session(session):
    member = desk.members.found_owner(session, "Ada", "ada@desk.example", PASSWORD)
    epoch = member.epoch
    assert not desk.members.knows_password(member, "wrong words here")
    assert desk.members.knows_password(member, PASSWORD)

    desk.members.set_password(session, member, "another four words", by=member)

    assert desk.members.recognise(session, member.email, "another four words")
    assert queries.members.signed_in(session, member.id, epoch) is None


def test_a_member_takes_no_email_of_somebody_else(session):
    member = desk.members.found_owner(session, "Ada", "ada@desk.example", PASSWORD)
    other = a_member(session)

    with pytest.raises(UnfitEmail):
        desk.members.change_email(session, other.email, by=member)
    desk.members.change_email(session, "New@Desk.example", by=member)

    assert member.email == "new@desk.example"


def test_a_renamed_member_keeps_the_old_name_in_what_they_did_before(session):
    member = a_member(session, "Ada Before")
    desk.members.sign_out_everywhere(session, by=member)

    desk.members.rename(session, "Ada After", by=member, read=member.version)

    theirs = select(Event.actor).where(Event.member_id == member.id)
    actors = session.exec(theirs.order_by(Event.seq)).all()
    assert actors == ["Ada Before", "Ada After"]
    with pytest.raises(Conflict):
        desk.members.rename(session, "Ada Again", by=member, read=member.version - 1)


def test_what_the_operator_does_is_recorded_as_such(session):
    desk.members.add(session, "Ada", "ada@desk.example", Role.OWNER, PASSWORD, by=None)

    event = session.exec(select(Event).order_by(Event.seq.desc())).first()
    assert (event.member_id, event.actor) == (None, "the command line")

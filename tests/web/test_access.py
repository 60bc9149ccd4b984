"""Who may do what: every address of the desk, and every role."""

import pytest
from werkzeug.routing import AnyConverter, IntegerConverter

from claims import ledger
from claims.models import Member
from claims.rules.roles import ALLOWED, Action
from claims.rules.vocabulary import Role
from claims.web import access
from tests.factories import a_claim, a_member, an_owner

# Every view, by what a member's role has to allow; a new view is entered here.
NEEDS: dict[Action | None, str] = {
    None: """
        account.enter account.leave account.sign_in health.show people.accept people.join
        welcome.found welcome.show
    """,
    Action.READ: """
        account.change_email account.change_password account.leave_everywhere account.rename
        account.session account.show articles.index articles.show articles.text
        captures.against captures.changes captures.damaged captures.file
        captures.picture captures.record captures.show claims.history claims.show
        copies.progress desk.index discussion.lead
        discussion.question discussion.remark evidence.difference evidence.piece evidence.show
        ledger.index origins.show people.index queue.index receipts.show reports.download
        reports.export reports.index reports.preview reports.show settings.index sources.index
        sources.show
    """,
    Action.REVIEW: """
        articles.add articles.anchor articles.edit articles.load articles.mark articles.new
        articles.passage articles.point articles.restore articles.save articles.withdraw
        copies.add_files copies.add_spoken copies.ask copies.cancel copies.paste copies.retry
        copies.upload captures.find captures.restore captures.use
        captures.withdraw
        claims.assign claims.edit claims.how_link claims.how_merge claims.how_split
        claims.link claims.merge claims.relink claims.restore claims.save claims.split claims.unlink
        claims.why_unlink claims.why_withdraw claims.withdraw discussion.answer_question
        discussion.ask discussion.comment discussion.edit_comment discussion.edit_lead
        discussion.edit_question discussion.hint
        discussion.reopen_question discussion.save_answer discussion.save_comment
        discussion.restore discussion.save_lead discussion.save_question discussion.why_withdraw
        discussion.withdraw evidence.attach evidence.edit
        evidence.new evidence.reason evidence.restore evidence.save evidence.withdraw origins.agree
        origins.ask_archive origins.disagree origins.how_merge origins.join origins.leave
        origins.merge origins.record_archive queue.bulk
        sources.add sources.edit sources.grade sources.new sources.restore sources.save
        sources.withdraw verdicts.give
    """,
    Action.RULE: "rulings.correct rulings.publish rulings.reopen rulings.settle",
    Action.REPORT: "reports.freeze",
    Action.POLICY: "settings.change_policy settings.publish_scale",
    Action.PEOPLE: """
        people.change_role people.invite people.remove people.restore people.show people.withdraw
    """,
    Action.SETTINGS: "settings.change",
}
TABLE = {endpoint: action for action, names in NEEDS.items() for endpoint in names.split()}

CHANGES = {"POST", "PUT", "PATCH", "DELETE"}

# Nothing has this id, so that a request that is let through changes nothing.
NOBODY = 999_999


def routes(app):
    """Every way to ask a view: its endpoint, a method it takes, and an address that leads to it."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        values = {name: _example(converter) for name, converter in rule._converters.items()}
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, adapter.build(rule.endpoint, values, method)


def _example(converter):
    if isinstance(converter, IntegerConverter):
        return NOBODY
    return min(converter.items) if isinstance(converter, AnyConverter) else "nonsense"


def test_every_view_stands_in_the_table_with_what_it_needs(app):
    views = {endpoint for endpoint, _, _ in routes(app)}

    assert views - set(TABLE) == set(), "enter these in the table above, by what they need"
    assert set(TABLE) - views == set(), "these are gone: take them out of the table above"
    assert {view: access.needed(app, view) for view in views} == TABLE


def test_a_view_that_changes_something_says_what_it_needs(app):
    silent = {
        endpoint
        for endpoint, method, _ in routes(app)
        if method in CHANGES and not hasattr(app.view_functions[endpoint], access._NEEDS)
    }

    assert silent == set(), "mark these with @needs(Action.…)"


def test_a_view_that_forgets_to_say_what_it_needs_changes_nothing(guarded, session):
    guarded.application.config["WTF_CSRF_ENABLED"] = False
    guarded.application.add_url_rule("/forgotten", "forgotten", lambda: "changed", methods=["POST"])

    assert guarded.as_(an_owner(session)).post("/forgotten").status_code == 403


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_the_table_says_and_nothing_else(app, client, session, role):
    an_owner(session, "Another Owner")
    a_claim(session)
    member_id = a_member(session, "Somebody", role).id
    wrong = []

    for endpoint, method, address in routes(app):
        session.expire_all()
        client.as_(session.get(Member, member_id))
        before = ledger.head(session)
        session.rollback()
        status = client.open(address, method=method).status_code
        need = TABLE.get(endpoint)
        allowed = need is None or need in ALLOWED[role]
        if (status == 403) == allowed and endpoint not in {"welcome.show", "welcome.found"}:
            wrong.append((endpoint, method, status))
        if not allowed and ledger.head(session) != before:
            wrong.append((endpoint, method, "changed something"))

    assert wrong == []


def test_whoever_is_signed_out_is_asked_to_sign_in_everywhere_else(app, client, session):
    an_owner(session)
    head = ledger.head(session)
    wrong = []

    for endpoint, method, address in routes(app):
        if TABLE.get(endpoint, Action.READ) is None:
            continue
        response = client.open(address, method=method)
        if method == "GET":
            as_it_should = response.status_code == 303 and response.location.startswith("/sign-in")
        else:
            as_it_should = response.status_code == 401
        if not as_it_should:
            wrong.append((endpoint, method, response.status_code))

    assert wrong == []
    session.rollback()
    assert ledger.head(session) == head

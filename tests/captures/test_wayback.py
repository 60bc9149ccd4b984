import socket

import pytest

from claims import rules
from claims.captures import fetching, wayback
from claims.captures.fetching import Limits, NotFetched
from tests.misbehaving import ARTICLE, running
from tests.wayback import MOMENT, Wayback

PAGE = "https://register.example/dams?id=1&sort=ü"


def service(site, **options) -> wayback.Service:
    return wayback.Service(site.address, seconds=5, **options)


def told_of(step) -> NotFetched:
    with pytest.raises(NotFetched) as caught:
        step()
    return caught.value


@pytest.mark.parametrize("key", [{}, {"access": "desk", "secret": "quiet"}])
def test_a_page_is_saved_with_a_key_and_without_one(key):
    with running(Wayback(looks=2, key="desk:quiet")) as site:
        at = service(site, **key)

        job = wayback.begin(PAGE, at)
        looks = [wayback.look(job, at) for _ in range(3)]

        *before, saved = looks
        assert before == [None, None]
        assert (
            saved == f"{site.address}/web/{MOMENT}/https://register.example/dams?id=1&sort=%C3%BC"
        )
        page = fetching.fetch(saved, Limits(allowed=frozenset({site.host})))
        assert page.body == ARTICLE


def test_what_is_saved_is_recognised_as_a_copy_of_the_page():
    saved = f"https://web.archive.org/web/{MOMENT}/{PAGE}"

    assert rules.archives.recognised(saved).original == PAGE


def test_a_wrong_key_is_for_whoever_runs_the_desk():
    with running(Wayback(key="desk:quiet")) as site:
        at = service(site, access="desk", secret="loud")

        trouble = told_of(lambda: wayback.begin(PAGE, at))

    assert "does not accept the key of this desk" in trouble.reason
    assert not trouble.again
    assert "loud" not in repr(at)


@pytest.mark.parametrize(
    ("code", "again"),
    [
        ("error:user-session-limit", True),
        ("error:too-many-daily-captures", True),
        ("error:blocked-url", False),
    ],
)
def test_a_refusal_is_told_in_the_words_of_the_service(code, again):
    said = {"status_ext": code, "message": "This URL\n has been\x1b captured."}
    with running(Wayback(refuses=said)) as site:
        trouble = told_of(lambda: wayback.begin(PAGE, service(site)))

    assert "did not save the page: “This URL has been\ufffd captured.”" in trouble.reason
    assert trouble.again is again


@pytest.mark.parametrize(
    ("code", "again"),
    [
        ("error:browsing-timeout", True),
        ("error:no-access", False),
        ("error:not-found", False),
    ],
)
def test_a_page_that_the_service_could_not_get_is_told(code, again):
    with running(Wayback(looks=0, fails={"status_ext": code})) as site:
        at = service(site)
        job = wayback.begin(PAGE, at)

        trouble = told_of(lambda: wayback.look(job, at))

    assert code in trouble.reason
    assert trouble.again is again


def test_a_page_that_somebody_saved_just_now_waits_an_hour():
    said = b"<p>The same snapshot had been made 4 minutes ago.</p>"
    with running(Wayback(says=said)) as site:
        trouble = told_of(lambda: wayback.begin(PAGE, service(site)))

    assert (trouble.again, trouble.after) == (True, 3600)


def test_a_busy_service_is_asked_again_when_it_says():
    busy = Wayback(status="429 Too Many Requests", headers=("Retry-After: 90",))
    with running(busy) as site:
        trouble = told_of(lambda: wayback.begin(PAGE, service(site)))

    assert (trouble.again, trouble.after) == (True, 90)


def test_a_service_that_is_not_there_is_asked_again():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = f"http://127.0.0.1:{gone.getsockname()[1]}"

    trouble = told_of(lambda: wayback.look("spn2-1", wayback.Service(address)))

    assert "cannot be asked. The desk asks again later." in trouble.reason
    assert trouble.again


@pytest.mark.parametrize(
    "said",
    [
        *(b"", b"[]", b"{}", b"<html>", b'{"status": 7}', b"[" * 100_000, b"\xff"),
        b'{"status": "success", "timestamp": "20261125120000", "original_url": "javascript:1"}',
        b'{"status": "success", "timestamp": "../../evil", "original_url": "https://a.example"}',
        b'{"status": "success"}',
    ],
)
def test_an_answer_that_makes_no_sense_is_no_saved_page(said):
    with running(Wayback(says=said)) as site:
        at = service(site)

        begun = told_of(lambda: wayback.begin(PAGE, at))
        looked = told_of(lambda: wayback.look("spn2-1/../../x", at))

    assert "does not understand" in looked.reason
    assert begun.again or "did not save" in begun.reason
    assert site.asked[-1].path == "/save/status/spn2-1%2F..%2F..%2Fx"


@pytest.mark.parametrize(
    "address",
    [
        "http://wiki.intranet/minutes",
        "http://wiki.intranet:8080/minutes",
        "http://10.0.0.7/minutes",
        "http://[::1]/minutes",
        "https://ada:secret@register.example/",
        "file:///etc/passwd",
    ],
)
def test_nothing_of_ones_own_network_is_told_outside(address):
    with running(Wayback()) as site:
        told_of(
            lambda: wayback.begin(
                address, service(site), allowed=frozenset({"wiki.intranet", "wiki.intranet:8080"})
            )
        )

        assert site.asked == []

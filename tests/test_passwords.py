import time

import pytest

from claims import passwords
from claims.passwords import Cost, Weak


@pytest.fixture
def cost():
    """Sets the cost of a hash, and puts it back."""
    kept = passwords._cost
    yield passwords.set_cost
    passwords.set_cost(kept)


def check(password, email="ada@desk.example", name="Ada Made-Up"):
    passwords.check(password, email=email, name=name)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("elevenchars", "at least 12"),
        ("x" * 1001, "at most 1000"),
        ("ADA@desk.example", "your e-mail or name"),
        (" Ada Made-Up ", "your e-mail or name"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_with_the_reason(password, reason):
    with pytest.raises(Weak, match=reason):
        check(password)


@pytest.mark.parametrize(
    "password", ["twelve chars", "x" * 1000, "            ", "پاس ورڈ بہت لمبا"]
)
def test_a_password_needs_length_and_nothing_else(password):
    check(password)


def test_only_the_password_itself_matches_its_hash():
    stored = passwords.hashed("four words in a row")

    assert stored.startswith("$argon2id$")
    assert passwords.matches(stored, "four words in a row")
    assert not passwords.matches(stored, "Four words in a row")
    assert not passwords.matches(stored, "")
    assert not passwords.matches(stored, "x" * 1001)
    assert not passwords.matches("!", "!")
    assert not passwords.matches(None, "four words in a row")


def test_an_accent_typed_as_two_characters_is_the_same_password():
    assert passwords.matches(
        passwords.hashed("caf\u00e9 caf\u00e9 caf\u00e9"), "cafe\u0301 " * 2 + "cafe\u0301"
    )


def test_a_hash_of_another_cost_still_matches_and_is_outdated(cost):
    cost(Cost(passes=1, memory=8, lanes=1))
    stored = passwords.hashed("four words in a row")
    assert not passwords.outdated(stored)

    cost(Cost(passes=2, memory=16, lanes=1))

    assert passwords.matches(stored, "four words in a row")
    assert passwords.outdated(stored)


def test_finding_out_that_there_is_no_account_takes_as_long_as_a_wrong_password(cost):
    cost(Cost(passes=3, memory=16 * 1024, lanes=1))
    stored = passwords.hashed("four words in a row")

    def fastest(hash_or_none):
        spent = []
        for _ in range(5):
            began = time.process_time()
            assert not passwords.matches(hash_or_none, "four other words")
            spent.append(time.process_time() - began)
        return min(spent)

    assert 1 / 3 < fastest(None) / fastest(stored) < 3

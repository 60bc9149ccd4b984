import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claims import rules

pieces = st.sampled_from(
    [
        "http://",
        "HTTPS://",
        "Register.Example",
        ":443",
        ":80",
        ".",
        "/",
        "a",
        "É",
        "?",
        "&",
        "=1",
        "utm_source=x",
        "fbclid=1",
        "#",
        "@",
        "[",
        " ",
        "\t",
        "\u2028",
        "%2F",
    ]
)


@given(st.text() | st.lists(pieces).map("".join))
@example("https://register.example:80.:443./?&#")
def test_the_canonical_form_of_an_address_is_its_own_canonical_form(address):
    once = rules.addresses.canonical(address)

    assert rules.addresses.canonical(once) == once


@pytest.mark.parametrize(
    "address",
    [
        "http://Register.EXAMPLE/dams/40/",
        "https://register.example/dams/40#volume",
        "https://register.example:443/dams/40?utm_source=letter&UTM_Medium=mail",
        "https://register.example./dams/40?fbclid=abc&gclid=x&igshid=y",
        "  https://register.example/dams/40?\n",
    ],
)
def test_what_only_tracks_a_reader_does_not_make_another_page(address):
    assert rules.addresses.canonical(address) == "https://register.example/dams/40"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://register.example/dams?id=1", "https://register.example/dams?id=2"),
        ("https://register.example/Dams", "https://register.example/dams"),
        ("https://register.example/dams", "https://www.register.example/dams"),
        ("https://register.example/a?x=1&y=2", "https://register.example/a?y=2&x=1"),
        ("https://register.example:8080/a", "https://register.example/a"),
    ],
)
def test_addresses_that_may_lead_to_different_pages_stay_apart(one, other):
    assert rules.addresses.fingerprint(one) != rules.addresses.fingerprint(other)


@pytest.mark.parametrize(
    ("address", "web"),
    [
        ("https://register.example", True),
        ("HTTP://register.example/", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        (" https://register.example", False),
        ("data:text/html,x", False),
        ("//register.example", False),
        ("https:///nowhere", False),
        ("file:///etc/passwd", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(address, web):
    assert rules.addresses.is_web(address) is web


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (
            "https://register.example/2025/Annual%20register.pdf?download=1#page=3",
            "Annual register.pdf",
        ),
        ("https://register.example/figures.CSV", "figures.CSV"),
        ("https://register.example/a%2F..%2Fetc.pdf", "etc.pdf"),
        ("https://register.example/index.html", None),
        ("https://register.example/report.pdf/", None),
        ("https://register.example", None),
        (None, None),
    ],
)
def test_a_document_is_named_by_the_end_of_its_address(address, name):
    assert rules.addresses.file_name(address) == name

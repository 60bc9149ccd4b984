from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims import rules
from claims.rules.archives import Archived

NOON = datetime(2015, 9, 3, 12, tzinfo=UTC)
DAMS = "https://register.example/dams?id=1&of=http://x.example/#top"


@pytest.mark.parametrize(
    ("address", "archived"),
    [
        (
            f"https://web.archive.org/web/20150903120000/{DAMS}",
            Archived("Wayback Machine", DAMS, NOON),
        ),
        (
            "http://web.archive.org:80/web/20150903120000id_/http:/register.example/dams",
            Archived("Wayback Machine", "http://register.example/dams", NOON),
        ),
        (
            "https://web.archive.org/web/2015/register.example/dams",
            Archived("Wayback Machine", "http://register.example/dams", None),
        ),
        (
            f"https://web.archive.org/web/{DAMS}",
            Archived("Wayback Machine", DAMS, None),
        ),
        (
            "https://web.archive.org/web/20159903120000/HTTPS://register.example/",
            Archived("Wayback Machine", "https://register.example/", None),
        ),
        (
            f" https://archive.ph/20150903120000/{DAMS}\n",
            Archived("archive.today", DAMS, NOON),
        ),
        (
            f"https://archive.is/2015.09.03-120000/{DAMS}",
            Archived("archive.today", DAMS, NOON),
        ),
        (f"https://archive.today/newest/{DAMS}", Archived("archive.today", DAMS, None)),
        (f"https://archive.ph/o/AbC1d/{DAMS}", Archived("archive.today", DAMS, None)),
        ("https://archive.ph/AbC1d", Archived("archive.today", None, None)),
        ("https://archive.md/wip/AbC1d#selection-1.0", Archived("archive.today", None, None)),
        ("https://perma.cc/A2B3-C4D5", Archived("Perma.cc", None, None)),
        ("https://perma.cc/A2B3-C4D5?type=image", Archived("Perma.cc", None, None)),
    ],
)
def test_an_archive_address_tells_of_what_it_keeps_and_from_when(address, archived):
    assert rules.archives.recognised(address) == archived


@pytest.mark.parametrize(
    "address",
    [
        "https://web.archive.org/",
        "https://web.archive.org/web/",
        "https://web.archive.org/web/2015*/https://register.example/",
        "https://web.archive.org/web/*/https://register.example/",
        "https://web.archive.org/save/https://register.example/",
        "https://web.archive.org.evil.example/web/20150903120000/https://register.example/",
        "https://evil.example/https://web.archive.org/web/20150903120000/https://x.example/",
        "https://archive.org/details/dams",
        "https://archive.ph/",
        "https://archive.ph/submit/?url=https://register.example/",
        "https://notarchive.ph/AbC1d",
        "https://perma.cc/about",
        "javascript:https://archive.ph/AbC1d",
        "",
    ],
)
def test_other_addresses_are_no_preserved_copies(address):
    assert rules.archives.recognised(address) is None


@given(st.text())
def test_any_words_after_an_archive_are_read_without_trouble(words):
    found = rules.archives.recognised(f"https://web.archive.org/web/20150903120000/{words}")

    assert found is None or rules.addresses.is_web(found.original)

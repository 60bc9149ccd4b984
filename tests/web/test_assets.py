"""What a browser loads besides the page: little, once, and nothing from elsewhere."""

import gzip
import re

from tests.factories import a_claim, a_member

ZIPPED = {"Accept-Encoding": "gzip, br"}


def asked_for(page):
    return set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))


def test_a_first_visit_is_at_most_sixty_kilobytes_in_six_requests(client, session):
    claim = a_claim(session)
    client.as_(a_member(session))

    for address in ("/", "/claims", f"/claims/{claim.id}", f"/articles/{claim.article_id}"):
        page = client.get(address, headers=ZIPPED)
        assets = asked_for(gzip.decompress(page.data).decode())
        sizes = [len(client.get(asset, headers=ZIPPED).data) for asset in assets]

        assert 1 + len(assets) <= 6
        assert len(page.data) + sum(sizes) <= 60_000, sizes


def test_an_asset_is_kept_for_good_and_asked_for_anew_when_it_changes(client, session):
    page = client.as_(a_member(session)).get("/").text

    for address in asked_for(page):
        kept = client.get(address)
        assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        stale = client.get(re.sub("v=.*", "v=0123456789ab", address))
        assert stale.data == kept.data
        assert "immutable" not in stale.headers["Cache-Control"]
        unchanged = client.get(address, headers={"If-None-Match": kept.headers["ETag"]})
        assert (unchanged.status_code, unchanged.data) == (304, b"")


def test_whoever_takes_nothing_compressed_gets_it_plain(client, session):
    client.as_(a_member(session))

    for address in ("/claims", "/static/desk.js"):
        plain, zipped = client.get(address), client.get(address, headers=ZIPPED)
        assert "Content-Encoding" not in plain.headers
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in zipped.headers["Vary"]
        assert len(zipped.data) < len(plain.data) / 2
        if address.startswith("/static"):
            assert gzip.decompress(zipped.data) == plain.data


def test_the_script_holds_htmx_two_and_the_desks_own(client):
    script = client.get("/static/desk.js").text

    assert 'version:"2.0.' in script
    assert "htmx:configRequest" in script
    assert "data-markable" in script


def test_no_other_file_is_given_out(client):
    for name in ("nonsense.js", "htmx-2.min.js", "..%2fapp.py", "../../app.py"):
        assert client.get(f"/static/{name}").status_code == 404

"""What was captured stays, and a change to it is noticed; in a folder and in a bucket alike."""

import hashlib
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.captures import store as stores
from claims.captures.store import Bucket, Changed, Folder, Health, Missing, Unavailable
from claims.database import Unusable
from tests import buckets

ABSENT = hashlib.sha256(b"never captured").hexdigest()


class Kept:
    """A store, and the way round it by which bytes are damaged."""

    def __init__(self, store, objects):
        self.store = store
        self.objects = objects

    def damage(self, digest, body):
        self.objects.write(digest, body)


class Files:
    def __init__(self, path):
        self.path = path

    def write(self, digest, body):
        (self.path / digest[:2] / digest[2:4] / digest).write_bytes(body)

    def clear(self):
        for file in self.path.rglob("*"):
            if file.is_file():
                file.unlink()

    def names(self):
        return [file.name for file in self.path.rglob("*") if file.is_file()]


class Objects:
    def __init__(self, server):
        self.server = server

    def write(self, digest, body):
        self.server.objects[f"desk/one/{digest[:2]}/{digest[2:4]}/{digest}"] = body

    def clear(self):
        self.server.objects.clear()

    def names(self):
        return [key.rpartition("/")[2] for key in self.server.objects]


@pytest.fixture(scope="module")
def bucket_server():
    with buckets.serving() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "made-up")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "made-up-too")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield server


@pytest.fixture(scope="module")
def bucket(bucket_server):
    return stores.at(
        f"s3://captures/desk/one/?endpoint={bucket_server.address}&region=eu-north-1",
        Path("unused"),
    )


@pytest.fixture(scope="module", params=["folder", "bucket"])
def kept(request, tmp_path_factory):
    """A store of each kind."""
    if request.param == "folder":
        path = tmp_path_factory.mktemp("store") / "captures"
        return Kept(stores.at("", path), Files(path))
    server = request.getfixturevalue("bucket_server")
    return Kept(request.getfixturevalue("bucket"), Objects(server))


@pytest.fixture(autouse=True)
def emptied(request):
    if "kept" in request.fixturenames:
        request.getfixturevalue("kept").objects.clear()


@settings(max_examples=30, deadline=None)
@given(body=st.binary(max_size=2000), data=st.data())
def test_what_was_put_is_got_back_and_a_flipped_bit_is_noticed(kept, body, data):
    digest = kept.store.put(body)

    assert digest == hashlib.sha256(body).hexdigest()
    assert kept.store.get(digest) == body
    assert kept.store.check(digest) is Health.SOUND
    if body:
        place = data.draw(st.integers(0, len(body) - 1))
        flipped = bytearray(body)
        flipped[place] ^= 1 << data.draw(st.integers(0, 7))
        kept.damage(digest, bytes(flipped))
        assert kept.store.check(digest) is Health.CHANGED
        with pytest.raises(Changed) as told:
            kept.store.get(digest)
        assert told.value.digest == digest
        assert told.value.found == hashlib.sha256(flipped).hexdigest()


def test_the_same_bytes_are_kept_once(kept):
    first = kept.store.put(b"The register lists 41 dams.")

    assert kept.store.put(b"The register lists 41 dams.") == first
    assert kept.objects.names() == [first]


def test_the_right_bytes_mend_a_damaged_capture(kept):
    digest = kept.store.put(b"The register lists 41 dams.")
    kept.damage(digest, b"The register lists 14 dams.")

    kept.store.put(b"The register lists 41 dams.")

    assert kept.store.get(digest) == b"The register lists 41 dams."
    assert kept.objects.names() == [digest]


def test_what_is_missing_or_removed_is_called_missing(kept):
    digest = kept.store.put(b"a letter")

    kept.store.remove(digest)
    kept.store.remove(digest)

    assert kept.store.check(digest) is kept.store.check(ABSENT) is Health.MISSING
    with pytest.raises(Missing, match=digest):
        kept.store.get(digest)


def test_every_capture_is_listed_and_nothing_else(kept):
    digests = {kept.store.put(b"page %d" % number) for number in range(10)}
    kept.damage(min(digests), b"damaged")
    if isinstance(kept.store, Folder):
        (kept.store.path / min(digests)[:2] / "notes.txt").write_text("not ours")
        place = kept.store.path / min(digests)[:2] / min(digests)[2:4]
        (place / f".{min(digests)}-0123").write_bytes(b"half of a p")
    else:
        kept.objects.server.objects["desk/one/notes.txt"] = b"not ours"
        kept.objects.server.objects[f"desk/other/{ABSENT[:2]}/{ABSENT[2:4]}/{ABSENT}"] = b"not ours"

    listed = list(kept.store.all())

    assert len(listed) == len(digests)
    assert set(listed) == digests


@pytest.mark.parametrize("name", ["", "../../etc/passwd", ABSENT.upper(), f"{ABSENT}\n"])
def test_a_name_that_is_no_digest_leads_nowhere(kept, name):
    for ask in (kept.store.get, kept.store.check, kept.store.remove):
        with pytest.raises(ValueError, match="no SHA-256"):
            ask(name)


def test_many_who_put_at_once_leave_whole_captures(kept):
    bodies = [bytes([number]) * 50_000 for number in range(4)]

    def put_all():
        for body in bodies:
            kept.store.put(body)

    threads = [threading.Thread(target=put_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [kept.store.get(digest) for digest in sorted(kept.store.all())] == sorted(
        bodies, key=lambda body: hashlib.sha256(body).hexdigest()
    )
    assert len(kept.objects.names()) == 4


def test_a_folder_that_cannot_be_written_to_is_told_in_a_sentence(tmp_path):
    (tmp_path / "captures").write_text("a file, no folder")

    with pytest.raises(Unavailable, match=r"folder of captures, .*captures, cannot be used: "):
        Folder(tmp_path / "captures").put(b"a page")


def test_a_write_that_fails_leaves_nothing_under_the_name(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    store = Folder(tmp_path)
    digest = hashlib.sha256(b"a page").hexdigest()
    (tmp_path / digest[:2] / digest[2:4]).mkdir(parents=True)

    with pytest.raises(Unavailable, match="No space left on device"):
        store.put(b"a page")

    assert Files(tmp_path).names() == []


def test_a_bucket_that_is_busy_is_asked_again(bucket, bucket_server):
    bucket_server.busy = 1

    digest = bucket.put(b"a page")

    assert bucket.get(digest) == b"a page"
    assert bucket_server.busy == 0


def test_a_bucket_that_refuses_is_told_in_a_sentence(bucket, bucket_server, monkeypatch):
    monkeypatch.setattr(bucket_server, "refuses", True)

    with pytest.raises(
        Unavailable, match=r"^The bucket captures at .* its keys do not allow it\.$"
    ):
        bucket.put(b"a page")
    with pytest.raises(Unavailable, match="its keys do not allow it"):
        list(bucket.all())


def test_a_bucket_that_is_not_there_is_told_in_a_sentence(bucket_server):
    elsewhere = stores.at(f"s3://other-captures?endpoint={bucket_server.address}", Path("unused"))

    with pytest.raises(Unavailable, match="there is no such bucket"):
        elsewhere.check(ABSENT)


def test_a_bucket_without_keys_says_which_to_set(bucket_server, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    with pytest.raises(Unavailable, match="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        stores.at(f"s3://captures?endpoint={bucket_server.address}", Path("unused")).put(b"a page")


def test_the_setting_may_name_only_a_bucket():
    assert stores.at("s3://captures", Path("unused")) == Bucket("captures")
    assert stores.at(" s3://captures/a/b/?region=eu-west-1 ", Path("unused")) == Bucket(
        "captures", "a/b", None, "eu-west-1"
    )


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("/srv/captures", "has to begin with s3://"),
        ("https://captures.s3.example", "has to begin with s3://"),
        ("s3://", "names a bucket “”"),
        ("s3://key:secret@captures", "may not hold the keys"),
        ("s3://[captures", "no address that can be read"),
        ("s3://captures?endpoint=s3.example", "the endpoint “s3.example”"),
        ("s3://captures?endpoint=https://a.example&endpoint=https://b.example", "each once"),
        ("s3://captures?acl=public", "endpoint and region"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_the_remedy(setting, reason):
    with pytest.raises(Unusable) as told:
        stores.at(setting, Path("/srv/desk/captures"))

    assert str(told.value).startswith("DESK_STORE ")
    assert reason in str(told.value)
    assert "secret" not in str(told.value)
    assert "/srv/desk/captures, or write s3://bucket/prefix" in str(told.value)

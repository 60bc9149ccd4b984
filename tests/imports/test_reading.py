"""What captured bytes say is read out of them; what they do not say stays unknown."""

import io
import subprocess
import sys
import time
import zipfile

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from claims.imports import documents, pages, reading
from claims.imports.reading import DOCX, Read, read
from claims.rules.passages import page_at
from claims.rules.vocabulary import SourceType

ADDRESS = "https://register.example/dams?utm_source=x"

PAGE = """<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8">
<title>Dams of the made-up province | The Made-Up Register</title>
<meta property="og:title" content="Dams of the made-up province">
<meta property="og:site_name" content="The Made-Up Register">
<link rel="canonical" href="/dams">
<script type="application/ld+json">
{"@context": "https://schema.org", "@graph": [
  {"@type": "WebSite", "datePublished": "1999-01-01", "name": "Register"},
  {"@type": "NewsArticle", "datePublished": "2009-07-21T23:30:00+05:00",
   "author": [{"name": "Ada Made-Up"}, {"name": "Ben Invented"}]}]}
</script></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/all">All lists</a></li></ul></nav>
<article><h1>Dams of the made-up province</h1>
<p>The register of 2009 lists 41 dams. Every one of them was looked at by an engineer in that year,
and a report on each was filed with the ministry, which keeps it for forty years.</p>
<p>“No state of emergency was declared,” the minister said – twice – on Tuesday, and then went on
to speak at some length about the cost of repairs and about who was to bear it.</p>
<table><tr><td>Mangla</td><td>1967</td></tr><tr><td>Tarbela</td><td>1976</td></tr></table>
<p hidden>Not for readers.</p><script>alert("no words")</script>
</article><aside>Read also: rivers.</aside></body></html>"""


def a_pdf(*texts, **about):
    """A PDF whose pages hold a line of text each, written by hand."""
    writer = PdfWriter()
    for words in texts:
        page = PdfReader(io.BytesIO(_one_page(words))).pages[0]
        writer.add_page(page)
    writer.add_metadata({f"/{name}": value for name, value in about.items()})
    return writer


def _one_page(words):
    content = f"BT /F1 12 Tf 72 700 Td ({words}) Tj ET".encode("latin-1")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources 6 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Font<</F1 5 0 R>>>>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%sendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out)
    return bytes(out) + b"xref\n0 7\n0000000000 65535 f \n" + table + end


def saved(document):
    file = io.BytesIO()
    (document.write if isinstance(document, PdfWriter) else document.save)(file)
    return file.getvalue()


def test_a_page_says_its_words_and_what_it_is():
    told = read(PAGE.encode(), said="text/html; charset=utf-8", name=ADDRESS)

    assert told.media_type == "text/html"
    assert told.title == "Dams of the made-up province"
    assert told.author == "Ada Made-Up, Ben Invented"
    assert told.publisher == "The Made-Up Register"
    assert told.published_on == "2009-07-21"
    assert told.language == "en-GB"
    assert told.canonical == "https://register.example/dams"
    assert told.type is SourceType.NEWS_REPORT
    assert told.trouble is None
    assert "“No state of emergency was declared,” the minister said – twice – on" in told.text
    assert "Mangla\t1967\nTarbela\t1976" in told.text
    assert "readers" not in told.text
    assert "alert" not in told.text


def test_the_main_part_comes_first_and_what_else_is_on_the_page_is_not_lost():
    told = read(PAGE.encode(), said=None, name=None)

    main, rest = told.text[: told.main], told.text[told.main :]
    assert "41 dams" in main
    assert "Home" not in main
    assert "Home" in rest
    assert "Read also: rivers." in told.text


def test_what_a_page_does_not_state_stays_unknown():
    told = read(
        b"<html><p>Posted 3 days ago, (c) 2019. On 4 May 2018 the dam broke.</p></html>",
        said="text/html",
        name="https://news.example/2017/03/04/dam-broke",
    )

    assert told == Read(
        "text/html",
        "Posted 3 days ago, (c) 2019. On 4 May 2018 the dam broke.",
        type=SourceType.WEB_PAGE,
        main=len(told.text),
    )


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("2009", "2009"),
        ("2009-07", "2009-07"),
        ("2009/7/2", "2009-07-02"),
        ("20090721", "2009-07-21"),
        ("2009-07-21T10:00:00Z", "2009-07-21"),
        ("21 July 2009", "2009-07-21"),
        ("July 21, 2009", "2009-07-21"),
        ("July 2009", "2009-07"),
        ("Tue, 21 Jul 2009 10:00:00 GMT", "2009-07-21"),
        # Whose third of April, or fourth of March, is not said.
        ("03/04/2009", None),
        ("2009-02-30", None),
        ("123456789", None),
        ("yesterday", None),
    ],
)
def test_a_date_is_as_exact_as_it_is_stated(stated, day):
    assert pages.day_of(stated) == day


@pytest.mark.parametrize(
    ("codec", "label", "words"),
    [
        ("windows-1256", "windows-1256", "لم تعلن حالة الطوارئ في البلاد، قال الوزير"),
        ("utf-8", "iso-8859-1", "“آبپاشی کا نظام” ڈیموں کی فہرست"),
        ("gb18030", "gb2312", "河南省多座水库在暴雨中溃坝，朱镕基"),
        ("cp932", "shift_jis", "ダムは決壊しなかった。①"),
        ("utf-16", "utf-8", "Плотина не прорвана — “нет”"),
        ("cp1252", "iso-8859-1", "“Nein” – sagte der Müller"),
        ("euc-kr", "ks_c_5601-1987", "댐은 무너지지 않았다"),
    ],
)
@pytest.mark.parametrize("where", ["header", "page"])
def test_a_page_is_read_in_its_encoding(codec, label, words, where):
    meta = f"<meta charset={label}>" if where == "page" else ""
    body = f"<html><head>{meta}<title>{words}</title></head><body><p>{words}</p></body></html>"

    told = read(
        body.encode(codec),
        said=f"text/html; charset={label}" if where == "header" else "text/html",
        name=None,
    )

    assert told.title == words
    assert words in told.text
    assert told.trouble is None


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("cp1251", "Плотина не была прорвана, сказал министр на заседании. "),
        ("gb18030", "报告称四十一座水库已经修复完毕，部长在会议上说。"),
    ],
)
def test_letters_of_an_encoding_that_is_not_said_are_read_with_a_doubt(codec, words):
    told = read((words * 20).encode(codec), said="text/plain", name="report.txt")

    assert words.strip() in told.text
    assert "does not say in which encoding" in told.trouble


def test_a_pdf_keeps_its_pages_so_that_a_locator_can_name_them():
    body = saved(a_pdf("First made-up page", "Second page", Title="A survey", Author="Ada"))

    told = read(body, said="text/html", name="survey.html")

    assert told.media_type == "application/pdf"
    assert (told.title, told.author, told.published_on) == ("A survey", "Ada", None)
    assert told.text == "First made-up page\n\nSecond page"
    assert [told.text[start:][:5] for start in told.pages] == ["First", "Secon"]
    assert [page_at(told.pages, told.text.index(word)) for word in ("made-up", "Second")] == [1, 2]


def test_what_no_text_can_be_read_of_is_told_in_a_sentence():
    locked = a_pdf("Not for you")
    locked.encrypt("a made-up password", algorithm="RC4-128")

    assert "locked with a password" in read(saved(locked), said=None, name=None).trouble
    assert "only pictures" in read(saved(a_pdf("")), said=None, name=None).trouble
    assert "damaged" in read(b"%PDF-1.4\nnothing", said=None, name=None).trouble
    assert "damaged" in read(b"PK\x03\x04word/", said=None, name=None).trouble


def test_a_word_document_is_read_with_its_tables():
    document = Document()
    document.add_paragraph("پاکستان میں 41 ڈیم 👩🏽‍🚒")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Mangla", "1967"
    document.core_properties.title = "A list of dams"
    document.core_properties.author = "Ada"

    told = read(saved(document), said="application/octet-stream", name="list.docx")

    assert told.media_type == DOCX
    assert told.text == "پاکستان میں 41 ڈیم 👩🏽‍🚒\nMangla\t1967"
    assert (told.title, told.author, told.pages) == ("A list of dams", "Ada", ())


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (b" " * 101_000_000, "unpacks to far more"),
        (
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>',
            "no Word document does",
        ),
    ],
)
def test_a_word_document_made_to_choke_a_reader_is_not_read(part, reason):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", part)

    assert reason in read(file.getvalue(), said=None, name=None).trouble


@pytest.mark.parametrize("body", [b"<div>" * 400_000, b"<html>" + b"<p a='" * 400_000])
def test_a_page_of_endless_nesting_does_not_hold_the_desk_up(body):
    begun = time.monotonic()

    told = read(body, said="text/html", name=None)

    assert told.media_type == "text/html"
    assert told.trouble
    assert time.monotonic() - begun < 60


def test_what_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(reading, "_SECONDS", 0.001)

    assert "too long" in read(saved(a_pdf("A page")), said=None, name=None).trouble


def test_a_pdf_of_too_many_pages_gives_those_that_were_read_in_time():
    told = documents.pdf(saved(a_pdf("First page", "Second page")), seconds=0)

    assert told.pages == ("First page",)
    assert told.trouble == "Reading this PDF took long; only pages 1 to 1 were read."


def test_a_desk_without_the_readers_says_what_to_add(monkeypatch):
    monkeypatch.setitem(sys.modules, "lxml", None)

    assert "fact-desk[capture]" in read(PAGE.encode(), said=None, name=None).trouble


def test_a_long_text_is_cut_and_says_so():
    told = read(b"dams and dams\n" * 150_000, said="text/plain", name=None)

    assert len(told.text) == 2_000_000
    assert "first 2,000,000 characters" in told.trouble


@pytest.mark.parametrize(
    ("body", "said", "name", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "text/html", "a.html", "image/png"),
        (b"GIF89a<script>alert(1)</script>", "text/html", "a.html", "image/gif"),
        (b"MZ\x90\0" + b"\0" * 60, "text/plain", "a.txt", "application/octet-stream"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", "a.png", "image/svg+xml"),
        (b"dam,year\nMangla,1967\n", None, "dams.csv", "text/csv"),
        (b"A letter.", "application/pdf", "letter.pdf", "text/plain"),
        (b"", "text/html", None, "text/plain"),
    ],
)
def test_what_bytes_are_is_told_by_the_bytes(body, said, name, kind):
    told = read(body, said=said, name=name)

    assert told.media_type == kind
    assert told.type is (SourceType.IMAGE if kind.startswith("image/") else told.type)
    assert told.text == (body.decode().strip() if kind.startswith("text/") else "")


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text().map(lambda text: f"<html><p>{text}".encode("utf-8", "surrogatepass"))
)
def test_whatever_comes_is_read_without_a_failure(body):
    told = read(body, said='text/html; charset="x-made-up', name="https://[broken")

    assert "\0" not in told.text
    told.text.encode()


def test_starting_the_desk_loads_none_of_the_readers():
    code = (
        "import sys, app; "
        "print({'trafilatura', 'pypdf', 'docx', 'boto3', 'lxml', 'tld'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout.strip() == "set()"


def test_a_page_that_leaves_out_head_and_body_is_read_all_the_same():
    page = b"<!doctype html><title>Register</title><article><p>It lists two dams.</p></article>"

    found = reading.read(page, said="text/html", name="https://register.example/")

    assert (found.title, found.text, found.trouble) == ("Register", "It lists two dams.", None)

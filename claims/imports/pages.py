"""A web page: its words, and what it states about itself.

Only what the page states is taken. A date is not guessed from its address or
its text, nor a publisher from its host: unknown stays unknown.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate
from typing import Any
from urllib.parse import urljoin

from claims.imports.decoding import decode
from claims.rules.addresses import is_web
from claims.rules.vocabulary import SourceType

_CHARSET = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE)
_BEGINNING = 4096

# Characters of markup that are read; what a reader sees of more is far too long anyway.
_MOST_MARKUP = 20_000_000

# What begins a new line, in a page and in the tree that trafilatura makes of its main part.
_OF_BLOCKS = (
    "address article aside blockquote body br caption center dd details dialog div dl dt "
    "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr item label lb "
    "legend li list main nav ol p pre quote row section summary table tbody tfoot thead tr ul"
)
_OF_UNSEEN = (
    "title script style template noscript svg iframe object select textarea audio video canvas"
)
_BLOCKS = frozenset(_OF_BLOCKS.split())
_UNSEEN = frozenset(_OF_UNSEEN.split())
_CELLS = frozenset({"td", "th", "cell"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

_TITLES = ("citation_title", "og:title", "dc.title", "dcterms.title", "twitter:title")
_AUTHORS = ("citation_author", "author", "article:author", "dc.creator", "dcterms.creator", "byl")
_PUBLISHERS = ("citation_publisher", "og:site_name", "dc.publisher", "dcterms.publisher")
_DATES = (
    *("citation_publication_date", "citation_date", "article:published_time"),
    *("og:published_time", "datepublished", "dcterms.issued", "dc.date.issued", "dc.date"),
    *("dcterms.date", "parsely-pub-date", "sailthru.date", "pubdate", "publish_date", "date"),
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ISO = re.compile(r"(\d{4})(?:(\d\d)(\d\d)|([-/.])(\d{1,2})(?:\4(\d{1,2}))?)?(?![\d/.-])")
_WRITTEN = re.compile(
    r"(?:(\d{1,2})\s+)?([a-z]{3})[a-z]*\.?\s+(?:(\d{1,2}),?\s+)?(\d{4})", re.IGNORECASE
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")

# What schema.org calls it, and what the desk does.
_TYPES = {
    **dict.fromkeys(("NewsArticle", "ReportageNewsArticle"), SourceType.NEWS_REPORT),
    **dict.fromkeys(("ScholarlyArticle", "MedicalScholarlyArticle"), SourceType.STUDY),
    "Dataset": SourceType.DATASET,
    **dict.fromkeys(("SocialMediaPosting", "DiscussionForumPosting"), SourceType.SOCIAL_MEDIA),
    **dict.fromkeys(("RadioEpisode", "TVEpisode", "PodcastEpisode"), SourceType.BROADCAST),
    "Book": SourceType.BOOK,
}
# Other nodes of a page (its site, its menu, related stories) state things about something else.
_ABOUT_THE_PAGE = {*_TYPES, "Article", "BlogPosting", "Report", "WebPage", "TechArticle"}


@dataclass(frozen=True)
class Page:
    """The words of a page, the main part first; `main` is where that ends."""

    text: str
    main: int
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    published_on: str | None = None
    language: str | None = None
    canonical: str | None = None
    type: SourceType = SourceType.WEB_PAGE
    trouble: str | None = None


def read(body: bytes, charset: str | None, address: str | None) -> Page:
    """Read a page in whatever encoding. Raises ValueError when nothing can be made of it."""
    from lxml import html

    stated = _CHARSET.search(body[:_BEGINNING])
    meta = stated[1].decode("ascii", "replace") if stated else ""
    # A page that can say so in single bytes is not UTF-16.
    meta = "utf-8" if meta.lower().startswith("utf-16") else meta
    markup, doubt = decode(body, (charset, meta))
    # What the bytes were is settled; the parser shall not look for it again.
    markup = re.sub("[\0\ud800-\udfff]", "", markup[:_MOST_MARKUP])
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    tree = html.document_fromstring(markup.encode(), parser=parser)
    facts = _Facts(tree)
    # Of a page that leaves out the tags of head and body, which it may, either may hold the words.
    whole = list(_lines(tree))
    # The main part is made of what a reader sees, whatever was found to be in it.
    found = _main(markup)
    main = [line for line in whole if _words(line) in found]
    rest = [line for line in whole if _words(line) not in found] if main else []
    first = "\n".join(main or whole)
    text = "\n\n".join(part for part in (first, "\n".join(rest)) if part)
    return Page(
        text,
        len(first),
        title=facts.title(),
        author=facts.author(),
        publisher=facts.publisher(),
        published_on=facts.published_on(),
        language=facts.language(),
        canonical=facts.canonical(address),
        type=facts.type(),
        trouble=doubt,
    )


def _main(markup: str) -> set[str]:
    """The words of each line of the main part, without menus; none when it cannot be told."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    try:
        found = bare_extraction(markup, include_comments=False, with_metadata=False)
    # It is known to fail in many ways on broken markup; the whole page is there still.
    except Exception:  # noqa: BLE001
        return set()
    if not isinstance(found, Document) or found.body is None:
        return set()
    return {_words(line) for line in _lines(found.body)}


def _lines(root: Any) -> Iterator[str]:
    """The words that a reader sees, a line for each block; cells of a row are set apart by tabs."""
    from lxml import etree

    parts: list[str] = []

    def line() -> str:
        cells = ("".join(parts)).split("\t")
        parts.clear()
        return "\t".join(" ".join(cell.split()) for cell in cells).strip("\t ")

    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            if element.tag in _UNSEEN or (element is not root and _is_hidden(element)):
                walk.skip_subtree()
                continue
            if element.tag in _BLOCKS and (ended := line()):
                yield ended
            if element.text:
                parts.append(re.sub(r"\s+", " ", element.text))
        else:
            if element.tag in _CELLS:
                parts.append("\t")
            elif element.tag in _BLOCKS and (ended := line()):
                yield ended
            if element.tail and element is not root:
                parts.append(re.sub(r"\s+", " ", element.tail))
    if ended := line():
        yield ended


def _is_hidden(element: Any) -> bool:
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style") or ""))


def _words(line: str) -> str:
    return " ".join(re.findall(r"\w+", line)) or line


class _Facts:
    """What the head of a page and its JSON-LD state about it."""

    def __init__(self, tree: Any) -> None:
        self._tree = tree
        self._meta: dict[str, list[str]] = {}
        for element in tree.iter("meta"):
            name = element.get("name") or element.get("property") or element.get("itemprop")
            content = " ".join((element.get("content") or "").split())
            if name and content:
                self._meta.setdefault(name.strip().lower(), []).append(content)
        self._nodes = [node for node in self._json() if _types(node) & _ABOUT_THE_PAGE]

    def title(self) -> str | None:
        headlines = [_name(node.get("headline")) for node in self._nodes]
        headings = [heading.text_content() for heading in self._tree.iter("h1")]
        # Several headings of the first rank name several things.
        heading = headings if len(headings) == 1 else []
        titles = [title.text_content() for title in self._tree.iter("title")][:1]
        return _first([*self._named(_TITLES), *headlines, *heading, *titles])

    def author(self) -> str | None:
        for name in _AUTHORS:
            if named := _joined(self._meta.get(name, ())):
                return named
        for node in self._nodes:
            stated = node.get("author")
            if named := _joined(map(_name, stated if isinstance(stated, list) else [stated])):
                return named
        by = "//*[@rel='author' or @itemprop='author']"
        return _joined(found.text_content() for found in self._tree.xpath(by)[:9])

    def publisher(self) -> str | None:
        stated = [_name(node.get("publisher")) for node in self._nodes]
        return _first([*self._named(_PUBLISHERS), *stated])

    def published_on(self) -> str | None:
        stated = [_name(node.get("datePublished")) for node in self._nodes]
        times = "//time[@pubdate or @itemprop='datePublished']/@datetime"
        for words in [*stated, *self._named(_DATES), *map(str, self._tree.xpath(times))]:
            if words and (day := day_of(words)):
                return day
        return None

    def language(self) -> str | None:
        said = self._tree.xpath("//meta[translate(@http-equiv,'CL','cl')='content-language']")
        stated = [
            *(self._tree.get("lang"), self._tree.get("xml:lang")),
            *(found.get("content") for found in said),
            *self._named(("language", "dc.language", "og:locale")),
            *(_name(node.get("inLanguage")) for node in self._nodes),
        ]
        named = (_LANGUAGE.fullmatch(word.strip()) for word in stated if word)
        return next((found[0].replace("_", "-") for found in named if found), None)

    def canonical(self, address: str | None) -> str | None:
        links = self._tree.xpath("//link[contains(concat(' ',@rel,' '),' canonical ')]/@href")
        for stated in [*map(str, links), *self._named(("og:url",))]:
            try:
                whole = urljoin(address or "", stated.strip())
            except ValueError:
                continue
            if is_web(whole) and len(whole) <= 2000:
                return whole
        return None

    def type(self) -> SourceType:
        for node in self._nodes:
            for name in sorted(_types(node) & _TYPES.keys()):
                return _TYPES[name]
        if {"citation_journal_title", "citation_doi"} & self._meta.keys():
            return SourceType.STUDY
        return SourceType.BOOK if "citation_isbn" in self._meta else SourceType.WEB_PAGE

    def _named(self, names: Iterable[str]) -> list[str]:
        return [self._meta[name][0] for name in names if name in self._meta]

    def _json(self) -> Iterator[dict[str, Any]]:
        """The nodes of the page's JSON-LD; what is no JSON states nothing."""
        for script in self._tree.xpath("//script[@type='application/ld+json']")[:50]:
            try:
                stated = json.loads(script.text_content())
            except (ValueError, RecursionError):
                continue
            for node in stated if isinstance(stated, list) else [stated]:
                if isinstance(node, dict):
                    graph = node.get("@graph")
                    inner = graph if isinstance(graph, list) else []
                    yield from (one for one in (node, *inner) if isinstance(one, dict))


def day_of(words: str) -> str | None:
    """A date as exact as it is stated: 2009, 2009-07 or 2009-07-21; None when it is not clear.

    Which of 03/04/2009 is the month depends on who wrote it, so that is not clear.
    """
    words = words.strip()
    iso = _ISO.match(words.replace("T", " ", 1))
    written = _WRITTEN.fullmatch(words)
    if iso:
        year, month, day = iso[1], iso[2] or iso[5], iso[3] or iso[6]
    elif written and (written[2].lower() in _MONTHS) and not (written[1] and written[3]):
        month = str(_MONTHS.index(written[2].lower()) + 1)
        year, day = written[4], written[1] or written[3]
    elif parsed := parsedate(words):
        year, month, day = f"{parsed[0]:04}", str(parsed[1]), str(parsed[2])
    else:
        return None
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)])


def _types(node: dict[str, Any]) -> set[str]:
    stated = node.get("@type")
    return {
        one for one in (stated if isinstance(stated, list) else [stated]) if isinstance(one, str)
    }


def _name(stated: Any) -> str | None:
    """The words of a value of JSON-LD, which may be a node with a name."""
    if isinstance(stated, list):
        stated = stated[0] if stated else None
    if isinstance(stated, dict):
        stated = stated.get("name")
    return stated if isinstance(stated, str) else None


def _first(stated: Iterable[str | None]) -> str | None:
    return next((words for one in stated if one and (words := " ".join(one.split()))), None)


def _joined(stated: Iterable[str | None]) -> str | None:
    """Several names as one line, each once; an address is no name."""
    names = (" ".join(one.split()) for one in stated if one and not is_web(one.strip()))
    return ", ".join(dict.fromkeys(name for name in names if name)) or None

"""What members write in Markdown, as safe HTML and as plain words.

No HTML of theirs passes through, no picture is fetched from elsewhere, and a
link leads to the web or to an e-mail address or is no link.
"""

import html
import re

import nh3
from markdown_it import MarkdownIt

_LINK = re.compile(r"(?:https?://[^\s/]|mailto:[^\s@]+@)", re.IGNORECASE)

_BLOCKS = ("p", "h4", "li", "blockquote", "th", "td")
_TAGS = {
    *_BLOCKS,
    *("a", "br", "code", "em", "hr", "ol", "pre", "s", "strong", "ul"),
    *("table", "thead", "tbody", "tr"),
}


def is_link(address: str | None) -> bool:
    """Whether an address may become a link: the web or e-mail, never a script."""
    return bool(address and _LINK.match(address))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.disable(["image", "html_block", "html_inline"])
    parser.validateLink = is_link  # type: ignore[method-assign, assignment]
    return parser


_MARKDOWN = _parser()


def to_html(markdown: str) -> str:
    """Turn Markdown into HTML that a page can show as it stands.

    Headings get one level, below those of any page.
    """
    tokens = _MARKDOWN.parse(markdown)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h4"
    return nh3.clean(
        _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        # Each block may be in another script than the one before it.
        set_tag_attribute_values={tag: {"dir": "auto"} for tag in _BLOCKS},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def to_text(markdown: str) -> str:
    """The words of a Markdown text without its marks, a line for each block."""
    words = html.unescape(nh3.clean(to_html(markdown), tags=set()))
    return "\n".join(line for line in words.splitlines() if line.strip())

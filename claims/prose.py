"""What members write in Markdown, as safe HTML, as safe Markdown and as plain words.

No HTML of theirs passes through, no picture is fetched from elsewhere, and a
link leads to the web or to an e-mail address or is no link.
"""

import html
import re
from collections.abc import Iterable
from urllib.parse import quote

import nh3
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from claims.rules.addresses import is_web

_MAIL = re.compile(r"mailto:[^\s@]+@", re.IGNORECASE)

_BLOCKS = ("p", "h4", "li", "blockquote", "th", "td")
_TAGS = {
    *_BLOCKS,
    *("a", "br", "code", "em", "hr", "ol", "pre", "s", "strong", "ul"),
    *("table", "thead", "tbody", "tr"),
}

# What means something to Markdown anywhere in a line, and what only at its start.
_MARKS = re.compile(r"[\\`*_\[\]<>&~|]")
_OPENING = re.compile(r"^(\s*)(?:([#+=-])|(\d{1,9})(?=[.)](?:\s|$)))", re.MULTILINE)

# One line of words in which nothing means anything to Markdown: most reasons are no more.
_PLAIN = re.compile(r"[^\W\d_](?:[^\x00-\x1f\x7f-\x9f\u2028\u2029\\`*_\[\]<>&~|]*[^\W_])?[.!?]?")

_BREAKS_A_LINK = re.compile(r"[\s<>\\]")

# These turn the direction of the words after them, beyond the field they stand in.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def is_link(address: str) -> bool:
    """Whether an address may become a link: the web or e-mail, never a script."""
    return is_web(address) or bool(_MAIL.match(address))


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
    if _PLAIN.fullmatch(markdown):
        return f'<p dir="auto">{markdown}</p>\n'
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
    if _PLAIN.fullmatch(markdown):
        return markdown
    words = html.unescape(nh3.clean(to_html(markdown), tags=set()))
    return "\n".join(line for line in words.splitlines() if line.strip())


def to_markdown(markdown: str) -> str:
    """The same Markdown, written so that no renderer makes more of it than `to_html` does.

    Other renderers run HTML and follow links of any kind; a heading would
    break into the document that the text is set in, so it becomes bold.
    """
    root = SyntaxTreeNode(_MARKDOWN.parse(without_turns(markdown)))
    return "\n\n".join(_blocks(root.children))


def literal(text: str) -> str:
    """One line of plain text as Markdown that shows just that text."""
    return _line_starts(_MARKS.sub(r"\\\g<0>", " ".join(without_turns(text).split())))


def link(words: str, address: str | None) -> str:
    """Plain words as Markdown, leading to an address if that is one of the web."""
    if not is_web(address):
        return literal(words)
    target = _BREAKS_A_LINK.sub(lambda found: quote(found[0]), without_turns(str(address)))
    return f"[{literal(words)}](<{target}>)"


def without_turns(text: str) -> str:
    """A text without the unseen characters that turn the direction of what follows.

    In a plain file nothing ends their reach, so one statement could reverse
    the words after it. They carry no words of their own.
    """
    return _TURNS.sub("", text)


def isolated(name: str) -> str:
    """A name as it stands within a sentence of ours: its direction is its own and ends with it."""
    return f"\u2068{without_turns(name)}\u2069"


def _line_starts(text: str) -> str:
    return _OPENING.sub(
        lambda found: f"{found[1]}\\{found[2]}" if found[2] else f"{found[1]}{found[3]}\\",
        text,
    )


def _blocks(nodes: Iterable[SyntaxTreeNode]) -> list[str]:
    return [_block(node) for node in nodes]


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "paragraph":
            return _line_starts(_inline(node))
        case "heading":
            return f"**{_inline(node)}**" if _inline(node) else ""
        case "bullet_list" | "ordered_list":
            return _list(node)
        case "blockquote":
            return _set_in("> ", "> ", "\n\n".join(_blocks(node.children)))
        case "fence" | "code_block":
            fence = "`" * max(3, _longest_run(node.content) + 1)
            return f"{fence}\n{node.content.rstrip()}\n{fence}"
        case "table":
            head, *body = [row for part in node.children for row in part.children]
            cells = [[_inline(cell) for cell in row.children] for row in (head, *body)]
            cells.insert(1, ["---"] * len(cells[0]))
            return "\n".join(f"| {' | '.join(row)} |" for row in cells)
        case _:
            return "---"


def _list(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    gap = "\n" if _tight(node) else "\n\n"
    items = []
    for number, item in enumerate(node.children, start=first):
        mark = f"{number}. " if node.type == "ordered_list" else "- "
        items.append(_set_in(mark, " " * len(mark), gap.join(_blocks(item.children))))
    return gap.join(items)


def _tight(node: SyntaxTreeNode) -> bool:
    return any(block.hidden for item in node.children for block in item.children)


def _set_in(first: str, rest: str, text: str) -> str:
    return "\n".join(
        f"{rest if number else first}{line}".rstrip()
        for number, line in enumerate(text.split("\n"))
    )


def _inline(node: SyntaxTreeNode) -> str:
    return "".join(_span(child) for child in node.children)


def _span(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text":
            # Before a link, an exclamation mark would make a picture of it.
            return re.sub(r"!$", r"\\!", _MARKS.sub(r"\\\g<0>", node.content))
        case "softbreak":
            return "\n"
        case "hardbreak":
            return "\\\n"
        case "code_inline":
            fence = "`" * (_longest_run(node.content) + 1)
            return f"{fence} {node.content} {fence}"
        case "link":
            return f"[{_inline(node)}](<{node.attrs['href']}>)"
        case kind:
            mark = {"em": "*", "strong": "**", "s": "~~"}.get(kind, "")
            return f"{mark}{_inline(node)}{mark}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)

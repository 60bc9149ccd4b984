"""Words that would run, steer or break something, and what a page looks like in which they do."""

import random
from html.parser import HTMLParser
from urllib.parse import urlsplit

from hypothesis import strategies as st

# Each is harmless as long as it stays text.
SNIPPETS = (
    "</script><script>document.title='broken in'</script>",
    '"><img src=x onerror="document.title=\'broken in\'">',
    "' autofocus onfocus='document.title=1",
    "</textarea></title></style><svg onload=alert(1)>",
    "<a href='javascript:alert(1)'>press</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><base href=//evil.example>",
    "<!-- ]]> --> <![CDATA[ &lt;script&gt; &#60;b&#62; &amp;amp;",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7} %(x)s {0} %s",
    "javascript:alert(1)//https://news.example",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "[press](javascript:alert(1)) ![x](https://evil.example/p.gif) <https://evil.example>",
    "[a]: javascript:alert(1)\n\n[a] ```\n# heading\n| a | b |\n|---|---|",
    '=HYPERLINK("https://evil.example","x")',
    "+1-1@SUM(A1)\t|cmd",
    "x\r\nSet-Cookie: broken=in\r\nX-Broken: in\r\n\r\n<html>",
    "x%0d%0aX-Broken:%20in",
    "\x1b]0;broken in\x07\x1b[2J\x9b31m",
    "abc \u202egnihtemos\u202c \u2066inner \u2067turned",
    "\u200f\u200e\u061c\u2068\ufeff\u2028\u2029\u0085",
    "NUL \x00 and a lone half \ud83d end",
    "../../etc/passwd\\..\\..\\boot.ini",
    '\'; DROP TABLE claim; -- " OR ""="',
    '" AND * NEAR( ^ : - " OR',
    "🙈👩‍👩‍👧‍👦 e\u0301 ﷺ ａｂｃ İıß ܐ",
    "یہ ایک جملہ ہے۔ 这是一个句子。 هٰذِهِ جُمْلَةٌ",
    "_" * 3000,
)

# Each calls `broken_in` in a browser that takes it for more than words.
RUNNING = (
    "</script><script>broken_in(1)</script>",
    '"><img src=x onerror="broken_in(2)">',
    "' onmouseover='broken_in(3)' autofocus onfocus='broken_in(4)' x='",
    "</textarea></title></style></option></select><svg onload=broken_in(5)>",
    "<details ontoggle=broken_in(6) open>",
    "javascript:broken_in(7)",
)

plain = st.text(st.characters(codec=None), max_size=40)
texts = st.lists(st.sampled_from(SNIPPETS) | plain, min_size=1, max_size=3).map(" ".join)
# What a database holds: forms have replaced the rest.
storable = texts.map(
    lambda text: "".join("\ufffd" if c == "\0" or "\ud800" <= c < "\ue000" else c for c in text)
).filter(str.strip)


def text(chance: random.Random) -> str:
    """A hostile text by chance."""
    pieces = [chance.choice(SNIPPETS) for _ in range(chance.randint(1, 3))]
    odd = "".join(
        chr(chance.choice((chance.randrange(32, 0x300), chance.randrange(0x110000))))
        for _ in range(chance.randrange(8))
    )
    return chance.choice(("", " ", "\n", "\0")).join([*pieces, odd])


ADDRESSES = frozenset(
    {"href", "src", "action", "formaction", "hx-get", "hx-post", "hx-push-url", "poster", "data"}
)
NEVER = frozenset({"iframe", "object", "embed", "base", "img", "style", "applet", "frame"})


class Looked(HTMLParser):
    """A page as a browser would take it: its elements, its words, and what is wrong with it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.skeleton: list[tuple[str, ...]] = []
        self.words: list[str] = []
        self.faults: list[str] = []
        self.feed(html)
        self.close()

    @property
    def said(self) -> str:
        """Every word of the page, also those in attributes."""
        return "\0".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.skeleton.append((tag, *sorted(given)))
        self.words += given.values()
        if tag in NEVER or "srcdoc" in given or "http-equiv" in given:
            self.faults.append(f"<{tag} {' '.join(given)}>")
        if tag == "script" and not given.get("src", "").startswith(("/static/", "/vendor/")):
            self.faults.append("a script of its own")
        self.faults += [f"<{tag} {n}>" for n in given if n == "style" or n.startswith("on")]
        self.faults += [
            f"<{tag} {name}={given[name]!r}>"
            for name in ADDRESSES & given.keys()
            if not _leads_to_the_web(given[name])
        ]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _leads_to_the_web(address: str) -> bool:
    """Whether an address, as a browser reads it, is one of the desk, of the web, or e-mail."""
    bare = "".join(c for c in address if c not in "\t\r\n").strip("".join(map(chr, range(33))))
    try:
        scheme = urlsplit(bare).scheme
    except ValueError:
        scheme = bare.partition(":")[0] if ":" in bare.partition("/")[0] else ""
    return scheme.lower() in {"", "http", "https", "mailto"} and not bare.startswith(("//", "/\\"))

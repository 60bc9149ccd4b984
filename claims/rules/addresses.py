"""Web addresses: which one may become a link, and which two lead to the same page."""

import hashlib
import re
from urllib.parse import unquote

from claims.rules import filenames

_WEB = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
_PARTS = re.compile(r"https?://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE)

# The endings of documents. A page is not called by its file: that is often “index.html”.
_FILE = re.compile(r"\S\.(pdf|docx?|xlsx?|pptx?|od[tsp]|rtf|txt|csv|tsv|epub)$", re.IGNORECASE)

# A host may end in its root dot, and an address may say the port that it has anyway.
_IMPLIED = re.compile(r"(?:\.|:(?:80|443)?)+$")

# What newsletters, advertisements and share buttons add; none of it chooses the page.
_TRACKING = re.compile(
    r"utm_.*|_g[al]|at_(campaign|custom\d|link_.*|medium)|ns_(campaign|fee|linkname|mchannel|source)"
    r"|(d|fb|g|y)clid|[gw]braid|gclsrc|gad_source|li_fat_id|mc_[ce]id|mkt_tok"
    r"|msclkid|ttclid|twclid|igshi?d?|ref_(src|url)|s_cid|cmpid|smid|sr_share|vero_id|wt_mc",
    re.IGNORECASE,
)


def is_web(address: str | None) -> bool:
    """Whether an address may become a link: http or https, and nothing else."""
    return bool(address and _WEB.match(address))


def canonical(address: str) -> str:
    """One form for every address of the same page; for comparing, never for showing.

    The host is lower case, and https stands for http too; the fragment, what
    only tracks a reader, and a slash at the end are gone.
    """
    bare = "".join(address.split())
    parts = _PARTS.fullmatch(bare)
    if not parts:
        return bare
    authority, path, query = parts.groups(default="")
    user, at, host = authority.rpartition("@")
    kept = [p for p in query.split("&") if p and not _TRACKING.fullmatch(p.partition("=")[0])]
    asked = f"?{'&'.join(kept)}" if kept else ""
    return f"https://{user}{at}{_IMPLIED.sub('', host.lower())}{path.rstrip('/')}{asked}"


def fingerprint(address: str | None) -> str | None:
    """What two addresses of the same page have in common, short enough for an index."""
    if not address:
        return None
    return hashlib.sha256(canonical(address).encode("utf-8", "surrogatepass")).hexdigest()


def file_name(address: str | None) -> str | None:
    """The name of the file that an address leads to, where it names one: `register.pdf`."""
    parts = _PARTS.fullmatch(address or "")
    last = unquote(parts[2].rpartition("/")[2]) if parts else ""
    return filenames.cleaned(last) if _FILE.search(last) else None

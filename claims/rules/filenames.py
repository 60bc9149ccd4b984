"""Names of files: strangers make them up, and they are shown, stored and offered again."""

import re
import unicodedata

_LONGEST = 150
# An ending that a name keeps when it is cut.
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def cleaned(name: str | None) -> str:
    """A file's name without what could lead elsewhere or look like another name.

    Folders before it go, and characters that are not seen, that turn the
    direction of the text, or that file systems give a meaning.
    """
    last = re.split(r"[/\\]", name or "")[-1]
    seen = "".join(c if unicodedata.category(c)[0] != "C" else "" for c in last)
    bare = " ".join(_FORBIDDEN.sub("_", seen).split()).strip(". ")
    if len(bare) > _LONGEST:
        ending = _ENDING.search(bare)
        end = ending[0] if ending else ""
        bare = bare[: _LONGEST - len(end)].rstrip(". ") + end
    return bare or "file"

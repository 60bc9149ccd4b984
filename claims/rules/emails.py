"""E-mail addresses, by which members sign in."""

import re


def folded(email: str) -> str:
    """An address as it is stored and compared: no blanks around it, and case does not count."""
    return email.strip().casefold()


def well_formed(email: str) -> bool:
    """Whether a text can be an e-mail address at all."""
    return re.fullmatch(r"[^@\s]+@[^@\s]+", email) is not None

"""Every SELECT of the desk, by the same subjects as the tables."""

from claims.queries import claims, ledger, members, paging, scales, standing

__all__ = ["claims", "ledger", "members", "paging", "scales", "standing"]

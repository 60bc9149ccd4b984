"""What members do at the desk: the use cases. None of them commits."""

from claims.desk import claims, scales, standing

__all__ = ["claims", "scales", "standing"]

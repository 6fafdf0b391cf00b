"""Codes made from names: lower case, words joined by hyphens."""

import re


def slug(name: str) -> str:
    """``Medical Incident`` → ``medical-incident``; ``unknown`` for a name without a letter or digit."""
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-") or "unknown"

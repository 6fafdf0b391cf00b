"""One place from which every stream is fed."""


class Hub:
    """Fans out changes to all streams."""

"""The dispatcher's command line: one grammar for console, shell, radio logs, SMS and tests (docs/command-line.md). Pure: what is known, the
language's aliases and sentences, and a centre's status codes are handed in.

``read.py`` reads, ``complete.py`` completes, ``told.py`` tells; ``verbs.py`` is the table of all verbs.
"""

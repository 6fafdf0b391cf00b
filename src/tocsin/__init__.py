"""Tocsin: one engine, three clocks. Start reading at ``clocks/desk.py``."""

__version__ = "0.1.0"

"""Answers as text in a terminal: tables for people. Every word comes from ``words``."""

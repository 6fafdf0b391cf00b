"""The only room that names concrete adapters: what each command of the line needs, put together.

Everything here is a straight road from files to an answer; nothing is decided.
"""

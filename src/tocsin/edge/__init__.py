"""Adapters: journals, vaults, positions, file readers. Only ``wiring.py`` names them."""

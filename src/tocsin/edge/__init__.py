"""Adapters: journals, vaults, positions, file readers. Only ``wiring/`` names them."""

"""Quantities, instants, identifiers, geometry, faults. Knows nothing of calls, units or roads."""

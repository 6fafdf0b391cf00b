"""What is known: small records, and the fold of events into them. Nothing else ever changes a board."""

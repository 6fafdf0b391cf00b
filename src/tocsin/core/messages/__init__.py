"""What is said: commands (imperative) and events (past tense), one file per subject. ``said.py`` lists them all."""

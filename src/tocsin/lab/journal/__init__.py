"""What a journal tells the lab, as plain rows. Nothing of callers is read. Pure."""

"""What a centre's own log tells the lab: its calls, how long things took, what there was to send. Nothing of callers is read. Pure."""

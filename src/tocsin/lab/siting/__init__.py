"""Where stations should stand: covering, median and survival, to a proven optimum."""

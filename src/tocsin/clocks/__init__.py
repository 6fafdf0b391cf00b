"""One desk, three clocks: live (the wall), replay (an old journal), simulate (an invented one)."""

"""HTTP in (commands), one stream of server-sent events out (views), and the console. Names no adapter: ``wiring/`` hands them in."""

"""Pages for people: self-contained HTML with its own plots. Nothing here asks the network, runs in the browser or decides anything."""

"""Where is it? Text, coordinates and grids to places with their uncertainty. Knows only base; needs no network."""

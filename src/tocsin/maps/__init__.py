"""Map tiles and map layers, cut from a region."""

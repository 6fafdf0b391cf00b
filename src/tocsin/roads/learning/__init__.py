"""Learning how long crews really take, from drives that a journal knows; and judging it on drives that it has not seen."""

"""Look-ahead: where a free unit should wait, found by playing short futures of the city from the present state of the board."""

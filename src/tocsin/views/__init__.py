"""Read models folded from the journal. Pure: records in, answers out; nothing here changes the board or reads a clock."""

"""Pure codecs: text of other systems and of people's files to messages, and back. No I/O, no clock."""

"""Work orders on their way to people: messages, the channels that take them, and what waits for those."""

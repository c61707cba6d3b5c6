"""The chain under one's desk: an EVM node with a journal of its own, and the replay that witnesses do."""

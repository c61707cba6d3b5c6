"""The indexer: the chain's events become read models that can be dropped and rebuilt at any time."""

"""The outbox: what must reach the chain is written in the transaction that decides it, and sent until it is there."""

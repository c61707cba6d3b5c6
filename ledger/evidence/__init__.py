"""Evidence: what existed when, unchanged; encrypted, a key a person (P-07)."""

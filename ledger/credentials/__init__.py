"""Credentials: is it genuine, whose, live on date d (C-02, P-25, P-26)."""

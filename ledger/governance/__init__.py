"""Governance: who decides, by which votes (C-17)."""

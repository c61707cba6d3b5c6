"""The bank itself: pure formats and rules, one package a subject, adapters for what is outside."""

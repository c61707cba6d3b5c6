"""Institutions: who may issue what, with which key, from when to when (C-18, C-20)."""

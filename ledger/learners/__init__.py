"""Learners: the account of a person at one member; everything that names the person is sealed."""

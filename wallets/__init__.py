"""The holder's side: works without the bank, its database and its network."""

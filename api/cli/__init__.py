"""The terminal's door: one module a group of commands; heavy imports stay inside the commands that need them."""

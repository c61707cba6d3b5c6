"""The doors: HTTP, terminal, and the processes of operator and member; all call the same services."""

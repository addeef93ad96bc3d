"""How fast and how good: measurements against other trainers, with the machine they were made on."""

"""Speed and quality measured beside other trainers, with the machine of each measurement."""

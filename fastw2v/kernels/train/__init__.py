"""Training: planning, the block update, and its two drivers, Hogwild and lockstep."""

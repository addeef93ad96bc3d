"""Pictures. Only this package loads matplotlib."""

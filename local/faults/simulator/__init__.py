"""The core and the use cases on ports in memory, under a virtual clock and a scheduler that follows from one seed."""

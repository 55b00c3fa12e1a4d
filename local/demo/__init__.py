"""The demo: the main job on real input, each step checked by what was observed. `make demo`."""

"""Clearance: the gate between Azure ML workspaces and shared registries.

`domain` decides, `ports` says what it needs from outside, `workflow` runs the use cases,
`adapters` talk to one technology each, `web` and `cli` speak with people,
`settings` reads the environment and `bootstrap` picks the adapters.
"""

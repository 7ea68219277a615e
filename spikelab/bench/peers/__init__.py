"""The same networks in other simulators: scripts that run under those simulators' own interpreters.

They import nothing of this library and take a network as `describe.describe` writes it.
"""

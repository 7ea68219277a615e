"""Kernels of spikelab: arrays in, arrays out. Reached through ``spikelab_kernels.dispatch``."""

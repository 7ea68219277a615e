"""Models and rules of synapses as functions: restricted Python, its typed form, and the printers.

``declare`` describes them, ``parse`` and ``parse_rule`` turn their functions into
:class:`~spikelab_kernels.ir.types.Program`, and ``numpy_printer`` and
``numba_printer`` write the same operations in the same order.
"""

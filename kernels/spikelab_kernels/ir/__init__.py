"""Models as functions: restricted Python, its typed form, and the printers.

``declare`` describes a model, ``parse`` turns its step function into a
:class:`~spikelab_kernels.ir.types.Program`, and ``numpy_printer`` and
``numba_printer`` write the same operations in the same order.
"""

"""Small networks that learn."""

from __future__ import annotations

import spikelab as sl


def recurrent(rule=None, seed=3, n=60, delay_ms=None, homeostasis=None):
    """Excitatory neurons that learn their recurrent weights, and inhibitory ones, driven by noise."""
    net = sl.Network(seed=seed)
    cell = sl.LIF(tau_mem_ms=20.0, tau_ref_ms=2.0, v_rest_mv=0.0, v_reset_mv=10.0, v_thresh_mv=20.0)
    exc, inh = net.add("exc", n, cell), net.add("inh", n // 4, cell)
    for target in (exc, inh):
        net.drive(target, sl.PoissonDrive(rate_hz=9_000.0, weight=0.12))
    delay = sl.Uniform(0.3, 2.5) if delay_ms is None else delay_ms
    rule = sl.STDP(w_max=1.0) if rule is None else rule
    net.connect(
        exc, exc, sl.FixedIndegree(12), weight=sl.Uniform(0.1, 0.6), delay_ms=delay, plasticity=rule,
        homeostasis=homeostasis,
    )  # fmt: skip
    net.connect(exc, inh, sl.FixedIndegree(12), weight=0.3, delay_ms=0.8)
    net.connect(inh, exc, sl.FixedIndegree(8), weight=-0.8, delay_ms=0.5)
    return net


def competitive(n=8, inputs=20, rule=None, homeostasis=None, seed=1):
    """An input whose weights onto competing neurons are learned."""
    net = sl.Network(seed=seed)
    image = net.input("image", inputs, sl.PoissonEncoder(max_rate_hz=200.0))
    exc = net.add("exc", n, sl.DiehlCookLIF())
    inh = net.add("inh", n, sl.LIF(tau_mem_ms=10.0, v_rest_mv=0.0, v_reset_mv=0.0, v_thresh_mv=10.0))
    rule = sl.TraceSTDP(w_max=1.0) if rule is None else rule
    net.connect(
        image, exc, weight=sl.Uniform(0.0, 0.6), delay_ms=1.0, plasticity=rule, homeostasis=homeostasis
    )
    net.connect(exc, inh, sl.OneToOne(), weight=15.0, delay_ms=1.0)
    net.connect(inh, exc, weight=-3.0, delay_ms=1.0)
    return net

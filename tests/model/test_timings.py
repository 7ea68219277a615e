"""Timings: what is counted, and that it can be read."""

from __future__ import annotations

import math

import numpy as np
import pytest

import spikelab as sl


def chain() -> sl.Network:
    """Three sources that spike by a list, onto 40 targets: 5, 7 and 0 edges."""
    net = sl.Network(seed=0)
    source = net.add("source", 3, sl.SpikeSource(times_ms=[[1.0, 2.0], [1.5], [3.0]]))
    target = net.add("target", 40, sl.LIF())
    matrix = np.zeros((3, 40))
    matrix[0, :5] = matrix[1, 10:17] = 0.1
    net.connect(source, target, sl.FromArray(matrix), delay_ms=1.0)
    return net


def test_events_are_spikes_times_edges_of_their_source():
    sim = sl.Simulator(chain(), 0.1, batch=2)
    assert math.isnan(sim.timings().real_time_factor) and math.isnan(sim.timings().ns_per_event)
    sim.run(10.0)
    timings = sim.timings()
    assert timings.events == 2 * (2 * 5 + 7)
    assert timings.neuron_steps == 2 * 100 * 43
    assert timings.synapses == 12
    assert timings.simulated_ms == pytest.approx(10.0)
    assert 0.0 < sum(timings.phases.values()) < timings.wall_s
    assert timings.ns_per_event > 0 and timings.ns_per_neuron_step > 0


def test_a_reset_begins_anew_and_new_weights_go_on():
    sim = sl.Simulator(chain(), 0.1)
    sim.run(10.0)
    events = sim.timings().events
    sim.set_weights({name: 2.0 * weight for name, weight in sim.weights().items()})
    assert sim.timings().events == events
    sim.reset()
    assert sim.timings().events == 0 == sim.timings().wall_s == sim.timings().simulated_ms


def test_bytes_a_synapse_are_two_for_constant_weights_in_large_tables():
    net = sl.Network(seed=1)
    cells = net.add("cells", 2000, sl.LIF())
    net.connect(cells, cells, sl.FixedIndegree(200), weight=0.1, delay_ms=1.5)
    timings = sl.Simulator(net, threads=1).timings()
    assert timings.synapses == 400_000
    assert 2.0 < timings.bytes_per_synapse < 2.1


def test_timings_can_be_read():
    sim = sl.Simulator(chain(), 0.1)
    sim.run(10.0)
    text = str(sim.timings())
    assert "10 ms in" in text and "17 synaptic events" in text and "deliver" in text

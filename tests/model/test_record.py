"""What is kept: validation, and resolution against a network."""

from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest

import spikelab as sl
from spikelab.errors import ParameterError


@dataclass(frozen=True)
class Cell:
    states: tuple[str, ...]
    kind: str = "spiking"
    receptors: tuple[str, ...] = ("exc", "inh")
    inputs: tuple[str, ...] = ("exc", "inh")
    weight_unit: str = "mV"


def states(population):
    return population.neuron.states


@pytest.fixture
def net():
    net = sl.Network()
    net.add("exc", 8, Cell(("v_mv", "ref")))
    net.add("inh", 3, Cell(("v_mv", "w_pa")))
    return net


def test_by_default_every_spike_and_no_trace_is_kept(net):
    kept = sl.Record().resolve(net, states)
    assert list(kept) == ["exc", "inh"]
    assert all((k.spikes, k.traces, k.neurons.size) == ("events", (), 0) for k in kept.values())


def test_traces_are_kept_where_they_exist(net):
    kept = sl.Record(spikes="counts", traces=["w_pa", "v_mv"]).resolve(net, states)
    assert kept["exc"].traces == ("v_mv",)
    assert kept["inh"].traces == ("w_pa", "v_mv")
    assert kept["exc"].neurons.tolist() == list(range(8))
    assert kept["inh"].spikes == "counts"


@pytest.mark.parametrize(
    ("neurons", "exc", "inh"),
    [
        (slice(0, 2), [0, 1], [0, 1]),
        (slice(-1, None), [7], [2]),
        ([2, 0], [2, 0], [2, 0]),
        (np.array([1], np.uint8), [1], [1]),
        ({"exc": np.arange(8) % 4 == 1}, [1, 5], [0, 1, 2]),
        ({"exc": [5], "inh": slice(2)}, [5], [0, 1]),
        ({"exc": [5], "inh": []}, [5], []),
    ],
)
def test_neurons_are_selected(net, neurons, exc, inh):
    kept = sl.Record(traces=["v_mv"], neurons=neurons).resolve(net, states)
    assert kept["exc"].neurons.tolist() == exc
    assert kept["inh"].neurons.tolist() == inh
    assert kept["exc"].neurons.dtype == np.int64


def test_populations_are_selected_by_handle_or_name(net):
    for chosen in (["inh"], [net.populations["inh"]]):
        kept = sl.Record(traces=["v_mv"], populations=chosen).resolve(net, states)
        assert (kept["exc"].spikes, kept["exc"].traces) == ("none", ())
        assert (kept["inh"].spikes, kept["inh"].traces) == ("events", ("v_mv",))
    kept = sl.Record(traces=["v_mv"], neurons={net.populations["inh"]: [0]}).resolve(net, states)
    assert kept["inh"].neurons.tolist() == [0]


def test_nothing_can_be_kept(net):
    assert {k.spikes for k in sl.Record(spikes="none").resolve(net, states).values()} == {"none"}


def test_records_are_frozen_copies():
    index = np.array([0, 1])
    record = sl.Record(traces=["v_mv"], neurons=index)
    index[0] = 7
    assert record.neurons.tolist() == [0, 1]
    with pytest.raises(FrozenInstanceError):
        record.spikes = "none"
    assert repr(sl.Record(spikes="counts")) == "Record(spikes='counts')"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"spikes": "all"}, r"Record\(spikes='all'\): spikes must be one of 'events', 'counts', 'none'"),
        ({"traces": "v_mv"}, r"traces must be a sequence of str. Write traces=\['v_mv'\]"),
        ({"traces": ["v_mv", "v_mv"]}, "traces must name each once"),
        ({"traces": [3]}, "traces must hold names"),
        ({"neurons": slice(3)}, "neurons must be None where no traces are kept"),
        ({"traces": ["v_mv"], "neurons": 3}, r"neurons must be a slice, or a 1-d array .* write \[3\]"),
        ({"traces": ["v_mv"], "neurons": [0.5]}, "neurons must be a slice"),
        ({"traces": ["v_mv"], "neurons": [1, 1]}, "neurons must name each neuron once"),
        ({"populations": "exc"}, "populations must be a sequence"),
        ({"populations": []}, "populations must be None where nothing is kept"),
        ({"populations": ["exc"], "spikes": "none"}, r'To keep nothing use Record\(spikes="none"\)'),
        (
            {"populations": ["exc"], "traces": ["v_mv"], "neurons": {"inh": [0]}},
            r"Record\(neurons='inh'\): neurons must be among populations",
        ),
    ],
)
def test_meaningless_records_are_refused(arguments, text):
    with pytest.raises(ParameterError, match=text):
        sl.Record(**arguments)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"populations": ["nobody"]}, "must name populations of the network. It has 'exc', 'inh'"),
        ({"traces": ["v_mv"], "neurons": {"nobody": [0]}}, r"Record\(neurons='nobody'\): neurons must name"),
        ({"traces": ["x"]}, "must be a state variable .* There are 'ref', 'v_mv', 'w_pa'"),
        (
            {"traces": ["w_pa"], "populations": ["exc"]},
            "must be a state variable of a population that is kept",
        ),
        ({"traces": ["v_mv"], "neurons": [0, 5]}, r"neurons\[1\] must lie in 0 ... 2, the neurons of 'inh'"),
        ({"traces": ["v_mv"], "neurons": [-1]}, r"neurons\[0\] must lie in 0 ... 7"),
        ({"traces": ["v_mv"], "neurons": np.ones(8, bool)}, r"must have shape \(3,\) for 'inh'"),
        ({"traces": ["v_mv"], "neurons": slice(5, 9)}, "must select a neuron of 'inh', which has 3"),
        ({"traces": ["v_mv"], "neurons": []}, "must select a neuron of 'exc', which has 8"),
    ],
)
def test_records_that_do_not_fit_the_network_are_refused(net, arguments, text):
    with pytest.raises(ParameterError, match=text):
        sl.Record(**arguments).resolve(net, states)

"""The recipe: what it takes, what it refuses, what it keeps."""

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest
from scipy import sparse

import spikelab as sl
from spikelab.errors import ParameterError


@dataclass(frozen=True)
class Cell:
    tau_mem_ms: object = 20.0
    kind: str = "spiking"
    receptors: tuple[str, ...] = ("exc", "inh")
    inputs: tuple[str, ...] = ("exc", "inh")
    weight_unit: str = "mV"


@dataclass(frozen=True)
class SizedCell(Cell):
    def check_size(self, n: int) -> None:
        if np.shape(self.tau_mem_ms) != (n,):
            raise ParameterError(
                "SizedCell", "tau_mem_ms", self.tau_mem_ms, f"have one value for each of {n} neurons"
            )


@dataclass(frozen=True)
class Noise:
    rate_hz: float = 1000.0
    weight: float = 0.1


@dataclass(frozen=True)
class Pairs:
    """An encoder with two channels a feature."""

    def n_out(self, n: int) -> int:
        return 2 * n


ONE = Cell(receptors=("in",))


@pytest.fixture
def net():
    return small()


def small(seed=3):
    net = sl.Network(seed=seed)
    exc, inh = net.add("exc", 8, Cell()), net.add("inh", 2, Cell())
    mel = net.input("mel", 4, encoder=Pairs(), frame_ms=5)
    net.drive(exc, Noise())
    net.connect(mel, exc, pattern=sl.FixedIndegree(3), weight=sl.Normal(1.0, 0.1, low=0.0))
    net.connect(exc, exc, pattern=sl.FixedProbability(0.5), delay_ms=1.5, spectral_radius=0.9)
    net.connect(exc, inh, weight=np.full((8, 2), 0.3), delay_ms=sl.Uniform(0.5, 2.0))
    net.connect(inh, exc, weight=-1.0, receptor="inh")
    return net


def test_handles_say_what_was_made(net):
    exc, inh, mel = net.populations["exc"], net.populations["inh"], net.inputs["mel"]
    assert (exc.name, exc.n, exc.n_out, exc.neuron) == ("exc", 8, 8, Cell())
    assert (mel.n, mel.n_out, mel.frame_ms) == (4, 8, 5.0)
    assert list(net.populations) == ["exc", "inh"]
    assert list(net.projections) == [
        ("mel", "exc", 0),
        ("exc", "exc", 0),
        ("exc", "inh", 0),
        ("inh", "exc", 0),
    ]
    assert net.connect(exc, inh).name == ("exc", "inh", 1)
    assert net.drive(exc, Noise()).name == ("exc", 1)
    recurrent = net.projections["exc", "exc", 0]
    assert recurrent.recurrent
    assert recurrent.weight == sl.Constant(1.0)
    assert recurrent.constant_delay_ms == 1.5
    assert not net.projections["exc", "inh", 0].recurrent
    assert net.projections["exc", "inh", 0].constant_delay_ms is None


def test_views_and_handles_cannot_be_changed(net):
    with pytest.raises(TypeError):
        net.populations["new"] = net.populations["exc"]
    with pytest.raises(FrozenInstanceError):
        net.populations["exc"].n = 9
    with pytest.raises(ValueError, match="read-only"):
        net.projections["exc", "inh", 0].weight[0, 0] = 1.0


def test_arrays_are_copied():
    net = sl.Network()
    tau, weight, delay, matrix = (
        np.full(4, 20.0),
        np.ones((4, 4)),
        np.ones((4, 4)),
        sparse.csr_array(np.eye(4)),
    )
    a = net.add("a", 4, Cell(tau_mem_ms=tau))
    one = net.connect(a, a, weight=weight, delay_ms=delay)
    two = net.connect(a, a, pattern=sl.FromArray(matrix))
    tau[:], weight[:], delay[:], matrix.data[:] = -9.0, -9.0, -9.0, -9.0
    assert a.neuron.tau_mem_ms.tolist() == [20.0] * 4
    assert (one.weight == 1.0).all()
    assert (one.delay_ms == 1.0).all()
    assert (two.edges().weight == 1.0).all()
    with pytest.raises(ValueError, match="read-only"):
        a.neuron.tau_mem_ms[0] = 1.0


def test_equality_is_by_content(net):
    assert net == small()
    assert net != small(seed=4)
    assert net != "net"
    other = small()
    other.add("more", 1, Cell())
    assert net != other
    one, two, three = sl.Network(), sl.Network(), sl.Network()
    for made, tau in ((one, 20.0), (two, 20.0), (three, 21.0)):
        made.add("a", 2, Cell(tau_mem_ms=np.array([10.0, tau])))
    assert one == two
    assert one != three
    with pytest.raises(TypeError, match="unhashable"):
        hash(net)


@pytest.mark.parametrize(
    "change",
    [
        {"weight": 2.0},
        {"weight": np.ones((8, 2))},
        {"delay_ms": 1.0},
        {"pattern": sl.FixedIndegree(2)},
        {"pattern": sl.FromArray(np.ones((8, 2)))},
        {"receptor": "exc"},
    ],
    ids=str,
)
def test_every_part_of_a_projection_counts_for_equality(change):
    one, two = small(), small()
    one.connect(one.populations["exc"], one.populations["inh"])
    two.connect(two.populations["exc"], two.populations["inh"], **change)
    assert one != two


def test_clones_are_equal_and_independent(net):
    for twin in (net.clone(), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin == net
        twin.connect(twin.populations["exc"], twin.populations["inh"])
        twin.drive(twin.populations["exc"], Noise())
        assert twin != net
        assert len(net.projections) == 4
        with pytest.raises(ParameterError, match="target must belong to this network"):
            twin.connect(twin.populations["exc"], net.populations["inh"])


def test_edges_are_the_same_at_every_call_and_in_a_clone(net):
    for name, projection in net.projections.items():
        one, two = projection.edges(), net.clone().projections[name].edges()
        assert len(one) > 0
        for a, b in zip(vars(one).values(), vars(two).values(), strict=True):
            assert np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b


def test_adding_an_object_reseeds_nothing():
    plain, grown = sl.Network(seed=1), sl.Network(seed=1)
    grown.input("first", 3)
    extra = grown.add("extra", 5, ONE)
    made = []
    for net in (plain, grown):
        a = net.add("a", 50, ONE)
        if net is grown:
            grown.connect(extra, a, pattern=sl.FixedProbability(0.5))
            grown.drive(a, Noise())
        made.append(
            net.connect(
                a, a, pattern=sl.FixedProbability(0.1), weight=sl.Normal(0, 1), delay_ms=sl.Uniform(1, 2)
            )
        )
        if net is grown:
            grown.connect(a, a, pattern=sl.FixedProbability(0.2))
    one, two = (projection.edges() for projection in made)
    for name in ("source", "target", "weight", "delay_ms"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
    assert made[0].key("weight") == made[1].key("weight")


def test_streams_of_a_network_are_distinct(net):
    keys = [p.key(purpose) for p in net.projections.values() for purpose in ("edges", "weight", "delay")]
    keys += [d.key("noise") for d in net.drives.values()]
    assert len(set(keys)) == len(keys)
    assert net.projections["exc", "exc", 0].key("edges") != small(4).projections["exc", "exc", 0].key("edges")


def test_edges_carry_weights_and_delays(net):
    exc, inh = net.populations["exc"], net.populations["inh"]
    weight = np.arange(16.0).reshape(8, 2)
    edges = net.connect(exc, inh, weight=weight, delay_ms=weight).edges()
    assert np.array_equal(edges.weight, weight[edges.source, edges.target])
    assert np.array_equal(edges.delay_ms, edges.weight)
    matrix = np.where(weight % 3, 0.0, weight)
    edges = net.connect(exc, inh, pattern=sl.FromArray(matrix), weight=0.5, delay_ms=2).edges()
    assert np.array_equal(edges.weight, 0.5 * matrix[edges.source, edges.target])
    assert edges.delay_ms == 2.0
    assert net.connect(exc, inh).edges().delay_ms is None


def test_weights_and_delays_are_independent():
    net = sl.Network()
    a = net.add("a", 63, ONE)
    edges = net.connect(a, a, weight=sl.Uniform(0, 1), delay_ms=sl.Uniform(0, 1)).edges()
    assert abs(np.corrcoef(edges.weight, edges.delay_ms)[0, 1]) < 4 / np.sqrt(len(edges))


def test_spectral_radius_scales_the_edges():
    net = sl.Network(seed=0)
    a = net.add("a", 63, ONE)
    edges = net.connect(
        a, a, pattern=sl.FixedIndegree(9), weight=sl.Uniform(-1, 1), spectral_radius=0.7
    ).edges()
    dense = np.zeros((63, 63))
    np.add.at(dense, (edges.source, edges.target), edges.weight)
    assert np.abs(np.linalg.eigvals(dense)).max() == pytest.approx(0.7, rel=1e-9)


def test_repr_lists_what_there_is(net):
    lines = repr(net).splitlines()
    assert lines[0] == "Network(seed=3)"
    assert lines[1] == "  population  exc         8  Cell"
    assert lines[3] == "  input       mel         4  Pairs(), 5 ms a row"
    assert lines[4] == "  drive       exc            Noise(rate_hz=1000.0, weight=0.1)"
    assert (
        "FixedProbability(p=0.5, allow_autapses=True), weight 1, spectral radius 0.9, delay 1.5 ms"
        in lines[6]
    )
    assert "FixedIndegree(k=3), weight Normal(" in lines[5]
    assert lines[8].endswith("weight -1, receptor inh")
    assert repr(sl.Network()) == "Network(seed=0)"
    for k in range(100):
        net.add(f"p{k}", 1, Cell())
    assert repr(net).endswith("more")
    assert len(repr(net).splitlines()) < 50


def test_handles_print_in_a_line(net):
    exc = net.populations["exc"]
    assert repr(exc) == "Population('exc', 8 x Cell)"
    made = net.connect(exc, exc, pattern=sl.OneToOne(), weight=2.0, delay_ms=1.5)
    assert repr(made) == "Projection(exc -> exc, OneToOne(), weight 2, delay 1.5 ms)"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda n, e: sl.Network(seed=-1), r"Network\(seed=-1\): seed must be an integer >= 0"),
        (
            lambda n, e: n.add("exc", 3, Cell()),
            r"Network.add\(name='exc'\): name must be new .* 'exc', 'inh', 'mel'",
        ),
        (lambda n, e: n.add("mel", 3, Cell()), "name must be new"),
        (lambda n, e: n.input("exc", 3), r"Network.input\(name='exc'\): name must be new"),
        (lambda n, e: n.add("a/b", 3, Cell()), 'non-empty str without "/"'),
        (lambda n, e: n.add("  ", 3, Cell()), "non-empty str"),
        (lambda n, e: n.add(3, 3, Cell()), "non-empty str"),
        (lambda n, e: n.add("a", 0, Cell()), "n must be an integer >= 1. A population has at least one"),
        (lambda n, e: n.add("a", 2.0, Cell()), "n must be an integer >= 1"),
        (lambda n, e: n.add("a", 2, Cell), "neuron must be a neuron record"),
        (
            lambda n, e: n.add("a", 2, "LIF"),
            r"neuron must be a neuron record. Pass one such as spikelab.LIF\(\)",
        ),
        (lambda n, e: n.input("a", 0), r"Network.input\(n=0\)"),
        (lambda n, e: n.input("a", 2, encoder=Pairs), "encoder must be an encoder record or None"),
        (lambda n, e: n.input("a", 2, frame_ms=0.0), "frame_ms must be > 0 ms"),
        (lambda n, e: n.input("a", 2, frame_ms=float("nan")), "frame_ms must be finite"),
        (lambda n, e: n.drive(n.inputs["mel"], Noise()), "target must be a population. An input only sends"),
        (
            lambda n, e: n.drive("exc", Noise()),
            r"must be a handle, not a name. Pass the handle net.populations\['exc'\]",
        ),
        (lambda n, e: n.drive(e, Noise(weight=float("nan"))), "must be finite"),
        (lambda n, e: n.drive(e, Noise), "drive must be a current, or a drive record with a weight"),
        (lambda n, e: n.drive(e, 3.0), "drive must be a current, or a drive record with a weight"),
        (
            lambda n, e: n.drive(e, Noise(), receptor="gaba"),
            "receptor must be a receptor of 'exc'. Its neuron has 'exc', 'inh'",
        ),
        (
            lambda n, e: n.drive(e, Noise(weight=-0.1), receptor="exc"),
            "weight must be >= 0 for receptor='exc'",
        ),
        (
            lambda n, e: n.connect("nobody", e),
            "There is none of that name; this network has 'exc', 'inh', 'mel'",
        ),
        (lambda n, e: n.connect("mel", e), r"Pass the handle net.inputs\['mel'\]"),
        (
            lambda n, e: n.connect(e, n.inputs["mel"]),
            r"Network.connect\(target=Input.*target must be a population",
        ),
        (lambda n, e: n.connect(e, None), "target must be a handle returned by Network.add"),
        (
            lambda n, e: n.connect(sl.PoissonSource(rate_hz=5.0), e),
            r"Add the record first: net.add\('name', n, PoissonSource\(...\)\) returns the handle.",
        ),
        (lambda n, e: n.connect(Noise(), e), "A Noise reaches a population through Network.drive"),
        (lambda n, e: n.add("a", 2, sl.DCCurrent(5.0)), "A DCCurrent reaches a population through"),
        (
            lambda n, e: n.drive(e, sl.PoissonSource(rate_hz=5.0)),
            "A PoissonSource is a population: Network.add it, and connect the handle",
        ),
        (lambda n, e: n.connect(e, e, "one_to_one"), r"Pass one such as spikelab.OneToOne\(\)"),
        (
            lambda n, e: n.connect(e, e, {"rule": "pairwise_bernoulli", "p": 0.1}),
            r"Pass one such as spikelab.FixedProbability\(p\)",
        ),
        (lambda n, e: n.connect(e, e, 1.0, 1.5), "Without a pattern, name the others: weight=, delay_ms="),
        (lambda n, e: n.connect(e, e, np.ones((8, 8))), r"as spikelab.FromArray\(matrix\)"),
        (lambda n, e: n.connect(e, e, {"p": 0.1}), r"Pass one such as spikelab.FixedIndegree\(10\)"),
        (lambda n, e: n.connect(e, e, sl.FixedIndegree(0.1 * 80)), r"Write 8, or int\(...\) around"),
        (lambda n, e: n.connect(small().populations["exc"], e), "source must belong to this network"),
        (lambda n, e: n.connect(small().inputs["mel"], e), "source must belong to this network"),
        (lambda n, e: n.connect(e, e, pattern=sl.AllToAll), "pattern must be a pattern record"),
        (
            lambda n, e: n.connect(e, n.populations["inh"], pattern=sl.OneToOne()),
            "n_target must equal n_source=8",
        ),
        (
            lambda n, e: n.connect(e, e, weight=float("nan")),
            r"Network.connect\(weight=nan\): weight must be finite",
        ),
        (lambda n, e: n.connect(e, e, weight="strong"), "weight must be a real number"),
        (lambda n, e: n.connect(e, e, weight=np.ones(8)), r"must have shape \(source, target\) = \(8, 8\)"),
        (lambda n, e: n.connect(e, n.populations["inh"], weight=np.ones((2, 8))), "Transpose it"),
        (lambda n, e: n.connect(e, e, weight=_with_nan((8, 8), (2, 5))), r"weight\[2, 5\] must be finite"),
        (lambda n, e: n.connect(e, e, weight=sparse.eye_array(8)), r"pattern=FromArray\(matrix\)"),
        (
            lambda n, e: n.connect(e, e, pattern=sl.FromArray(np.eye(8)), weight=np.ones((8, 8))),
            "be a number with FromArray",
        ),
        (
            lambda n, e: n.connect(e, e, weight=-1.0, receptor="exc"),
            "must be >= 0 for receptor='exc'. Use receptor='inh'",
        ),
        (
            lambda n, e: n.connect(e, e, weight=sl.Uniform(-1, 1), receptor="inh"),
            "must be <= 0 for receptor='inh'",
        ),
        (lambda n, e: n.connect(e, e, pattern=sl.FromArray(-np.eye(8)), receptor="exc"), "must be >= 0 for"),
        (
            lambda n, e: n.connect(e, e, delay_ms=-0.1),
            r"delay_ms must be >= 0 ms. A spike cannot arrive before",
        ),
        (
            lambda n, e: n.connect(e, e, delay_ms=sl.Normal(1.5, 0.7)),
            r"reach down to -inf; bound them, as in Normal",
        ),
        (lambda n, e: n.connect(e, e, delay_ms=-np.eye(8)), r"delay_ms\[0, 0\] must be >= 0 ms"),
        (lambda n, e: n.connect(e, e, spectral_radius=0.0), "spectral_radius must be > 0"),
        (
            lambda n, e: n.connect(e, n.populations["inh"], spectral_radius=0.9),
            "Only a population connected to itself",
        ),
    ],
)
def test_bad_recipes_are_refused_and_leave_no_trace(net, call, text):
    with pytest.raises(ParameterError, match=text):
        call(net, net.populations["exc"])
    assert net == small()


def test_the_sign_of_drawn_weights_is_checked_too(net):
    exc = net.populations["exc"]
    made = net.connect(exc, exc, weight=sl.Normal(0.0, 1.0), receptor="exc")
    with pytest.raises(
        ParameterError, match=r"connect\('exc', 'exc'\)\(weight=-.*must be >= 0 for receptor='exc'"
    ):
        made.edges()
    assert (net.connect(exc, exc, weight=sl.Normal(0, 1, low=0.0), receptor="exc").edges().weight >= 0).all()


def test_arrays_of_a_neuron_have_the_size_of_its_population():
    net = sl.Network()
    with pytest.raises(ParameterError, match="for each of 3 neurons"):
        net.add("a", 3, SizedCell(tau_mem_ms=np.full(2, 20.0)))
    assert not net.populations
    assert net.add("a", 2, SizedCell(tau_mem_ms=np.full(2, 20.0))).n == 2


def test_auto_needs_a_choice_by_sign():
    net = sl.Network()
    odd = net.add("odd", 2, Cell(receptors=("ampa", "nmda")))
    with pytest.raises(
        ParameterError, match=r"receptor must be named for 'odd'. Its neuron has 'ampa', 'nmda'"
    ):
        net.connect(odd, odd)
    assert net.connect(odd, odd, weight=-1.0, receptor="nmda").receptor == "nmda"
    single = net.add("single", 2, ONE)
    assert net.connect(odd, single, weight=sl.Normal(0, 1)).receptor == "auto"


def _with_nan(shape, place):
    array = np.ones(shape)
    array[place] = np.nan
    return array


def test_blocks_hold_the_edges_of_the_whole():
    net = sl.Network(seed=3)
    one, two = (net.add(name, 63, Cell()) for name in ("one", "two"))
    kinds = [
        (sl.FixedProbability(0.2), sl.Normal(1.0, 0.5, low=0.0), sl.Uniform(0.5, 2.0)),
        (sl.FixedIndegree(7), 0.5, None),
        (sl.AllToAll(), np.arange(63.0 * 63).reshape(63, 63), 1.5),
        (sl.FromArray(np.eye(63) * np.arange(63.0)), 2.0, sl.Normal(2.0, 1.0, low=0.1)),
    ]
    for pattern, weight, delay in kinds:
        projection = net.connect(one, two, pattern, weight, delay)
        whole = projection.edges()
        assert projection.edge_count() in (None, len(whole))
        assert len(whole) <= projection.edge_bound() <= 63 * 63
        for size in (1, 50, 2**20):
            first = 0
            for block in projection.edge_blocks(size):
                places = slice(first, first + block.source.size)
                assert block.first == first
                assert 0 < block.source.size <= size
                assert np.array_equal(block.source, whole.source[places])
                assert np.array_equal(block.target, whole.target[places])
                assert (projection.weights_in(block) == whole.weight[places]).all()
                delays = whole.delay_ms[places] if isinstance(whole.delay_ms, np.ndarray) else whole.delay_ms
                assert np.all(projection.delays_in(block) == delays)
                first += block.source.size
            assert first == len(whole)
    assert isinstance(net.projections["one", "two", 1].weights_in(block), float)


def test_blocks_are_scaled_to_the_spectral_radius():
    net = sl.Network(seed=1)
    cells = net.add("cells", 40, Cell(receptors=("in",)))
    made = net.connect(cells, cells, sl.FixedIndegree(5), sl.Uniform(-1, 1), spectral_radius=0.7)
    whole, matrix = made.edges(), np.zeros((40, 40))
    np.add.at(matrix, (whole.source, whole.target), whole.weight)
    assert np.abs(np.linalg.eigvals(matrix)).max() == pytest.approx(0.7, rel=1e-9)
    assert np.concatenate([made.weights_in(b) for b in made.edge_blocks(9)]).tolist() == whole.weight.tolist()


@dataclass(frozen=True)
class Depression:
    tau_rec_ms: float = 800.0


def test_synapses_may_change_and_fail_where_spikes_pass():
    net = sl.Network()
    cells, values = net.add("cells", 4, Cell()), net.input("values", 4)
    made = net.connect(cells, cells, short_term=Depression(), failure_probability=0.25)
    assert (made.short_term, made.failure_probability) == (Depression(), 0.25)
    assert net.clone() == net
    plain = sl.Network()
    plain.connect(plain.add("cells", 4, Cell()), plain.populations["cells"])
    assert made.content() != plain.projections["cells", "cells", 0].content()
    for bad, text in (
        ({"failure_probability": 1.5}, r"failure_probability must lie in \[0, 1\]"),
        ({"failure_probability": np.nan}, "failure_probability must be finite"),
        ({"short_term": 3.0}, r"short_term must be a record of short-term plasticity or None"),
        ({"short_term": Depression}, r"short_term must be a record"),
    ):
        with pytest.raises(ParameterError, match=text):
            net.connect(cells, cells, **bad)
    for bad in ({"failure_probability": 0.5}, {"short_term": Depression()}):
        with pytest.raises(ParameterError, match=r"must be left out for a source without spikes. 'values'"):
            net.connect(values, cells, **bad)

"""What cannot be used is answered with owner, parameter, value and need, wherever it is given."""

from __future__ import annotations

import math

import numpy as np
import pytest

import spikelab as sl
from spikelab.connect import spectral_radius_of
from spikelab.errors import ParameterError
from spikelab.units import require_choice, require_flag, require_scalar, steps_from_ms

RAGGED = [[1.0], [1.0, 2.0]]
POSITIONS = np.zeros((3, 3))

#: Things that are not one real number.
NO_NUMBERS = [
    True,
    np.False_,
    "fast",
    None,
    1j,
    object(),
    [1.0, 2.0],
    [],
    RAGGED,
    np.datetime64("2020"),
    sl.LIF,
]

NUMBERS = {
    "Constant.value": lambda v: sl.Constant(v),
    "Uniform.low": lambda v: sl.Uniform(v, 5.0),
    "Uniform.high": lambda v: sl.Uniform(0.0, v),
    "Normal.mean": lambda v: sl.Normal(v, 1.0),
    "Normal.std": lambda v: sl.Normal(0.0, v),
    "Normal.low": lambda v: sl.Normal(0.0, 1.0, low=v),
    "Normal.high": lambda v: sl.Normal(0.0, 1.0, high=v),
    "FixedProbability.p": lambda v: sl.FixedProbability(v),
    "DistanceDependent.c": lambda v: sl.DistanceDependent(POSITIONS, POSITIONS, v, 1.0),
    "DistanceDependent.lambda_": lambda v: sl.DistanceDependent(POSITIONS, POSITIONS, 0.5, v),
    "PoissonEncoder.max_rate_hz": lambda v: sl.PoissonEncoder(max_rate_hz=v),
    "LatencyEncoder.silent_below": lambda v: sl.LatencyEncoder(silent_below=v),
    "DeltaEncoder.threshold": lambda v: sl.DeltaEncoder(threshold=v),
    "PoissonDrive.start_ms": lambda v: sl.PoissonDrive(rate_hz=1.0, weight=1.0, start_ms=v),
    "DCCurrent.start_ms": lambda v: sl.DCCurrent(1.0, start_ms=v),
    "NoiseCurrent.interval_ms": lambda v: sl.NoiseCurrent(interval_ms=v),
    "PoissonDrive.weight": lambda v: sl.PoissonDrive(rate_hz=1.0, weight=v),
    "scale_to_spectral_radius.radius": lambda v: sl.scale_to_spectral_radius(np.eye(3), v),
    "Simulator.dt_ms": lambda v: sl.Simulator(one_population(), [] if v is None else v),
}  # fmt: skip


def one_population() -> sl.Network:
    net = sl.Network()
    net.add("p", 3, sl.LIF())
    return net


@pytest.mark.parametrize("place", NUMBERS)
@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda v: repr(v)[:20])
def test_one_number_is_one_number(place, value):
    owner, parameter = place.split(".")
    need = rf"^{owner}\({parameter}=.*\): {parameter} must be a (single|real) number"
    with pytest.raises(ParameterError, match=need):
        NUMBERS[place](value)


@pytest.mark.parametrize("place", [name for name in NUMBERS if name not in ("Normal.low", "Normal.high")])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_one_number_is_finite(place, value):
    owner, parameter = place.split(".")
    with pytest.raises(ParameterError, match=rf"^{owner}\({parameter}={value}\): {parameter} must be finite"):
        NUMBERS[place](value)


@pytest.mark.parametrize(
    ("owner", "make"),
    [
        ("AllToAll", lambda v: sl.AllToAll(allow_autapses=v)),
        ("FixedProbability", lambda v: sl.FixedProbability(0.5, allow_autapses=v)),
        ("FixedIndegree", lambda v: sl.FixedIndegree(2, allow_multapses=v)),
        ("DistanceDependent", lambda v: sl.DistanceDependent(POSITIONS, POSITIONS, 0.5, 1.0, v)),
    ],
)
@pytest.mark.parametrize("value", [1, 0.0, "no", None, [], np.array([True, False])], ids=repr)
def test_a_switch_is_true_or_false(owner, make, value):
    with pytest.raises(ParameterError, match=rf"^{owner}\(allow_\w+=.* must be True or False"):
        make(value)


@pytest.mark.parametrize("value", [np.array(["delta", "exp"]), np.array([]), None, 1, ["delta"], b"delta"])
def test_a_word_is_one_of_a_few(value):
    with pytest.raises(ParameterError, match=r"^o\(p=.*\): p must be 'delta' or 'exp'\."):
        require_choice("o", "p", value, ("delta", "exp"))
    with pytest.raises(ParameterError, match=r"p must be one of 'a', 'b', 'c'\. Try a\."):
        require_choice("o", "p", value, ("a", "b", "c"), "Try a.")


def test_what_is_good_comes_back_plain():
    assert type(require_scalar("o", "p", np.float32(1.5))) is float
    assert type(require_scalar("o", "p", np.array(2))) is float
    assert require_flag("o", "p", np.True_) is True
    assert sl.Uniform(0, 1) == sl.Uniform(np.float32(0), 1.0)
    assert sl.Normal(0, 1, low=-1).bounds == (-1.0, math.inf)


@pytest.mark.parametrize("value", [1e300, 10**12])
def test_times_that_no_counter_holds_are_refused(value):
    text = r"must be at most 2.14748e\+08 ms, 2147483647 steps of dt_ms=0.1. Is it in ms\?"
    with pytest.raises(ParameterError, match=text):
        steps_from_ms(float(value), 0.1, "LIF", "tau_ref_ms")
    with pytest.raises(ParameterError, match=text):
        steps_from_ms(np.array([1.0, value]), 0.1, "connect", "delay_ms")


@pytest.mark.parametrize("name", ["add", "input"])
def test_sizes_fit_32_bits(name):
    call = {
        "add": lambda n: sl.Network().add("p", n, sl.LIF()),
        "input": lambda n: sl.Network().input("p", n),
    }
    with pytest.raises(
        ParameterError, match=rf"Network.{name}\(n=2147483648\): n must be an integer <= 2147483647"
    ):
        call[name](2**31)
    with pytest.raises(ParameterError, match="n must be an integer >= 1"):
        call[name](0)
    with pytest.raises(ParameterError, match="k must be an integer <= 2147483647"):
        sl.FixedIndegree(10**400)


@pytest.mark.parametrize("value", [True, [1.0], RAGGED, math.nan, 0.0], ids=repr)
def test_the_frame_and_the_spectral_radius_are_positive_numbers(value):
    net = one_population()
    pop = net.populations["p"]
    with pytest.raises(ParameterError, match=r"Network.input\(frame_ms=.*frame_ms must"):
        net.input("x", 2, frame_ms=value)
    with pytest.raises(ParameterError, match=r"Network.connect\(spectral_radius=.*spectral_radius must"):
        net.connect(pop, pop, spectral_radius=value)
    assert not net.inputs and not net.projections


@pytest.mark.parametrize("value", [True, "1", 1j, None, math.nan, RAGGED, np.array(["a"])], ids=repr)
def test_weights_and_delays_are_numbers(value):
    net = one_population()
    pop = net.populations["p"]
    with pytest.raises(ParameterError, match=r"Network.connect\(weight=.*weight must"):
        net.connect(pop, pop, weight=value)
    if value is not None:
        with pytest.raises(ParameterError, match=r"Network.connect\(delay_ms=.*delay_ms must"):
            net.connect(pop, pop, delay_ms=value)
    assert not net.projections


@pytest.mark.parametrize("matrix", [1.0, None, "a", RAGGED, np.array([[1j]])], ids=repr)
def test_a_matrix_to_scale_is_a_matrix(matrix):
    with pytest.raises(ParameterError, match=r"scale_to_spectral_radius\(matrix=.*matrix must"):
        sl.scale_to_spectral_radius(matrix, 1.0)


def test_what_lies_under_a_mask_is_no_number():
    masked = np.ma.masked_array([[1.0, 2.0]], mask=[[False, True]])
    with pytest.raises(ParameterError, match="matrix must hold real numbers"):
        sl.FromArray(masked)
    assert sl.FromArray(masked.filled(0.0)).weights.tolist() == [1.0]
    with pytest.raises(ParameterError, match=r"X\[0\] must have no masked values\. What lies under the mask"):
        sl.ESNClassifier(sl.Reservoir(5)).fit([masked, masked], [0, 1])


def test_a_matrix_to_scale_may_be_a_list():
    assert spectral_radius_of(sl.scale_to_spectral_radius([[0.0, 2.0], [2.0, 0.0]], 0.5)) == pytest.approx(
        0.5
    )


@pytest.mark.parametrize(
    ("field", "value", "need"),
    [
        ("spikes", np.array(["events"]), "be one of 'events', 'counts', 'none'"),
        ("traces", 3, "be a sequence of str"),
        ("traces", sl.LIF, "be a sequence of str"),
        ("traces", "v_mv", r"be a sequence of str\. Write traces=\['v_mv'\]"),
        ("populations", 1.5, "be a sequence of str"),
        ("populations", "exc", r"be a sequence of str\. Write populations=\['exc'\]"),
        ("neurons", RAGGED, "be a slice, or a 1-d array of int or bool"),
        ("neurons", slice("a", None), "be a slice of integers"),
        ("neurons", slice(0, 9, 0), "be a slice of integers"),
        ("neurons", "a", "be a slice, or a 1-d array of int or bool"),
    ],
)
def test_a_record_asks_for_names_and_places(field, value, need):
    traces = {} if field == "traces" else {"traces": ["v_mv"]}
    with pytest.raises(ParameterError, match=rf"^Record\({field}=.*\): {field} must {need}"):
        sl.Record(**{**traces, field: value})


def test_a_result_says_what_it_holds():
    result = sl.Simulator(one_population()).run(1.0, record=sl.Record(traces=["v_mv"]))
    for bad in ("q", ["p"], None):
        with pytest.raises(
            ParameterError, match=r"population must be a population of the network. It has 'p'"
        ):
            result[bad]
        with pytest.raises(ParameterError, match=r"trace must be a trace that was kept. Kept: 'v_mv'"):
            result["p"][bad]
    assert result.get("q") is None and result.get("q", 1) == 1 and result.get("p") is result["p"]


def connected(receptor: str = "auto", **neuron: object) -> sl.Network:
    net = sl.Network()
    one, two = net.add("one", 3, sl.LIF()), net.add("two", 2, sl.LIF(synapse="exp", **neuron))
    net.connect(one, two, receptor=receptor)
    return net


@pytest.mark.parametrize(("receptor", "sign", "other"), [("exc", -1.0, "inh"), ("inh", 1.0, "exc")])
def test_weights_given_later_keep_the_sign_of_their_receptor(receptor, sign, other):
    net = sl.Network()
    one, two = net.add("one", 3, sl.LIF()), net.add("two", 2, sl.LIF(synapse="exp"))
    net.connect(one, two, weight=-sign, receptor=receptor)
    name = ("one", "two", 0)
    wrong = np.full(6, -sign)
    wrong[4] = sign * 0.5
    text = (
        rf"^Simulator\(weights\[\('one', 'two', 0\)\]={sign * 0.5}\): .* must be [<>]= 0 for "
        rf"receptor='{receptor}'\. Use receptor='{other}'"
    )
    with pytest.raises(ParameterError, match=text):
        sl.Simulator(net, weights={name: wrong})
    sim = sl.Simulator(net)
    before, state = sim.weights(), sim.state()
    with pytest.raises(ParameterError, match=text):
        sim.set_weights({name: wrong})
    assert np.array_equal(sim.weights()[name], before[name])
    assert all(np.array_equal(sim.state()["two"][k], v) for k, v in state["two"].items())


def test_weights_given_later_may_have_both_signs_where_the_sign_chooses():
    weights = np.array([1.0, -1.0, 2.0, -2.0, 0.0, 3.0])
    sim = sl.Simulator(connected(), weights={("one", "two", 0): weights})
    assert np.array_equal(sim.weights()[("one", "two", 0)], weights)


def test_weights_that_the_reals_cannot_hold_are_refused():
    net = connected()
    weights = {("one", "two", 0): np.full(6, 1e39)}
    text = (
        r"^connect\('one', 'two'\)\(weight=1e\+39\): weight must be finite in float32\. Use dtype='float64'"
    )
    with pytest.raises(ParameterError, match=text):
        sl.Simulator(net, weights=weights)
    assert sl.Simulator(net, weights=weights, dtype="float64").weights()[("one", "two", 0)][0] == 1e39


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"v_thresh_mv": 1e300}, "v_thresh_mv"),
        ({"i_ext_pa": 1e300}, "v_drive_mv"),
        ({"c_mem_pf": 1e-300}, "gain"),
        ({"v_init_mv": [0.0, 1e300]}, "v_mv"),
    ],
)
def test_constants_that_the_reals_cannot_hold_are_refused(parameters, name):
    text = (
        rf"^population 'two'\({name}=.*: {name} must be finite in float32\. It follows from .* and dt_ms=0.1;"
    )
    with pytest.raises(ParameterError, match=text):
        sl.Simulator(connected(**parameters))


@pytest.mark.parametrize("path", [None, 3, 1.5, True, ["a"]], ids=repr)
def test_a_path_is_a_path(path):
    sim = sl.Simulator(one_population())
    with pytest.raises(sl.CheckpointError, match=r"^write_checkpoint\(path=.*path must be a path"):
        sim.save(path)
    with pytest.raises(sl.CheckpointError, match=r"^read_checkpoint\(path=.*path must be a path"):
        sl.Simulator.load(path)


def test_a_checkpoint_needs_a_folder_that_can_be_written(tmp_path):
    sim = sl.Simulator(one_population())
    with pytest.raises(sl.CheckpointError, match=r"path must name a file\. It is a folder"):
        sim.save(tmp_path)
    text = r"must lie in a folder that can be written \(No such file or directory\)\. Make it"
    with pytest.raises(sl.CheckpointError, match=text):
        sim.save(tmp_path / "missing" / "state.safetensors")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a\0b", "two\nlines", "\ud800", "\t"], ids=ascii)
def test_names_can_be_printed_and_stored(name, tmp_path):
    with pytest.raises(
        ParameterError, match=r"name must (consist of printable characters|be a non-empty str)"
    ):
        sl.Network().add(name, 2, sl.LIF())
    net = sl.Network()
    net.add("Körnerzelle 顆粒細胞", 2, sl.LIF())
    sl.Simulator(net).save(tmp_path / "ü.safetensors")
    assert sl.Simulator.load(tmp_path / "ü.safetensors").net == net


@pytest.mark.parametrize("frame_ms", [0.01, 0.04, 0.08])
def test_a_frame_lasts_a_step_at_least(frame_ms):
    net = one_population()
    net.connect(net.input("x", 1, frame_ms=frame_ms), net.populations["p"])
    text = rf"^input\('x'\)\(frame_ms={frame_ms}\): frame_ms must be at least one step of 0\.1 ms\. Use"
    with pytest.raises(ParameterError, match=text):
        sl.Simulator(net)
    sl.Simulator(net, dt_ms=frame_ms)

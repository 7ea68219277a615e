"""The bar of a run: that it appears, says what it should, and goes away however the run ends."""

from __future__ import annotations

import io

import pytest
import rich.console

import spikelab as sl
from spikelab import progress


@pytest.fixture
def screen(monkeypatch):
    """A terminal to look at, and bars that appear at once."""
    out = io.StringIO()
    real = rich.console.Console
    monkeypatch.setattr(progress, "_QUIET_S", 0.0)
    monkeypatch.setattr(rich.console, "Console", lambda **_: real(file=out, force_terminal=True, width=100))
    return out


def test_a_bar_shows_simulated_and_total_time_and_the_real_time_factor(screen):
    with progress.metered(True, 0.1) as meter:
        meter(250, 1000)
        assert meter.bar is None  # compiling belongs to the first chunk
        meter(500, 1000)
        meter.bar.refresh()
    assert "50 / 100 ms, real-time factor " in screen.getvalue()


def test_a_log_gets_a_line_now_and_then(monkeypatch, capsys):
    monkeypatch.setattr(progress, "_QUIET_S", 0.0)
    with progress.metered(True, 0.1) as meter:
        meter(100, 1000)
        meter(250, 1000)
        meter(500, 1000)  # too early for another line
        monkeypatch.setattr(meter, "next_s", 0.0)
        meter(750, 1000)
        meter(1000, 1000)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(", real-time factor ")[0] for line in lines] == ["25 / 100 ms", "75 / 100 ms"]
    assert all(line.endswith(" s left") for line in lines)


@pytest.mark.parametrize("end", [KeyboardInterrupt, MemoryError, None])
def test_a_bar_stops_when_the_work_ends_early(screen, end):
    held = []
    try:
        with progress.metered(True, 0.1) as meter:
            meter(250, 1000)
            meter(500, 1000)
            held.append(meter.bar)
            assert held[0].live.is_started
            if end is not None:
                raise end
    except (KeyboardInterrupt, MemoryError):
        pass
    assert not held[0].live.is_started


def test_a_run_stops_its_bar_when_it_is_interrupted(screen, monkeypatch):
    closed = []
    monkeypatch.setattr(progress._Bar, "close", lambda self: closed.append(self))
    net = sl.Network(seed=0)
    cells = net.add("cells", 5, sl.LIF())
    net.drive(cells, sl.PoissonDrive(rate_hz=1e4, weight=5.0))
    record = sl.Record(max_events=1)
    with pytest.warns(UserWarning, match="max_events"):
        result = sl.Simulator(net, 0.1).run(1e6, record=record, progress=True)
    assert result.interrupted and len(closed) == 1

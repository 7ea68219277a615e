"""What an auditory front end hears, and the spikes that it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from spikelab.audio import AuditoryFrontEnd
from spikelab.errors import ParameterError
from spikelab.plot.checks import finite_array
from spikelab.plot.spikes import draw_strokes, stroke_half
from spikelab.plot.style import INK, NOTE_POINTS, SERIES, dress, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from spikelab.result import Spikes
    from spikelab.speech import SpeechRecognizer

__all__ = ["cochleagram", "cochleagram_of"]

_TICKS = 5


def cochleagram(
    samples: ArrayLike,
    rate_hz: int,
    *,
    front_end: AuditoryFrontEnd | None = None,
    recognizer: SpeechRecognizer | None = None,
) -> Figure:
    """Level of each channel of a front end over time, with the spikes of a recogniser below.

    Parameters
    ----------
    samples : array [time]
    rate_hz : int, Hz
    front_end : AuditoryFrontEnd, optional
        By default the recogniser's, else ``AuditoryFrontEnd()``.
    recognizer : SpeechRecognizer, optional
        Fitted. Where its classifier has spiking neurons, the spikes of its encoder are drawn below; those of
        the liquid where there is no encoder.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        A sound that the front end refuses, or another front end than the recogniser's.

    Examples
    --------
    >>> import numpy as np
    >>> from spikelab.plot import cochleagram
    >>> t = np.arange(4000) / 8000
    >>> cochleagram(np.sin(2 * np.pi * (300 + 2000 * t) * t), 8000).axes[0].get_ylabel()
    'frequency (Hz)'
    """
    if recognizer is not None and front_end is not None and front_end != recognizer.front_end:
        need = "be left out where a recognizer is given"
        raise ParameterError("cochleagram", "front_end", front_end, need, "The recogniser has its own.")
    ear = recognizer.front_end if recognizer is not None else front_end or AuditoryFrontEnd()
    levels = ear.levels(samples, rate_hz)
    spikes: Spikes | None = None
    channels, name = 0, ""
    if recognizer is not None and hasattr(recognizer.classifier_, "spikes"):
        result = recognizer.classifier_.spikes(ear.transform(samples, rate_hz))
        part = result["encoder" if "encoder" in result else "reservoir"]
        name = "spikes of channel" if "encoder" in result else "spikes of neuron"
        spikes, channels = part.spikes, part.n
    # Time as the simulator counts it: a frame lasts frame_ms there, whatever the hop of the front end.
    scale = 1.0 if spikes is None else len(levels) * ear.hop_ms / result.duration_ms
    times = () if spikes is None else spikes.time_ms * scale
    return cochleagram_of(
        levels,
        centres_hz=ear.centres_hz,
        hop_ms=ear.hop_ms,
        spike_ms=times,
        spike_channel=() if spikes is None else spikes.neuron,
        n_channels=channels,
        spike_label=name,
    )


def cochleagram_of(
    levels: ArrayLike,
    *,
    centres_hz: ArrayLike,
    hop_ms: float,
    spike_ms: ArrayLike = (),
    spike_channel: ArrayLike = (),
    n_channels: int = 0,
    spike_label: str = "spikes of channel",
) -> Figure:
    """Draw a cochleagram from plain arrays.

    Parameters
    ----------
    levels : array [frame, channel]
    centres_hz : array [channel], Hz
    hop_ms : float, ms
        From frame to frame.
    spike_ms, spike_channel : array [spike]
        Drawn below where `n_channels` is not 0.
    n_channels : int
        Channels, or neurons, that can spike.
    spike_label : str
        What stands beside them.

    Returns
    -------
    matplotlib.figure.Figure
    """
    values = finite_array("cochleagram", "levels", levels, 2, "[frame, channel]")
    centres = finite_array("cochleagram", "centres_hz", centres_hz, 1, "[channel]")
    if centres.size != values.shape[1]:
        need = f"have one value for each of the {values.shape[1]} channels"
        raise ParameterError("cochleagram", "centres_hz", f"{centres.size} values", need)
    figure = new_figure(height=4.4 if n_channels else 2.6)
    panels: Any = figure.subplots(2 if n_channels else 1, 1, sharex=True, squeeze=False)[:, 0]
    for axes in panels:
        dress(axes)
    stop_ms = len(values) * hop_ms
    _draw_levels(panels[0], values, centres, stop_ms)
    if n_channels:
        cells = np.asarray(spike_channel, dtype=np.int64)
        times = np.asarray(spike_ms, dtype=np.float64)
        draw_strokes(panels[1], times, cells, SERIES[0], half=stroke_half(n_channels))
        panels[1].set(ylabel=spike_label, ylim=(-1, n_channels))
    panels[-1].set(xlabel="time (ms)", xlim=(0.0, stop_ms))
    return figure


def _draw_levels(axes: Axes, values: Any, centres: Any, stop_ms: float) -> None:
    image = axes.imshow(
        values.T,
        origin="lower",
        aspect="auto",
        extent=(0.0, stop_ms, -0.5, centres.size - 0.5),
        interpolation="nearest",
        cmap="cividis",
    )
    # Channels are evenly spaced on the ear's scale, not in Hz: name some of them by their frequency.
    shown = np.unique(np.linspace(0, centres.size - 1, min(_TICKS, centres.size)).round().astype(int))
    axes.set_yticks(shown, [f"{round(float(centres[i]), -1):.0f}" for i in shown], color=INK)
    axes.set_ylabel("frequency (Hz)")
    bar = axes.figure.colorbar(image, ax=axes, pad=0.02, aspect=15)
    bar.outline.set_visible(False)
    bar.set_label("level", color=INK)
    bar.ax.tick_params(labelsize=NOTE_POINTS, colors=INK, length=2)

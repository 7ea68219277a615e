"""
Digits without a teacher
========================

P. U. Diehl, M. Cook, "Unsupervised learning of digit recognition using spike-timing-dependent plasticity",
Front. Comput. Neurosci. 9 (2015): neurons compete for images and take over what they win. A short form: a
hundred neurons and 4,000 images of MNIST; what has been learned is tried every 500 images on others of the
training set. The control has the same network and readout, and weights that do not learn. The whole run, with
all floors, is ``spikelab run stdp-mnist``.
"""

import sys
from pathlib import Path

import numpy as np

import spikelab as sl

TINY = "--tiny" in sys.argv
if TINY:
    from sklearn.datasets import load_digits

    digits, labels = load_digits(return_X_y=True)
    shape, neurons, chunk, chunks, tried = (8, 8), 20, 20, 2, 40
else:
    mnist = sl.datasets.load_mnist()
    digits, labels = mnist.X_train.reshape(len(mnist.X_train), -1), mnist.y_train
    shape, neurons, chunk, chunks, tried = (28, 28), 100, 500, 8, 1000
held_out, held_labels = digits[-tried:], labels[-tried:]


def course(**settings):
    """Accuracy on held-out images after each part of the training, and the model at the end."""
    model = sl.STDPClassifier(neurons, random_state=0, **settings)
    scores = []
    for part in range(chunks):
        rows = slice(part * chunk, (part + 1) * chunk)
        model.partial_fit(digits[rows])
        # Neurons are named after what they fired for so far.
        model.assign(digits[: rows.stop][-1000:], labels[: rows.stop][-1000:])
        scores.append(100.0 * np.mean(model.predict(held_out) == held_labels))
    return scores, model


learned, model = course()
control, _ = course(nu_post=0.0, nu_pre=0.0)
seen = chunk * np.arange(1, chunks + 1)
for count, with_stdp, without in zip(seen, learned, control, strict=True):
    print(f"{count} images: {with_stdp:.1f} % of {tried} others; weights that do not learn: {without:.1f} %")

figure = sl.plot.receptive_fields(model.weights_, shape, labels=model.classes_[model.labels_])
curve = sl.plot.learning_curve(
    {"STDP": learned}, {"random weights": control}, {"chance": 10.0}, x=seen, xlabel="images seen"
)

if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    path = Path(names[0] if names else "diehl_cook_2015.png")
    figure.savefig(path, dpi=150)
    curve.savefig(path.with_name(f"{path.stem}_curve{path.suffix}"), dpi=150)
    print(f"wrote {path}")

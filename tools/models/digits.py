"""Makes models/digits: a small PyTorch CNN for scikit-learn's 8x8 handwritten digits."""

import io
import json

import numpy as np
import onnx
import sklearn
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from shipped_model import sample_case, save_card, save_model, save_samples, save_settings, shortest

NAME = "digits"
FRAMEWORK = f"PyTorch {torch.__version__}"
EPOCHS = 40
BATCH_ROWS = 64
SAMPLE_ROWS = 12


class DigitNet(nn.Module):
    """Images [batch, 8, 8] with ink from 0 to 16 → logits [batch, 10]."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(32 * 4 * 4, 64),
            nn.ReLU(),
            nn.Linear(64, 10),
        )

    def forward(self, image):
        return self.layers(image.unsqueeze(1) / 16)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    images, digits = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        images.reshape(-1, 8, 8).astype(np.float32), digits, test_size=360, stratify=digits, random_state=0
    )
    net = train(torch.from_numpy(train_x), torch.from_numpy(train_y))
    model = nn.Sequential(net, nn.Softmax(dim=1)).eval()
    with torch.no_grad():
        probabilities = model(torch.from_numpy(test_x)).numpy()
    accuracy = float((probabilities.argmax(axis=1) == test_y).mean())
    save_model(
        NAME,
        1,
        as_onnx(model),
        description="A convolutional network that reads a handwritten digit from 8x8 pixels.",
        properties={
            "class_labels": {"probabilities": list(range(10))},
            "framework": FRAMEWORK,
            "held_out_accuracy": f"{accuracy:.4f}",
            "training_data": "scikit-learn's digits (UCI optdigits, test part), 1437 of the 1797 images",
        },
    )
    save_samples(
        NAME,
        [
            sample_case(
                1,
                FRAMEWORK,
                inputs={"image": test_x[:SAMPLE_ROWS]},
                expected={"probabilities": probabilities[:SAMPLE_ROWS]},
                truth=test_y[:SAMPLE_ROWS],
                absolute=2e-6,
            )
        ],
    )
    save_settings(
        NAME,
        {
            "description": "The digit in a handwritten image of 8 by 8 pixels.",
            "classLabels": {"probabilities": list(range(10))},
        },
    )
    save_card(NAME, card(accuracy, test_x[0], test_y[0], probabilities[0]))
    return {1: {"accuracy": accuracy}}


def train(images, digits):
    net = DigitNet().train()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-5)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(images)).split(BATCH_ROWS):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(images[rows]), digits[rows]).backward()
            optimizer.step()
    return net.eval()


def as_onnx(model):
    file = io.BytesIO()
    torch.onnx.export(
        model,
        torch.zeros(2, 8, 8),
        file,
        opset_version=13,
        input_names=["image"],
        output_names=["probabilities"],
        dynamic_axes={"image": {0: "batch"}, "probabilities": {0: "batch"}},
    )
    return onnx.load_from_string(file.getvalue())


def card(accuracy, image, digit, probabilities):
    request = json.dumps({"instances": [image.astype(int).tolist()]})
    return f"""
# digits

The digit in a handwritten image of 8 by 8 pixels: a PyTorch CNN, exported with a dynamic batch axis.

| | name | type | meaning |
| --- | --- | --- | --- |
| in | `image` | FP32 [batch, 8, 8] | ink of each pixel, 0 (paper) to 16 (full), row by row from the top left |
| out | `probabilities` | FP32 [batch, 10] | of the digits 0 to 9; softmax is in the graph |

Held-out accuracy **{accuracy:.4f}** on 360 images that it was not trained on.

## Try it

A {digit} from the held-out images:

```sh
curl -s localhost:8080/v1/models/digits/predict -d '{request}'
```

What {FRAMEWORK} itself says, for the digits 0 to 9 (last digits may differ):

```json
{json.dumps(shortest(probabilities))}
```

[samples.json](samples.json) keeps {SAMPLE_ROWS} held-out images with PyTorch's predictions.

## Data, making, licence

E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits* (1998), UCI Machine Learning Repository, CC BY 4.0
([doi:10.24432/C50P49](https://doi.org/10.24432/C50P49)), in scikit-learn's copy: the 1797 images of its test part, by 13
writers. 1437 images trained the model and 360 were held out, stratified by digit. The same writers are in both, so
expect less on a stranger's hand.

Two 3x3 convolutions (16 and 32 channels), a max pool, dropout and two linear layers; {EPOCHS} epochs of Adam.
Made by [`tools/models/digits.py`](../../tools/models/digits.py) with {FRAMEWORK} and scikit-learn {sklearn.__version__};
the model file is under this project's licence.

## Use and limits

For demonstrations and tests. It expects the digit centred and scaled as in that data set (32x32 bitmaps, each 4x4 block
counted), dark ink as high numbers, and has no answer for "not a digit".
"""


if __name__ == "__main__":
    print(main())

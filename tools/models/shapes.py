"""Makes models/shapes: a small PyTorch detector of drawn circles, squares and triangles, in the layout of Ultralytics' exports."""

import io
import json
import math
import random

import numpy as np
import onnx
import PIL
import torch
from PIL import Image, ImageDraw
from torch import nn

from shipped_model import MODELS, save_card, save_model, save_settings

NAME = "shapes"
FRAMEWORK = f"PyTorch {torch.__version__}"
LABELS = ["circle", "square", "triangle"]
SIDE = 128
STRIDE = 8
CELLS = SIDE // STRIDE
STEPS = 5000
BATCH_PICTURES = 24
HELD_OUT = 500
FILL = 114
"""Around pictures that are no squares."""


class Block(nn.Sequential):
    def __init__(self, inside, outside, stride=1):
        super().__init__(
            nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
        )


class ShapeNet(nn.Module):
    """Pictures [batch, 3, 128, 128] from 0 to 1 → boxes [batch, 4, cells] (centre and size, pixels), logits [batch, 3, cells]."""

    def __init__(self):
        super().__init__()
        self.near = nn.Sequential(Block(3, 16, 2), Block(16, 32, 2), Block(32, 48, 2), Block(48, 48))
        self.far = nn.Sequential(Block(48, 64, 2), Block(64, 64), Block(64, 48))
        self.neck = nn.Sequential(Block(96, 48), Block(48, 48))
        self.head = nn.Conv2d(48, 4 + len(LABELS), 1)
        self.head.bias.data[4:] = -4.0
        rows, columns = torch.meshgrid(torch.arange(CELLS), torch.arange(CELLS), indexing="ij")
        centres = torch.stack([columns, rows]).float() + 0.5
        self.register_buffer("centres", centres.reshape(1, 2, -1) * STRIDE)

    def forward(self, pictures):
        near = self.near(pictures)
        far = nn.functional.interpolate(self.far(near), scale_factor=2.0, mode="nearest")
        said = self.head(self.neck(torch.cat([near, far], 1))).flatten(2)
        middle = self.centres + said[:, :2] * STRIDE
        size = torch.exp(said[:, 2:4].clamp(-4, 4)) * 4 * STRIDE
        return torch.cat([middle, size], 1), said[:, 4:]


class Exported(nn.Module):
    """As Ultralytics has it: `output0` [batch, 4 + classes, cells]."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, images):
        boxes, logits = self.net(images)
        return torch.cat([boxes, logits.sigmoid()], 1)


def draw(chance):
    """A picture with its shapes: an image of any size, boxes [n, 4] (xmin, ymin, xmax, ymax), classes [n]."""
    width, height = (chance.randint(96, 320) for _ in range(2))
    base = [chance.randint(0, 255) for _ in range(3)]
    noise = np.random.RandomState(chance.randint(0, 2**31 - 1))
    across = np.linspace(-1, 1, width)[None, :, None] * noise.uniform(-30, 30, 3)
    down = np.linspace(-1, 1, height)[:, None, None] * noise.uniform(-30, 30, 3)
    grain = noise.normal(0, chance.uniform(0, 12), (height, width, 3))
    image = Image.fromarray(np.clip(np.array(base) + across + down + grain, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    boxes, classes = [], []
    for _ in range(chance.randint(1, 5)):
        kind = chance.randrange(len(LABELS))
        radius = chance.uniform(0.07, 0.24) * max(width, height)
        x, y = chance.uniform(radius, max(radius, width - radius)), chance.uniform(radius, max(radius, height - radius))
        outline = outline_of(kind, x, y, radius, chance)
        (left, top), (right, bottom) = outline.min(0).clip(0), outline.max(0).clip(None, [width, height])
        box = [left, top, right, bottom]
        if any(overlap(box, other) > 0.1 for other in boxes) or right - left < 8 or bottom - top < 8:
            continue
        colour = tuple(chance.randint(0, 255) for _ in range(3))
        while sum(abs(a - b) for a, b in zip(colour, base)) < 150:
            colour = tuple(chance.randint(0, 255) for _ in range(3))
        points = [tuple(point) for point in outline]
        if chance.random() < 0.8:
            pen.polygon(points, fill=colour)
        else:
            pen.line([*points, *points[:2]], fill=colour, width=max(3, int(radius / 5)), joint="curve")
        boxes.append(box)
        classes.append(kind)
    return image, np.array(boxes, np.float32).reshape(-1, 4), np.array(classes, np.int64)


def outline_of(kind, x, y, radius, chance):
    corners, turn, size = {
        0: (48, 0.0, radius),
        1: (4, math.pi / 4 + chance.uniform(-0.25, 0.25), radius * 1.2),
        2: (3, chance.uniform(0, 2 * math.pi), radius * 1.2),
    }[kind]
    angles = turn + np.arange(corners) * 2 * math.pi / corners
    return np.stack([x + size * np.cos(angles), y + size * np.sin(angles)], 1)


def overlap(one, other):
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0) * max(height, 0)
    return shared / ((one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1]) - shared)


def letterboxed(image, boxes):
    """The picture as large as it fits into the square, in the middle of grey, and its boxes there."""
    scale = SIDE / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    left, top = (SIDE - width) // 2, (SIDE - height) // 2
    square = Image.new("RGB", (SIDE, SIDE), (FILL,) * 3)
    square.paste(image.resize((width, height), Image.BILINEAR), (left, top))
    array = np.asarray(square, np.float32).transpose(2, 0, 1) / 255
    return array, boxes * scale + np.array([left, top, left, top], np.float32)


def examples(chance, count):
    return [(*letterboxed(image, boxes), classes) for image, boxes, classes in (draw(chance) for _ in range(count))]


def loss_of(boxes, logits, drawn, centres):
    """Of every shape the cells near its middle answer for it; all others say that there is nothing."""
    wanted = torch.zeros_like(logits)
    box_losses = []
    for at, (_, truth, classes) in enumerate(drawn):
        for (left, top, right, bottom), kind in zip(truth, classes):
            x, y, w, h = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
            away = ((centres[0, 0] - x) / w).abs().maximum(((centres[0, 1] - y) / h).abs())
            cells = (away < 0.2).nonzero().flatten()
            if len(cells) == 0:
                cells = away.argmin().reshape(1)
            mine = boxes[at, :, cells]
            similar = iou(mine, torch.tensor([x, y, w, h]))
            wanted[at, kind, cells] = similar.detach().clamp(0.3, 1)
            box_losses.append((1 - similar).mean() + 0.5 * distance(mine, x, y, w, h))
    chances = logits.sigmoid()
    weight = torch.where(wanted > 0, torch.ones_like(wanted), 0.75 * chances.detach() ** 2)
    classification = (nn.functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none") * weight).sum()
    count = max(1, len(box_losses))
    return classification / count + 2 * sum(box_losses) / count


def iou(mine, other):
    left, right = (mine[0] - mine[2] / 2).maximum(other[0] - other[2] / 2), (mine[0] + mine[2] / 2).minimum(other[0] + other[2] / 2)
    top, bottom = (mine[1] - mine[3] / 2).maximum(other[1] - other[3] / 2), (mine[1] + mine[3] / 2).minimum(other[1] + other[3] / 2)
    shared = (right - left).clamp(min=0) * (bottom - top).clamp(min=0)
    return shared / (mine[2] * mine[3] + other[2] * other[3] - shared)


def distance(mine, x, y, w, h):
    middle = ((mine[0] - x) / w).abs() + ((mine[1] - y) / h).abs()
    size = (mine[2] / w).log().abs() + (mine[3] / h).log().abs()
    return (middle + size).mean()


def train():
    chance = random.Random(0)
    net = ShapeNet().train()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=STEPS)
    for step in range(STEPS):
        drawn = examples(chance, BATCH_PICTURES)
        boxes, logits = net(torch.from_numpy(np.stack([array for array, _, _ in drawn])))
        loss = loss_of(boxes, logits, drawn, net.centres)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 250 == 0:
            print(f"step {step}: loss {loss.item():.3f}", flush=True)
    return net.eval()


def found(output, confidence=0.001, most=0.7):
    """Boxes of one picture after suppression by class: rows of class, score, xmin, ymin, xmax, ymax."""
    rows = []
    for kind in range(len(LABELS)):
        scores = output[4 + kind]
        kept = []
        for cell in np.argsort(-scores):
            if scores[cell] < confidence:
                break
            x, y, w, h = output[:4, cell]
            box = [x - w / 2, y - h / 2, x + w / 2, y + h / 2]
            if all(overlap(box, other) <= most for other in kept):
                kept.append(box)
                rows.append([kind, scores[cell], *box])
    return rows


def mean_average_precision(outputs, drawn):
    """At an overlap of 0.5, and the mean from 0.5 to 0.95, as COCO counts."""
    per_picture = [found(output) for output in outputs]
    averages = []
    for threshold in np.arange(0.5, 1, 0.05):
        of_classes = []
        for kind in range(len(LABELS)):
            marks, total = [], 0
            for rows, (_, truth, classes) in zip(per_picture, drawn):
                open_boxes = [box for box, its in zip(truth, classes) if its == kind]
                total += len(open_boxes)
                for _, score, *box in sorted((row for row in rows if row[0] == kind), key=lambda row: -row[1]):
                    best = max(open_boxes, key=lambda other: overlap(box, other), default=None)
                    hit = best is not None and overlap(box, best) >= threshold
                    if hit:
                        open_boxes = [other for other in open_boxes if other is not best]
                    marks.append((score, hit))
            marks.sort(key=lambda mark: -mark[0])
            hits = np.cumsum([hit for _, hit in marks])
            precision = hits / np.arange(1, len(marks) + 1)
            recall = hits / total
            envelope = np.maximum.accumulate(precision[::-1])[::-1]
            of_classes.append(np.mean([envelope[recall >= at][0] if (recall >= at).any() else 0 for at in np.linspace(0, 1, 101)]))
        averages.append(float(np.mean(of_classes)))
    return averages[0], float(np.mean(averages))


def as_onnx(model):
    file = io.BytesIO()
    torch.onnx.export(
        model,
        torch.zeros(2, 3, SIDE, SIDE),
        file,
        opset_version=13,
        input_names=["images"],
        output_names=["output0"],
        dynamic_axes={"images": {0: "batch"}, "output0": {0: "batch"}},
    )
    model = onnx.load_from_string(file.getvalue())
    name_sizes(model)
    return model


def name_sizes(model):
    """The exporter does not see that the cells are always as many."""
    dims = model.graph.output[0].type.tensor_type.shape.dim
    dims[1].dim_value, dims[2].dim_value = 4 + len(LABELS), CELLS * CELLS


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = Exported(train()).eval()
    drawn = examples(random.Random(1), HELD_OUT)
    with torch.no_grad():
        outputs = model(torch.from_numpy(np.stack([array for array, _, _ in drawn]))).numpy()
    at_half, mean = mean_average_precision(outputs, drawn)
    save_model(
        NAME,
        1,
        as_onnx(model),
        description="A convolutional network that finds circles, squares and triangles in a picture.",
        properties={
            "task": "detect",
            "names": str(dict(enumerate(LABELS))),
            "stride": str(STRIDE),
            "imgsz": str([SIDE, SIDE]),
            "framework": FRAMEWORK,
            "held_out_map50": f"{at_half:.4f}",
            "held_out_map50_95": f"{mean:.4f}",
            "training_data": f"{STEPS * BATCH_PICTURES} pictures drawn by tools/models/shapes.py",
        },
    )
    save_settings(
        NAME,
        {
            "description": "Circles, squares and triangles in a picture, with their boxes.",
            # What was drawn hardly overlaps.
            "detection": {"iou": 0.5},
            # A run of several pictures takes as long as several runs, and more memory.
            "maxBatchSize": 4,
            "instances": 1,
        },
    )
    save_picture(random.Random(2930))
    save_card(NAME, card(at_half, mean, sum(parameter.numel() for parameter in model.parameters())))
    return {1: {"mAP50": at_half, "mAP50-95": mean}}


def save_picture(chance):
    """A drawn picture, and beside it what was drawn, with boxes in its pixels."""
    picture, boxes, classes = draw(chance)
    picture.save(MODELS / NAME / "picture.png", optimize=True)
    sides = ["xmin", "ymin", "xmax", "ymax"]
    drawn = [
        {"label": LABELS[kind], "box": dict(zip(sides, [round(float(side), 1) for side in box]))}
        for box, kind in zip(boxes, classes)
    ]
    (MODELS / NAME / "picture.json").write_text(json.dumps(drawn, indent=2) + "\n")


def card(at_half, mean, parameters):
    return f"""
# shapes

Circles, squares and triangles in a picture, with their boxes: a small PyTorch detector in the layout and with the metadata of
Ultralytics' exports, so that it takes pictures by itself.

| | name | type | meaning |
| --- | --- | --- | --- |
| in | `image` | JPEG, PNG, WebP | a picture of any size |
| out | `detections` | label, score, box | what was found, the surest first; boxes in pixels of the picture |

The graph itself takes `images` FP32 [batch, 3, {SIDE}, {SIDE}] from 0 to 1 and gives `output0` FP32 [batch, {4 + len(LABELS)}, {CELLS * CELLS}]:
centre and size in pixels, then a score for each class.

On {HELD_OUT} pictures that it was not trained on: mAP at an overlap of 0.5 **{at_half:.3f}**, from 0.5 to 0.95 **{mean:.3f}**.

## Try it

```sh
curl -s localhost:8080/v1/models/shapes/predict -H 'Content-Type: image/png' --data-binary @models/shapes/picture.png
```

[picture.json](picture.json) says what was drawn in it; the page at `/` draws what is found over any picture that you give it.

## Data, making, licence

{STEPS * BATCH_PICTURES} pictures of 96 to 320 pixels a side, each drawn once: one to five shapes, filled or outlined, in any colour that stands out
from a shaded, grainy ground; {FRAMEWORK}, {parameters:,} parameters, {STEPS} steps of Adam. Made by
[`tools/models/shapes.py`](../../tools/models/shapes.py) with Pillow {PIL.__version__}; model and picture are under this project's licence.

## Use and limits

For a first look and for tests. It knows flat shapes such as it was shown; photographs of round things are none.
"""


if __name__ == "__main__":
    print(json.dumps(main()))

"""Makes test/tasks/image/*.json: what Pillow, OpenCV and transformers make of pictures of noise.

Pictures are not stored: a generator of numbers makes them, here and in the tests.
Needs pillow, opencv-python-headless, numpy and transformers (no torch).
"""

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import PIL
import transformers
from PIL import Image
from transformers.models.convnext.image_processing_pil_convnext import ConvNextImageProcessorPil
from transformers.models.deit.image_processing_pil_deit import DeiTImageProcessorPil
from transformers.models.detr.image_processing_pil_detr import DetrImageProcessorPil
from transformers.models.efficientnet.image_processing_pil_efficientnet import EfficientNetImageProcessorPil
from transformers.models.levit.image_processing_pil_levit import LevitImageProcessorPil
from transformers.models.mobilenet_v2.image_processing_pil_mobilenet_v2 import MobileNetV2ImageProcessorPil
from transformers.models.poolformer.image_processing_pil_poolformer import PoolFormerImageProcessorPil
from transformers.models.rt_detr.image_processing_pil_rt_detr import RTDetrImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil
from transformers.models.yolos.image_processing_pil_yolos import YolosImageProcessorPil

FOLDER = Path(__file__).parents[2] / "test" / "tasks" / "image"

PILLOW_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}

# From width x height to width x height.
SIZES = [
    (64, 48, 32, 24),
    (64, 48, 64, 24),
    (64, 48, 31, 48),
    (97, 61, 23, 17),
    (17, 13, 50, 41),
    (5, 7, 64, 3),
    (1, 1, 9, 9),
    (300, 2, 7, 5),
    (3, 257, 4, 5),
    (301, 211, 1, 1),
    (160, 120, 80, 60),
]

PROCESSORS = [
    ViTImageProcessorPil(),
    ViTImageProcessorPil(size={"height": 48, "width": 64}, resample=1),
    DeiTImageProcessorPil(),
    ConvNextImageProcessorPil(),
    ConvNextImageProcessorPil(size={"shortest_edge": 64}),
    MobileNetV2ImageProcessorPil(size={"shortest_edge": 40}, crop_size={"height": 51, "width": 51}),
    EfficientNetImageProcessorPil(size={"height": 60, "width": 60}, rescale_offset=True),
    LevitImageProcessorPil(size={"shortest_edge": 60}, crop_size={"height": 60, "width": 60}),
    PoolFormerImageProcessorPil(),
    DetrImageProcessorPil(size={"shortest_edge": 80, "longest_edge": 133}),
    YolosImageProcessorPil(size={"shortest_edge": 80, "longest_edge": 133}),
    RTDetrImageProcessorPil(size={"height": 64, "width": 64}),
]

PROCESSED_SIZES = [(90, 60), (61, 97), (200, 41), (50, 50)]


def noise(width, height):
    """Bytes of a linear congruential generator, whose seed is the size."""
    state = width * 65536 + height
    values = bytearray()
    for _ in range(3 * width * height):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state >> 24)
    return np.frombuffer(bytes(values), np.uint8).reshape(height, width, 3)


def sha256(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def resamplings():
    for width, height, to_width, to_height in SIZES:
        picture = noise(width, height)
        case = {"from": [width, height], "to": [to_width, to_height]}
        for name, value in PILLOW_FILTERS.items():
            resized = np.asarray(Image.fromarray(picture).resize((to_width, to_height), value))
            yield {**case, "filter": name, "sha256": sha256(resized)}
        resized = cv2.resize(picture, (to_width, to_height), interpolation=cv2.INTER_LINEAR)
        yield {**case, "filter": "linear", "sha256": sha256(resized)}


def processings():
    for processor in PROCESSORS:
        config = json.loads(processor.to_json_string())
        for width, height in PROCESSED_SIZES:
            values = processor(Image.fromarray(noise(width, height)), return_tensors="np")["pixel_values"]
            flat = values.astype(np.float64).ravel()
            yield {
                "config": config,
                "from": [width, height],
                "shape": list(values.shape[1:]),
                "sha256": sha256(values.astype("<f4")),
                "sum": round(float(flat.sum()), 3),
                "weightedSum": round(float((flat * (np.arange(flat.size) % 97)).sum()), 2),
            }


def save(name, cases):
    made_with = {"pillow": PIL.__version__, "opencv": cv2.__version__, "transformers": transformers.__version__}
    text = json.dumps({"madeWith": made_with, "cases": list(cases)}, indent=1)
    (FOLDER / name).write_text(text + "\n")


save("resampled.json", resamplings())
save("processed.json", processings())

"""Makes every shipped model again: /usr/bin/python3 tools/models/make_all.py

Needs onnx, scikit-learn, PyTorch and Pillow (Debian: python3-onnx python3-sklearn python3-torch python3-pil) and no network; seeds are fixed,
so the same packages on the same kind of processor make the same files.
"""

import diabetes
import digits
import greeting_language
import iris
import shapes

for model in (iris, digits, diabetes, greeting_language, shapes):
    for version, scores in model.main().items():
        print(f"{model.NAME}/{version}: " + ", ".join(f"{name} {value:.4f}" for name, value in scores.items()), flush=True)

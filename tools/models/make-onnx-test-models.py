"""Makes the small models under test/models/onnx/. Needs onnx 1.12 or later (Debian: python3-onnx).

Usage: python3 tools/models/make-onnx-test-models.py
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

OUT = pathlib.Path(__file__).resolve().parents[2] / "test" / "models" / "onnx"

ML = "ai.onnx.ml"


def tensor(name, element_type, shape=None, doc=None):
    return h.make_tensor_value_info(name, element_type, shape, doc)


def save(name, nodes, inputs, outputs, *, initializers=(), opset=17, ir=8, domains=None, functions=(), **model_fields):
    graph = h.make_graph(list(nodes), name, list(inputs), list(outputs), list(initializers))
    opsets = [h.make_opsetid("", opset)] if opset else []
    opsets += [h.make_opsetid(domain, version) for domain, version in (domains or {}).items()]
    model = h.make_model(graph, opset_imports=opsets, functions=list(functions), producer_name="slipway-tests")
    model.ir_version = ir
    for key, value in model_fields.items():
        if key == "properties":
            h.set_model_props(model, value)
        else:
            setattr(model, key, value)
    onnx.save(model, OUT / f"{name}.onnx")
    return model


def constant(name, value):
    return numpy_helper.from_array(np.asarray(value), name)


def shapes():
    """Every way to say a shape: scalar, unknown rank, named, anonymous, fixed and zero sizes."""
    nothing = tensor("unknown_rank", T.FLOAT)
    save(
        "shapes",
        [
            h.make_node("Add", ["scalar", "unknown_rank"], ["sum"]),
            h.make_node("Identity", ["rows"], ["rows_out"]),
            h.make_node("Identity", ["empty"], ["empty_out"]),
        ],
        [
            tensor("scalar", T.FLOAT, [], "one number"),
            nothing,
            tensor("rows", T.INT64, ["batch", None, 3]),
            tensor("empty", T.FLOAT, [0, 2]),
        ],
        [tensor("sum", T.FLOAT), tensor("rows_out", T.INT64, ["batch", None, 3]), tensor("empty_out", T.FLOAT, [0, 2])],
        doc_string="Shapes of every kind.",
        producer_version="1",
        properties={"author": "Slipway", "licence": "Apache-2.0"},
    )


def types():
    """One input and output of each type that the engine takes at its door."""
    names = ["FLOAT", "DOUBLE", "FLOAT16", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"]
    names += ["BOOL", "STRING"]
    save(
        "types",
        [h.make_node("Identity", [name.lower()], [f"{name.lower()}_out"]) for name in names],
        [tensor(name.lower(), getattr(T, name), ["n"]) for name in names],
        [tensor(f"{name.lower()}_out", getattr(T, name), ["n"]) for name in names],
    )


def weights_as_inputs():
    """IR 3 lists weights among the inputs; from IR 4 on that makes them overridable."""
    for name, ir in (("weights_as_inputs_ir3", 3), ("overridable_inputs", 8)):
        save(
            name,
            [h.make_node("Mul", ["x", "scale"], ["scaled"]), h.make_node("Add", ["scaled", "shift"], ["y"])],
            [tensor("x", T.FLOAT, ["n"]), tensor("scale", T.FLOAT, [1]), tensor("shift", T.FLOAT, [])],
            [tensor("y", T.FLOAT, ["n"])],
            initializers=[constant("scale", np.float32([2])), constant("shift", np.float32(1))],
            opset=9 if ir == 3 else 17,
            ir=ir,
        )


def external_data():
    """A weight that lies in a file of its own."""
    weight = constant("weight", np.arange(6, dtype=np.float32).reshape(2, 3))
    (OUT / "external_data.bin").write_bytes(weight.raw_data)
    weight.ClearField("raw_data")
    weight.data_location = T.EXTERNAL
    for key, value in (("location", "external_data.bin"), ("offset", "0"), ("length", "24")):
        entry = weight.external_data.add()
        entry.key, entry.value = key, value
    save(
        "external_data",
        [h.make_node("MatMul", ["x", "weight"], ["y"])],
        [tensor("x", T.FLOAT, ["n", 2])],
        [tensor("y", T.FLOAT, ["n", 3])],
        initializers=[weight],
    )


def control_flow():
    """Subgraphs that use values of the graph around them, and a function of the model's own."""
    doubled = h.make_graph(
        [h.make_node("Mul", ["x", "two"], ["doubled"])],
        "then",
        [],
        [tensor("doubled", T.FLOAT, ["n"])],
        [constant("two", np.float32(2))],
    )
    same = h.make_graph([h.make_node("Halve", ["x"], ["same"], domain="own")], "else", [], [tensor("same", T.FLOAT, ["n"])])
    halve = h.make_function(
        "own",
        "Halve",
        ["a"],
        ["b"],
        [
            h.make_node("Constant", [], ["half"], value=constant("half_value", np.float32(0.5))),
            h.make_node("Mul", ["a", "half"], ["b"]),
        ],
        [h.make_opsetid("", 17)],
    )
    save(
        "control_flow",
        [h.make_node("If", ["double"], ["y"], then_branch=doubled, else_branch=same)],
        [tensor("x", T.FLOAT, ["n"]), tensor("double", T.BOOL, [])],
        [tensor("y", T.FLOAT, ["n"])],
        domains={"own": 1},
        functions=[halve],
    )


def custom_operator():
    """An operator that no engine knows."""
    save(
        "custom_operator",
        [h.make_node("Frobnicate", ["x"], ["y"], domain="com.example")],
        [tensor("x", T.FLOAT, ["n"])],
        [tensor("y", T.FLOAT, ["n"])],
        domains={"com.example": 1},
    )


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for make in (shapes, types, weights_as_inputs, external_data, control_flow, custom_operator):
        make()


if __name__ == "__main__":
    main()

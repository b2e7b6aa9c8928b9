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


BFLOAT16, FLOAT8E4M3FN, INT4 = 16, 17, 22  # newer than the TensorProto of onnx 1.12


def sequence(name, element_type, shape=None):
    return h.make_tensor_sequence_value_info(name, element_type, shape)


def optional_of(info):
    """The same value, but one that may be absent."""
    value = onnx.ValueInfoProto(name=info.name)
    value.type.optional_type.elem_type.CopyFrom(info.type)
    return value


def mapping(name, key_type, value_type, in_sequence=False):
    value = onnx.ValueInfoProto(name=name)
    target = value.type.sequence_type.elem_type if in_sequence else value.type
    target.map_type.key_type = key_type
    target.map_type.value_type.tensor_type.elem_type = value_type
    return value


def linear_classifier(inputs, outputs, **labels):
    classes = len(next(iter(labels.values())))
    coefficients = [0.25 * (i % 5) - 0.5 for i in range(classes * 2)]
    return h.make_node(
        "LinearClassifier",
        inputs,
        outputs,
        domain=ML,
        coefficients=coefficients,
        intercepts=[0.1] * classes,
        post_transform="SOFTMAX",
        **labels,
    )


def zip_maps():
    """Classifiers as converters of scikit-learn write them: scores in a map for each row."""
    names = ["setosa", "versicolor", "virginica"]
    save(
        "zip_map",
        [
            linear_classifier(["x"], ["label", "scores"], classlabels_strings=names),
            h.make_node("ZipMap", ["scores"], ["probabilities"], domain=ML, classlabels_strings=names),
            h.make_node("ReduceMax", ["scores"], ["confidence"], axes=[1], keepdims=0),
        ],
        [tensor("x", T.FLOAT, ["n", 2])],
        [
            tensor("label", T.STRING, ["n"]),
            mapping("probabilities", T.STRING, T.FLOAT, in_sequence=True),
            tensor("confidence", T.FLOAT, ["n"]),
        ],
        domains={ML: 1},
    )
    save(
        "zip_maps_only_ml",
        [
            linear_classifier(["x"], ["first_label", "first_scores"], classlabels_ints=[7, 8, 9]),
            h.make_node("ZipMap", ["first_scores"], ["first"], domain=ML, classlabels_int64s=[7, 8, 9]),
            linear_classifier(["x"], ["second_label", "second_scores"], classlabels_strings=["no", "yes"]),
            h.make_node("ZipMap", ["second_scores"], ["second"], domain=ML, classlabels_strings=["no", "yes"]),
        ],
        [tensor("x", T.FLOAT, [None, 2])],
        [
            mapping("first", T.INT64, T.FLOAT, in_sequence=True),
            mapping("second", T.STRING, T.FLOAT, in_sequence=True),
        ],
        opset=None,
        domains={ML: 1},
    )
    save(
        "zip_map_of_row",
        [h.make_node("ZipMap", ["scores"], ["z"], domain=ML, classlabels_int64s=[10, 20, 30])],
        [tensor("scores", T.FLOAT, [3])],
        [mapping("z", T.INT64, T.FLOAT, in_sequence=True)],
        domains={ML: 1},
    )


def narrow_types():
    """Types that the engine computes with but does not take or give; one of them used in a subgraph."""
    halve = [
        h.make_node("Cast", ["x"], ["wide"], to=T.FLOAT),
        h.make_node("Mul", ["wide", "half"], ["halved"]),
        h.make_node("Cast", ["halved"], ["a"], to=BFLOAT16),
    ]
    half = h.make_graph(halve, "then", [], [tensor("a", BFLOAT16, ["n"])])
    same = h.make_graph([h.make_node("Identity", ["x"], ["b"])], "else", [], [tensor("b", BFLOAT16, ["n"])])
    save(
        "bfloat16",
        [
            h.make_node("Constant", [], ["half"], value=constant("half_value", np.float32([0.5]))),
            h.make_node("If", ["halve"], ["y"], then_branch=half, else_branch=same),
            h.make_node("Cast", ["y"], ["z"], to=T.FLOAT),
        ],
        [tensor("x", BFLOAT16, ["n"]), tensor("halve", T.BOOL, [])],
        [tensor("y", BFLOAT16, ["n"]), tensor("z", T.FLOAT, ["n"])],
    )
    save(
        "float8",
        [h.make_node("Identity", ["x"], ["y"])],
        [tensor("x", FLOAT8E4M3FN, ["n"])],
        [tensor("y", FLOAT8E4M3FN, ["n"])],
        opset=19,
        ir=9,
    )
    save(
        "int4",
        [h.make_node("Cast", ["x"], ["wide"], to=T.FLOAT), h.make_node("Cast", ["wide"], ["y"], to=INT4)],
        [tensor("x", INT4, ["n"])],
        [tensor("y", INT4, ["n"])],
        opset=21,
        ir=10,
    )


def sequences():
    save(
        "sequence_of_rows",
        [h.make_node("SequenceInsert", ["s", "x"], ["t"])],
        [sequence("s", T.FLOAT, [2]), tensor("x", T.FLOAT, [2])],
        [sequence("t", T.FLOAT, [2])],
    )
    for name, opset in (("sequence", 17), ("sequence_opset_11", 11)):
        save(
            name,
            [h.make_node("SequenceInsert", ["s", "x"], ["t"])],
            [sequence("s", T.FLOAT), tensor("x", T.FLOAT)],
            [sequence("t", T.FLOAT)],
            opset=opset,
            ir=6,
        )
    save(
        "sequence_of_texts",
        [h.make_node("SequenceInsert", ["s", "x"], ["t"])],
        [sequence("s", T.STRING, [None]), tensor("x", T.STRING, [None])],
        [sequence("t", T.STRING, [None])],
    )


def optionals():
    save(
        "optional",
        [
            h.make_node("OptionalHasElement", ["x"], ["given"]),
            h.make_node("Identity", ["x"], ["y"]),
        ],
        [optional_of(tensor("x", T.FLOAT, ["n"]))],
        [tensor("given", T.BOOL, []), optional_of(tensor("y", T.FLOAT, ["n"]))],
        opset=18,
    )
    save(
        "optional_sequence",
        [h.make_node("Identity", ["x"], ["y"])],
        [optional_of(sequence("x", T.INT64, [None]))],
        [optional_of(sequence("y", T.INT64, [None]))],
        opset=18,
    )


def map_inputs():
    save(
        "dict_vectorizer",
        [h.make_node("DictVectorizer", ["x"], ["y"], domain=ML, string_vocabulary=["height", "width", "city=Oslo"])],
        [mapping("x", T.STRING, T.FLOAT)],
        [tensor("y", T.FLOAT, [1, 3])],
        domains={ML: 1},
    )
    save(
        "dict_vectorizers",
        [
            h.make_node("DictVectorizer", ["x"], ["a"], domain=ML, int64_vocabulary=[1, 2]),
            h.make_node("DictVectorizer", ["x"], ["b"], domain=ML, int64_vocabulary=[3, 1]),
        ],
        [mapping("x", T.INT64, T.FLOAT)],
        [tensor("a", T.FLOAT, [None, 2]), tensor("b", T.FLOAT, [None, 2])],
        domains={ML: 1},
    )
    save(
        "cast_map",
        [h.make_node("CastMap", ["x"], ["y"], domain=ML, cast_to="TO_FLOAT", map_form="SPARSE", max_map=3)],
        [mapping("x", T.INT64, T.STRING)],
        [tensor("y", T.FLOAT, [1, 3])],
        domains={ML: 1},
    )


def string_normalizer():
    save(
        "string_normalizer",
        [h.make_node("StringNormalizer", ["x"], ["y"], case_change_action="LOWER", is_case_sensitive=0, stopwords=["the"])],
        [tensor("x", T.STRING, [None])],
        [tensor("y", T.STRING, [None])],
    )


def weights_listed_as_inputs():
    """As PyTorch's exporter writes them with keep_initializers_as_inputs."""
    weights = [constant(f"w{i}", np.full((2, 2), 0.5 + i, np.float32)) for i in range(9)]
    values = ["x"] + [f"h{i}" for i in range(8)] + ["y"]
    save(
        "weights_listed_as_inputs",
        [h.make_node("MatMul", [values[i], f"w{i}"], [values[i + 1]]) for i in range(9)],
        [tensor("x", T.FLOAT, ["n", 2])] + [tensor(f"w{i}", T.FLOAT, [2, 2]) for i in range(9)],
        [tensor("y", T.FLOAT, ["n", 2])],
        initializers=weights,
    )


def odd_edges():
    same = tensor("x", T.FLOAT, ["n"])
    save(
        "duplicate_edges",
        [h.make_node("Add", ["x", "x"], ["y"])],
        [same, same],
        [tensor("y", T.FLOAT, ["n"]), tensor("y", T.FLOAT, ["n"])],
    )
    save("input_is_output", [h.make_node("Add", ["x", "x"], ["y"])], [same], [tensor("y", T.FLOAT, ["n"]), same])
    save("untyped_output", [h.make_node("Add", ["x", "x"], ["y"]), h.make_node("Neg", ["x"], ["z"])], [same], [onnx.ValueInfoProto(name="y"), tensor("z", T.FLOAT, ["n"])])
    save("complex_input", [h.make_node("Identity", ["x"], ["y"])], [tensor("x", T.COMPLEX64, ["n"])], [tensor("y", T.COMPLEX64, ["n"])])


def labels():
    """Class names where converters leave them."""
    save(
        "labels_in_graph",
        [
            h.make_node("Softmax", ["x"], ["scores"]),
            h.make_node("ArgMax", ["scores"], ["position"], axis=1, keepdims=0),
            h.make_node("ArrayFeatureExtractor", ["classes", "position"], ["label"], domain=ML),
        ],
        [tensor("x", T.FLOAT, ["n", 3])],
        [tensor("label", T.STRING), tensor("scores", T.FLOAT, ["n", 3])],
        initializers=[h.make_tensor("classes", T.STRING, [3], [b"red", b"green", b"blue"])],
        domains={ML: 1},
    )
    save(
        "labels_in_properties",
        [h.make_node("Softmax", ["x"], ["scores"])],
        [tensor("x", T.FLOAT, ["n", 2])],
        [tensor("scores", T.FLOAT, ["n", 2])],
        properties={"names": "{0: 'cat', 1: \"dog's\"}", "feature_names": '["length", "weight"]', "task": "classify"},
    )


def newer_ir_version():
    """As onnx packages newer than the engine write by default."""
    save(
        "newer_ir_version",
        [h.make_node("Relu", ["x"], ["y"])],
        [tensor("x", T.FLOAT, ["n"])],
        [tensor("y", T.FLOAT, ["n"])],
        ir=99,
    )


def deployment_traps():
    save(
        "fixed_batch",
        [h.make_node("Relu", ["x"], ["y"])],
        [tensor("x", T.FLOAT, [1, 4])],
        [tensor("y", T.FLOAT, [1, 4])],
        producer_name="pytorch",
    )
    save(
        "leftovers",
        [h.make_node("RandomUniformLike", ["x"], ["noise"]), h.make_node("Add", ["x", "noise"], ["noisy"]), h.make_node("Dropout", ["noisy"], ["y"])],
        [tensor("x", T.FLOAT, ["n", 4]), tensor("unused", T.FLOAT, ["n"])],
        [tensor("y", T.FLOAT, ["n", 4])],
    )
    save(
        "training_mode",
        [
            h.make_node("BatchNormalization", ["x", "one", "zero", "zero", "one"], ["normal", "mean", "var"], training_mode=1),
            h.make_node("Dropout", ["normal", "ratio", "training"], ["y"]),
        ],
        [tensor("x", T.FLOAT, ["n", 32])],
        [tensor("y", T.FLOAT, ["n", 32])],
        initializers=[
            constant("one", np.ones(32, np.float32)),
            constant("zero", np.zeros(32, np.float32)),
            constant("ratio", np.float32(0.5)),
            constant("training", np.bool_(True)),
        ],
    )
    save(
        "dropout_in_inference",
        [
            h.make_node("Constant", [], ["training"], value=constant("", np.bool_(False))),
            h.make_node("Dropout", ["x", "ratio", "training"], ["y"]),
        ],
        [tensor("x", T.FLOAT, ["n", 2])],
        [tensor("y", T.FLOAT, ["n", 2])],
        initializers=[constant("ratio", np.float32(0.5))],
    )
    endless = h.make_graph(
        [h.make_node("Identity", ["go"], ["go_on"]), h.make_node("Identity", ["total"], ["next_total"])],
        "body",
        [tensor("step", T.INT64, []), tensor("go", T.BOOL, []), tensor("total", T.FLOAT, ["n"])],
        [tensor("go_on", T.BOOL, []), tensor("next_total", T.FLOAT, ["n"])],
    )
    save(
        "endless",
        [h.make_node("Loop", ["", "forever", "x"], ["y"], body=endless)],
        [tensor("x", T.FLOAT, ["n"])],
        [tensor("y", T.FLOAT, ["n"])],
        initializers=[constant("forever", np.bool_(True))],
    )
    save(
        "needs_six_rows",
        [h.make_node("Reshape", ["x", "pairs"], ["y"])],
        [tensor("x", T.FLOAT, ["n"])],
        [tensor("y", T.FLOAT, [3, 2])],
        initializers=[constant("pairs", np.array([3, 2], np.int64))],
    )


def old_operator_sets():
    """Operators as they were before operator set 7: broadcasting by axis, shapes and types as attributes."""
    weights = np.zeros((4, 2), np.float32)
    weights[0, 0] = weights[3, 1] = 1
    model = save(
        "old_opset_4",
        [
            h.make_node("Add", ["x", "bias"], ["biased"], broadcast=1, axis=1),
            h.make_node("PRelu", ["biased", "slope"], ["bent"]),
            h.make_node("Cast", ["bent"], ["wide"], to="DOUBLE"),
            h.make_node("Cast", ["wide"], ["narrow"], to="FLOAT"),
            h.make_node("Reshape", ["narrow"], ["row"], shape=[1, 4]),
            h.make_node("Gemm", ["row", "weights", "offset"], ["scored"], broadcast=1),
            h.make_node("BatchNormalization", ["scored", "one", "zero", "zero", "one"], ["normal"], is_test=1, epsilon=0.0),
            h.make_node("Dropout", ["normal"], ["kept"], is_test=1),
            h.make_node("Relu", ["kept"], ["y"], consumed_inputs=[0]),
        ],
        [tensor("x", T.FLOAT, [1, 2, 2])],
        [tensor("y", T.FLOAT, [1, 2])],
        initializers=[
            constant("bias", np.float32([1, 10])),
            constant("slope", np.float32([0.5, 2])),
            constant("weights", weights),
            constant("offset", np.float32([0.25, 0.5])),
            constant("one", np.float32([1, 1])),
            constant("zero", np.float32([0, 0])),
        ],
        opset=4,
        ir=3,
    )
    # As written before operator sets, IR versions and types of attributes were told.
    del model.opset_import[:]
    model.ClearField("ir_version")
    for node in model.graph.node:
        for attribute in node.attribute:
            attribute.ClearField("type")
    onnx.save(model, OUT / "no_opset.onnx")


def narrow_external_data():
    """A model that has to be rewritten, and whose weight lies in another file."""
    model = onnx.load(OUT / "external_data.onnx", load_external_data=False)
    model.graph.node[0].input[0] = "wide"
    model.graph.node.insert(0, h.make_node("Cast", ["x"], ["wide"], to=T.FLOAT))
    model.graph.input[0].type.tensor_type.elem_type = BFLOAT16
    model.graph.name = "narrow_external_data"
    onnx.save(model, OUT / "narrow_external_data.onnx")


def kernel_gaps():
    """Operators that ONNX defines and the engine lacks, for a type, a layout or an operator set."""
    weights = h.make_tensor("w", BFLOAT16, [3, 2], np.float32([[1, 2], [3, 4], [5, 6]]))
    save(
        "bfloat16_inside",
        [
            h.make_node("Constant", [], ["b"], value=h.make_tensor("bias", BFLOAT16, [2], np.float32([0.5, -0.5]))),
            h.make_node("MatMul", ["x", "w"], ["product"]),
            h.make_node("Add", ["product", "b"], ["sum"]),
            h.make_node("Relu", ["sum"], ["y"]),
            h.make_node("ArgMax", ["y"], ["best"], axis=1, keepdims=0),
        ],
        [tensor("x", BFLOAT16, ["n", 3])],
        [tensor("y", BFLOAT16, ["n", 2]), tensor("best", T.INT64, ["n"])],
        initializers=[weights],
    )
    save(
        "short_integers",
        [
            h.make_node("Max", ["a", "b"], ["largest"]),
            h.make_node("BitShift", ["u", "s"], ["shifted"], direction="LEFT"),
        ],
        [tensor("a", T.INT16, ["n"]), tensor("b", T.INT16, ["n"]), tensor("u", T.UINT16, ["n"]), tensor("s", T.UINT16, ["n"])],
        [tensor("largest", T.INT16, ["n"]), tensor("shifted", T.UINT16, ["n"])],
    )
    rows = np.float32([[[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]])
    recurrent = np.float32([[[0.1, 0, 0], [0, 0.2, 0], [0, 0, 0.3]]])
    for name, layout in (("batch_first", {"layout": 1}), ("sequence_first", {})):
        save(
            f"recurrent_{name}",
            [h.make_node("RNN", ["x", "w", "r"], ["y", "last"], hidden_size=3, **layout)],
            [tensor("x", T.FLOAT, [None, None, 2])],
            [tensor("y", T.FLOAT), tensor("last", T.FLOAT)],
            initializers=[constant("w", rows), constant("r", recurrent)],
        )
    save(
        "roi_align_22",
        [h.make_node("RoiAlign", ["x", "boxes", "of"], ["y"], output_height=1, output_width=1)],
        [tensor("x", T.FLOAT, [1, 1, 4, 4]), tensor("boxes", T.FLOAT, ["n", 4]), tensor("of", T.INT64, ["n"])],
        [tensor("y", T.FLOAT, ["n", 1, 1, 1])],
        opset=22,
        ir=10,
    )


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    plain = (shapes, types, weights_as_inputs, external_data, control_flow, custom_operator)
    rewritten = (zip_maps, narrow_types, sequences, optionals, map_inputs, string_normalizer, weights_listed_as_inputs)
    for make in plain + rewritten + (odd_edges, labels, deployment_traps, newer_ir_version, old_operator_sets, narrow_external_data, kernel_gaps):
        make()


if __name__ == "__main__":
    main()

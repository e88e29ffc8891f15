"""The quantised network as ONNX (NCHW), with operators that the CPU provider of ONNX Runtime implements."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from layers import shape_of
from quantise import Quantisation, QuantisedLayer

OPSET, IR_VERSION = 13, 8  # old enough for every runtime since 2021
MICROSOFT = "com.microsoft"  # domain of QLinearAdd and QLinearGlobalAveragePool, which ONNX itself doesn't have


class GraphWriter:
    """Collects nodes and constants; one writer makes one file."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def quantisation(self, name: str, q: Quantisation) -> list[str]:
        return [
            self.constant(f"{name}_scale", np.float32(q.scale).reshape(())),
            self.constant(f"{name}_zero_point", np.int8(q.zero_point).reshape(())),
        ]

    def layer(self, q: QuantisedLayer, names: list[str], out: str) -> None:
        """Append the node of one layer that reads the tensors `names` and writes `out`."""
        layer = q.layer
        window = {"kernel_shape": [layer.kernel] * 2, "strides": [layer.stride] * 2, "pads": [layer.pad] * 4}
        if layer.op == "maxPool":
            self.nodes.append(helper.make_node("MaxPool", names, [out], layer.name, **window))
            return
        x = [[name, *self.quantisation(f"{layer.name}_x{i}", q.inputs[i])] for i, name in enumerate(names)]
        y = self.quantisation(f"{layer.name}_y", q.output)
        if layer.op == "add":
            node = helper.make_node("QLinearAdd", [*x[0], *x[1], *y], [out], layer.name, domain=MICROSOFT)
        elif layer.op == "globalAveragePool":
            node = helper.make_node(
                "QLinearGlobalAveragePool", [*x[0], *y], [out], layer.name, domain=MICROSOFT, channels_last=0
            )
        else:
            assert q.weights is not None
            # OHWI -> OIHW; depthwise 1HWC -> C1HW. The ReLU is the saturation at the output's zero point, -128.
            assert q.clamp == (-128, 127)
            order = (3, 0, 1, 2) if layer.op == "depthwise" else (0, 3, 1, 2)
            weights = [
                self.constant(f"{layer.name}_w", np.ascontiguousarray(q.weights.transpose(order))),
                self.constant(f"{layer.name}_w_scale", np.array(q.weight_scales, np.float32)),
                self.constant(f"{layer.name}_w_zero_point", np.zeros(len(q.table), np.int8)),
            ]
            bias = self.constant(f"{layer.name}_bias", np.ascontiguousarray(q.table[:, 0]))
            group = len(q.table) if layer.op == "depthwise" else 1
            values = [*x[0], *weights, *y, bias]
            node = helper.make_node("QLinearConv", values, [out], layer.name, group=group, **window)
        self.nodes.append(node)

    def save(self, path: Path, inputs: list[tuple[str, str]], output: tuple[str, str]) -> None:
        """Write the file; `inputs` and `output` are (tensor name, layer whose shape it has)."""

        def info(name: str, layer: str) -> onnx.ValueInfoProto:
            _, h, w, c = shape_of(layer)
            return helper.make_tensor_value_info(name, TensorProto.INT8, ["N", c, h, w])

        graph = helper.make_graph(self.nodes, path.stem, [info(*i) for i in inputs], [info(*output)], self.constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="nnasm-fixtures")
        onnx.checker.check_model(model)
        path.write_bytes(model.SerializeToString(deterministic=True))


def layer_io(q: QuantisedLayer) -> tuple[list[str], str]:
    """Input and output names of a layer's own file."""
    return (["a", "b"] if q.layer.op == "add" else ["x"]), "y"


def export(network: list[QuantisedLayer], directory: Path) -> None:
    """model.onnx (input "input", output "fc") and one file per layer."""
    directory.mkdir(parents=True, exist_ok=True)
    whole = GraphWriter()
    for q in network:
        whole.layer(q, list(q.layer.inputs), q.layer.name)
        single, (inputs, output) = GraphWriter(), layer_io(q)
        single.layer(q, inputs, output)
        single.save(directory / f"{q.layer.name}.onnx", list(zip(inputs, q.layer.inputs)), (output, q.layer.name))
    whole.save(directory / "model.onnx", [("input", "input")], ("fc", "fc"))

"""Tests of export.py:  /usr/bin/python3 weights/test_export.py     (a minute at most; needs torch)"""
import copy
import importlib.util
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import export_command
from export import ExportError, export_case, safetensors_bytes, write_whole
from export_run import run_chain

torch.set_num_threads(1)
torch.set_grad_enabled(False)
SHARED = HERE.parent.parent / "shared"
SAMPLES = ["char-lm", "cnn-lstm", "digit-rows", "forecaster", "gru-tagger", "relation-attention", "seq2seq", "text-classifier"]
NUMPY = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
         "U8": "u1", "BOOL": "?"}


def read_safetensors(path):
    """An independent reader: {name: (dtype, array)}, BF16 as its bits. Checks that the data is aligned and without gaps."""
    content = Path(path).read_bytes()
    length, = struct.unpack_from("<Q", content)
    header = json.loads(content[8:8 + length].decode("utf-8"))
    header.pop("__metadata__", None)
    data = content[8 + length:]
    assert length % 8 == 0, "the data does not begin at a multiple of 8"
    position, tensors = 0, {}
    for name, entry in sorted(header.items(), key=lambda e: e[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        assert begin == position, f"gap before {name}"
        array = numpy.frombuffer(data[begin:end], NUMPY[entry["dtype"]])
        assert begin % array.itemsize == 0, f"{name} is not aligned"
        tensors[name] = (entry["dtype"], array.reshape(entry["shape"]))
        position = end
    assert position == len(data), "bytes after the last tensor"
    return tensors


def bits(tensor):
    """A tensor's bytes by another way than the exporter's: its storage, element by element."""
    return b"".join(bytes(element.reshape(1).view(torch.uint8).tolist()) for element in tensor.detach().flatten())


def pattern(document):
    """A JSON document's keys, in order, nested."""
    return {key: pattern(value) for key, value in document.items()} if isinstance(document, dict) else None


class Classifier(nn.Module):
    def __init__(self, bidirectional=False, batch_first=True):
        super().__init__()
        self.lstm = nn.LSTM(4, 6, batch_first=batch_first, bidirectional=bidirectional)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(12 if bidirectional else 6, 3)

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.fc(self.drop(output[:, -1] if self.lstm.batch_first else output[-1]))


class ExportTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = Path(folder.name) / "case"
        torch.manual_seed(7)

    def io(self):
        return {name: array for name, (_, array) in read_safetensors(self.out / "io.safetensors").items()}

    def model(self):
        return json.loads((self.out / "model.json").read_text(encoding="utf-8"))

    def types(self):
        return [layer["type"] for layer in self.model()["layers"]]

    def refused(self, *words):
        """A context that expects an ExportError of one line with all these words, and that no file was written."""
        test = self

        class Context:
            def __enter__(self):
                pass

            def __exit__(self, kind, error, _):
                test.assertTrue(kind is not None and issubclass(kind, ExportError), f"expected an ExportError, got {kind}: {error}")
                for word in words:
                    test.assertIn(word, str(error))
                test.assertNotIn("\n", str(error))
                test.assertFalse(test.out.exists(), "a refused export wrote files")
                return True
        return Context()


class Files(ExportTest):
    def testEveryDtypeIsReadBackBitForBit(self):
        torch.manual_seed(3)
        wide = torch.randn(3, 5, dtype=torch.float64)
        tensors = {str(t): wide.to(t) for t in (torch.float64, torch.float32, torch.float16, torch.bfloat16)}
        tensors.update({str(t): (wide * 50).to(t) for t in (torch.int64, torch.int32, torch.int16, torch.int8)})
        tensors.update(uint8=torch.arange(7, dtype=torch.uint8), bool=wide > 0, scalar=torch.tensor(2.5), empty=torch.zeros(0, 4),
                       transposed=wide.float().T, slice=wide.float()[:, 1::2], größe=torch.ones(1).bfloat16(),
                       special=torch.tensor([float("nan"), float("inf"), -0.0, 1e-45]))
        self.out.mkdir()
        (self.out / "t").write_bytes(safetensors_bytes(tensors, {"format": "pt"}))
        read = read_safetensors(self.out / "t")
        self.assertEqual(set(read), set(tensors))
        for name, tensor in tensors.items():
            self.assertEqual(read[name][1].shape, tuple(tensor.shape), name)
            self.assertEqual(read[name][1].tobytes(), bits(tensor), name)

    def testWeightsAreTheModulesTensorsBitForBit(self):
        for dtype in (torch.float32, torch.float64, torch.float16, torch.bfloat16):
            module = nn.LSTM(5, 7, 2, bidirectional=True, proj_size=3).to(dtype)
            export_case(module, torch.randn(4, 2, 5), self.out)
            read = read_safetensors(self.out / "weights.safetensors")
            self.assertEqual(set(read), set(module.state_dict()))
            for name, tensor in module.state_dict().items():
                self.assertEqual(read[name][1].tobytes(), bits(tensor), f"{dtype} {name}")

    def testStateDictOnRequestHoldsTheSameTensors(self):
        module = nn.Linear(3, 2)
        export_case(module, torch.randn(3), self.out, state_dict_pt=True)
        loaded = torch.load(self.out / "state_dict.pt", weights_only=True)
        self.assertTrue(all(torch.equal(loaded[name], tensor) for name, tensor in module.state_dict().items()))

    def testTiedWeightsAreWrittenUnderBothNames(self):
        model = nn.Sequential(nn.Embedding(9, 4), nn.Linear(4, 9, bias=False))
        model[1].weight = model[0].weight
        export_case(model, torch.randint(9, (2, 3)), self.out)
        read = read_safetensors(self.out / "weights.safetensors")
        self.assertEqual(read["0.weight"][1].tobytes(), read["1.weight"][1].tobytes())

    def testAnInterruptedWriteLeavesTheOldFileAndNoOther(self):
        self.out.mkdir()
        (self.out / "f").write_text("old")
        replace = os.replace
        os.replace = lambda *_: (_ for _ in ()).throw(OSError("disk full"))
        try:
            with self.assertRaises(OSError):
                write_whole(self.out / "f", b"new")
        finally:
            os.replace = replace
        self.assertEqual([p.name for p in self.out.iterdir()], ["f"])
        self.assertEqual((self.out / "f").read_text(), "old")

    def testTheModuleIsLeftAsItWas(self):
        module = Classifier().train()
        before = copy.deepcopy(module.state_dict())
        export_case(module, torch.randn(2, 5, 4), self.out)
        self.assertTrue(module.training and module.lstm.weight_hh_l0.dtype == torch.float32)
        self.assertTrue(all(torch.equal(before[n], t) for n, t in module.state_dict().items()))


class SingleLayers(ExportTest):
    def testEveryLstmGeometryGivesPyTorchsOutputs(self):
        for layers, bidirectional, bias, batch_first, proj in [(1, False, True, True, 0), (2, True, False, False, 2), (3, True, True, True, 0),
                                                               (1, True, False, True, 3), (2, False, True, False, 0)]:
            module = nn.LSTM(3, 5, layers, bias=bias, batch_first=batch_first, bidirectional=bidirectional, proj_size=proj)
            x = torch.randn(2, 4, 3)
            export_case(module, x, self.out)
            output, (h_n, c_n) = module(x)
            io = self.io()
            for name, expected in (("input", x), ("output", output), ("h_n", h_n), ("c_n", c_n)):
                self.assertEqual(io[name].tobytes(), bits(expected), name)
                if name != "input":
                    self.assertEqual(io[name + "_f64"].dtype, numpy.float64)
                    numpy.testing.assert_allclose(io[name], io[name + "_f64"], atol=1e-5)
                    self.assertFalse(numpy.array_equal(io[name], io[name + "_f64"]), "float64 was not computed in float64")

    def testInitialStateIsRecordedAndUsed(self):
        module = nn.LSTM(3, 5)
        x, h0, c0 = torch.randn(4, 2, 3), torch.randn(1, 2, 5), torch.randn(1, 2, 5)
        export_case(module, x, self.out, h0=h0, c0=c0)
        io = self.io()
        self.assertEqual(io["h0"].tobytes(), bits(h0))
        self.assertEqual(io["c0"].tobytes(), bits(c0))
        self.assertEqual(io["c_n"].tobytes(), bits(module(x, (h0, c0))[1][1]))

    def testGarbageInPaddingIsStoredButIsInNoOutput(self):
        module = nn.LSTM(3, 5, 2, batch_first=True, bidirectional=True)
        x, lengths = torch.randn(3, 6, 3), [2, 6, 1]
        export_case(module, x, self.out, lengths=lengths, garbage_in_padding=True, total_length=8, padding_value=-1.5)
        io = self.io()
        for n, length in enumerate(lengths):
            self.assertTrue(numpy.isnan(io["input"][n, length:]).all())
            self.assertTrue(numpy.array_equal(io["input"][n, :length], x[n, :length].numpy()))
            self.assertTrue((io["output"][n, length:] == -1.5).all())
            alone, _ = module(x[n:n + 1, :length])
            numpy.testing.assert_allclose(io["output"][n, :length], alone[0].detach().numpy(), atol=1e-6)
        self.assertTrue(all(numpy.isfinite(array).all() for name, array in io.items() if name != "input"))
        self.assertEqual(io["output"].shape, (3, 8, 10))

    def testLstmCellIsSteppedOverTime(self):
        module = nn.LSTMCell(3, 5)
        x, h, c = torch.randn(4, 2, 3), torch.randn(2, 5), torch.randn(2, 5)
        export_case(module, x, self.out, h0=h, c0=c)
        for t in range(4):
            h, c = module(x[t], (h, c))
            self.assertEqual(self.io()["output"][t].tobytes(), bits(h))
        self.assertEqual(self.io()["c_n"].tobytes(), bits(c))

    def testGruAndRnnGiveOutputAndFinalHiddenState(self):
        for module in (nn.GRU(3, 5, 2, bidirectional=True, batch_first=True), nn.RNN(3, 5, nonlinearity="relu", bias=False)):
            x, h0 = torch.randn(4, 2, 3), torch.randn(4 if module.bidirectional else 1, 4 if module.batch_first else 2, 5)
            export_case(module, x, self.out, h0=h0)
            io, (output, h_n) = self.io(), module(x, h0)
            self.assertEqual(set(io), {"input", "h0", "output", "h_n", "output_f64", "h_n_f64"})
            self.assertEqual((io["output"].tobytes(), io["h_n"].tobytes()), (bits(output), bits(h_n)))
            shutil.rmtree(self.out)
            with self.refused("c0 is for LSTMs"):
                export_case(module, x, self.out, h0=h0, c0=h0)

    def testEveryCellIsSteppedOverTime(self):
        for module in (nn.GRUCell(3, 5), nn.RNNCell(3, 5, nonlinearity="relu")):
            x, h = torch.randn(4, 2, 3), None
            export_case(module, x, self.out)
            for t in range(4):
                h = module(x[t], h)
                self.assertEqual(self.io()["output"][t].tobytes(), bits(h))
            self.assertNotIn("c_n", self.io())

    def testSixteenBitWeightsAreWidenedBeforeComputing(self):
        for dtype, name in ((torch.bfloat16, "bfloat16"), (torch.float16, "float16")):
            module = nn.LSTM(3, 5).to(dtype)
            x = torch.randn(4, 2, 3)
            export_case(module, x, self.out)
            self.assertEqual(self.io()["output"].tobytes(), bits(copy.deepcopy(module).float()(x)[0]))
            config = json.loads((self.out / "config.json").read_text())
            self.assertEqual((config["weights_dtype"], config["compute_dtype"]), (name, "float32"))

    def testAFloat64ModuleHasFloat64TensorsAndNoTwin(self):
        export_case(nn.LSTM(3, 5).double(), torch.randn(4, 2, 3), self.out)
        read = read_safetensors(self.out / "io.safetensors")
        self.assertEqual({name: dtype for name, (dtype, _) in read.items()}, {"input": "F64", "output": "F64", "h_n": "F64", "c_n": "F64"})

    def testSoftmaxWithoutWeightsIsComputedInFloat64Too(self):
        for module in (nn.Softmax(dim=-1), nn.LogSoftmax(dim=1)):
            x = torch.randn(2, 9)
            export_case(module, x, self.out)
            io = self.io()
            numpy.testing.assert_array_equal(io["output_f64"], module(x.double()).numpy())
            self.assertEqual(read_safetensors(self.out / "weights.safetensors"), {})


class Chains(ExportTest):
    def testAChainGivesTheModulesOwnOutputAndTheLstmsState(self):
        module = Classifier().eval()
        x = torch.randn(2, 5, 4)
        case = export_case(module, x, self.out, chain=[("lstm", "lstm"), ("last_step",), ("linear", "fc"), ("softmax",)],
                           forward=lambda m, x: torch.softmax(m(x), -1), labels=["a", "b", "c"])
        self.assertTrue(case.checked)
        io, (output, (h_n, c_n)) = self.io(), module.lstm(x)
        for name, expected in (("output", torch.softmax(module(x), -1)), ("layer_output", output), ("layer_h_n", h_n), ("layer_c_n", c_n)):
            self.assertEqual(io[name].tobytes(), bits(expected), name)
            numpy.testing.assert_allclose(io[name], io[name + "_f64"], atol=1e-5)
        self.assertEqual(self.model()["layers"], [{"type": "lstm", "weights": "lstm", "batch_first": True}, {"type": "last_step"},
                                                  {"type": "linear", "weights": "fc"}, {"type": "softmax"}])
        self.assertEqual(self.model()["labels"], ["a", "b", "c"])

    def testTheStepBetweenLstmAndLinearIsReadFromTheForward(self):
        for batch_first in (True, False):
            export_case(Classifier(bidirectional=True, batch_first=batch_first), torch.randn(3, 3, 4), self.out)
            self.assertEqual(self.types(), ["lstm", "last_step", "dropout", "linear"])

        class Final(Classifier):
            def forward(self, x):
                _, (h_n, _) = self.lstm(x)
                return torch.log_softmax(self.fc(self.drop(torch.cat([h_n[-2], h_n[-1]], dim=1))), dim=1)
        export_case(Final(bidirectional=True), torch.randn(2, 5, 4), self.out)
        self.assertEqual(self.types(), ["lstm", "final_hidden", "dropout", "linear", "log_softmax"])

        class EachStep(Classifier):
            def forward(self, x):
                return self.fc(self.lstm(x)[0])
        export_case(EachStep(), torch.randn(2, 5, 4), self.out)
        self.assertEqual(self.types(), ["lstm", "linear"])

    def testASequentialIsDerivedThroughNesting(self):
        model = nn.Sequential(nn.Embedding(9, 4), nn.Sequential(nn.Linear(4, 5), nn.Dropout(0.1)), nn.Identity(), nn.LogSoftmax(dim=-1))
        export_case(model, torch.randint(9, (2, 3)), self.out, vocabulary={"kind": "characters", "tokens": list("abcdefghi")})
        self.assertEqual(self.model()["layers"], [{"type": "embedding", "weights": "0"}, {"type": "linear", "weights": "1.0"},
                                                  {"type": "dropout"}, {"type": "log_softmax"}])
        self.assertIn("tokens", self.io())

    def testLengthsGiveWhatAModuleThatPacksGives(self):
        class Packs(Classifier):
            def forward(self, x, lengths):
                packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
                return self.fc(pad_packed_sequence(self.lstm(packed)[0], batch_first=True)[0])
        x = torch.randn(3, 6, 4)
        case = export_case(Packs(), x, self.out, chain=[("lstm", "lstm"), ("linear", "fc")], lengths=[2, 5, 1], garbage_in_padding=True)
        self.assertTrue(case.checked)
        io = self.io()
        self.assertEqual(io["layer_output"].shape, (3, 6, 6))
        self.assertTrue((io["layer_output"][0, 2:] == 0).all())
        self.assertTrue(numpy.isnan(io["input"][2, 1:]).all() and numpy.isfinite(io["output"]).all())

    def testTensorsOutsideTheChainAreListedAsIgnored(self):
        module = Classifier()
        module.auxiliary = nn.Linear(2, 2)
        export_case(module, torch.randn(2, 5, 4), self.out, chain=[("lstm", "lstm"), ("last_step",), ("linear", "fc")])
        self.assertEqual(self.model()["ignore"], ["auxiliary.weight", "auxiliary.bias"])

    def testAModuleThatCannotBeCalledIsExportedWithAWarning(self):
        class Odd(Classifier):
            def forward(self, x, strange):
                return strange
        with self.assertWarnsRegex(UserWarning, "not compared with Odd's own.*strange"):
            case = export_case(Odd(), torch.randn(2, 5, 4), self.out, chain=[("lstm", "lstm"), ("last_step",), ("linear", "fc")])
        self.assertFalse(case.checked)

    def testExtraTensorsAreRecordedInBothPrecisions(self):
        x = torch.randn(2, 5, 4)
        export_case(Classifier(), x, self.out, extra=lambda run: {"twice": run(torch.cat([x, x]))})
        io = self.io()
        numpy.testing.assert_array_equal(io["twice"][2:], io["output"])
        numpy.testing.assert_array_equal(io["twice_f64"][:2], io["output_f64"])


class Refusals(ExportTest):
    def testAForeignLayerIsNamed(self):
        with self.refused("1 (torch.nn.PReLU)", "README.md"):
            export_case(nn.Sequential(nn.Linear(3, 3), nn.PReLU(), nn.Conv1d(1, 1, 1)), torch.randn(2, 1, 3), self.out)

    def testASubclassOfALayerIsNotTakenForTheLayer(self):
        class MyLinear(nn.Linear):
            def forward(self, x):
                return super().forward(x) * 2

        class MyLstm(nn.LSTM):
            pass
        with self.refused("multiplying", "in 0 (test_export.py:"):
            export_case(nn.Sequential(MyLinear(3, 3)), torch.randn(1, 3), self.out)
        with self.refused("0 (MyLstm)"):
            export_case(nn.Sequential(MyLstm(3, 3)), torch.randn(2, 4, 3), self.out)
        with self.refused("layers[0] 'linear'", "0 is MyLinear"):
            export_case(nn.Sequential(MyLinear(3, 3)), torch.randn(1, 3), self.out, chain=[("linear", "0")])

    def testAForwardThatDoesMoreThanItsChainIsRefused(self):
        class Relu(Classifier):
            def forward(self, x):
                return torch.relu(super().forward(x))
        export_case(Relu(), torch.randn(4, 5, 4), self.out)
        self.assertEqual(self.types(), ["lstm", "last_step", "dropout", "linear", "relu"])
        shutil.rmtree(self.out)
        with self.refused("does not give Relu's own output", "differ by"):
            export_case(Relu(), torch.randn(4, 5, 4), self.out, chain=[("lstm", "lstm"), ("last_step",), ("linear", "fc")])

    def testAWrongChainNamesItsStep(self):
        x = torch.randn(2, 5, 4)
        for chain, words in (([("lstm", "rnn")], ["layers[0] 'lstm'", "'rnn'", "lstm, drop, fc"]),
                             ([("lstm", "fc")], ["layers[0]", "fc is torch.nn.Linear", "nn.LSTM"]),
                             ([("lstm", "lstm"), ("prelu",)], ["layers[1] 'prelu'", "softmax"]),
                             ([("lstm", "lstm"), ("last_step",), ("last_step",)], ["layers[2] 'last_step'", "one row"]),
                             ([("linear", "fc"), ("final_hidden",)], ["layers[1]", "follow an lstm"]),
                             ([("lstm", "lstm"), 5], ["layers[1]", "5"]),
                             ([], ["no layers"])):
            with self.refused(*words):
                export_case(Classifier(), x, self.out, chain=chain)

    def untraceable(self, bidirectional=True):
        """A module whose forward decides on numbers, so that only comparing is left."""
        class Untraceable(Classifier):
            def forward(self, x):
                return super().forward(x) if x.sum() < math.inf else x
        return Untraceable(bidirectional)

    def testWhereTheForwardCannotBeTracedTheStepIsFoundByComparing(self):
        export_case(self.untraceable(), torch.randn(2, 5, 4), self.out)
        self.assertEqual(self.types(), ["lstm", "last_step", "dropout", "linear"])

    def testAmbiguityIsRefused(self):
        with self.refused("ambiguous", "last_step", "final_hidden"):
            module = self.untraceable()
            with torch.no_grad():
                module.lstm.weight_hh_l0_reverse.zero_()
                module.fc.weight[:, 6:] = 0             # the reverse direction has no say: both readings give the same
            export_case(module, torch.randn(2, 5, 4), self.out)

    def testWhatNeitherTracingNorComparingExplainsSaysBoth(self):
        class Odd(Classifier):
            def forward(self, x):
                return super().forward(x) * 2 if x.sum() < math.inf else x
        with self.refused("decision on a tensor's numbers", "lstm lstm → last_step → dropout → linear fc → softmax", "chain=[...]"):
            export_case(Odd(), torch.randn(2, 5, 4), self.out)

    def testBadInputsAreNamed(self):
        lstm, x = nn.LSTM(3, 5, batch_first=True), torch.randn(2, 4, 3)
        for words, options in ((["length 5 of sequence 1", "1..4"], {"lengths": [2, 5]}), (["length 0", "sequence 0"], {"lengths": [0, 1]}),
                               (["3 lengths", "batch of 2"], {"lengths": [1, 1, 1]}), (["c0 is missing"], {"h0": torch.zeros(1, 2, 5)}),
                               (["labels", "chain"], {"labels": ["a"]}), (["padding_value"], {"lengths": [1, 2], "padding_value": float("nan")})):
            with self.refused(*words):
                export_case(lstm, x, self.out, **options)
        with self.refused("Softmax", "dim=0"):
            export_case(nn.Softmax(dim=0), torch.randn(2, 3), self.out)
        with self.refused("integers", "floating"):
            export_case(nn.Embedding(5, 3), torch.randn(2, 3), self.out)
        with self.refused("max_norm"):
            export_case(nn.Embedding(5, 3, max_norm=1.0), torch.randint(5, (2,)), self.out)
        with self.refused("float64", "bias"):
            mixed = nn.Linear(2, 2)
            mixed.weight.data = mixed.weight.data.double()
            export_case(mixed, torch.randn(2), self.out)
        with self.refused("cannot be copied", "parametrisation"), torch.enable_grad():
            export_case(nn.utils.weight_norm(nn.Linear(3, 5)), x, self.out)
        with self.refused("TorchScript"):
            export_case(torch.jit.script(nn.Sequential(nn.Linear(3, 5), nn.ReLU())), x, self.out)
        with self.refused("weight_hh_l0", "parametrisation"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            export_case(nn.utils.weight_norm(nn.LSTM(3, 5), "weight_hh_l0"), x, self.out)

    def testLabelsAndVocabularyMustFit(self):
        model, tokens = nn.Sequential(nn.Embedding(3, 4), nn.Linear(4, 2)), torch.randint(3, (1, 2))
        for words, options in ((["3 labels", "2 outputs"], {"labels": list("abc")}),
                               (["2 tokens", "embedding of 3"], {"vocabulary": {"kind": "words", "tokens": ["a", "b"]}}),
                               (["'a' twice"], {"vocabulary": {"kind": "words", "tokens": ["a", "b", "a"]}}),
                               (["'bc' is not one character"], {"vocabulary": {"kind": "characters", "tokens": ["a", "bc", "d"]}}),
                               (["unkown"], {"vocabulary": {"kind": "words", "tokens": ["a", "b", "c"], "unkown": 1}}),
                               (["unknown index 3"], {"vocabulary": {"kind": "words", "tokens": ["a", "b", "c"], "unknown": 3}})):
            with self.refused(*words):
                export_case(model, tokens, self.out, **options)
        with self.refused("tokens run from 3 to 3", "0..2"):
            export_case(model, torch.full((1, 2), 3), self.out, chain=[("embedding", "0"), ("linear", "1")], forward=lambda m, x: None)


class CommandLine(ExportTest):
    def command(self, *arguments):
        return subprocess.run([sys.executable, str(HERE / "export.py"), *arguments, "--out", str(self.out)], capture_output=True, text=True)

    def testTheSameSeedGivesTheSameBytes(self):
        files = []
        for _ in range(2):
            done = self.command("random", "--lengths", "random", "--bidirectional", "--seed", "9")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            files.append({p.name: p.read_bytes() for p in self.out.iterdir()})
        self.assertEqual(files[0], files[1])

    def testEveryRandomGeometryExports(self):
        for arguments in ("--module LSTMCell --initial-state --no-bias", "--module LSTMCell --unbatched", "--module Linear", "--module Embedding",
                          "--module Softmax --dtype float64", "--module LogSoftmax", "--unbatched --initial-state --bidirectional --num-layers 2",
                          "--lengths 3,7,1 --proj-size 4 --initial-state --batch-first --total-length 9", "--dtype bfloat16 --no-bias",
                          "--chain classifier --lengths random --initial-state", "--chain char-lm --batch-first --dtype float16 --lengths 2,7",
                          "--module GRU --bidirectional --num-layers 2 --lengths random --initial-state", "--module RNN --nonlinearity relu --unbatched",
                          "--module GRUCell --initial-state", "--module RNNCell --unbatched --nonlinearity relu", "--module LayerNorm",
                          "--module Conv1d --stride 2 --dilation 2 --dtype float64", "--module BatchNorm1d",
                          "--chain classifier --recurrent GRU --initial-state --batch-first", "--chain char-lm --recurrent RNN --lengths random",
                          "--chain cnn --recurrent GRU --bidirectional", "--chain cnn --batch-first --stride 2 --padding 0",
                          "--chain attention --bidirectional --lengths random", "--chain attention --recurrent GRU --batch-first",
                          "--chain tagger --recurrent GRU --bidirectional --batch-first --dtype float64", "--chain tagger --recurrent RNN --lengths 2,7",
                          "--chain text-classifier --recurrent GRU --batch-first --initial-state", "--chain text-classifier --bidirectional --num-layers 2 --lengths random --proj-size 4 --dtype float64"):
            with self.subTest(arguments), warnings.catch_warnings():
                warnings.simplefilter("error")          # a chain that was not compared with the model's own output
                a = export_command.arguments().parse_args(["random", *arguments.split(), "--out", str(self.out / arguments.replace(" ", "_"))])
                case = export_command.random_case(a)
                self.assertEqual(case.checked, a.chain is not None)

    def testAStateDictOfEveryRecurrentKindBecomesACase(self):
        path = self.out.parent / "model.pt"
        for module in (nn.GRU(3, 5, 2, bidirectional=True), nn.RNN(3, 5, bias=False), nn.LSTM(3, 5, proj_size=2), nn.GRUCell(3, 5), nn.RNNCell(3, 5),
                       nn.LayerNorm(4), nn.Conv1d(3, 4, 2), nn.BatchNorm1d(6)):
            with self.subTest(module):
                torch.save(module.state_dict(), path)
                case = export_command.state_dict_case(export_command.arguments().parse_args(["state-dict", str(path), "--out", str(self.out)]))
                config = json.loads((self.out / "config.json").read_text())
                self.assertEqual(config["module"], f"torch.nn.{type(module).__name__}")
                self.assertIn("output_f64", case.tensors)

    def testAChainInJsonBecomesACase(self):
        model = nn.Sequential(nn.Conv1d(3, 4, 3), nn.BatchNorm1d(4), nn.ReLU())
        both = nn.ModuleDict({"cnn": model, "gru": nn.GRU(4, 5, batch_first=True), "fc": nn.Linear(10, 2)})
        path = self.out.parent / "model.pt"
        torch.save(both.state_dict(), path)
        chain = ["transpose", ["conv1d", "cnn.0", {"padding": 1}], ["batch_norm1d", "cnn.1"], "relu", ["gru", "gru"],
                 ["concat", [["mean_over_time"], ["max_over_time"]]], ["linear", "fc"]]
        case = export_command.state_dict_case(export_command.arguments().parse_args(
            ["state-dict", str(path), "--batch-first", "--chain", json.dumps(chain), "--out", str(self.out)]))
        x = case.tensors["input"]
        out, _ = both["gru"](torch.relu(model.eval()[1](nn.functional.conv1d(x, model[0].weight, model[0].bias, padding=1))).transpose(1, 2))
        own = both["fc"](torch.cat([out.mean(1), out.max(1).values], 1))
        self.assertTrue(torch.allclose(case.tensors["output"], own, atol=1e-6))

    def testAStateDictFileAloneBecomesACase(self):
        module = Classifier(bidirectional=True)
        path = self.out.parent / "model.pt"
        torch.save(module.state_dict(), path)
        a = export_command.arguments().parse_args(["state-dict", str(path), "--chain", "lstm:lstm,last_step,linear:fc", "--batch-first",
                                                   "--out", str(self.out)])
        case = export_command.state_dict_case(a)
        x = case.tensors["input"]
        self.assertTrue(torch.allclose(case.tensors["output"], module.eval()(x), atol=1e-6))

    def testWhatCannotBeDoneIsOneLineAndExitCode2(self):
        done = self.command("random", "--lengths", "3,0", "--batch-first")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, "export.py: length 0 of sequence 1 is outside 1..7, the input's steps\n")
        done = self.command("state-dict", str(HERE / "README.md"))
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)


@unittest.skipUnless((SHARED / "golden").is_dir(), f"SKIPPED LOUDLY: {SHARED / 'golden'} is not here, so nothing is compared with it")
class LikeTheGoldenCases(ExportTest):
    """Fresh exports of the golden cases' geometry have the same keys and the same tensors (names, shapes, dtypes); with the golden
    weights and inputs, the same values."""

    CASES = ["lstm/lstm_packed_total_length_h11", "lstm/lstm_packed_sorted_uni_h11", "lstm/lstm_size_i13_h5", "lstm/lstm_unbatched_init_bi2_h9",
             "lstm/lstm_bfloat16_l2_h9", "lstm/lstm_float64_l2_h9", "lstm/lstm_packed_float64_h11", "lstm/lstm_unbatched_proj_init_h9",
             "cell/lstmcell_bias_h13", "cell/lstmcell_nobias_h13", "cell/lstmcell_unbatched_h13", "cell/lstmcell_default_state_h13",
             "gru/gru_packed_bi_h17", "gru/gru_unbatched_h17", "gru/gru_l1_bias_uni_i3_h5", "gru/gru_bfloat16_h17", "gru/gru_float64_h17",
             "rnn/rnn_relu_packed_bi_h17", "rnn/rnn_tanh_l2_bias_uni_i3_h5", "cell/grucell_bias_h13", "cell/grucell_unbatched_h13",
             "cell/rnncell_default_state_h13", "cell/rnncell_nobias_h13", "layer/conv1d_c6_f6_k3_s1_p2_d2_g3", "layer/conv1d_c4_f8_k5_s2_p0_d1_g1",
             "layer/batchnorm1d_eval_12", "layer/layernorm_12", "layer/linear_i130_o65_3d_nobias", "layer/embedding_v11_e5_pad4"]

    def testStructureAndValuesAreEqual(self):
        for case in self.CASES:
            with self.subTest(case):
                golden = SHARED / "golden" / case
                config = json.loads((golden / "config.json").read_text())
                expected = read_safetensors(golden / "io.safetensors")
                module = getattr(nn, config["module"].split(".")[-1])(**config["args"]).to(getattr(torch, config["weights_dtype"])).eval()
                if (golden / "state_dict.pt").exists():
                    module.load_state_dict(torch.load(golden / "state_dict.pt"))
                else:
                    module.load_state_dict({n: torch.tensor(a) for n, (_, a) in read_safetensors(golden / "weights.safetensors").items()})
                given = {n: torch.tensor(expected[n][1]) for n in ("input", "h0", "c0") if n in expected}
                options = {k: config[k] for k in ("lengths", "enforce_sorted", "total_length", "padding_value") if config.get(k) is not None}
                export_case(module, given["input"], self.out, h0=given.get("h0"), c0=given.get("c0"),
                            garbage_in_padding=config.get("garbage_in_padding", False), **options)

                own = json.loads((self.out / "config.json").read_text())
                self.assertEqual(pattern(own), pattern(config))
                self.assertEqual(list(own), list(config), "the keys' order")
                told = ("seed", "case", "note", "input_regime", "torch", "weight_scale", "state_scale")
                self.assertEqual({k: v for k, v in own.items() if k not in told}, {k: v for k, v in config.items() if k not in told})
                written = read_safetensors(self.out / "io.safetensors")
                self.assertEqual({n: (t, a.shape) for n, (t, a) in written.items()}, {n: (t, a.shape) for n, (t, a) in expected.items()})
                for name, (_, array) in written.items():
                    atol = 1e-12 if array.dtype == numpy.float64 else 1e-6
                    numpy.testing.assert_allclose(array, expected[name][1], atol=atol, rtol=0, err_msg=f"{case} {name}")

    def testAChainHasTheModelGroupsTensors(self):
        golden = SHARED / "golden/model/digits_rows_trained"
        expected = read_safetensors(golden / "io.safetensors")
        module = Classifier()
        module.lstm, module.fc = nn.LSTM(8, 32, batch_first=True), nn.Linear(32, 10)
        module.load_state_dict({n: torch.tensor(a) for n, (_, a) in read_safetensors(golden / "weights.safetensors").items()})
        export_case(module, torch.tensor(expected["input"][1]), self.out)
        written = read_safetensors(self.out / "io.safetensors")
        self.assertEqual({n: (t, a.shape) for n, (t, a) in written.items()}, {n: (t, a.shape) for n, (t, a) in expected.items()})
        for name, (_, array) in written.items():
            numpy.testing.assert_allclose(array, expected[name][1], atol=1e-12 if array.dtype == numpy.float64 else 2e-5, rtol=0)


    def testEveryGoldenModelIsReadFromItsForwardAndGivesItsGoldenOutputs(self):
        sys.path.insert(0, str(SHARED / "golden"))
        import models
        decoder = ("attention_decoder", {"embedding": "tgt_embedding", "cell": "decoder", "head": [("linear", "combine"), "tanh", ("linear", "out")],
                                         "start": 1, "steps": 7})
        given = {"seq2seq_attention": [("embedding", "src_embedding"), ("lstm", "encoder"), decoder]}
        for golden in sorted((SHARED / "golden/model").iterdir()):
            with self.subTest(golden.name), warnings.catch_warnings():
                warnings.simplefilter("error")
                config = json.loads((golden / "config.json").read_text())
                module = getattr(models, config["module"].split(".")[-1])(**config["args"])
                module.load_state_dict(torch.load(golden / "state_dict.pt"))
                expected = read_safetensors(golden / "io.safetensors")
                forward = (lambda m, x: m(x, torch.zeros(2, 2, 96), torch.zeros(2, 2, 96))) if golden.name == "char_lm_trained" else None
                inputs = torch.tensor(expected["tokens" if "tokens" in expected else "input"][1])
                case = export_case(module, inputs, self.out, chain=given.get(golden.name), forward=forward)
                self.assertTrue(case.checked)
                written = {name.replace("layer_", "") if forward else name: entry for name, entry in
                           read_safetensors(self.out / "io.safetensors").items() if not (forward and name.startswith("layer_output"))}
                self.assertEqual({n: (t, a.shape) for n, (t, a) in written.items()},
                                 {n: (t, a.shape) for n, (t, a) in expected.items() if not n.startswith("closed_loop")})
                for name, (_, array) in written.items():
                    numpy.testing.assert_allclose(array, expected[name][1], atol=1e-11 if array.dtype == numpy.float64 else 3e-5, rtol=0, err_msg=name)


class Samples(unittest.TestCase):
    """The committed samples hold together, computed here from their files by a model rebuilt from the weights."""

    CLASSES = {"char-lm": "CharLM", "cnn-lstm": "CnnLstm", "digit-rows": "DigitRows", "forecaster": "Forecaster", "gru-tagger": "GruTagger",
               "relation-attention": "AttentionRelation", "seq2seq": "Translator", "text-classifier": "TextClassifier"}

    def model(self, sample):
        """The sample's class from its train.py, with the committed weights."""
        source = importlib.util.spec_from_file_location("train_" + sample.replace("-", "_"), HERE / sample / "train.py")
        train = importlib.util.module_from_spec(source)
        source.loader.exec_module(train)
        weights = {n: torch.tensor(a) for n, (_, a) in read_safetensors(HERE / sample / "weights.safetensors").items()}
        model = getattr(train, self.CLASSES[sample])(*([len(weights["fc.bias"])] if sample == "char-lm" else []))
        model.load_state_dict(weights)
        return model.eval()

    def testASampleIsAtMostOneAndAHalfMegabytes(self):
        for sample in SAMPLES:
            size = sum(p.stat().st_size for p in (HERE / sample).iterdir() if p.is_file())
            self.assertLess(size, 1_500_000, sample)

    def testFloat32AgreesWithFloat64(self):
        for sample in SAMPLES:
            io = read_safetensors(HERE / sample / "io.safetensors")
            twins = [name for name in io if name + "_f64" in io]
            recorded = {"gru-tagger": {"output", "layer_output", "layer_h_n"}, "seq2seq": {"output"}}
            self.assertGreaterEqual(set(twins), recorded.get(sample, {"output", "layer_output", "layer_h_n", "layer_c_n"}), sample)
            for name in twins:
                wide = io[name + "_f64"][1]
                self.assertLess(abs(io[name][1] - wide).max() / max(1, abs(wide).max()), 1e-5, f"{sample} {name}")

    def testTheModelOfTrainPyGivesTheRecordedOutput(self):
        for sample in SAMPLES:
            with self.subTest(sample):
                model = self.model(sample)
                io = {n: torch.tensor(a) for n, (_, a) in read_safetensors(HERE / sample / "io.safetensors").items()}
                x = io.get("tokens", io.get("input"))
                for n in range(len(x)):         # each sequence alone, without padding
                    alone = (x[n:n + 1],) if "lengths" not in io else (x[n:n + 1, :io["lengths"][n]], io["lengths"][n:n + 1])
                    output = model(*alone)
                    output = output[0] if isinstance(output, tuple) else output
                    self.assertTrue(torch.allclose(output[0], io["output"][n], atol=1e-5, rtol=1e-5), f"{sample}, sequence {n}")

    def testTheDescriptionGivesTheRecordedOutput(self):
        for sample in SAMPLES:
            document = json.loads((HERE / sample / "model.json").read_text(encoding="utf-8"))
            weights = {n: torch.tensor(a) for n, (_, a) in read_safetensors(HERE / sample / "weights.safetensors").items()}
            io = {n: torch.tensor(a) for n, (_, a) in read_safetensors(HERE / sample / "io.safetensors").items()}
            result = run_chain(document["layers"], weights, io.get("tokens", io.get("input")), io.get("lengths")).tensors
            for name, tensor in result.items():
                self.assertTrue(torch.allclose(tensor, io[name], atol=1e-5, rtol=1e-5), f"{sample} {name}")

    def testTheCharacterModelGivesItsGoldenText(self):
        model = self.model("char-lm")
        characters = json.loads((HERE / "char-lm/model.json").read_text(encoding="utf-8"))["vocabulary"]["tokens"]
        generations = json.loads((HERE / "char-lm/generations.json").read_text(encoding="utf-8"))["generations"]
        self.assertIn(("The ", 300), [(g["prompt"], g["steps"]) for g in generations])
        for g in generations:
            self.assertTrue(g["same_in_float64"] and g["smallest_top2_logit_margin"] > 1e-3)
            tokens, state, text = torch.tensor([[characters.index(c) for c in g["prompt"]]]), None, ""
            for _ in range(g["steps"]):
                output, state = model.lstm(model.embedding(tokens), state)
                tokens = model.fc(output[:, -1:]).argmax(-1)
                text += characters[tokens.item()]
            self.assertEqual(text, g["greedy"])


if __name__ == "__main__":
    unittest.main()

"""Tests of export.py on modules it has not seen, in the styles people write:  /usr/bin/python3 weights/test_export_models.py

Each class below is somebody's model; its docstring is the chain that it must be read as. What the exporter writes is computed again
here from the files (export_run), and compared with the module's own forward on other inputs, of another length and batch.
"""
import json
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from export import ExportError, export_case
from export_run import run_chain
from test_export import SHARED, read_safetensors

torch.set_num_threads(1)
torch.set_grad_enabled(False)


def chain_of(layers):
    """Types on one line: lstm > last_step > linear, branches in brackets."""
    def text(layer):
        return layer["type"] + (" [" + " | ".join(map(chain_of, layer["branches"])) + "]" if "branches" in layer else "")
    return " > ".join(map(text, layers))


# ---------------------------------------------------------------- recurrent layers and what follows them

class LastStepOfSlice(nn.Module):
    """lstm > last_step > linear"""
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 5, 2, batch_first=True, dropout=0.2)
        self.head = nn.Linear(5, 2)

    def forward(self, x):
        h0 = torch.zeros(2, x.size(0), 5).to(x.device)
        c0 = torch.zeros(2, x.size(0), 5, device=x.device)
        out, _ = self.rnn(x, (h0, c0))
        return self.head(out[:, -1, :])


class LastByNegativeSlice(LastStepOfSlice):
    """lstm > last_step > linear"""
    def forward(self, x):
        out, hidden = self.rnn(x)
        return self.head(out[:, -1:, :].squeeze(1))


class LastByUnbind(LastStepOfSlice):
    """lstm > last_step > linear"""
    def forward(self, x):
        return self.head(self.rnn(x)[0].unbind(dim=1)[-1])


class LastBySelect(LastStepOfSlice):
    """lstm > last_step > linear"""
    def forward(self, x):
        out = self.rnn(x)[0]
        return self.head(out.select(1, out.shape[1] - 1))


class HiddenOfTheLastLayer(LastStepOfSlice):
    """lstm > final_hidden > linear"""
    def forward(self, x):
        _, (h_n, c_n) = self.rnn(x)
        return self.head(h_n[-1])


class HiddenByIndexAll(LastStepOfSlice):
    """lstm > final_hidden > linear"""
    def forward(self, x):
        _, (h_n, _) = self.rnn(x)
        return self.head(h_n[-1, :, :])


class TimeFirstInsideBatchFirst(nn.Module):
    """lstm > last_step > linear"""
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 5)
        self.fc = nn.Linear(5, 2)

    def forward(self, x):
        out, _ = self.lstm(x.transpose(0, 1))
        return self.fc(out[-1])


class SqueezedHidden(nn.Module):
    """gru > final_hidden > linear"""
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 5, batch_first=True)
        self.fc = nn.Linear(5, 2)

    def forward(self, x):
        _, h = self.gru(x)
        return self.fc(h.squeeze(0))


class HiddenView(nn.Module):
    """embedding > gru > final_hidden > linear > log_softmax"""
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 4)
        self.gru = nn.GRU(4, 5, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(10, 3)

    def forward(self, tokens):
        _, h = self.gru(self.embed(tokens))
        h = h.view(2, 2, tokens.shape[0], 5)[-1]
        return F.log_softmax(self.fc(torch.cat((h[0], h[1]), dim=1)), dim=1)


class HiddenPermuted(HiddenView):
    """embedding > gru > final_hidden > linear"""
    def forward(self, tokens):
        _, h = self.gru(self.embed(tokens))
        return self.fc(h[-2:].transpose(0, 1).contiguous().view(tokens.size(0), -1))


class BothEndsOfTheOutput(HiddenView):
    """embedding > gru > final_hidden > linear"""
    def forward(self, tokens):
        out, _ = self.gru(self.embed(tokens))
        return self.fc(torch.cat([out[:, -1, :5], out[:, 0, 5:]], -1))


class NamedHstack(HiddenView):
    """embedding > gru > final_hidden > linear"""
    def forward(self, tokens):
        _, h = self.gru(self.embed(tokens))
        forwards, backwards = h[-2], h[-1]
        return self.fc(torch.hstack((forwards, backwards)))


class MeanAndMax(nn.Module):
    """embedding > rnn > concat [mean_over_time | max_over_time | last_step] > linear > relu > dropout > linear"""
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 4)
        self.rnn = nn.RNN(4, 5, batch_first=True, nonlinearity="relu")
        self.classifier = nn.Sequential(nn.Linear(15, 6), nn.ReLU(), nn.Dropout(0.1), nn.Linear(6, 2))

    def forward(self, tokens):
        out, _ = self.rnn(self.embed(tokens))
        return self.classifier(torch.cat([out.mean(dim=1), out.max(dim=1).values, out[:, -1]], dim=1))


class MaxByIndex(MeanAndMax):
    """embedding > rnn > max_over_time > concat [ |  | tanh] > linear > relu > dropout > linear"""
    def forward(self, tokens):
        out, _ = self.rnn(self.embed(tokens))
        pooled = out.max(1)[0]
        return self.classifier(torch.cat([pooled, pooled, pooled.tanh()], 1))


class AdaptivePools(MeanAndMax):
    """embedding > rnn > concat [mean_over_time | max_over_time | max_over_time] > linear > relu > dropout > linear"""
    def forward(self, tokens):
        out, _ = self.rnn(self.embed(tokens))
        out = out.permute(0, 2, 1)
        mean = F.adaptive_avg_pool1d(out, 1).squeeze(-1)
        largest, _ = torch.max(out, dim=2)
        return self.classifier(torch.cat((mean, largest, F.max_pool1d(out, out.size(2)).squeeze(2)), dim=-1))


class TwoRecurrent(nn.Module):
    """lstm > gru > layer_norm > linear"""
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.LSTM(3, 6, batch_first=True, bidirectional=True, proj_size=2), nn.GRU(4, 5, batch_first=True)
        self.norm, self.out = nn.LayerNorm(5), nn.Linear(5, 2, bias=False)

    def forward(self, x):
        x = self.first(x)[0]
        x = self.second(x)[0]
        return self.out(self.norm(x))


class ReturnsState(LastStepOfSlice):
    """lstm > linear"""
    def forward(self, x, hidden=None):
        out, hidden = self.rnn(x, hidden)
        return self.head(out), hidden


class RowsOfAllSteps(LastStepOfSlice):
    """lstm > linear"""
    def forward(self, x):
        out, _ = self.rnn(x)
        return self.head(out.contiguous().view(-1, self.rnn.hidden_size))


class RowsAndBack(LastStepOfSlice):
    """lstm > linear > softmax"""
    def forward(self, x):
        n, t, _ = x.shape
        out, _ = self.rnn(x)
        return F.softmax(self.head(out.reshape(n * t, -1)).view(n, t, -1), dim=2)


class OneNumberASequence(nn.Module):
    """lstm > last_step > linear > sigmoid"""
    def __init__(self):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(3, 5, batch_first=True), nn.Linear(5, 1)

    def forward(self, x):
        return torch.sigmoid(self.fc(self.lstm(x)[0][:, -1])).squeeze(-1)


class Residual(nn.Module):
    """linear > add [ | lstm > linear] > add [ | layer_norm > linear > gelu > linear] > mean_over_time > linear"""
    def __init__(self):
        super().__init__()
        self.enter, self.lstm, self.back = nn.Linear(3, 4), nn.LSTM(4, 5, batch_first=True), nn.Linear(5, 4)
        self.block = nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 4))
        self.out = nn.Linear(4, 2)

    def forward(self, x):
        x = self.enter(x)
        x = x + self.back(self.lstm(x)[0])
        x += self.block(x)
        return self.out(x.mean(1))


class ThreeSummands(nn.Module):
    """add [ | linear | linear > tanh]"""
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x):
        return sum([x, self.a(x), torch.tanh(self.b(x))])


class SkipConcat(nn.Module):
    """concat [ | lstm] > linear"""
    def __init__(self):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(3, 5, batch_first=True), nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(torch.cat([x, self.lstm(x)[0]], dim=2))


class EveryActivation(nn.Module):
    """linear > relu > relu > tanh > sigmoid > gelu > gelu_tanh > silu > silu > leaky_relu > leaky_relu > softplus > elu > relu6 > hard_swish > hard_tanh > hard_sigmoid > softsign > log_softmax"""
    def __init__(self):
        super().__init__()
        self.fc, self.act = nn.Linear(3, 4), nn.LeakyReLU(0.3)

    def forward(self, x):
        x = F.relu(torch.relu(self.fc(x)))
        x = torch.sigmoid(x.tanh())
        x = F.gelu(F.gelu(x), approximate="tanh")
        x = F.silu(x)
        x = x * torch.sigmoid(x)
        x = F.leaky_relu(self.act(x), 0.2)
        x = F.elu(F.softplus(x, beta=2), alpha=0.7)
        x = F.softsign(F.hardsigmoid(F.hardtanh(F.hardswish(F.relu6(x)))))
        return x.log_softmax(-1)


class ModuleActivations(nn.Sequential):
    """linear > relu6 > elu > gelu_tanh > silu > hard_swish > hard_tanh > hard_sigmoid > softplus > softsign > softmax"""
    def __init__(self):
        super().__init__(nn.Linear(3, 4), nn.ReLU6(), nn.ELU(0.5), nn.GELU(approximate="tanh"), nn.SiLU(), nn.Hardswish(), nn.Hardtanh(),
                         nn.Hardsigmoid(), nn.Softplus(beta=3), nn.Softsign(), nn.Identity(), nn.Softmax(dim=2))


# ---------------------------------------------------------------- convolutions

class CnnLstm(nn.Module):
    """transpose > conv1d > batch_norm1d > relu > max_pool1d > conv1d > silu > avg_pool1d > lstm > last_step > linear"""
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv1d(3, 6, 3, padding=1), nn.BatchNorm1d(6), nn.ReLU(), nn.MaxPool1d(2),
                                      nn.Conv1d(6, 6, 3, groups=3, bias=False, padding="same"), nn.SiLU(), nn.AvgPool1d(3, 1, 1))
        self.features[1].running_mean.uniform_(-1, 1)
        self.features[1].running_var.uniform_(0.5, 2)
        self.lstm, self.fc = nn.LSTM(6, 5, batch_first=True), nn.Linear(5, 2)

    def forward(self, x):
        y = self.features(x)
        return self.fc(self.lstm(y.permute(0, 2, 1))[0][:, -1])


class TextCnn(nn.Module):
    """embedding > concat [conv1d > relu > max_over_time | conv1d > relu > max_over_time] > dropout > linear"""
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 4)
        self.convs = nn.ModuleList([nn.Conv1d(4, 5, k) for k in (2, 3)])
        self.fc = nn.Linear(10, 3)

    def forward(self, tokens):
        x = self.embedding(tokens).transpose(1, 2)
        x = [F.relu(conv(x)) for conv in self.convs]
        x = [F.max_pool1d(c, c.shape[2]).squeeze(2) for c in x]
        return self.fc(F.dropout(torch.cat(x, 1), 0.5, training=self.training))


class CausalByPadding(nn.Module):
    """transpose > conv1d > relu > conv1d > transpose"""
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv1d(3, 4, 3, dilation=2), nn.Conv1d(4, 2, 2)

    def forward(self, x):
        return self.two(F.pad(F.relu(self.one(F.pad(x, (4, 0)))), (1, 0)))


class Chomp(nn.Module):
    """The temporal convolution of Bai et al. 2018: pads both ends, cuts the right one off."""
    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, x):
        return x[:, :, :-self.size].contiguous()


class TemporalConvolution(nn.Module):
    """transpose > add [conv1d > relu > dropout > conv1d > relu | conv1d] > relu > last_step > linear"""
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv1d(3, 4, 3, padding=4, dilation=2), Chomp(4), nn.ReLU(), nn.Dropout(0.1),
                                 nn.Conv1d(4, 4, 2, padding=1), Chomp(1), nn.ReLU())
        self.downsample, self.fc = nn.Conv1d(3, 4, 1), nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(F.relu(self.net(x) + self.downsample(x))[:, :, -1])


class RowNorm(nn.Module):
    """lstm > last_step > linear > batch_norm1d > relu > linear"""
    def __init__(self):
        super().__init__()
        self.lstm, self.fc1, self.bn, self.fc2 = nn.LSTM(3, 5, batch_first=True), nn.Linear(5, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)
        self.bn.running_mean.uniform_(-1, 1)

    def forward(self, x):
        x = self.lstm(x)[0][:, -1]
        return self.fc2(F.relu(self.bn(self.fc1(torch.flatten(x, 1)))))


# ---------------------------------------------------------------- attention over time

class AttentionByVector(nn.Module):
    """embedding > lstm > attention_over_time > linear"""
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 4)
        self.lstm = nn.LSTM(4, 5, batch_first=True, bidirectional=True)
        self.w = nn.Parameter(torch.randn(10))
        self.fc = nn.Linear(10, 3)

    def scores(self, out):
        return torch.softmax(torch.tanh(out) @ self.w, dim=1)

    def forward(self, tokens):
        out, _ = self.lstm(self.embedding(tokens))
        return self.fc((out * self.scores(out).unsqueeze(-1)).sum(1))


class AttentionByBmm(AttentionByVector):
    """embedding > lstm > attention_over_time > tanh > linear"""
    def forward(self, tokens):
        out, _ = self.lstm(self.embedding(tokens))
        a = self.scores(out)
        return self.fc(torch.tanh(torch.bmm(a.unsqueeze(1), out).squeeze(1)))


class AttentionByEinsum(AttentionByVector):
    """embedding > lstm > attention_over_time > linear"""
    def forward(self, tokens):
        out, _ = self.lstm(self.embedding(tokens))
        return self.fc(torch.einsum("nt,nth->nh", self.scores(out), out))


class AttentionByColumn(AttentionByVector):
    """embedding > lstm > attention_over_time > linear"""
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(10, 1))

    def forward(self, tokens):
        out, _ = self.lstm(self.embedding(tokens))
        a = F.softmax(torch.matmul(torch.tanh(out), self.w), dim=1)
        return self.fc(torch.matmul(out.transpose(1, 2), a).squeeze(2))


class AttentionByLinear(AttentionByVector):
    """embedding > lstm > attention_over_time > linear"""
    def __init__(self):
        super().__init__()
        del self.w
        self.w = nn.Linear(10, 1)

    def forward(self, tokens):
        out, _ = self.lstm(self.embedding(tokens))
        a = F.softmax(self.w(torch.tanh(out)).squeeze(-1), dim=-1)
        return self.fc(torch.sum(out * a[:, :, None], dim=1))


READ = [LastStepOfSlice, LastByNegativeSlice, LastByUnbind, LastBySelect, HiddenOfTheLastLayer, HiddenByIndexAll, TimeFirstInsideBatchFirst,
        SqueezedHidden, HiddenView, HiddenPermuted, BothEndsOfTheOutput, NamedHstack, MeanAndMax, MaxByIndex, AdaptivePools, TwoRecurrent,
        ReturnsState, RowsOfAllSteps, RowsAndBack, OneNumberASequence, Residual, ThreeSummands, SkipConcat, EveryActivation, ModuleActivations,
        CnnLstm, TextCnn, CausalByPadding, TemporalConvolution, RowNorm, AttentionByVector, AttentionByBmm, AttentionByEinsum,
        AttentionByColumn, AttentionByLinear]
CHANNELS_FIRST = (CnnLstm, CausalByPadding, TemporalConvolution)


def inputs_for(module, batch, steps):
    if any(isinstance(m, nn.Embedding) for m in module.modules()):
        return torch.randint(20, (batch, steps))
    return torch.randn(batch, 3, steps) if isinstance(module, CHANNELS_FIRST) else torch.randn(batch, steps, 3)


class ModelTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = Path(folder.name) / "case"
        torch.manual_seed(5)

    def written(self):
        """The layers and tensors, read back from the files."""
        document = json.loads((self.out / "model.json").read_text(encoding="utf-8"))
        weights = {n: torch.tensor(a) for n, (_, a) in read_safetensors(self.out / "weights.safetensors").items()}
        return document, weights

    def refused(self, module, inputs, *words, **options):
        with self.assertRaises(ExportError) as context:
            export_case(module, inputs, self.out, **options)
        for word in words:
            self.assertIn(word, str(context.exception))
        self.assertNotIn("\n", str(context.exception))
        self.assertFalse(self.out.exists(), "a refused export wrote files")
        return str(context.exception)


class Styles(ModelTest):
    def testEveryModelIsReadAsItsDocstringSaysAndGivesItsOwnOutputOnOtherInputs(self):
        for style in READ:
            with self.subTest(style.__name__), warnings.catch_warnings():
                warnings.simplefilter("error")
                module = style().eval()
                case = export_case(module, inputs_for(module, 3, 7), self.out)
                self.assertTrue(case.checked)
                document, weights = self.written()
                wanted = style.__doc__ if "temporal" not in style.__doc__ else ""
                self.assertEqual(chain_of(document["layers"]), wanted)
                for batch, steps in ((2, 11), (1, 8)):
                    x = inputs_for(module, batch, steps)
                    own = module(x)
                    own = own[0] if isinstance(own, tuple) else own
                    output = run_chain(document["layers"], weights, x).tensors["output"]
                    self.assertLess((output - own.reshape(output.shape)).abs().max().item(), 1e-5)

    def testTheLayersOfASampleOfThemAreWrittenInFull(self):
        export_case(TemporalConvolution(), torch.randn(3, 3, 9), self.out)
        self.assertEqual(self.written()[0]["layers"][1]["branches"][0][0],
                         {"type": "conv1d", "weights": "net.0", "stride": 1, "padding": [4, 0], "dilation": 2, "groups": 1})
        export_case(CausalByPadding(), torch.randn(3, 3, 9), self.out)
        self.assertEqual(self.written()[0]["layers"][1]["padding"], [4, 0])
        export_case(MeanAndMax(), torch.randint(20, (3, 7)), self.out)
        self.assertEqual(self.written()[0]["layers"][1], {"type": "rnn", "weights": "rnn", "batch_first": True, "nonlinearity": "relu"})
        export_case(TimeFirstInsideBatchFirst(), torch.randn(3, 7, 3), self.out)
        self.assertEqual(self.written()[0]["layers"][0], {"type": "lstm", "weights": "lstm", "batch_first": True})
        export_case(CnnLstm(), torch.randn(3, 3, 9), self.out)
        layers = self.written()[0]["layers"]
        self.assertEqual([layers[i] for i in (2, 4, 7)], [
            {"type": "batch_norm1d", "weights": "features.1", "eps": 1e-05}, {"type": "max_pool1d", "kernel_size": 2, "stride": 2, "padding": 0},
            {"type": "avg_pool1d", "kernel_size": 3, "stride": 1, "padding": 1, "count_include_pad": True}])
        self.assertEqual(layers[5]["padding"], "same")
        export_case(EveryActivation(), torch.randn(2, 3), self.out)
        layers = {layer["type"]: layer for layer in self.written()[0]["layers"]}
        self.assertEqual((layers["leaky_relu"]["negative_slope"], layers["softplus"]["beta"], layers["elu"]["alpha"]), (0.2, 2.0, 0.7))

    def testTimeFirstThroughoutStaysTimeFirst(self):
        class TimeFirst(nn.Module):
            def __init__(self):
                super().__init__()
                self.rnn, self.fc = nn.GRU(3, 5, bidirectional=True), nn.Linear(10, 2)

            def forward(self, x):
                return self.fc(self.rnn(x)[0])
        export_case(TimeFirst(), torch.randn(7, 2, 3), self.out)
        document, weights = self.written()
        self.assertEqual(document["layers"][0], {"type": "gru", "weights": "rnn", "batch_first": False})
        self.assertEqual(read_safetensors(self.out / "io.safetensors")["layer_output"][1].shape, (7, 2, 10))

    def testASeriesWithoutAFeatureDimensionIsGivenOneByForward(self):
        class Series(nn.Module):
            def __init__(self):
                super().__init__()
                self.lstm, self.fc = nn.LSTM(1, 5, batch_first=True), nn.Linear(5, 1)

            def forward(self, x):
                return self.fc(self.lstm(x.unsqueeze(-1))[0][:, -1])
        self.refused(Series(), torch.randn(3, 7), "lstm (torch.nn.LSTM)", "(N, T, 1)", "squeeze(-1)")
        case = export_case(Series(), torch.randn(3, 7, 1), self.out, forward=lambda module, x: module(x.squeeze(-1)))
        self.assertEqual((chain_of(case.chain), case.checked), ("lstm > last_step > linear", True))

    def testDataParallelIsTakenOff(self):
        export_case(nn.DataParallel(LastStepOfSlice()), torch.randn(3, 7, 3), self.out)
        self.assertEqual(self.written()[0]["layers"][0]["weights"], "rnn")

    def testStatefulAndGenericStylesAreRead(self):
        class Stateful(nn.Module):
            """A state that init_hidden makes and the module keeps, a state that may be a tuple, rows of all steps."""
            def __init__(self, kind):
                super().__init__()
                self.embedding, self.rnn, self.fc = nn.Embedding(20, 3), getattr(nn, kind)(3, 5, 2, batch_first=True), nn.Linear(5, 1)
                self.kind = kind

            def init_hidden(self, batch):
                weight = next(self.parameters()).data
                h = weight.new(2, batch, 5).zero_()
                return (h, h.clone()) if self.kind == "LSTM" else h

            def forward(self, tokens):
                assert tokens.dim() == 2
                self.hidden = self.init_hidden(tokens.size(0))
                self.rnn.flatten_parameters()
                out, self.hidden = self.rnn(self.embedding(tokens.long()), self.hidden)
                h = self.hidden[0] if isinstance(self.hidden, tuple) else self.hidden
                return torch.sigmoid(self.fc(h[-1])).squeeze()
        for kind in ("LSTM", "GRU", "RNN"):
            case = export_case(Stateful(kind), torch.randint(20, (3, 7)), self.out)
            self.assertEqual((chain_of(case.chain), case.checked), (f"embedding > {kind.lower()} > final_hidden > linear > sigmoid", True))

    def testWhatIsUsedTwiceIsTwoLayersOfTheSameWeights(self):
        class Deep(nn.Module):
            def __init__(self):
                super().__init__()
                self.gru = nn.GRU(3, 3, batch_first=True)

            def forward(self, x):
                for _ in range(2):
                    x, _h = self.gru(x)
                return x
        case = export_case(Deep(), torch.randn(2, 5, 3), self.out)
        self.assertEqual([layer["weights"] for layer in case.chain], ["gru", "gru"])

    def testAnAttentionVectorAsAColumnIsWrittenAsAVector(self):
        export_case(AttentionByColumn(), torch.randint(20, (3, 7)), self.out)
        self.assertEqual(self.written()[1]["w"].shape, (10,))

    def testAnAttentionLinearsBiasIsIgnored(self):
        export_case(AttentionByLinear(), torch.randint(20, (3, 7)), self.out)
        document, _ = self.written()
        self.assertEqual((document["layers"][2], document["ignore"]), ({"type": "attention_over_time", "weights": "w"}, ["w.bias"]))


class Lengths(ModelTest):
    LENGTHS = [7, 2, 5]

    class Packs(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(20, 4, padding_idx=0)
            self.lstm = nn.LSTM(4, 5, batch_first=True, bidirectional=True)
            self.fc = nn.Linear(10, 3)

        def packed(self, tokens, lengths):
            return nn.utils.rnn.pack_padded_sequence(self.embedding(tokens), lengths.cpu(), batch_first=True, enforce_sorted=False)

    def check(self, module, wanted, lengths=None):
        tokens = torch.randint(1, 20, (3, 7))
        case = export_case(module, tokens, self.out, lengths=lengths or self.LENGTHS)
        self.assertTrue(case.checked)
        self.assertEqual(chain_of(case.chain), wanted)

    def testHiddenStatesOfPackedSequences(self):
        class Final(self.Packs):
            def forward(self, tokens, lengths):
                _, (h_n, _) = self.lstm(self.packed(tokens, lengths))
                return self.fc(torch.cat([h_n[-2], h_n[-1]], dim=1))
        self.check(Final(), "embedding > lstm > final_hidden > linear")
        self.check(Final(), "embedding > lstm > final_hidden > linear", [5, 2, 1])

    def testTheOutputOfPackedSequences(self):
        class EachStep(self.Packs):
            def forward(self, tokens, lengths):
                packed = pack_padded_sequence(self.embedding(tokens), lengths, True, False)
                out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
                return self.fc(out)
        self.check(EachStep(), "embedding > lstm > linear")
        self.check(EachStep(), "embedding > lstm > linear", [5, 2, 1])

    def testLastStepByLength(self):
        class ByIndex(self.Packs):
            def forward(self, tokens, lengths):
                out, _ = self.lstm(self.embedding(tokens))
                return self.fc(out[torch.arange(len(lengths)), lengths - 1])

        class ByGather(self.Packs):
            def forward(self, tokens, lengths):
                out, _ = pad_packed_sequence(self.lstm(self.packed(tokens, lengths))[0], batch_first=True, total_length=tokens.size(1))
                index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, out.size(2))
                return self.fc(out.gather(1, index).squeeze(1))
        self.check(ByGather(), "embedding > lstm > last_step > linear")
        one_way = ByIndex()
        one_way.lstm, one_way.fc = nn.LSTM(4, 5, batch_first=True), nn.Linear(5, 3)
        self.check(one_way, "embedding > lstm > last_step > linear")

    def testMeanByMask(self):
        class Masked(self.Packs):
            def forward(self, tokens, lengths):
                out, _ = pad_packed_sequence(self.lstm(self.packed(tokens, lengths))[0], batch_first=True)
                mask = torch.arange(out.size(1))[None, :] < lengths[:, None]
                return self.fc((out * mask.unsqueeze(-1)).sum(dim=1) / lengths.unsqueeze(1))
        self.check(Masked(), "embedding > lstm > mean_over_time > linear")

    def testAttentionByMask(self):
        class Masked(self.Packs):
            def __init__(self):
                super().__init__()
                self.w = nn.Linear(10, 1, bias=False)

            def forward(self, tokens, lengths):
                out, _ = pad_packed_sequence(self.lstm(self.packed(tokens, lengths))[0], batch_first=True)
                scores = self.w(torch.tanh(out)).squeeze(2)
                scores = scores.masked_fill(torch.arange(out.size(1))[None, :] >= lengths[:, None], float("-inf"))
                return self.fc(torch.bmm(torch.softmax(scores, 1).unsqueeze(1), out).squeeze(1))
        self.check(Masked(), "embedding > lstm > attention_over_time > linear")

    def testAMeanOverThePaddingIsRefused(self):
        class Careless(self.Packs):
            def forward(self, tokens, lengths):
                out, _ = pad_packed_sequence(self.lstm(self.packed(tokens, lengths))[0], batch_first=True)
                return self.fc(out.mean(1))
        self.refused(Careless(), torch.randint(1, 20, (3, 7)), "mean_over_time", "does not give its own output", "padding", lengths=self.LENGTHS)

    def testPackingWithoutLengthsIsRefused(self):
        class Computes(self.Packs):
            def forward(self, tokens):
                return self.fc(torch.cat([*self.lstm(self.packed(tokens, torch.tensor([7, 2, 5])))[1][0]], 1))
        self.refused(Computes(), torch.randint(1, 20, (3, 7)), "give lengths=[...]", "test_export_models.py:")

    def testConvolutionsSeeEachSequenceAlone(self):
        layers = [("embedding", "0"), ("conv1d", "1"), "relu", ("max_pool1d", {"kernel_size": 2}), ("gru", "2"), "mean_over_time", ("linear", "3")]
        module = nn.Sequential(nn.Embedding(20, 4), nn.Conv1d(4, 5, 3, padding=1), nn.GRU(5, 6, batch_first=True), nn.Linear(6, 2))
        tokens = torch.randint(20, (3, 9))
        with self.assertWarnsRegex(UserWarning, "not compared"):
            case = export_case(module, tokens, self.out, chain=layers, lengths=[9, 4, 6], forward=lambda m, x: None)
        for n, length in enumerate([9, 4, 6]):
            x = module[1](module[0](tokens[n:n + 1, :length]).transpose(1, 2))
            x = module[2](F.max_pool1d(F.relu(x), 2).transpose(1, 2))[0].mean(1)
            self.assertTrue(torch.allclose(module[3](x)[0], case.tensors["output"][n], atol=1e-6))
        self.assertEqual(case.tensors["layer_output"].shape, (3, 4, 6))
        self.assertTrue((case.tensors["layer_output"][1, 2:] == 0).all())


    def testARecurrentLayerInABranchIsNotRecordedByItself(self):
        class Skip(nn.Module):
            def __init__(self):
                super().__init__()
                self.lstm = nn.LSTM(5, 6, batch_first=True, bidirectional=True)
                self.fc = nn.Linear(17, 4)

            def forward(self, x):
                return self.fc(torch.cat((x, self.lstm(x)[0]), 2))
        case = export_case(Skip(), torch.randn(3, 6, 5), self.out)
        self.assertEqual(set(case.tensors), {"input", "output", "output_f64"})


class GivenChains(ModelTest):
    def testASequenceToSequenceModelWithAttention(self):
        sys.path.insert(0, str(SHARED / "golden"))
        if not (SHARED / "golden").is_dir():
            self.skipTest(f"SKIPPED LOUDLY: {SHARED / 'golden'} is not here")
        from models import Seq2SeqAttention
        module = Seq2SeqAttention(20, 18, 8, 12, 7).eval()
        decoder = ("attention_decoder", {"embedding": "tgt_embedding", "cell": "decoder", "head": [("linear", "combine"), "tanh", ("linear", "out")],
                                         "start": 1, "steps": 7})
        case = export_case(module, torch.randint(20, (3, 6)), self.out, chain=[("embedding", "src_embedding"), ("lstm", "encoder"), decoder])
        self.assertTrue(case.checked)
        self.assertEqual(self.written()[0]["layers"][2], {
            "type": "attention_decoder", "embedding": "tgt_embedding", "cell": "decoder",
            "head": [{"type": "linear", "weights": "combine"}, {"type": "tanh"}, {"type": "linear", "weights": "out"}], "start": 1, "steps": 7})
        self.assertNotIn("ignore", self.written()[0])
        with self.assertRaises(ExportError) as context:
            export_case(module, torch.randint(20, (3, 6)), self.out)
        self.assertIn("tgt_embedding", str(context.exception))
        self.assertIn("models.py:", str(context.exception))

    def testAGruDecoder(self):
        class Translator(nn.Module):
            def __init__(self):
                super().__init__()
                self.src, self.tgt = nn.Embedding(9, 4), nn.Embedding(8, 3)
                self.encoder, self.cell, self.out = nn.GRU(4, 5, batch_first=True), nn.GRUCell(3, 5), nn.Linear(10, 8)

            def forward(self, src):
                keys, h = self.encoder(self.src(src))
                h, token, ys = h[0], torch.zeros(len(src), dtype=torch.long), []
                for _ in range(6):
                    h = self.cell(self.tgt(token), h)
                    a = torch.softmax((keys @ h.unsqueeze(-1)).squeeze(-1), -1)
                    ys.append(self.out(torch.cat([h, (a.unsqueeze(1) @ keys).squeeze(1)], -1)))
                    token = ys[-1].argmax(-1)
                return torch.stack(ys, 1)
        chain = [("embedding", "src"), ("gru", "encoder"), ("attention_decoder", {"embedding": "tgt", "cell": "cell", "head": [("linear", "out")],
                                                                                   "start": 0, "steps": 6})]
        self.assertTrue(export_case(Translator(), torch.randint(9, (3, 5)), self.out, chain=chain).checked)

    def testACellInALoopIsAChainOfItsSequence(self):
        class Loop(nn.Module):
            def __init__(self, cell):
                super().__init__()
                self.cell, self.fc = cell, nn.Linear(5, 2)

            def forward(self, x):
                state = None
                for t in range(x.size(1)):
                    state = self.cell(x[:, t], state)
                return self.fc(state[0] if isinstance(state, tuple) else state)
        for kind, cell in (("lstm", nn.LSTMCell(3, 5)), ("gru", nn.GRUCell(3, 5, bias=False)), ("rnn", nn.RNNCell(3, 5, nonlinearity="relu"))):
            module = Loop(cell)
            with self.subTest(kind):
                self.assertTrue(export_case(module, torch.randn(3, 6, 3), self.out, chain=[(kind, "cell"), "last_step", ("linear", "fc")]).checked)
                self.assertEqual(self.written()[1]["cell.weight_ih"].shape[1], 3)

    def testAnLstmOfTheCallersOwnWithOptions(self):
        class Peepholes(nn.Module):
            """Peepholes, relu for the candidate, a clipped cell."""
            def __init__(self):
                super().__init__()
                for name, shape in (("weight_ih_l0", (20, 3)), ("weight_hh_l0", (20, 5)), ("bias_ih_l0", (20,)), ("bias_hh_l0", (20,)),
                                    ("weight_ci_l0", (5,)), ("weight_cf_l0", (5,)), ("weight_co_l0", (5,))):
                    setattr(self, name, nn.Parameter(torch.randn(shape) * 0.5))

            def forward(self, x):
                h = c = x.new_zeros(x.shape[0], 5)
                ys = []
                for t in range(x.shape[1]):
                    i, f, g, o = (x[:, t] @ self.weight_ih_l0.T + h @ self.weight_hh_l0.T + self.bias_ih_l0 + self.bias_hh_l0).chunk(4, -1)
                    i, f = torch.sigmoid(i + self.weight_ci_l0 * c), torch.sigmoid(f + self.weight_cf_l0 * c)
                    c = (f * c + i * torch.relu(g)).clamp(-0.8, 0.8)
                    h = torch.sigmoid(o + self.weight_co_l0 * c) * torch.tanh(c)
                    ys.append(h)
                return torch.stack(ys, 1)
        module, x = nn.Sequential(Peepholes(), nn.Linear(5, 2)), torch.randn(2, 6, 3)
        chain = [("lstm", "0", {"cell_activation": "relu", "cell_clip": 0.8}), ("linear", "1")]
        case = export_case(module, x, self.out, chain=chain)
        self.assertTrue(case.checked)
        self.assertEqual(case.chain[0], {"type": "lstm", "weights": "0", "batch_first": True, "cell_activation": "relu", "cell_clip": 0.8})
        with self.assertRaisesRegex(ExportError, "does not give torch.nn.Sequential's own output"):
            export_case(module, x, self.out, chain=[("lstm", "0"), ("linear", "1")])

    def testOptionsThatChangeNothingGiveTorchsLstm(self):
        """The evaluation with options, held against nn.LSTM: 2 layers, both directions, projection, lengths."""
        from export_run import Flow, run_lstm_with_options, run_recurrent, under
        for proj in (0, 3):
            net = nn.LSTM(3, 5, 2, bidirectional=True, batch_first=True, proj_size=proj)
            layer, weights = {"type": "lstm", "weights": "", "batch_first": True}, net.state_dict()
            for lengths in (None, torch.tensor([4, 6])):
                flow = Flow(torch.randn(2, 6, 3), lengths)
                plain, own = run_recurrent(layer, weights, flow, None), run_lstm_with_options(layer, under(weights, ""), flow, None)
                for a, b in ((plain.x, own.x), *zip(plain.state, own.state)):
                    self.assertLess((a - b).abs().max().item(), 1e-6)

    def testEveryEntryCanBeGiven(self):
        module = nn.ModuleDict({"conv": nn.Conv1d(3, 4, 3), "bn": nn.BatchNorm1d(4), "gru": nn.GRU(4, 4, batch_first=True), "norm": nn.LayerNorm(4),
                                "pool": nn.AvgPool1d(2), "act": nn.ELU(0.5), "fc": nn.Linear(8, 2)})
        module.w = nn.Parameter(torch.randn(4))
        chain = ["transpose", ("conv1d", "conv", {"padding": "causal"}), ("batch_norm1d", "bn"), ("elu", "act"), ("avg_pool1d", "pool"),
                 ("max_pool1d", {"kernel_size": 2, "stride": 1}), ("leaky_relu", {"negative_slope": 0.3}), "hard_sigmoid_keras2", ("gru", "gru"),
                 ("add", [[], [("layer_norm", "norm")], ["tanh"]]), ("concat", [["mean_over_time"], [("attention_over_time", "w")]]), ("linear", "fc"),
                 ("log_softmax",)]
        with self.assertWarns(UserWarning):
            case = export_case(module, torch.randn(2, 3, 12), self.out, chain=chain)
        self.assertEqual(case.tensors["output"].shape, (2, 2))
        self.assertEqual(case.chain[1]["padding"], "causal")
        self.assertEqual(case.chain[3], {"type": "elu", "alpha": 0.5})


# ---------------------------------------------------------------- refusals

def module_of(forward, **parts):
    """A module with these parts and this forward."""
    class Somebody(nn.Module):
        def __init__(self):
            super().__init__()
            for name, part in parts.items():
                setattr(self, name, part)
    Somebody.forward = forward
    return Somebody()


class Refusals(ModelTest):
    def lstm(self, forward, **parts):
        return module_of(forward, lstm=nn.LSTM(3, 5, 2, batch_first=True, bidirectional=True), fc=nn.Linear(10, 2), one=nn.Linear(5, 2),
                         back=nn.Linear(10, 3), **parts)

    def testTheFirstThingThatCannotBeExpressedIsNamedWithItsLine(self):
        x = torch.randn(3, 7, 3)
        for words, forward in (
                (["multiplying by a number", "self.lstm(x)[0] * 2"], lambda self, x: self.fc(self.lstm(x)[0] * 2)),
                (["clamp"], lambda self, x: self.fc(self.lstm(x)[0].clamp(-1, 1))),
                (["adding a constant"], lambda self, x: self.fc(self.lstm(x)[0] + 1)),
                (["exp is not a layer"], lambda self, x: torch.exp(self.fc(self.lstm(x)[0]))),
                (["fc", "a selection", "other than the last step"], lambda self, x: self.fc(self.lstm(x)[0][:, 0])),
                (["fc", "other than the last step"], lambda self, x: self.fc(self.lstm(x)[0][:, 1:])),
                (["one", "selection of h_n"], lambda self, x: self.one(self.lstm(x)[1][0][-1])),
                (["selection of h_n"], lambda self, x: self.fc(torch.cat([self.lstm(x)[1][0][-1], self.lstm(x)[1][0][-2]], 1))),
                (["cell state c_n"], lambda self, x: self.one(self.lstm(x)[1][1][-1])),
                (["sum along the steps"], lambda self, x: self.fc(self.lstm(x)[0].sum(1))),
                (["mean with dim=2"], lambda self, x: self.lstm(x)[0].mean(2)),
                (["softmax has dim=1", "not the features"], lambda self, x: torch.softmax(self.fc(self.lstm(x)[0]), 1)),
                (["dropout that is active"], lambda self, x: self.fc(F.dropout(self.lstm(x)[0], 0.0001))),
                (["lstm (torch.nn.LSTM) takes (N, T, F)", "gets (T, N, F)"], lambda self, x: self.lstm(self.back(self.lstm(x)[0]).transpose(0, 1))[0]),
                (["fc", "not the features"], lambda self, x: self.fc(self.lstm(x)[0].flip(2)))):
            with self.subTest(words):
                said = self.refused(self.lstm(forward), x, *words, "test_export_models.py:")
                self.assertIn("`", said, "the source line")

    def testModulesThatAreNoLayersAreNamedByTheirPath(self):
        block = module_of(lambda self, x: self.deep(x), deep=nn.Sequential(nn.Linear(3, 4), nn.PReLU()))
        self.refused(module_of(lambda self, x: self.block(x), block=block), torch.randn(2, 5, 3), "block.deep.1 (torch.nn.PReLU)", "in block.deep.1 (test_export_models.py:")
        attention = nn.MultiheadAttention(4, 2, batch_first=True)
        self.refused(module_of(lambda self, x: self.attention(x, x, x)[0], attention=attention), torch.randn(2, 5, 4), "attention (torch.nn.MultiheadAttention)")
        for module, words in ((nn.Hardtanh(0, 2), ["min_val=0"]), (nn.MaxPool1d(2, ceil_mode=True), ["ceil_mode=True"]),
                              (nn.Conv1d(3, 3, 1, padding_mode="circular"), ["padding_mode='circular'"]), (nn.Softplus(threshold=3), ["threshold=3"]),
                              (nn.BatchNorm1d(3, track_running_stats=False), ["track_running_stats=False"]), (nn.MaxPool1d(2, dilation=2), ["dilation=2"]),
                              (nn.LayerNorm([3, 6]), ["normalises [3, 6]"]), (nn.AdaptiveMaxPool1d(3), ["output_size=3"])):
            with self.subTest(words):
                self.refused(nn.Sequential(nn.Conv1d(3, 3, 1), module), torch.randn(2, 3, 6), "1 (torch.nn.", *words)

    def testALoopOverACellNamesTheRemedy(self):
        def forward(self, x):
            state = None
            for t in range(x.size(1)):
                state = self.cell(x[:, t], state)
            return self.fc(state[0])
        self.refused(module_of(forward, cell=nn.LSTMCell(3, 5), fc=nn.Linear(5, 2)), torch.randn(3, 6, 3),
                     "cell (torch.nn.LSTMCell)", "loop", 'chain=[...], as ("lstm", "cell")', "attention_decoder", "test_export_models.py:")

    def testADecisionOnNumbersIsNotFollowed(self):
        def forward(self, x):
            return self.fc(x) if x.sum() > 0 else self.fc(-x)
        self.refused(module_of(forward, fc=nn.Linear(3, 2), other=nn.PReLU()), torch.ones(2, 3), "decision", "test_export_models.py:")

        def scaled(self, x):
            return self.fc(x) / float(x.max().item())
        self.refused(module_of(scaled, fc=nn.Linear(3, 2), other=nn.PReLU()), torch.ones(2, 3), "numbers out of a tensor")

    def testAStateTheForwardComputesIsRefused(self):
        def forward(self, x):
            return self.lstm(x, (self.start(x).transpose(0, 1)[:1], torch.zeros(1, x.size(0), 5)))[0]
        self.refused(module_of(forward, lstm=nn.LSTM(3, 5, batch_first=True), start=nn.Linear(3, 5)), torch.randn(2, 6, 3),
                     "lstm (torch.nn.LSTM) begins from a state that the forward computes")

        def fixed(self, x):
            return self.lstm(x, (torch.ones(1, x.size(0), 5), torch.zeros(1, x.size(0), 5)))[0]
        self.refused(module_of(fixed, lstm=nn.LSTM(3, 5, batch_first=True)), torch.randn(2, 6, 3), "not zero", "h0=")

    def testAttentionOtherThanTanhHWIsRefused(self):
        class Bahdanau(AttentionByVector):
            def __init__(self):
                super().__init__()
                self.inner = nn.Linear(10, 10)

            def forward(self, tokens):
                out, _ = self.lstm(self.embedding(tokens))
                a = torch.softmax(torch.tanh(self.inner(out)) @ self.w, dim=1)
                return self.fc((out * a.unsqueeze(-1)).sum(1))
        self.refused(Bahdanau(), torch.randint(20, (3, 7)), "not made from what they weight", "test_export_models.py:")

        class NoTanh(AttentionByVector):
            def scores(self, out):
                return torch.softmax(out @ self.w, dim=1)
        self.refused(NoTanh(), torch.randint(20, (3, 7)), "tanh(H)·w", "applied to lstm")

    def testMisplacedLayersInAChain(self):
        module = nn.ModuleDict({"lstm": nn.LSTM(3, 5, batch_first=True, bidirectional=True), "fc": nn.Linear(10, 2), "conv": nn.Conv1d(3, 3, 1),
                                "cell": nn.LSTMCell(2, 5), "emb": nn.Embedding(9, 2)})
        decoder = {"embedding": "emb", "cell": "cell", "head": [("linear", "fc")], "start": 0, "steps": 3}
        for chain, words in (
                (["transpose", "transpose", ("conv1d", "conv")], ["layers[1] 'transpose'", "first layer"]),
                ([("lstm", "lstm"), "mean_over_time", ("conv1d", "conv")], ["layers[2] 'conv1d'", "needs a sequence"]),
                ([("lstm", "lstm"), ("concat", [["mean_over_time"], []])], ["layers[1] 'concat'", "some branches keep the steps"]),
                ([("lstm", "lstm"), ("add", [[], [("linear", "fc")]])], ["layers[1] 'add'", "do not fit"]),
                ([("lstm", "lstm"), ("concat", [[], [("embedding", "emb")]])], ["layers[1] 'concat' branches[1][0] 'embedding'", "first"]),
                ([("lstm", "lstm"), ("concat", [[]])], ["layers[1] 'concat'", "1 branches"]),
                ([("lstm", "lstm"), "dropout", "final_hidden"], ["layers[2] 'final_hidden'", "directly follow"]),
                ([("linear", "fc")], ["layers[0] 'linear'", "[2, 6, 3]"]),
                ([("lstm", "lstm"), ("conv1d", "conv")], ["layers[1] 'conv1d'", "[2, 6, 10]"]),
                ([("lstm", "lstm", {"cellclip": 1})], ["layers[0] 'lstm'", "'cellclip'", "cell_clip"]),
                ([("max_pool1d",)], ["layers[0] 'max_pool1d'", "kernel_size"]),
                ([("lstm", "lstm"), ("attention_over_time", "v")], ["layers[1] 'attention_over_time'", "'v'"]),
                ([("lstm", "lstm"), "dropout", ("attention_decoder", decoder)], ["layers[2] 'attention_decoder'", "directly follow"]),
                ([("lstm", "lstm"), ("attention_decoder", {**decoder, "cell": "fc"})], ["layers[1] 'attention_decoder'", "cell fc is torch.nn.Linear"]),
                ([("lstm", "lstm"), ("attention_decoder", {**decoder, "head": ["last_step"]})], ["head", "'last_step'"]),
                ([("lstm", "lstm"), ("attention_decoder", {k: v for k, v in decoder.items() if k != "steps"})], ["needs 'steps'"])):
            with self.subTest(words):
                self.refused(module, torch.randn(2, 6, 3), *words, chain=chain)

    def testAFewMoreThatMustNotSlipThrough(self):
        x = torch.randn(4, 6, 3)
        self.refused(module_of(lambda self, x: self.fc(x.flatten(1)), fc=nn.Linear(18, 2)), x, "fc (torch.nn.Linear)")
        self.refused(module_of(lambda self, x: self.fc(x - x.mean(1, keepdim=True)), fc=nn.Linear(3, 2)), x, "sub is not a layer")
        self.refused(module_of(lambda self, x: self.fc(x) + self.bias, fc=nn.Linear(3, 2), bias=nn.Parameter(torch.ones(2))), x, "adding")
        self.refused(module_of(lambda self, x: torch.cat([self.fc(x), self.fc(x)], 1), fc=nn.Linear(3, 2)), x, "cat with dim=1")
        self.refused(module_of(lambda self, x: self.fc(x).argmax(-1), fc=nn.Linear(3, 2)), x, "argmax is not a layer")
        self.refused(module_of(lambda self, x: self.fc(x) * torch.sigmoid(self.gate(x)), fc=nn.Linear(3, 2), gate=nn.Linear(3, 2)), x, "multiplying two")
        self.refused(module_of(lambda self, x: self.conv(x.unsqueeze(1)), conv=nn.Conv2d(1, 2, 3)), x, "conv (torch.nn.Conv2d)")
        self.refused(module_of(lambda self, x: x, fc=nn.Linear(3, 2)), x, "has no layers")
        self.refused(module_of(lambda self, t: torch.cat([self.a(t), self.b(t)], -1), a=nn.Embedding(9, 2), b=nn.Embedding(9, 3)),
                     torch.randint(9, (2, 5)), "two embeddings")
        tied = module_of(lambda self, x: F.linear(self.fc(x), self.fc.weight.t()), fc=nn.Linear(3, 2))
        self.refused(tied, x, "linear")


if __name__ == "__main__":
    unittest.main()

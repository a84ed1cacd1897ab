"""The files of a case directory: safetensors, state dicts, model.json; and the one error that the exporter raises."""
import io
import json
import os
import struct
from pathlib import Path

import torch

SAFETENSORS_DTYPES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
}


class ExportError(ValueError):
    """The model or its inputs cannot be exported; the message names the first thing that stands in the way."""


def safetensors_bytes(tensors, metadata=None):
    """A safetensors file: 8 bytes header length, JSON header, then the data. Widest elements first, so that all are aligned."""
    header = {"__metadata__": metadata} if metadata else {}
    data, offset = [], 0
    for name in sorted(tensors, key=lambda n: (-tensors[n].element_size(), n)):
        tensor = tensors[name].detach().cpu().contiguous()
        if tensor.dtype not in SAFETENSORS_DTYPES:
            raise ExportError(f"tensor {name} is {tensor.dtype}, which safetensors files here do not hold; convert it first")
        bits = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor        # numpy has no bfloat16
        array = bits.numpy()
        raw = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        header[name] = {"dtype": SAFETENSORS_DTYPES[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + len(raw)]}
        data.append(raw)
        offset += len(raw)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(data)


def write_whole(path, content):
    """Writes bytes or text to a file beside the target and renames it: a reader sees the old file or the new one, never half."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def state_dict_bytes(state_dict):
    """torch.save(state_dict) as bytes."""
    buffer = io.BytesIO()
    torch.save(state_dict, buffer)
    return buffer.getvalue()


def model_json(document):
    """model.json as text: a key a line, a layer a line."""
    def text(value):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    lines = []
    for key, value in document.items():
        body = "[\n    " + ",\n    ".join(map(text, value)) + "\n  ]" if key == "layers" else text(value)
        lines.append(f"  {text(key)}: {body}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def dtype_name(dtype):
    return str(dtype).replace("torch.", "")


def class_name(module):
    """torch.nn.LSTM for PyTorch's own, SentimentNet for others."""
    own = type(module)
    return f"torch.nn.{own.__name__}" if getattr(torch.nn, own.__name__, None) is own else own.__name__

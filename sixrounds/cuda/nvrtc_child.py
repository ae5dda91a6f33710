"""Compiles with NVRTC in a process of its own, so that nothing it does can harm the notebook.

Run as a script, in the folder that takes the results, with a JSON object on standard input:
`library` alone asks what NVRTC is, else `code`, `filename`, `options` and `expressions` are
compiled. `answer.json` is written there, `kernel.cubin` and `kernel.ptx` if it compiles.

Imports the standard library alone: it starts in hundredths of a second.
"""

import ctypes
import json
import sys
from pathlib import Path
from typing import Any


def about(nvrtc: ctypes.CDLL) -> dict[str, Any]:
    """NVRTC's version and the architectures that it compiles for."""
    major, minor, count = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    nvrtc.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor))
    nvrtc.nvrtcGetNumSupportedArchs(ctypes.byref(count))
    known = (ctypes.c_int * count.value)()
    nvrtc.nvrtcGetSupportedArchs(known)
    return {"version": f"{major.value}.{minor.value}", "architectures": list(known)}


def output(nvrtc: ctypes.CDLL, program: ctypes.c_void_p, what: str) -> bytes:
    """A result of a program: its ProgramLog, CUBIN or PTX."""
    size = ctypes.c_size_t()
    if getattr(nvrtc, f"nvrtcGet{what}Size")(program, ctypes.byref(size)) or not size.value:
        return b""
    room = ctypes.create_string_buffer(size.value)
    getattr(nvrtc, f"nvrtcGet{what}")(program, room)
    return room.raw


def compiled(nvrtc: ctypes.CDLL, asked: dict[str, Any]) -> dict[str, Any]:
    """Compile; the code NVRTC returned and its words for it, its log, the kernels' own names."""
    program = ctypes.c_void_p()
    code, filename = asked["code"].encode(), asked["filename"].encode()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), code, filename, 0, None, None)
    expressions = [text.encode() for text in asked["expressions"]]
    for text in expressions:
        nvrtc.nvrtcAddNameExpression(program, text)
    options = [text.encode() for text in asked["options"]]
    returned = nvrtc.nvrtcCompileProgram(
        program, len(options), (ctypes.c_char_p * len(options))(*options)
    )
    # The part of ptxas ends with a zero of its own.
    log = output(nvrtc, program, "ProgramLog").replace(b"\0", b"")
    nvrtc.nvrtcGetErrorString.restype = ctypes.c_char_p
    answer = {
        "returned": returned,
        "error": nvrtc.nvrtcGetErrorString(returned).decode(),
        "log": log.decode("utf-8", "replace"),
    }
    if returned == 0:
        Path("kernel.cubin").write_bytes(output(nvrtc, program, "CUBIN"))
        Path("kernel.ptx").write_bytes(output(nvrtc, program, "PTX").rstrip(b"\0"))
        answer["names"] = [_lowered(nvrtc, program, text) for text in expressions]
    return answer


def _lowered(nvrtc: ctypes.CDLL, program: ctypes.c_void_p, expression: bytes) -> str:
    name = ctypes.c_char_p()
    nvrtc.nvrtcGetLoweredName(program, expression, ctypes.byref(name))
    return (name.value or b"").decode()


def main() -> None:
    """Read the question, write `answer.json`."""
    asked = json.load(sys.stdin)
    nvrtc = ctypes.CDLL(asked["library"])
    answer = compiled(nvrtc, asked) if "code" in asked else about(nvrtc)
    Path("answer.json").write_text(json.dumps(answer), "utf-8")


if __name__ == "__main__":
    main()
